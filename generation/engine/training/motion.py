"""How the camera of a clip really moved, and how much its standing world flickers, measured in the pictures.

The camera is found by synthesis: the middle frame, whose depth is known, is carried to other frames by every move
there is in every size, and the one that explains them best is the answer. Only the place is asked, never who is in it.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn.functional import avg_pool2d, grid_sample

from generation.engine.painter.guide import unprojected
from generation.engine.request import CAMERA_MOVES
from generation.engine.world.camera import USUAL_AMOUNTS, Framing, camera_path
from generation.engine.world.render import FAR
from generation.engine.world.scene import CameraMove, Scene
from generation.engine.world.stage import set_stage

AWAY = (4, 8, 12)  # frames before and after the middle
SIZES = np.geomspace(0.4, 2.2, 10)  # of a move's usual amount
FINER = ((2, 4, np.geomspace(0.84, 1.19, 7)), (1, 3, np.geomspace(0.955, 1.047, 5)))  # pixels, moves kept, sizes
SAME_SIZE = 0.15
OUTLIER = 0.12  # of the range of brightness: what differs more was hidden, or moved by itself
MARGIN = 1.02  # how much deeper than the picture says a point may be and still be taken for the one in it


def framing_of(scene: Scene, seed: int, *, width: int, height: int, fps: int = 12) -> Framing:
    """The picture at the middle of a scene's shot, which does not depend on how its camera moves."""
    still = replace(scene, camera=CameraMove())
    stage = set_stage([still], [seed], width=width, height=height, num_frames=25, fps=fps)
    pose, intrinsics = stage.camera_to_world[0, 0].numpy(), stage.intrinsics[0, 0].numpy()
    position, forward = pose[:3, 3], pose[:3, 2]
    # Every camera of the world looks at a point above the world's middle.
    distance = np.hypot(position[0], position[2]) / np.hypot(forward[0], forward[2])
    fov = 2 * np.degrees(np.arctan(height / 2 / intrinsics[1, 1]))
    return Framing(position, position + distance * forward, float(fov))


def camera_of(frames: torch.Tensor, depth: torch.Tensor, place: torch.Tensor, framing: Framing) -> CameraMove:
    """The move and amount that explain frames uint8 (F, 3, H, W) best.

    depth (H, W) in metres and place bool (H, W), where nobody is, of the middle frame; F at least 9.
    """
    moves = [move for move in CAMERA_MOVES if move != "static"]
    found = [_Guess(move, size) for move in moves for size in SIZES]
    scorer = _Scorer(frames, depth, place, framing)
    found = scorer.best_of_each([_Guess("static", 1.0), *found], cell=4)
    for cell, kept, nearby in FINER:
        finer = [replace(guess, size=guess.size * step) for guess in found[:kept] for step in nearby]
        found = scorer.best_of_each(finer, cell=cell)
    return found[0].camera


def same_camera(found: CameraMove, asked: CameraMove) -> bool:
    """Whether move and direction agree and the size is within 15 %; of a zoom, the logarithm of its factor."""
    if found.move != asked.move or asked.move == "static":
        return found.move == asked.move
    kind = asked.move.split()[0]
    usual = USUAL_AMOUNTS[kind]
    one, other = (usual if camera.amount is None else camera.amount for camera in (found, asked))
    if kind == "zoom":
        one, other = np.log(one), np.log(other)
    return bool(abs(one / other - 1) <= SAME_SIZE)


@dataclass(frozen=True)
class _Guess:
    move: str
    size: float  # of the usual amount; of a zoom, the logarithm of its factor

    @property
    def camera(self) -> CameraMove:
        kind = self.move.split()[0]
        usual = USUAL_AMOUNTS[kind]
        if kind == "static":
            return CameraMove()
        return CameraMove(self.move, float(usual**self.size if kind == "zoom" else usual * self.size))


