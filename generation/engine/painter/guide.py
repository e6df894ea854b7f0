"""What a painter is told of an animatic: where everything is, but not what it looks like.

Most is averaged over cells of 4 × 4 pixels, so that it weighs little. What lies within a cell, and makes edges sharp,
is told as how its pixels differ from its average.
"""

from dataclasses import dataclass

import torch
from torch.nn.functional import avg_pool2d, interpolate, pixel_unshuffle

from generation.engine.painter.codec import CELL, in_groups
from generation.engine.world.render import FAR, Rendering

SURFACE = 12  # channels: nearness, height, normal (3), sky, ray (3), rest (3)
NEAR = 4.0  # metres: at this depth nearness is one half
REST_WITHIN = 8.0  # metres
TOLD = ("surface", "cover", "detail", "owner", "part")  # the parts of a guide
DETAIL = 4  # channels of each pixel: nearness, rest (3), less those of its cell
HALF_OF_DETAIL = (0.05, 0.1)  # nearness, metres: differences that are told as one half


@dataclass(frozen=True, eq=False)
class Guide:
    """The geometry of B clips of F frames in cells of h × w.

    surface: float16 (B, F, 12, h, w): nearness 4 / (4 + depth) in (0, 1]; height above the ground as tanh(metres / 2);
    the surface's normal in the world; share of sky; direction of view in the world, one metre along the view axis; the
    point of the body or of the world that is seen (`Rendering.rest`), no component larger than 8 metres.
    cover: uint8 (B, F, E, h, w), how much of a cell each entity takes, 255 all of it. detail: int8 (B, F, 64, h, w), of
    each channel the 16 pixels of a cell in rows: how nearness and rest differ from the cell's, as d / (half + |d|) in
    127ths. owner: uint8 (B, F, 16, h, w), whose each pixel is: 0 the place's, then the entities'. part: int16
    (B, F, 16, h, w), which part of a body or of the place each pixel shows, by its number in `world.numbering`.
    """

    surface: torch.Tensor
    cover: torch.Tensor
    detail: torch.Tensor
    owner: torch.Tensor
    part: torch.Tensor


def guide_of(rendering: Rendering, entities: int) -> Guide:
    """The guide of rendered clips. `entities`: how many there are room for, as numbered by the rendering's mask."""
    depth = rendering.depth
    clips, frames, height, width = depth.shape
    points, rays = unprojected(depth, rendering.camera_to_world, rendering.intrinsics)
    sky = (depth >= FAR).float()
    normals = _normals(points, sky)
    channels = torch.cat(
        [
            nearness(depth)[:, :, None],
            torch.tanh(points[:, :, 1:2] / 2) * (1 - sky[:, :, None]),
            normals,
            sky[:, :, None],
            rays,
            rendering.rest.permute(0, 1, 4, 2, 3).float().clamp(-REST_WITHIN, REST_WITHIN),
        ],
        dim=2,
    )
    surface = avg_pool2d(channels.flatten(0, 1), CELL).to(torch.float16)
    owners = torch.arange(1, entities + 1, device=depth.device, dtype=torch.uint8)
    covered = (rendering.mask[:, :, None] == owners[:, None, None]).flatten(0, 1).float()
    cover = (avg_pool2d(covered, CELL) * 255).round().to(torch.uint8)
    owner, part = (pixel_unshuffle(each.flatten(0, 1)[:, None], CELL) for each in (rendering.mask, rendering.part))
    parts = surface, cover, detail_of(channels[:, :, [0, -3, -2, -1]].flatten(0, 1)), owner, part
    return Guide(*(each.unflatten(0, (clips, frames)) for each in parts))


def as_told(guide: Guide) -> dict[str, torch.Tensor]:
    """The parts of a guide as a painter is told them: by name, in groups (B, G, 4, …)."""
    parts = {
        "surface": guide.surface.float(),
        "cover": guide.cover.float() / 255,
        "detail": guide.detail.float() / 127,
        "owner": guide.owner.long(),
        "part": guide.part.int(),
    }
    return {name: in_groups(part) for name, part in parts.items()}


def detail_of(pixels: torch.Tensor) -> torch.Tensor:
    """The detail, int8 (N, 64, h, w), of nearness and rest, float (N, 4, H, W); see `Guide`."""
    difference = pixels - interpolate(avg_pool2d(pixels, CELL), scale_factor=CELL)
    near, metres = HALF_OF_DETAIL
    half = difference.new_tensor([near, metres, metres, metres])[:, None, None]
    told = difference / (half + difference.abs())
    return pixel_unshuffle((told * 127).round().to(torch.int8), CELL)


def nearness(depth: torch.Tensor) -> torch.Tensor:
    """How near depths in metres are: 1 at the lens, one half at 4 m, 0 in the sky."""
    return torch.where(depth >= FAR, 0.0, NEAR / (NEAR + depth))


def unprojected(depth, camera_to_world, intrinsics):
    """Points in the world and rays one metre along the view axis, (B, F, 3, H, W), of depth (B, F, H, W)."""
    height, width = depth.shape[-2:]
    x = torch.arange(width, device=depth.device) + 0.5
    y = torch.arange(height, device=depth.device) + 0.5
    focal_x, focal_y = intrinsics[..., 0, 0, None, None], intrinsics[..., 1, 1, None, None]
    across = ((x - intrinsics[..., 0, 2, None, None]) / focal_x).expand(*depth.shape)
    down = ((y[:, None] - intrinsics[..., 1, 2, None, None]) / focal_y).expand(*depth.shape)
    in_camera = torch.stack([across, down, torch.ones_like(across)], dim=2)
    rays = torch.einsum("bfij,bfjhw->bfihw", camera_to_world[..., :3, :3], in_camera)
    return camera_to_world[..., :3, 3, None, None] + rays * depth[:, :, None], rays


def _normals(points, sky):
    """World normals (B, F, 3, H, W) from neighbouring points; zero in the sky."""
    right = torch.diff(points, dim=-1, append=points[..., -1:])
    below = torch.diff(points, dim=-2, append=points[..., -1:, :])
    normals = torch.linalg.cross(below, right, dim=2)
    normals = normals / normals.norm(dim=2, keepdim=True).clamp(min=1e-9)
    return normals * (1 - sky[:, :, None])
