"""Where entities are in a clip, and cutting them out for a closer look."""

import torch
from torch.nn.functional import avg_pool2d, grid_sample, interpolate, max_pool2d

MARGIN = 1.25  # of an entity's longer side: some of its surroundings say how it moves and how it is lit
SEEN_WELL = 60  # pixels: an entity with fewer in a frame is not looked at there
LEAST_SEEN = 0.4  # of the frames


def boxes_of(mask: torch.Tensor, entities: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Boxes (B, F, E, 4), left, top, right and bottom in pixels, and how many pixels (B, F, E) each entity has.

    mask: uint8 (B, F, H, W), 0 the place, then the entities.
    """
    numbers = torch.arange(1, entities + 1, device=mask.device, dtype=mask.dtype)
    own = mask[:, :, None] == numbers[:, None, None]
    columns, rows = own.any(-2).to(torch.uint8), own.any(-1).to(torch.uint8)
    first = [side.argmax(-1) for side in (columns, rows)]
    last = [side.shape[-1] - side.flip(-1).argmax(-1) for side in (columns, rows)]
    return torch.stack([*first, *last], dim=-1).float(), own.sum((-1, -2))


def cut(frames: torch.Tensor, boxes: torch.Tensor, size: int, *, mode: str = "bilinear") -> torch.Tensor:
    """Squares (B, F, E, C, size, size) around boxes (B, F, E, 4), out of frames (B, F, C, H, W); zero outside."""
    clips, length, channels, height, width = frames.shape
    entities = boxes.shape[2]
    low, high = boxes[..., :2], boxes[..., 2:]
    half = (high - low).amax(-1, keepdim=True) / 2 * MARGIN
    along = (torch.arange(size, device=frames.device) + 0.5) / size * 2 - 1
    points = ((low + high) / 2)[..., None, :] + half[..., None, :] * along[:, None]  # (B, F, E, size, 2)
    points = points / points.new_tensor([width, height]) * 2 - 1
    x, y = points[..., 0], points[..., 1]
    grid = torch.stack(torch.broadcast_tensors(x[..., None, :], y[..., :, None]), dim=-1)
    grid = grid.reshape(clips * length, entities * size, size, 2)
    squares = grid_sample(frames.flatten(0, 1), grid, mode=mode, align_corners=False)
    return squares.reshape(clips, length, channels, entities, size, size).transpose(2, 3)


def largest_part(mask: torch.Tensor) -> torch.Tensor:
    """The largest connected part of each mask, bool (F, H, W) of bool (F, H, W); to cells of 4 × 4 pixels."""
    cells = avg_pool2d(mask[:, None].float(), 4) > 0.5
    label = torch.arange(1, cells[0].numel() + 1, device=mask.device).view(1, *cells.shape[1:]) * cells
    while True:
        spread = (max_pool2d(label.float(), 3, 1, 1) * cells).long()
        if torch.equal(spread, label):
            break
        label = spread
    counts = torch.zeros(len(mask), cells[0].numel() + 1, device=mask.device)
    counts.scatter_add_(1, label.flatten(1), (label > 0).flatten(1).float())
    chosen = (label == counts.argmax(1)[:, None, None, None]) & cells
    return mask & (interpolate(chosen.float(), mask.shape[1:]) > 0)[:, 0]