class _Scorer:
    """How badly a guess explains a clip: the mean difference of what should be the same points."""

    def __init__(self, frames, depth, place, framing):
        self.frames = frames.float() / 255
        self.depth, self.place, self.framing = depth, place, framing
        self.middle = len(frames) // 2
        near = [away for away in AWAY if away <= self.middle]
        self.others = sorted(self.middle + sign * away for away in near for sign in (-1, 1))

    def best_of_each(self, guesses, cell):
        """The best guess of each move, best first, looked at in cells of so many pixels."""
        height, width = self.depth.shape
        pictures = _structure(avg_pool2d(self.frames, cell))
        middle, others = pictures[self.middle], pictures[self.others]
        depth = self.depth[cell // 2 :: cell, cell // 2 :: cell]
        place = avg_pool2d(self.place[None].float(), cell)[0] == 1
        sizes = {"width": width, "height": height, "num_frames": len(self.frames)}
        best = {}
        for guess in guesses:
            poses, intrinsics = camera_path(guess.camera, self.framing, **sizes)
            poses, intrinsics = (torch.tensor(matrix, dtype=torch.float32) for matrix in (poses, intrinsics))
            poses, intrinsics = poses.to(depth.device), intrinsics.to(depth.device)
            small = intrinsics.clone()
            small[:, :2] /= cell
            chosen = slice(self.middle, self.middle + 1)
            points, _ = unprojected(depth[None, None], poses[None, chosen], small[None, chosen])
            grid, ahead = seen_from(points[0], poses[self.others], intrinsics[self.others], width, height)
            carried = grid_sample(others, grid, align_corners=False, padding_mode="border")
            valid = ahead & (grid.abs() < 1).all(-1) & place
            error = (carried - middle).abs().mean(1).clamp(max=OUTLIER)
            score = float((error * valid).sum() / valid.sum().clamp(min=1))
            if guess.move not in best or score < best[guess.move][0]:
                best[guess.move] = score, guess
        return [guess for _, guess in sorted(best.values(), key=lambda one: one[0])]


def seen_from(points, poses, intrinsics, width, height):
    """Where cameras (N, 4, 4) see points (1 or N, 3, h, w): a grid (N, h, w, 2) in [-1, 1], and which are ahead."""
    offset = points - poses[:, :3, 3, None, None]
    x, y, z = torch.einsum("nji,njhw->nihw", poses[:, :3, :3], offset).unbind(1)
    ahead, z = z > 0.05, z.clamp(min=0.05)
    across = (intrinsics[:, 0, 0, None, None] * x / z + intrinsics[:, 0, 2, None, None]) / width * 2 - 1
    down = (intrinsics[:, 1, 1, None, None] * y / z + intrinsics[:, 1, 2, None, None]) / height * 2 - 1
    return torch.stack([across, down], dim=-1), ahead


def _structure(pictures):
    """Pictures (N, 3, h, w) without what is even: light changes with the view, edges stay."""
    return pictures - avg_pool2d(pictures, 9, 1, 4, count_include_pad=False)


def warp_error(frames, depth, mask, camera_to_world, intrinsics) -> float:
    """How much a clip's standing world changes from frame to frame, where nothing but the camera should change it.

    Each frame is compared with the next one carried back along the true motion; the mean difference in [0, 1] of points
    that both see. frames uint8 (F, 3, H, W), depth and mask (F, H, W), cameras (F, 4, 4) and (F, 3, 3).
    """
    height, width = depth.shape[-2:]
    pictures = frames.float() / 255
    points, _ = unprojected(depth[None], camera_to_world[None], intrinsics[None])
    grid, ahead = seen_from(points[0, :-1], camera_to_world[1:], intrinsics[1:], width, height)
    carried = grid_sample(pictures[1:], grid, align_corners=False, padding_mode="border")
    there = torch.stack([depth[1:], (mask[1:] > 0).float()], dim=1)
    deep, owned = grid_sample(there, grid, align_corners=False, padding_mode="border").unbind(1)
    offset = points[0, :-1] - camera_to_world[1:, :3, 3, None, None]
    expected = torch.einsum("njhw,nj->nhw", offset, camera_to_world[1:, :3, 2])
    seen = ((deep / expected.clamp(min=0.05) - 1).abs() < MARGIN - 1) | (depth[:-1] >= FAR)
    valid = ahead & (grid.abs() < 1).all(-1) & seen & (owned == 0) & (mask[:-1] == 0)
    return float(((carried - pictures[:-1]).abs().mean(1) * valid).sum() / valid.sum().clamp(min=1))
