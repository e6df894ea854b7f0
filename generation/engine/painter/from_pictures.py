"""A clip that begins or ends with a picture from elsewhere: its camera moves as far as the picture reaches."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch

from generation.engine.clip import OnStep
from generation.engine.painter.known import frame_of
from generation.engine.painter.relief import Relief, moved, reach
from generation.engine.painter.shot import Shot
from generation.engine.request import VideoRequest
from generation.engine.world.camera import amount_of
from generation.engine.world.description import camera_in_words
from generation.engine.world.scene import CameraMove
from generation.engine.world.stage import set_stage

UNASKED = CameraMove("dolly in", 0.6)  # a picture that stands still is no clip
ENOUGH = 0.95  # of every frame lies within the picture
BENT = 0.01  # of a frame, at most: guessed relief shows when it is seen too much from the side
SHARES = (1.0, 0.75, 0.55, 0.4, 0.3, 0.2, 0.12, 0.06)  # of the amount asked for, tried in turn
COARSE = 4  # pixels
SHOWN_EVERY = 6  # frames


def clip_from_pictures(
    relief: Relief, request: VideoRequest, shot: Shot, on_step: OnStep
) -> tuple[np.ndarray, CameraMove]:
    """Frames uint8 (F, H, W, 3) between the first and the last frame of a request, or from one of them; and the move.

    The camera is the shot's, less of it where the picture does not reach; where nothing was said of it, it moves a
    little. Between two pictures one dissolves into the other. Every frame is a step.
    """
    ends = [
        (_picture(frame, request), at)
        for frame, at in ((request.first_frame, 0), (request.last_frame, request.num_frames - 1))
        if frame is not None
    ]
    reliefs = [(picture, relief.nearness_of(picture), at) for picture, at in ends]
    asked = UNASKED if "camera" in shot.understood["assumed"] and len(ends) == 1 else shot.scene.camera
    camera, cameras, intrinsics = _farthest(asked, shot.scene, request, reliefs)
    clips = [moved(picture, near, cameras, intrinsics, at) for picture, near, at in reliefs]
    frames = []
    for index, seen in enumerate(zip(*clips, strict=True)):
        share = index / max(1, request.num_frames - 1)
        frame = seen[0] if len(seen) == 1 else torch.lerp(*seen, share * share * (3 - 2 * share))
        frames.append(((frame.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy())
        on_step(index + 1, request.num_frames, frames[-1] if index % SHOWN_EVERY == 0 else None)
    return np.stack(frames), camera


def as_understood(shot: Shot, request: VideoRequest, camera: CameraMove) -> dict[str, Any]:
    """What is told of such a clip: the picture says who and where, the prompt only how the camera moves."""
    which = "first and last frame, one dissolving into the other" if request.first_frame is not None else "last frame"
    which = which if request.last_frame is not None else "first frame"
    said = f"The picture that was given as {which}, as it is; {camera_in_words(camera)}."
    if camera.move != shot.scene.camera.move:
        said += " Nothing was said of the camera."
    elif camera != shot.scene.camera:
        said += " The picture reaches no farther."
    said += " Nobody in a picture from elsewhere acts: give it as a reference to have them act."
    told = camera.as_json() | {"words": shot.understood["camera"]["words"]}
    return shot.understood | {
        "sentence": said,
        "guided": False,
        "camera": told,
        "assumed": {},
        "nearest": {},
        "ignored": [],
    }


def _farthest(asked, scene, request, reliefs):
    """As much of the move asked for as every picture reaches, and its cameras; the least there is, where none does."""
    for share in SHARES:
        camera = _less(asked, share, request)
        cameras, intrinsics = _path(replace(scene, camera=camera), request)
        # How far a picture reaches is seen well enough on a few of its pixels.
        coarse = intrinsics / intrinsics.new_tensor([[COARSE], [COARSE], [1.0]])
        seen = [reach(near[::COARSE, ::COARSE], cameras, coarse, at, _ends(camera, request)) for _, near, at in reliefs]
        if all(inside >= ENOUGH and bent <= BENT for inside, bent in seen):
            break
    return camera, cameras, intrinsics


def _less(camera, share, request):
    """A share of a move."""
    if camera.move == "static" or share == 1.0:
        return camera
    if camera.keys:
        return CameraMove.along(tuple(_nearer_to_framed(key, share) for key in camera.keys))
    amount = amount_of(camera, request.width, request.height)
    return CameraMove(camera.move, round(1 + (amount - 1) * share if "zoom" in camera.move else amount * share, 2))


def _nearer_to_framed(key, share):
    travelled = {name: value * share for name, value in asdict(key).items() if name not in ("at", "zoom")}
    return replace(key, **travelled, zoom=key.zoom**share)


def _ends(camera, request):
    """The frames at which a camera turns back at most: a move goes one way only."""
    last = request.num_frames - 1
    return [0, last, *(round(key.at * last) for key in camera.keys)]


def _path(scene, request):
    """camera_to_world (F, 4, 4) and intrinsics (F, 3, 3) of a scene's shot."""
    stage = set_stage(
        [replace(scene, characters=scene.characters[:1], props=())],
        [request.seed],
        width=request.width,
        height=request.height,
        num_frames=request.num_frames,
        fps=request.fps,
    )
    return stage.camera_to_world[0], stage.intrinsics[0]


def _picture(frame, request):
    """A picture in the shape of the request, float (3, H, W) in [-1, 1]."""
    return frame_of(frame, request.height, request.width)[0].float() / 127.5 - 1
