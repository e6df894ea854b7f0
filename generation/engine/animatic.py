"""Prompt to moving storyboard, on any machine: the prompt is read into a scene, and the scene is drawn."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import torch
from torch.nn.functional import interpolate

from generation.engine import catalogue
from generation.engine.card import ROUNDED_UP
from generation.engine.cast import Casting
from generation.engine.clip import Clip, EngineError, OnStep
from generation.engine.hardware import memory_told
from generation.engine.request import VideoRequest, gettext_noop
from generation.engine.world.reading import read
from generation.engine.world.render import Rendering, draw_in_order, render
from generation.engine.world.scene import CameraMove, Scene
from generation.engine.world.stage import set_stage

WORLD_VERSION = 1  # a new number whenever the same scene and seed would give other pixels
SKETCHES = (8, 4, 2)  # the middle of the shot, that many times coarser, before any frame is finished
GROUPS = 12  # how many times at most a run reports finished frames, unless told otherwise

UNUSABLE = {
    "first_frame": gettext_noop("a first frame"),
    "keyframes": gettext_noop("keyframes"),
    "last_frame": gettext_noop("a last frame"),
    "references": gettext_noop("references"),
    "video": gettext_noop("a video"),
    "mask": gettext_noop("a mask"),
    "blocking": gettext_noop("the blocking of another shot"),
}


class Animatic:
    """The built-in engine. `device`: "cpu", "cuda" or None for the best there is."""

    def __init__(self, card: catalogue.ModelCard = catalogue.ANIMATIC, device: str | None = None):
        self.card = card
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")

    @memory_told()
    def generate(self, request: VideoRequest, on_step: OnStep) -> Clip:
        """Draw the clip a prompt asks for.

        The first steps are ever finer sketches of the middle of the shot, the others finished frames;
        `num_inference_steps` sets how many groups of frames there are instead, without sketches. Raises EngineError for
        inputs it cannot use, for sizes and lengths beyond its card, where memory is short and where the GPU fails;
        Cancelled by `on_step` passes through.
        """
        self._check(request)
        reading = read(request.prompt, camera=request.camera, path=request.camera_path, seed=request.seed)
        scene = reading.scene
        frames = request.num_frames
        sketches = SKETCHES if request.num_inference_steps is None else ()
        groups = np.array_split(np.arange(frames), min(frames, request.num_inference_steps or GROUPS))
        steps = len(sketches) + len(groups)
        for index, coarseness in enumerate(sketches):
            on_step(index + 1, steps, self._sketch(scene, request, coarseness))
        stage = self._stage(scene, request, 1)
        drawn = np.empty((frames, request.height, request.width, 3), np.uint8)
        ends = {int(group[-1]) + 1: len(sketches) + index + 1 for index, group in enumerate(groups)}
        casting = Casting(scene)
        done = 0
        with closing(draw_in_order(stage, [(0, frame) for frame in range(frames)])) as pictures:
            for rgb, _, mask in pictures:
                for picture, owners in zip(rgb.cpu().numpy(), mask.cpu().numpy(), strict=True):
                    drawn[done] = picture
                    casting.see(picture, owners)
                    done += 1
                    if done in ends:
                        on_step(ends[done], steps, picture)
        recipe = {
            "engine": self.card.id,
            "world_version": WORLD_VERSION,
            "request": request.as_recipe(),
            "scene": scene.as_json(),
            "torch": torch.__version__,
        }
        return Clip(
            frames=drawn, fps=request.fps, understood=reading.understood, recipe=recipe, cast=casting.pictures()
        )

    def _check(self, request):
        for name, words in UNUSABLE.items():
            if name in request.given:
                raise EngineError(
                    gettext_noop(
                        "The animatic draws from the prompt alone and cannot use %(words)s. "
                        "Remove it, or choose another model."
                    ),
                    code="INPUT.UNSUPPORTED",
                    words=words,
                )
        self.card.refuse_beyond_limits(request, pixels=ROUNDED_UP * self.card.max_pixels)

    def _stage(self, scene, request, coarseness):
        width, height = (max(16, side // coarseness) for side in (request.width, request.height))
        return set_stage(
            [scene],
            [request.seed],
            width=width,
            height=height,
            num_frames=request.num_frames,
            fps=request.fps,
            device=self.device,
        )

    def _sketch(self, scene, request, coarseness):
        """The middle frame drawn small and enlarged, uint8 (H, W, 3)."""
        stage = self._stage(scene, request, coarseness)
        rgb, *_ = next(draw_in_order(stage, [(0, request.num_frames // 2)]))
        small = rgb.cpu().permute(0, 3, 1, 2).float()
        large = interpolate(small, (request.height, request.width), mode="bicubic", align_corners=False)
        return large.clamp(0, 255).round().to(torch.uint8)[0].permute(1, 2, 0).numpy()


def animatic(
    scene: Scene,
    seed: int,
    *,
    width: int,
    height: int,
    num_frames: int,
    fps: int,
    camera: str | None = None,
    device: str | None = None,
) -> Rendering:
    """A scene's pictures with depth, a mask per entity and camera matrices, as a guide for another model; batch of one.

    `camera`: another move than the scene's own, in its usual amount.
    """
    if camera is not None:
        scene = replace(scene, camera=CameraMove(camera))
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return render([scene], [seed], width=width, height=height, num_frames=num_frames, fps=fps, device=device)
