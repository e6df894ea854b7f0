"""What was painted over in one frame of a shot, carried to the others by what the animatic knows of every pixel.

A pixel shows a point of somebody's body, in the pose that it was modelled in, or a point of the place: so what is
painted there goes wherever that point goes, exactly, however they or the camera move. Points of a body that could not
be seen in that frame are as the nearest that could.
"""

import torch
from torch.nn.functional import avg_pool2d, avg_pool3d

from generation.engine.painter.guide import unprojected
from generation.engine.subject import with_rim
from generation.engine.world.render import FAR, Rendering

SPILL = 0.2  # of what is painted: who has less of it was only touched by the brush; the place has to have half
CELLS = 96  # along the longest side of a body
NEARER = 0.05  # of its distance: what lies so much behind what is seen is hidden
INK = 0.5


def carried(rendering: Rendering, painted: torch.Tensor, at: int) -> torch.Tensor:
    """Where in each frame of a rendering (of one clip) is what was painted in frame `at`: bool (F, H, W).

    painted: bool (H, W), on the rendering's device. In frame `at` it is what it was; in the others whoever is painted
    up to their outline has a rim for what melts into what is behind them.
    """
    owners = rendering.mask[0]
    result = torch.zeros_like(owners, dtype=torch.bool)
    for entity in owners[at][painted].unique().tolist():
        theirs = painted & (owners[at] == entity)
        if theirs.sum() < (SPILL if entity else INK) * painted.sum():
            continue
        if entity:
            body = _of_body(rendering, entity, theirs, at)
            result |= body | (with_rim(body).to(body.device) & (owners != entity))
        else:
            result |= _of_place(rendering, theirs, at)
    result[at] = painted
    return result.cpu()


def _of_body(rendering, entity, painted, at):
    """The same for somebody: by the point of their body that each pixel shows."""
    theirs = rendering.mask[0] == entity
    points = rendering.rest[0][theirs].float()  # (N, 3)
    lowest = points.amin(0)
    size = ((points.amax(0) - lowest).max() / CELLS).clamp(min=1e-3)

    def cell(some):
        return ((some - lowest) / size).long().clamp(0, CELLS).unbind(-1)

    # How much of each cell of the body is painted, of what was seen of it, and of what was not by what is around.
    seen, ink = torch.zeros(2, CELLS + 1, CELLS + 1, CELLS + 1, device=points.device)
    there = theirs[at]
    where = cell(rendering.rest[0, at][there].float())
    seen.index_put_(where, torch.ones_like(where[0], dtype=torch.float32), accumulate=True)
    ink.index_put_(where, painted[there].float(), accumulate=True)
    asked = torch.zeros_like(seen, dtype=torch.bool)
    asked[cell(points)] = True
    for _ in range(2 * CELLS):
        if not (asked & (seen == 0)).any():
            break
        around = avg_pool3d(torch.stack([seen, ink])[None], 3, stride=1, padding=1)[0]
        seen, ink = torch.where(seen > 0, torch.stack([seen, ink]), around)
    result = torch.zeros_like(theirs)
    result[theirs] = (ink / seen.clamp(min=1e-12))[cell(points)] > INK
    return (avg_pool2d(result[:, None].float(), 3, stride=1, padding=1)[:, 0] > INK) & theirs


def _of_place(rendering, painted, at):
    """The same for the place, and the sky: by where the camera of frame `at` has what each pixel shows."""
    height, width = painted.shape
    points, rays = unprojected(rendering.depth, rendering.camera_to_world, rendering.intrinsics)
    sky = rendering.depth[0] >= FAR
    camera, lens = rendering.camera_to_world[0, at], rendering.intrinsics[0, at]
    # Towards the sky only the direction counts.
    seen = torch.where(sky[:, None], rays[0], points[0] - camera[:3, 3, None, None])  # (F, 3, H, W)
    right, down, forward = torch.einsum("ij,fihw->jfhw", camera[:3, :3], seen)
    near = forward.clamp(min=1e-6)
    x = (lens[0, 0] * right / near + lens[0, 2]).floor().long()
    y = (lens[1, 1] * down / near + lens[1, 2]).floor().long()
    inside = (forward > 0) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
    x, y = x.clamp(0, width - 1), y.clamp(0, height - 1)
    same = torch.where(sky, sky[at][y, x], forward < rendering.depth[0, at][y, x] * (1 + NEARER))
    return painted[y, x] & inside & same & (rendering.mask[0] == 0)
