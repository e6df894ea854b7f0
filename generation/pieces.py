"""A clip longer than its model draws at once: in pieces, each going on from the last frame of the one before."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from django.utils.translation import gettext as _

from generation.engine.card import ModelCard
from generation.engine.clip import Audio, Clip
from generation.engine.request import SEED, Blocking, Keyframe, VideoRequest
from generation.engine.tags import without_signs
from runwayweb.subscriptions.refused import Refused

MOST = 12  # pieces: what draws on from its own last frames for longer shows nothing of what was asked for


class TooLong(Refused):
    """Longer than a model draws at once, and it cannot go on from a last frame, or not for so long."""


def can_go_on(card: ModelCard) -> bool:
    """Whether the model of a card goes on from a clip's last frame."""
    return "extend" in card.tasks and "first_frame" in card.inputs


def check_length(card: ModelCard, asked: VideoRequest, given) -> None:
    """Raise TooLong for a clip that can be drawn neither at once nor in pieces. `given`: the inputs of the run, by
    their names; a video is worked on at once."""
    if asked.duration_seconds <= card.max_seconds:
        return
    told = {"model": card.name, "most": f"{card.max_seconds:g}", "asked": f"{asked.duration_seconds:g}"}
    if "video" in given:
        raise TooLong(_("%(model)s works on up to %(most)s seconds at once, not %(asked)s. Make it shorter.") % told)
    if can_go_on(card):
        if len(pieces_of(card, asked)) <= MOST:
            return
        told["most"] = f"{MOST * card.max_seconds:g}"
        raise TooLong(_("%(model)s draws up to %(most)s seconds, not %(asked)s. Make it shorter.") % told)
    why = _(
        "%(model)s draws up to %(most)s seconds, not %(asked)s, and cannot go on from a last frame. "
        "Make it shorter, or choose another model."
    )
    raise TooLong(why % told)


def pieces_of(card: ModelCard, asked: VideoRequest) -> list[int]:
    """How many frames of a clip each piece adds: all of them in one where the model draws as many at once, or cannot go
    on.

    All draw about the same number: every one after the first draws the frame that it begins with once more.
    """
    most = math.floor(card.max_seconds * asked.fps + 1e-6)
    if asked.num_frames <= most or not can_go_on(card) or asked.video is not None:
        return [asked.num_frames]
    number = 1 + math.ceil((asked.num_frames - most) / (most - 1))
    drawn = np.array_split(np.arange(asked.num_frames + number - 1), number)
    return [len(frames) - (1 if index else 0) for index, frames in enumerate(drawn)]


def first_piece(asked: VideoRequest, frames: int) -> VideoRequest:
    """What is asked of the first piece: what the clip begins with, and the keyframes that fall into it."""
    keyframes = _keyframes(asked, 0, frames)
    return replace(asked, num_frames=frames, keyframes=keyframes, last_frame=None)


def next_piece(card: ModelCard, asked: VideoRequest, clip: Clip, done: int, frames: int) -> VideoRequest:
    """What is asked of the next piece, which adds `frames` after `done`: it begins with the last frame of `clip`, the
    piece before, and keeps to its shot where that is told and the model can.

    The camera makes its move in the first piece; where a shot is kept, it then stays where it came to rest.
    """
    blocking = None
    if "blocking" in card.usable({"first_frame", "blocking"}):
        blocking = Blocking.of_recipe(clip.recipe, continuing=True)
    given = {"first_frame"} | ({"blocking"} if blocking else set())
    sees_references = "references" in card.usable(given)
    is_last = done + frames >= asked.num_frames
    piece = replace(
        asked,
        prompt=asked.prompt if sees_references or not asked.reference_tags else without_signs(asked.prompt),
        num_frames=frames + 1,
        first_frame=clip.frames[-1],
        last_frame=asked.last_frame if is_last else None,
        keyframes=_keyframes(asked, done - 1, frames + 1),
        blocking=blocking,
        camera=None if blocking else asked.camera,
        camera_path=(),
        seed=(asked.seed + done) % (SEED[1] + 1),
    )
    if sees_references:
        return piece
    return replace(piece, references=(), reference_roles=(), reference_tags=(), reference_words=())


def joined(asked: VideoRequest, clips: list[Clip]) -> Clip:
    """The pieces as one clip. Its recipe is the first one's, with the whole request and the frames of every piece."""
    frames = [clip.frames[1 if index else 0 :] for index, clip in enumerate(clips)]
    lengths = [len(some) for some in frames]
    first = clips[0]
    return replace(
        first,
        frames=np.concatenate(frames),
        audio=_joined_sound(clips),
        recipe=first.recipe | {"request": asked.as_recipe(), "pieces": lengths},
    )


def _keyframes(asked, begins, frames) -> tuple[Keyframe, ...]:
    """Those that are seen between the first and the last frame of a piece, counted from where it begins."""
    within = (replace(keyframe, at=keyframe.at - begins) for keyframe in asked.keyframes)
    return tuple(keyframe for keyframe in within if 0 < keyframe.at < frames - 1)


def _joined_sound(clips) -> Audio | None:
    """Their sounds after each other, without that of the frames which are seen once; None where one has none."""
    if any(clip.audio is None for clip in clips):
        return None
    return Audio(np.concatenate(list(_heard(clips))), clips[0].audio.sample_rate)


def _heard(clips) -> Iterator[np.ndarray]:
    for index, clip in enumerate(clips):
        yield clip.audio.samples[round(clip.audio.sample_rate / clip.fps) if index else 0 :]
