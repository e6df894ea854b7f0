"""Clips from words, from pictures and from other clips."""

from typing import Literal

from pydantic import Field

from generation.engine import catalogue
from generation.engine.outpaint import in_the_middle
from generation.engine.request import NUM_FRAMES, SIDE_MULTIPLE, SIDE_PIXELS, VideoRequest
from generation.engine.tags import without_signs
from generation.models import Generation, Input
from generation.models.input import ReferenceRole
from runwayweb.api import aliases, media
from runwayweb.api.errors import Invalid
from runwayweb.api.fields import (
    LARGEST,
    NOTHING_SAID,
    Frames,
    Handed,
    Media,
    Moderated,
    Reference,
    check_tags,
    clip_sides_of,
    delivered,
    duration_of,
    even,
    references_of,
    seed_of,
    with_known_names,
)
from runwayweb.api.planned import Body, Planned, planner

SECONDS = 5  # of a clip whose length nobody says
FIRST_AND_LAST = {"first": Input.Role.FIRST_FRAME, "last": Input.Role.LAST_FRAME}
PERFORMANCE_SECONDS = (3, 30)
LONGER_THAN_ANY = 7200.0  # seconds: no clip is, and numbers of frames can still be counted
KEYFRAMES = 5


class TextToVideo(Handed, Moderated):
    model: str
    promptText: str = Field(description="1 to 1,000 UTF-16 code units.")
    ratio: str = Field(description="width:height in pixels")
    duration: float = Field(description="Seconds.")
    seed: int | None = None
    negativePrompt: str = ""
    audio: bool = Field(False, description="Only of models whose clips have sound.")
    referenceImages: list[Reference] = Field([], max_length=9)


@planner("text_to_video", TextToVideo, "A clip from a prompt")
def text_to_video(body, caller):
    """A clip of what `promptText` says, `duration` seconds long, in a frame of `ratio` (W:H in pixels).

    `referenceImages`, ours: pictures of whom it shows, for models that look at some.
    """
    kind, shown = "text_to_video", body.referenceImages
    check_tags(shown, "referenceImages")
    tasks, takes = (("references",), {"references"}) if shown else (("text_to_video",), set())
    card = aliases.card_for(body.model, kind, *tasks, takes=takes)
    given = references_of(caller, shown, body.promptText, card, "referenceImages")
    return _clip(kind, body, card, body.promptText, body.duration, given)


class ImageToVideo(Handed, Moderated):
    model: str
    promptImage: Frames = Field(description="A picture to begin with, or one or two, each with its position.")
    promptText: str | None = Field(None, description="1 to 1,000 UTF-16 code units.")
    ratio: str = Field(description="width:height in pixels")
    duration: float = Field(SECONDS, description="Seconds.")
    seed: int | None = None
    negativePrompt: str = ""
    audio: bool = Field(False, description="Only of models whose clips have sound.")


@planner("image_to_video", ImageToVideo, "A clip from a picture")
def image_to_video(body, caller):
    """A clip that begins with a picture, ends with one, or both. Of pictures of another shape their middle is seen."""
    kind = "image_to_video"
    positions = [frame.position for frame in body.promptImage]
    if len(set(positions)) < len(positions):
        raise Invalid.at(("promptImage", 1, "position"), f"Another picture is the {positions[0]} one already.")
    roles = [FIRST_AND_LAST[position] for position in positions]
    card = aliases.card_for(body.model, kind, "image_to_video", takes=set(roles))
    _sized(body, kind)  # before anything is fetched
    duration_of(body.duration, aliases.offer(body.model, kind))
    pictures = [caller.picture(frame.uri, ("promptImage", n, "uri")) for n, frame in enumerate(body.promptImage)]
    given = [Input(role=role, asset=asset) for role, asset in zip(roles, pictures, strict=True)]
    return _clip(
        kind, body, card, body.promptText if body.promptText is not None else NOTHING_SAID, body.duration, given
    )


class Range(Body):
    startSeconds: int = Field(ge=0)
    endSeconds: int = Field(ge=1)


