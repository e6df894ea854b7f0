"""What comes after a shot and before it: the same scene and seed at another time, one picture shared."""

import numpy as np
import pytest
import torch

from generation.engine.world.render import render
from generation.engine.world.scene import CameraMove, Character, Prop, Scene
from generation.engine.world.stage import set_stage

SIZE = {"width": 96, "height": 64, "fps": 12}
PAN = CameraMove("pan left")


def drawn(scene, num_frames, **shot):
    return render([scene], [4], num_frames=num_frames, **SIZE, **shot)


def middles(mask, entity=1):
    """Where somebody is in each frame, as the mean column (F,)."""
    columns = torch.arange(mask.shape[-1]).float()
    return torch.stack([(frame == entity).float().sum(0) @ columns / (frame == entity).sum() for frame in mask[0]])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "camera", "look"),
    [("walk", PAN, "clay"), ("dance", CameraMove("orbit right"), "noir"), ("swim", CameraMove("zoom in"), "clay")],
)
def test_what_follows_begins_with_the_picture_at_which_the_shot_ended(action, camera, look):
    scene = Scene(
        "forest", look=look, camera=camera, characters=(Character("fox", action=action),), props=(Prop("ball"),)
    )
    shot = drawn(scene, 13)
    after = drawn(scene, 5, first=12, shot_frames=13)
    for channel in ("rgb", "depth", "mask", "camera_to_world", "intrinsics"):
        one, other = getattr(shot, channel)[:, -1], getattr(after, channel)[:, 0]
        assert torch.equal(one, other), channel
        assert getattr(after, channel).shape[:2] == (1, 5)
    assert not torch.equal(after.mask[:, 0], after.mask[:, -1]), "time goes on"
    assert torch.equal(after.camera_to_world[:, 0], after.camera_to_world[:, -1]), "the camera has come to rest"


@pytest.mark.parametrize(("action", "look"), [("walk", "clay"), ("dance", "noir")])
def test_what_leads_up_ends_with_the_picture_at_which_the_shot_begins(action, look):
    scene = Scene("forest", "night", look=look, camera=PAN, characters=(Character("fox", action=action),))
    shot, before = drawn(scene, 9), drawn(scene, 5, first=-4, shot_frames=9)
    for channel in ("rgb", "depth", "mask", "camera_to_world", "intrinsics"):
        assert torch.equal(getattr(before, channel)[:, -1], getattr(shot, channel)[:, 0]), channel
    assert not torch.equal(before.mask[:, 0], before.mask[:, -1]), "time has passed"
    assert torch.equal(before.camera_to_world[:, 0], before.camera_to_world[:, -1]), "the camera waits"


def test_the_middle_of_a_shot_can_be_drawn_alone():
    scene = Scene("beach", camera=PAN, characters=(Character("cat", action="run"),))
    whole, part = drawn(scene, 13), drawn(scene, 4, first=5, shot_frames=13)
    assert torch.equal(part.depth, whole.depth[:, 5:9])
    assert torch.equal(part.camera_to_world, whole.camera_to_world[:, 5:9])


def test_whoever_walks_walks_on_at_the_same_pace():
    scene = Scene("meadow", characters=(Character("robot", action="walk"),))
    way = middles(torch.cat([drawn(scene, 9).mask, drawn(scene, 9, first=9, shot_frames=9).mask], 1))
    steps = way.diff() * (way[-1] - way[0]).sign()
    assert steps[5:12].mean() > 0.7 * steps[:5].mean() > 0
    assert steps[8] == pytest.approx(float(steps.median()), abs=0.8), "no leap where one ends and the other begins"


def test_whoever_walks_came_at_the_same_pace():
    scene = Scene("meadow", characters=(Character("robot", action="walk"),))
    way = middles(torch.cat([drawn(scene, 5, first=-5, shot_frames=9).mask, drawn(scene, 9).mask], 1))
    steps = way.diff() * (way[-1] - way[0]).sign()
    assert steps[:4].mean() > 0.7 * steps[4:].mean() > 0
    assert steps[4] == pytest.approx(float(steps.median()), abs=0.8), "no leap where the shot begins"


def test_in_a_long_shot_they_go_on_around_and_stay_in_the_picture():
    scene = Scene("meadow", characters=(Character("robot", action="walk"),))
    stage = set_stage([scene], [4], num_frames=240, shot_frames=60, **SIZE)
    travelled = stage.mover_shift[1]
    assert np.abs(travelled[:, [0, 2]].numpy()).max() < 2.5
    assert travelled.diff(dim=0).norm(dim=1).max() < 0.25, "metres in a twelfth of a second"
