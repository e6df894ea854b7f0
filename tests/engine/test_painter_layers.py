"""What a painter is told within a cell, and what it keeps of the points of a body."""

import torch
from torch.nn.functional import pixel_shuffle

from generation.engine.painter.codec import CELL
from generation.engine.painter.guide import guide_of
from generation.engine.painter.layers import Surfaces, Within
from generation.engine.world.numbering import NUMBERS
from generation.engine.world.render import render
from generation.engine.world.scene import Character, Scene

SCENE = Scene(place="meadow", characters=(Character("fox", "teal"), Character("owl")))


def test_a_guide_says_where_in_a_cell_an_edge_lies():
    rendering = render([SCENE], [5], width=96, height=64, num_frames=2, fps=12, shaded=False)
    guide = guide_of(rendering, 2)
    owner = pixel_shuffle(guide.owner[0], CELL)[:, 0]
    assert torch.equal(owner, rendering.mask[0])
    assert torch.equal(pixel_shuffle(guide.part[0], CELL)[:, 0], rendering.part[0])
    parted = (guide.owner.amax(2) != guide.owner.amin(2))[0]
    nearness = guide.detail[0, :, :16].abs().amax(1)
    assert nearness[parted].float().mean() > 2 * nearness[~parted].float().mean(), (
        "the place is farther than who is in it"
    )
    sky = guide.surface[0, :, 5] == 1
    assert sky.any() and not guide.detail[0].abs().amax(1)[sky].any()


def test_a_point_of_a_body_is_remembered_by_body_and_place():
    torch.manual_seed(3)
    surfaces = Surfaces(4, 8, 12, axes=((0, 1), (2, 1)), reach=1.0)
    kind = torch.tensor([1, 1, 1, 2])
    points = torch.tensor([[0.1, 0.9, 0.3], [0.1, 0.9, 0.3], [0.101, 0.9, 0.3], [0.1, 0.9, 0.3]])
    share = torch.tensor([1.0, 0.5, 1.0, 1.0])
    whole, half, beside, other = surfaces(kind, points, share)
    torch.testing.assert_close(half, whole / 2)
    assert (beside - whole).norm() < 0.1 * whole.norm() < (other - whole).norm()
    assert not surfaces(kind, points, torch.zeros(4)).any()
    surfaces(kind, points * 1000, share).sum().backward()  # far points are on the planes too
    assert surfaces.planes.grad.isfinite().all()


def test_painting_a_few_frames_at_once_changes_nothing():
    torch.manual_seed(3)
    within = Within(6, 10)
    torch.nn.init.normal_(within.leave.weight)
    frames, entities = torch.randn(12, 6, 3, 4), torch.randn(2, 3, 10)
    detail = torch.rand(12, 64, 3, 4)
    owner, part = (torch.randint(0, end, (12, 16, 3, 4)) for end in (4, NUMBERS))
    together = within(frames, detail, owner, part, entities)
    with torch.no_grad():
        torch.testing.assert_close(within(frames, detail, owner, part, entities), together)
    alone = within(frames[6:], detail[6:], owner[6:], part[6:], entities[1:])
    torch.testing.assert_close(together[6:], alone)
    assert together.shape == (12, 48, 3, 4)