class Keyframe(Media):
    """A picture that is to be seen at a moment: `seconds` from the beginning, or `at` a part of the whole, 0 to 1."""

    seconds: float | None = Field(None, ge=0, le=LONGER_THAN_ANY)
    at: float | None = Field(None, ge=0, le=1)
    range: Range | None = None


class Shown(Reference):
    type: Literal["image"] = "image"


class VideoToVideo(Handed, Moderated):
    model: str
    videoUri: str = Field(description="https://, runway:// or data:")
    promptText: str | None = Field(None, description="1 to 1,000 UTF-16 code units.")
    references: list[Shown] = Field([], max_length=9)
    keyframes: list[Keyframe] = Field([], max_length=KEYFRAMES)
    targetAspectRatio: Literal["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"] | None = None
    ratio: str | None = Field(None, description="width:height in pixels; the clip's own where none is said")
    seed: int | None = None


@planner("video_to_video", VideoToVideo, "A clip painted anew")
def video_to_video(body, caller):
    """A clip painted anew by a prompt, as long as it is, or as much of it as the model works on at once; with
    `targetAspectRatio` it stays as it is, and what is around it is painted."""
    if body.targetAspectRatio:
        return _widened(body, caller)
    kind = "video_to_video"
    offer = aliases.offer(body.model, kind)
    sides = body.ratio and clip_sides_of(body.ratio, offer)
    check_tags(body.references, "references")
    if offer and len(body.references) > offer.references[1]:
        raise Invalid.at("references", f"{body.model} takes at most {offer.references[1]}.", "too_big")
    _check_moments(body.keyframes)
    more = {name for name, given in (("references", body.references), ("keyframes", body.keyframes)) if given}
    card = _card_for_clip(body, kind, "video_to_video", {"video"} | more, {"blocking"} | more)
    by_shot = "video_to_video" not in card.tasks
    clip, shot = _given(body, caller, card, by_shot, kind)
    width, height = sides or _sides_as_it_came(clip)
    asked_sides, delivery = delivered(width, height, body)
    prompt = body.promptText
    if prompt is None:
        prompt = without_signs(shot.request["prompt"]) if shot else NOTHING_SAID
    rows = references_of(caller, body.references, prompt, card, "references")
    fps = shot.request["fps"] if by_shot else card.fps
    num_frames = shot.request["num_frames"] if by_shot else _frames_of(clip, fps)
    asked = VideoRequest(
        prompt=with_known_names(prompt, tags := tuple(row.tag for row in rows)),
        reference_tags=tags,
        num_frames=num_frames,
        fps=fps,
        seed=seed_of(body.seed),
        **asked_sides,
    )
    rows += [] if by_shot else [Input(role=Input.Role.VIDEO, asset=clip)]
    rows += _keyframes(body.keyframes, caller, num_frames, fps)
    told = {"inputs": rows, "blocking_of": shot if by_shot else None, "delivery": delivery}
    return Planned(kind, body.model, card, asked, **told)


class Character(Media):
    """Whoever is to act: a picture of them, or a clip whose first frame is one."""

    type: Literal["image", "video"]


class Performance(Media):
    """Somebody who acts in a clip of 3 to 30 seconds."""

    type: Literal["video"]


class CharacterPerformance(Handed, Moderated):
    model: str
    character: Character
    reference: Performance
    bodyControl: bool = Field(True, description="Taken for compatibility: the whole body always follows.")
    expressionIntensity: int = Field(3, ge=1, le=5, description="Taken for compatibility: faces follow as they are.")
    ratio: str | None = Field(None, description="width:height in pixels; the clip's own where none is said")
    seed: int | None = None


