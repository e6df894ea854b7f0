"""What was painted over in one frame of a shot goes where the body or the place goes that it was painted on."""

import numpy as np
import pytest
import torch

from generation.engine.carried import carried
from generation.engine.world.reading import read
from generation.engine.world.render import render

SIZE = {"width": 160, "height": 96, "num_frames": 13, "fps": 12}


def shot_of(prompt, seed):
    return render([read(prompt).scene], [seed], **SIZE, shaded=False)


def disc(x, y, radius):
    down, across = torch.meshgrid(torch.arange(SIZE["height"]), torch.arange(SIZE["width"]), indexing="ij")
    return (across - x) ** 2 + (down - y) ** 2 <= radius**2


def middle_of(pixels):
    down, across = torch.nonzero(pixels, as_tuple=True)
    return across.float().mean(), down.float().mean()


def alike(one, other):
    """Intersection over union."""
    one, other = (torch.as_tensor(each) for each in (one, other))
    return float((one & other).sum() / (one | other).sum())


@pytest.fixture(scope="module")
def walk():
    """A fox that crosses the picture."""
    return shot_of("a red fox walks in a meadow", 7)


def test_a_part_of_somebody_who_walks_is_followed(walk):
    """Every point of the body is looked up by itself, one by one: what a grid of the body is held to."""
    fox = walk.mask[0] == 1
    painted = disc(*middle_of(fox[0]), 9) & fox[0]
    found = carried(walk, painted, 0)
    assert torch.equal(found[0], painted)
    known, marked = walk.rest[0, 0][fox[0]].float(), painted[fox[0]]
    truth = torch.zeros_like(fox[-1])
    truth[fox[-1]] = marked[torch.cdist(walk.rest[0, -1][fox[-1]].float(), known).argmin(1)]
    assert alike(found[-1] & fox[-1], truth) >= 0.8
    assert alike(painted, truth) < 0.5, "it has gone elsewhere meanwhile"


def test_all_of_a_body_with_a_little_ground_is_all_of_it_ever_after(walk):
    fox = walk.mask[0] == 1
    painted = torch.nn.functional.max_pool2d(fox[:1].float(), 5, stride=1, padding=2)[0] > 0
    found = carried(walk, painted, 0)
    for frame in (4, 8, 12):
        assert found[frame][fox[frame]].float().mean() > 0.97
        assert alike(found[frame], fox[frame]) > 0.7, "what the brush spilled on the meadow does not stay there"


def test_backwards_as_well(walk):
    fox = walk.mask[0] == 1
    found = carried(walk, fox[-1], 12)
    assert found[0][fox[0]].float().mean() > 0.95


def test_the_ground_is_followed_as_the_camera_pans():
    shot = shot_of("a meadow, camera pans left", 4)
    painted = disc(50, 80, 10) & (shot.mask[0, 6] == 0)
    found = carried(shot, painted, 6)
    before, after = (middle_of(found[frame])[0] for frame in (5, 7))
    assert after > middle_of(painted)[0] > before, "what is seen goes right as the camera turns left"
    assert 0.5 < found[7].sum() / painted.sum() < 2


def test_the_sky_is_followed_and_whoever_comes_before_it_is_not_painted(walk):
    sky = disc(120, 8, 12)
    found = carried(walk, sky, 0)
    assert alike(found[-1], sky) > 0.9, "the camera does not move"
    assert not (found[1:] & (walk.mask[0, 1:] > 0)).any()


def test_what_cannot_be_seen_any_more_is_not_painted(walk):
    gone = torch.zeros_like(walk.mask[0, 0], dtype=torch.bool)
    assert not carried(walk, gone, 3).any()
    assert np.asarray(carried(walk, gone, 3)).shape == (13, 96, 160)
