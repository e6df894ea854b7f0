"""The camera of a clip is found in its pictures, and flicker shows where the standing world changes by itself."""

import pytest
import torch

from generation.engine.training.motion import camera_of, framing_of, same_camera, warp_error
from generation.engine.world.camera import camera_path
from generation.engine.world.render import render
from generation.engine.world.scene import CameraMove, Character, Scene

pytestmark = pytest.mark.slow  # painting and looking, again and again

SIZE = {"width": 128, "height": 80}


def shot(move, amount=None):
    scene = Scene(place="city", characters=(Character("bear", action="walk"),), camera=CameraMove(move, amount))
    return scene, render([scene], [3], num_frames=9, fps=4, **SIZE)


def found(scene, clip, frames):
    return camera_of(frames, clip.depth[0, 4], clip.mask[0, 4] == 0, framing_of(scene, 3, **SIZE))


@pytest.mark.parametrize(
    "camera",
    [CameraMove(), CameraMove("pan left", 22.0), CameraMove("truck right"), CameraMove("zoom out", 1.4)],
    ids=str,
)
def test_a_rendered_camera_is_found_with_its_size(camera):
    scene, clip = shot(camera.move, camera.amount)
    assert same_camera(found(scene, clip, clip.rgb[0].permute(0, 3, 1, 2)), camera)


def test_the_middle_of_a_shot_is_framed_the_same_whatever_the_camera_does():
    scene, clip = shot("dolly in")
    poses, intrinsics = camera_path(scene.camera, framing_of(scene, 3, **SIZE), num_frames=9, **SIZE)
    torch.testing.assert_close(clip.camera_to_world[0], torch.tensor(poses).float())
    torch.testing.assert_close(clip.intrinsics[0], torch.tensor(intrinsics).float())


def test_a_clip_played_backwards_is_the_opposite_move():
    scene, clip = shot("pan left")
    camera = found(scene, clip, clip.rgb[0].permute(0, 3, 1, 2).flip(0))
    assert camera.move == "pan right"
    assert not same_camera(camera, scene.camera)


@pytest.mark.parametrize(
    ("camera", "asked", "same"),
    [
        (CameraMove("pan left", 33.0), CameraMove("pan left"), True),
        (CameraMove("pan left", 36.0), CameraMove("pan left"), False),
        (CameraMove("pan left", 30.0), CameraMove("pan right"), False),
        (CameraMove("zoom in", 1.7), CameraMove("zoom in"), True),
        (CameraMove("zoom in", 1.8), CameraMove("zoom in"), False),
        (CameraMove(), CameraMove(), True),
        (CameraMove("dolly in", 0.7), CameraMove(), False),
    ],
)
def test_a_size_may_be_off_by_15_percent(camera, asked, same):
    assert same_camera(camera, asked) is same


def test_what_flickers_has_a_larger_warp_error():
    _, clip = shot("truck left")
    frames = clip.rgb[0].permute(0, 3, 1, 2)
    known = clip.depth[0], clip.mask[0], clip.camera_to_world[0], clip.intrinsics[0]
    flickering = frames.float()
    flickering[::2] += 12
    flickering = flickering.clamp(0, 255).to(torch.uint8)
    assert warp_error(flickering, *known) > 1.5 * warp_error(frames, *known)