@planner("character_performance", CharacterPerformance, "A character that moves as somebody in a clip does")
def character_performance(body, caller):
    """`character` moves as whoever acts in `reference` does: as long as that is, or as much of it as the model does at
    once."""
    kind, takes = "character_performance", {"references", "video"}
    offer = aliases.offer(body.model, kind)
    sides = body.ratio and clip_sides_of(body.ratio, offer)
    card = aliases.card_for(body.model, kind, "performance", takes=takes)
    least, most = PERFORMANCE_SECONDS
    acted = caller.clip(body.reference.uri, ("reference", "uri"), card=card, longest_seconds=most)
    if acted.came_as["duration_seconds"] < least:
        raise Invalid.at(("reference", "uri"), f"It must be at least {least} seconds long.", "invalid_media")
    where = ("character", "uri")
    if body.character.type == "image":
        character = caller.picture(body.character.uri, where)
    else:
        character = caller.clip(body.character.uri, where, fps=card.fps, most_seconds=1).keep_frame(0)
    asked_sides, delivery = delivered(*(sides or _sides_as_it_came(acted)), body)
    num_frames = _frames_of(acted, card.fps)
    asked = VideoRequest(
        prompt=NOTHING_SAID, num_frames=num_frames, fps=card.fps, seed=seed_of(body.seed), **asked_sides
    )
    shows = ReferenceRole.CHARACTER
    rows = [
        Input(role=Input.Role.VIDEO, asset=acted),
        Input(role=Input.Role.REFERENCE, asset=character, reference_role=shows),
        *_sound_of(acted, body.reference.uri, caller, ("reference", "uri")),
    ]
    return Planned(kind, body.model, card, asked, inputs=rows, delivery=delivery)


def _clip(kind, body, card, prompt, seconds, given):
    """What a clip from words and pictures comes to."""
    asked_sides, delivery = _sized(body, kind)
    if body.audio and not card.has_sound:
        why = f"Clips of {card.name} have no sound. Let one be heard afterwards: POST /v1/video_to_audio."
        raise Invalid.at("audio", why)
    frames = round(min(duration_of(seconds, aliases.offer(body.model, kind)), LONGER_THAN_ANY) * card.fps)
    if frames > NUM_FRAMES[1]:
        raise Invalid.at(
            "duration", f"{card.name} makes clips of at most {NUM_FRAMES[1] / card.fps:g} seconds.", "too_big"
        )
    tags = tuple(row.tag for row in given if row.role == Input.Role.REFERENCE)
    asked = VideoRequest(
        prompt=with_known_names(prompt, tags),
        negative_prompt=body.negativePrompt,
        reference_tags=tags,
        num_frames=max(2, frames),
        fps=card.fps,
        seed=seed_of(body.seed),
        **asked_sides,
    )
    return Planned(kind, body.model, card, asked, inputs=given, delivery=delivery)


def _sized(body, kind):
    return delivered(*clip_sides_of(body.ratio, aliases.offer(body.model, kind)), body)


def _widened(body, caller):
    """A clip in a frame of another shape, what is around it painted."""
    kind = "video_to_video"
    if body.keyframes or body.references:
        raise Invalid.at(
            "targetAspectRatio", "What is around a clip is painted by words alone: leave out the pictures."
        )
    card = _card_for_clip(body, kind, "outpaint", {"video"}, {"video", "blocking"})
    by_shot = "outpaint" in card.by_shot
    clip, shot = _given(body, caller, card, by_shot, "outpaint")
    own = _sides_as_it_came(clip)
    frame = _frame_around(own, body.targetAspectRatio)
    asked_sides, delivery = delivered(*frame, body)
    fps = shot.request["fps"] if by_shot else card.fps
    prompt = body.promptText
    if prompt is None:
        prompt = without_signs(shot.request["prompt"]) if shot else NOTHING_SAID
    asked = VideoRequest(
        prompt=with_known_names(prompt),
        num_frames=shot.request["num_frames"] if by_shot else _frames_of(clip, fps),
        fps=fps,
        seed=seed_of(body.seed),
        placed=in_the_middle(own, (asked_sides["width"], asked_sides["height"])),
        **asked_sides,
    )
    rows = [Input(role=Input.Role.VIDEO, asset=clip), *_sound_of(clip, body.videoUri, caller, "videoUri")]
    told = {"inputs": rows, "blocking_of": shot if by_shot else None, "delivery": delivery}
    return Planned(kind, body.model, card, asked, **told)


