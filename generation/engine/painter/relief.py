"""A picture from elsewhere, moved: how near each of its pixels is, and what another camera sees of it.

A network that learned from renders guesses the nearness of what a picture shows. Every ray of another camera is then
followed to where it first meets this relief (relief mapping, Policarpo et al. 2005). So the picture stays as sharp as
it is, stretched where somebody hid what is behind them, never torn; nobody in it acts.
"""

from collections.abc import Iterable, Iterator

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import nn
from torch.nn.functional import avg_pool2d, grid_sample, interpolate, pixel_shuffle, pixel_unshuffle

from generation.engine.painter.codec import CELL, stack_of
from generation.engine.painter.guide import NEAR

SEEN_AT = 256 * 144  # pixels: what the network learned to look at
PLANES = 40  # of equal nearness, tried one after the other along a ray
FARTHEST = 0.02  # nearness of the last


class Relief(ModelMixin, ConfigMixin):
    """Nearness (N, H, W) in [0, 1] of pictures (N, 3, H, W) in [-1, 1]; H and W multiples of 4."""

    config_name = "config.json"

    @register_to_config
    def __init__(self, widths: tuple[int, ...] = (48, 80, 112, 128), blocks: int = 2):
        super().__init__()
        self.enter = nn.Conv2d(3 * CELL**2 + 2, widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Sequential(*stack_of(width, blocks)) for width in widths)
        self.narrower = nn.ModuleList(nn.Conv2d(one, other, 1) for one, other in zip(widths, widths[1:], strict=False))
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.wider = nn.ModuleList(nn.Conv2d(other, one, 1) for one, other in zip(widths, widths[1:], strict=False))
        self.up = nn.ModuleList(nn.Sequential(*stack_of(width, blocks)) for width in widths[:-1])
        self.leave = nn.Conv2d(widths[0], CELL**2, 3, padding=1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        cells = pixel_unshuffle(pictures, CELL)
        # What stands lower in a picture is nearer, as a rule.
        down, across = (torch.linspace(-1, 1, side).to(cells) for side in cells.shape[-2:])
        place = torch.stack(torch.meshgrid(down, across, indexing="ij")).expand(len(cells), -1, -1, -1)
        x = self.enter(torch.cat([cells, place], dim=1))
        seen = []
        for level, stack in enumerate(self.down):
            if level:
                x = self.narrower[level - 1](avg_pool2d(x, 2, ceil_mode=True))
            x = stack(x)
            seen.append(x)
        x = x + self.whole(x.mean((2, 3)))[:, :, None, None]
        for level in reversed(range(len(self.up))):
            wider = interpolate(self.wider[level](x), seen[level].shape[-2:], mode="bilinear")
            x = self.up[level](seen[level] + wider)
        return pixel_shuffle(self.leave(x), CELL)[:, 0].sigmoid()

    @torch.no_grad()
    def nearness_of(self, picture: torch.Tensor) -> torch.Tensor:
        """Nearness float32 (H, W) of a picture (3, H, W) in [-1, 1], looked at in the size it learned from."""
        height, width = picture.shape[-2:]
        scale = (SEEN_AT / (height * width)) ** 0.5
        size = [max(CELL, round(side * scale / CELL) * CELL) for side in (height, width)]
        small = interpolate(picture[None], size, mode="bilinear", antialias=True)
        near = self(small.to(self.device, self.dtype)).float()
        return interpolate(near[:, None], (height, width), mode="bilinear")[0, 0].to(picture.device)


def moved(
    picture: torch.Tensor, near: torch.Tensor, camera_to_world: torch.Tensor, intrinsics: torch.Tensor, at: int = 0
) -> Iterator[torch.Tensor]:
    """What the cameras of F frames see of a picture: F times float (3, H, W), about [-1, 1].

    picture: float (3, H, W) in [-1, 1], seen by camera `at`, whose frame is the picture itself. near: its nearness (H,
    W). camera_to_world (F, 4, 4), intrinsics (F, 3, 3) in pixels: see `Rendering`.
    """
    size = picture.new_tensor([picture.shape[2], picture.shape[1]])
    for frame in range(len(camera_to_world)):
        if frame == at:
            yield picture
            continue
        where = _met(near, *_between(camera_to_world, intrinsics, frame, at))
        grid = ((where + 0.5) / size * 2 - 1)[None]
        yield grid_sample(picture[None], grid, "bicubic", "reflection", align_corners=False)[0]


def reach(
    near: torch.Tensor,
    camera_to_world: torch.Tensor,
    intrinsics: torch.Tensor,
    at: int = 0,
    frames: Iterable[int] = (0, -1),
) -> tuple[float, float]:
    """Of some frames, the least share that lies within the picture, and the largest that is bent: there, what stood
    upright would lean by more than half of its height."""
    height, width = near.shape
    inside, bent = [1.0], [0.0]
    for frame in {frame % len(camera_to_world) for frame in frames}:
        if frame != at:
            where = _met(near, *_between(camera_to_world, intrinsics, frame, at))
            within = (where >= -0.5).all(-1) & (where[..., 0] < width) & (where[..., 1] < height)
            inside.append(float(within.float().mean()))
            leans = where[..., 0].diff(dim=0).abs().flatten(), where[..., 1].diff(dim=1).abs().flatten()
            bent.append(float((torch.cat(leans) > 0.5).float().mean()))
    return min(inside), max(bent)


def _between(camera_to_world, intrinsics, frame, at):
    """From one camera's rays to another's pixels: rotation (3, 3), shift (3,), and both cameras' intrinsics."""
    there, here = camera_to_world[frame].double(), camera_to_world[at].double()
    change = torch.linalg.inv(here) @ there
    return change[:3, :3].float(), change[:3, 3].float(), intrinsics[frame].float(), intrinsics[at].float()


def _met(near, turn, shift, intrinsics, source):
    """Where the rays of another camera first meet a relief: pixels x, y of its picture, (H, W, 2)."""
    height, width = near.shape
    y, x = torch.meshgrid(*(torch.arange(side, device=near.device) + 0.5 for side in (height, width)), indexing="ij")
    rays = torch.stack([x - intrinsics[0, 2], y - intrinsics[1, 2], torch.ones_like(x) * intrinsics[0, 0]], dim=-1)
    rays = (rays / intrinsics[0, 0]) @ turn.T  # (H, W, 3), one metre along the other camera's axis
    size = near.new_tensor([width, height])
    met = torch.zeros(height, width, dtype=torch.bool, device=near.device)
    before = None
    for plane in torch.linspace(min(1.0, float(near.max()) + 0.05), FARTHEST, PLANES, device=near.device):
        point = rays * (NEAR / plane - NEAR) + shift
        depth = point[..., 2].clamp(min=1e-3)
        pixel = point[..., :2] / depth[..., None] * source[0, 0] + source[:2, 2] - 0.5
        grid = ((pixel + 0.5) / size * 2 - 1)[None]
        here = grid_sample(near[None, None], grid, "bilinear", "border", align_corners=False)[0, 0]
        gap = here - NEAR / (NEAR + depth)  # above nothing: the point lies behind the surface
        if before is None:
            where = pixel
        else:
            last_pixel, last_gap = before
            crossed = (gap >= 0) & ~met
            share = (last_gap / (last_gap - gap).clamp(max=-1e-6)).clamp(0, 1)[..., None]
            where = torch.where(crossed[..., None], last_pixel.lerp(pixel, share), where)
            met |= crossed
        before = pixel, gap
    return torch.where(met[..., None], where, pixel)  # what is farther than all planes is as far as the last
