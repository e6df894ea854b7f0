"""What is painted around a clip has the clip's tone where they meet."""

import torch

from generation.engine.painter.tone import in_tone_with


def scene(brightness):
    """A sky over a meadow, uint8 (2, 3, 40, 60)."""
    frames = torch.full((2, 3, 40, 60), 150.0)
    frames[:, :, 25:] = 90
    return (frames + brightness).to(torch.uint8)


def test_a_difference_in_tone_is_gone_at_the_edge_and_fades_away_from_it():
    around = torch.ones(40, 60, dtype=torch.bool)
    around[:, 20:40] = False
    painted = in_tone_with(scene(20), scene(0), around).float()
    off = (painted - scene(0).float()).abs().mean((0, 1, 2))  # of each column
    assert off[19] < 2 and off[40] < 2
    assert 2 < off[10] < off[0] < 20
    assert torch.equal(painted.to(torch.uint8)[:, :, :, 20:40], scene(20)[:, :, :, 20:40]), "inside nothing is changed"


def test_corners_follow_both_edges_and_an_equal_tone_changes_nothing():
    around = torch.ones(40, 60, dtype=torch.bool)
    around[10:33, 20:40] = False
    assert torch.equal(in_tone_with(scene(0), scene(0), around), scene(0))
    off = (in_tone_with(scene(20), scene(0), around).float() - scene(0).float()).abs().mean((0, 1))
    assert off[9, 19] < off[0, 0] < 20


def test_what_ends_at_the_edge_is_no_tone():
    around = torch.ones(40, 60, dtype=torch.bool)
    around[:, 20:] = False
    video = torch.zeros(2, 3, 40, 60, dtype=torch.uint8)
    painted = in_tone_with(torch.full_like(video, 200), video, around)
    assert painted[:, :, :, :20].min() >= 160