def _card_for_clip(body, kind, task, takes, takes_by_shot):
    """The card that works over any clip; where none does, one that does over clips whose shot it is told."""

    def any_clip(card):
        return task in card.tasks - card.by_shot and takes <= card.usable(takes)

    def by_shot(card):
        knows = task in card.by_shot or (task not in card.tasks and "blocking" in card.inputs)
        return knows and takes_by_shot <= card.usable(takes_by_shot)

    if aliases.offer(body.model, kind) is None:
        return aliases.card_for(body.model, kind, task, "edit", able=lambda card: any_clip(card) or by_shot(card))
    able = any_clip if any(map(any_clip, catalogue.cards())) else by_shot
    return aliases.card_for(body.model, kind, task, "edit", able=able)


def _given(body, caller, card, by_shot, task):
    """The clip, and the generation whose shot it shows, or None; Invalid is raised where one is needed."""
    # A clip that was made here is not written anew: then nobody would know any more whose shot it is.
    clip = media.made_here(caller, body.videoUri) if by_shot else caller.clip(body.videoUri, "videoUri", card=card)
    made = Generation.objects.finished_well().filter(asset=clip, workspace=caller.workspace) if clip else ()
    shot = next((one for one in made if one.tells_its_shot), None)
    if by_shot and shot is None:
        raise Invalid.at("videoUri", _knows_no_shot(card, task), "invalid_media")
    return clip, shot


def _knows_no_shot(card, task):
    return (
        f"{card.name} works over clips that were made here, whose shot it knows: give the address that their task "
        f"told. To install a model for any clip: {catalogue.how_to_serve(task)}"
    )


def _sides_as_it_came(clip):
    """The sides of a clip, even, at most LARGEST pixels in all."""
    width, height = clip.came_as["width"], clip.came_as["height"]
    scale = min(1.0, (LARGEST / (width * height)) ** 0.5)
    return even(width * scale), even(height * scale)


def _frames_of(clip, fps):
    return clip.frame_count or max(1, round(clip.duration_seconds * fps))


def _frame_around(own, aspect):
    """The smallest frame of a shape, “16:9”, that holds a picture of these sides; even."""
    width, height = own
    across, down = map(int, aspect.split(":"))
    frame = max(width, height * across / down), max(height, width * down / across)
    scale = min(1.0, SIDE_PIXELS[1] // SIDE_MULTIPLE * SIDE_MULTIPLE / max(frame))
    return even(frame[0] * scale), even(frame[1] * scale)


def _check_moments(keyframes):
    for number, keyframe in enumerate(keyframes):
        where = ("keyframes", number)
        if (keyframe.seconds is None) == (keyframe.at is None):
            raise Invalid.at(where, "Say when it is to be seen: “seconds” or “at”, one of them.")
        if keyframe.range is not None:
            why = "Edit windows are not built here yet: leave it out, and the whole clip is painted anew."
            raise Invalid.at((*where, "range"), why)


def _keyframes(keyframes, caller, num_frames, fps):
    """The rows of keyframes, each at a frame of its own. Raises Invalid."""
    rows, taken = [], set()
    for number, keyframe in enumerate(keyframes):
        where = ("keyframes", number)
        moment = keyframe.seconds * fps if keyframe.at is None else keyframe.at * (num_frames - 1)
        at = round(moment)
        if at > num_frames - 1:
            raise Invalid.at((*where, "seconds"), f"The clip that is worked on ends at {num_frames / fps:g} seconds.")
        if at in taken:
            raise Invalid.at(where, "Another keyframe is at this moment already.")
        taken.add(at)
        asset = caller.picture(keyframe.uri, (*where, "uri"))
        ends = {0: Input.Role.FIRST_FRAME, num_frames - 1: Input.Role.LAST_FRAME}
        role = ends.get(at, Input.Role.KEYFRAME)
        rows.append(Input(role=role, asset=asset, position=at if role == Input.Role.KEYFRAME else 0))
    return rows


def _sound_of(clip, uri, caller, path):
    """The row of a clip's sound, where it came with one and is kept without."""
    if clip.has_sound or not clip.came_as.get("has_sound"):
        return []
    return [Input(role=Input.Role.SOUND, asset=caller.sound(uri, path))]
