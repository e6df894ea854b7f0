"""What is painted around a clip takes on the clip's tone where they meet, so that no edge is seen between them."""

import torch
from torch.nn.functional import avg_pool1d, pad

STRIP = 6  # pixels on either side of an edge that are compared
STRETCH = 0.25  # of an edge: over as much of it a difference is averaged
MOST = 40.0  # of 255: more is no tone, but something that ends at the edge
FADE = 0.35  # of the frame's longer side: as far away, a third of a difference is left


def in_tone_with(painted: torch.Tensor, video: torch.Tensor, around: torch.Tensor) -> torch.Tensor:
    """Frames uint8 (F, 3, H, W) in which what is `around` a video of the same size, bool (H, W), has its tone.

    Fully so at the edge and less the farther away; the same change in every frame, so that nothing flickers.
    """
    apart = [each.float().mean(0) for each in (video, painted)]
    changes, weights = [], []
    for turns in range(4):  # each edge in turn as the left one
        kept, ours, inside = (torch.rot90(each, turns, (-2, -1)) for each in (*apart, ~around))
        change, weight = _left_of(kept, ours, inside)
        changes.append(torch.rot90(change, -turns, (-2, -1)))
        weights.append(torch.rot90(weight, -turns, (-2, -1)))
    beyond = torch.stack(weights)  # (4, H, W)
    share = beyond / beyond.sum(0).clamp(min=1)
    fading = torch.exp(-beyond.square().sum(0).sqrt() / (FADE * max(around.shape)))
    change = (torch.stack(changes) * share[:, None]).sum(0) * fading
    return (painted.float() + change).round().clamp(0, 255).to(torch.uint8)


def _left_of(kept, ours, inside):
    """What gives all that lies left of a part its tone, float (3, H, W), and how many pixels left that is (H, W)."""
    rows, left = inside.any(1).nonzero()[:, 0], int(inside.any(0).nonzero()[0])
    height, width = inside.shape
    columns = (left - torch.arange(width)).clamp(min=0).float()
    if not left:
        return torch.zeros(3, height, width), columns.expand(height, width)
    edge = kept[:, rows, left : left + STRIP].mean(2) - ours[:, rows, max(0, left - STRIP) : left].mean(2)
    along = _smooth(edge.clamp(-MOST, MOST))  # (3, rows)
    nearest = (torch.arange(height) - rows[0]).clamp(0, len(rows) - 1)
    return along[:, nearest, None].expand(3, height, width), columns.expand(height, width)


def _smooth(values):
    """Values (3, L) along an edge, each the mean of those near it."""
    reach = max(1, round(values.shape[1] * STRETCH / 2))
    return avg_pool1d(pad(values[None], (reach, reach), "replicate"), 2 * reach + 1, stride=1)[0]
