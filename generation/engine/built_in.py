"""The built-in model: a prompt becomes a scene, the scene an animatic, and a small diffusion model paints it.

Who is where, how they move and where the camera goes is exactly what the animatic says; what everything looks like
comes from the prompt's words or from pictures. It knows its own small world only.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial

import diffusers
import numpy as np
import torch

from generation.engine import catalogue
from generation.engine.card import ROUNDED_UP
from generation.engine.carried import carried
from generation.engine.cast import Casting
from generation.engine.clip import CastPicture, Clip, EngineError, OnStep
from generation.engine.follow import followed
from generation.engine.hardware import memory_told, tell_if_out_of_memory
from generation.engine.outpaint import laid_out
from generation.engine.painter import known
from generation.engine.painter.codec import GROUP
from generation.engine.painter.conditions import conditions_for
from generation.engine.painter.from_pictures import as_understood, clip_from_pictures
from generation.engine.painter.guide import nearness
from generation.engine.painter.network import Conditions
from generation.engine.painter.pipeline import STEPS, PainterPipeline
from generation.engine.painter.shot import Shot, shot_of
from generation.engine.painter.tone import in_tone_with
from generation.engine.recast import guide_of_blocking
from generation.engine.request import VideoRequest, gettext_noop
from generation.engine.subject import refuse_nobody, theirs
from generation.engine.weights import ModelRefused, model_folder, pipeline_class, weights_sha256
from generation.engine.world.render import Rendering, render

WINDOW = 25  # frames: as many as a guide has at once
OVERLAP = 5  # frames: what the next window is given of the one before
GUIDE_STEPS = 5  # of a run: so many times its progress is told while the animatic is drawn


class BuiltIn:
    """The built-in model, warm. `device`: "cpu", "cuda" or None for the best there is."""

    def __init__(self, card: catalogue.ModelCard, device: str | None = None):
        self.card = card
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        folder = model_folder(str(card.location))
        pipeline_class(folder, called=card.name)  # refuses a folder that would have other code run
        diffusers.utils.logging.disable_progress_bar()
        try:
            self.pipeline = PainterPipeline.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
        except Exception as error:  # whatever a damaged or half-copied folder makes the libraries say
            tell_if_out_of_memory(error)
            raise ModelRefused(
                gettext_noop("%(model)s cannot be loaded: a file in it is missing or damaged."), model=card.name
            ) from error
        self.pipeline.set_progress_bar_config(disable=True)
        with memory_told():
            self.pipeline.to(self.device)
        for part in (self.pipeline.codec, self.pipeline.painter, self.pipeline.relief):
            part.to(memory_format=torch.channels_last)  # as convolutions like it
        self.sha256 = weights_sha256(folder)

    @memory_told()
    @torch.inference_mode()
    def generate(self, request: VideoRequest, on_step: OnStep) -> Clip:
        """Paint the clip a request asks for: frames uint8 (F, H, W, 3), as many as asked for.

        The first steps are the animatic's, the others the painter's. Equal requests give equal bytes on one machine.
        Raises EngineError for inputs it cannot use, and where memory is short or the GPU fails; Cancelled by `on_step`
        passes through.
        """
        asked = request
        request = laid_out(asked)
        self._check(request, placed=asked.placed is not None)
        shot = shot_of(asked, self.pipeline.painter)
        if not shot.guided:
            return self._moved(shot, request, on_step)
        steps_of_window = request.num_inference_steps or self.card.default_steps or STEPS
        windows = list(windows_of(request.num_frames))
        steps = GUIDE_STEPS + len(windows) * steps_of_window
        length = windows[-1][1]
        backwards = request.last_frame is not None and request.first_frame is None and request.video is None
        # What only fills a group lies beyond the end from which the shot is painted on. Between two frames the last one
        # is held for as long.
        spare = length - request.num_frames if backwards else 0
        wanted = slice(spare, spare + request.num_frames)
        shot = replace(shot, start=shot.start - spare)
        rendering = self._animatic(shot, request, length, lambda step: on_step(step, steps, None))
        if request.last_frame is not None and not backwards:
            rendering = _seen(rendering, torch.arange(length).clamp(max=request.num_frames - 1))
        size = request.height, request.width
        last = None if request.last_frame is None else known.frame_of(request.last_frame, *size)
        edited = None
        if request.video is not None:
            ask = partial(on_step, GUIDE_STEPS - 1, steps, None)
            edited = known.video_of(request.video, length, *size), self._painted_anew(shot, request, rendering, ask)
        on_step(GUIDE_STEPS, steps, _shapes(rendering))
        painted = torch.empty(0)
        for number, (start, stop) in enumerate(reversed(windows) if backwards else windows):
            given = self._conditions(shot, _seen(rendering, slice(start, stop)))
            if edited:
                video, mask = edited
                given = known.outside_of(given, mask[start:stop], video[start:stop], self.pipeline)
            if number and backwards:
                given = known.ending_with(given, painted[:OVERLAP], self.pipeline)
            elif number:
                given = known.beginning_with(given, painted[-OVERLAP:], self.pipeline)
            elif request.first_frame is not None:
                given = known.beginning_with(given, known.frame_of(request.first_frame, *size), self.pipeline)
            if last is not None and number == (0 if backwards else len(windows) - 1):
                given = known.ending_with(given, last, self.pipeline)

            def told(step, of, painted, before=GUIDE_STEPS + number * steps_of_window):
                on_step(before + step, steps, self._preview(painted))

            clip = self.pipeline(
                given,
                num_inference_steps=steps_of_window,
                generator=torch.Generator("cpu").manual_seed(request.seed + (number << 32)),
                on_step=told,
            )[0].cpu()
            if number:
                clips = (clip[:-OVERLAP], painted) if backwards else (painted, clip[OVERLAP:])
                clip = torch.cat(clips)
            painted = clip
        if edited:
            video, mask = edited
            if asked.placed is not None:
                painted = in_tone_with(painted, video, mask[0])
            painted = torch.where(mask[:, None], painted, video)
        painted = painted[wanted]
        if last is not None:
            painted[-1:] = last  # it is painted after what was given: here is the very picture
        frames = painted.permute(0, 2, 3, 1).contiguous().numpy()
        recipe = self._recipe(asked) | {"steps": steps_of_window, "scene": shot.scene.as_json()}
        if request.blocking is not None:
            recipe["guide"] = shot.guide.as_json()
        cast = self._cast(shot, request, rendering.mask[0, wanted], frames)
        return Clip(
            frames=frames,
            fps=request.fps,
            understood=shot.understood,
            recipe=recipe,
            cast=cast,
            painted=edited[1][wanted].numpy() if edited else None,
        )

    def _moved(self, shot: Shot, request: VideoRequest, on_step: OnStep) -> Clip:
        """A picture from elsewhere, moved: whoever is in it stands where no animatic has them."""
        frames, camera = clip_from_pictures(self.pipeline.relief, request, shot, on_step)
        return Clip(
            frames=frames,
            fps=request.fps,
            understood=as_understood(shot, request, camera),
            # Nothing held this run to its scene, so nobody else's can be held to it either: it is only what was said.
            recipe=self._recipe(request) | {"words": shot.scene.as_json(), "camera": camera.as_json()},
        )

    def _recipe(self, request):
        return {
            "engine": self.card.id,
            "model": self.card.name,
            "weights_sha256": self.sha256,
            "request": request.as_recipe(),
            "torch": torch.__version__,
        }

    def _painted_anew(
        self, shot: Shot, request: VideoRequest, rendering: Rendering, ask: Callable[[], None]
    ) -> torch.Tensor:
        """Which pixels of a video are painted anew, bool (F, H, W): those of the mask, followed or not; or of whom they
        are told, as they were and as they will be, with a rim for what melted into what is behind them."""
        frames = rendering.mask.shape[1]
        if request.mask is not None and request.mask_at is not None:
            return self._followed(shot, request, frames, ask)
        if request.mask is not None:
            return known.mask_of(request.mask, frames, request.height, request.width)
        assert request.blocking is not None and request.subject is not None
        before = replace(shot, guide=guide_of_blocking(request.blocking))
        refuse_nobody(before.guide, request.subject)
        earlier = self._animatic(before, request, frames, lambda step: ask())
        return theirs(request.subject, earlier, rendering)

    def _followed(self, shot: Shot, request: VideoRequest, frames: int, ask: Callable[[], None]) -> torch.Tensor:
        """What was painted over in one frame: by the shot of the clip, which knows; else by how its pictures move."""
        assert request.video is not None and request.mask is not None and request.mask_at is not None
        size = request.height, request.width
        if request.blocking is None:
            masks = followed(request.video, request.mask, request.mask_at, lambda done, of: ask())
            return known.mask_of(masks, frames, *size)
        before = replace(shot, guide=guide_of_blocking(request.blocking))
        earlier = self._animatic(before, request, frames, lambda step: ask())
        painted = known.mask_of(request.mask, 1, *size)[0].to(self.device)
        return carried(earlier, painted, min(request.mask_at, frames - 1))

    def _animatic(self, shot: Shot, request: VideoRequest, frames: int, on_step: Callable[[int], None]) -> Rendering:
        """Where everything is, from where the run begins in its shot; frames beyond those asked for fill a group.

        `on_step(step)` is told of every step but the last, which shows what was drawn."""

        def told(done, of):
            step, before = (GUIDE_STEPS * count // of for count in (done, done - 1))
            if before < step < GUIDE_STEPS:
                on_step(step)

        return render(
            [shot.guide],
            [shot.seed],
            width=request.width,
            height=request.height,
            num_frames=frames,
            fps=request.fps,
            first=shot.start,
            shot_frames=shot.frames,
            framed=shot.framed,
            device=self.device.type,
            shaded=False,
            on_frame=told,
        )

    def _conditions(self, shot: Shot, rendering: Rendering) -> Conditions:
        return conditions_for(
            [shot.scene],
            rendering,
            latent_channels=self.pipeline.codec.config["latent_channels"],
            portraits=shot.portraits,
            views=shot.view,
        )

    def _cast(
        self, shot: Shot, request: VideoRequest, masks: torch.Tensor, frames: np.ndarray
    ) -> tuple[CastPicture, ...]:
        """Whom the painted frames show. In those that were given nobody stands where the animatic has them."""
        if request.video is not None:
            return ()
        given = {0} if request.first_frame is not None else set()
        if request.last_frame is not None:
            given.add(len(frames) - 1)
        casting = Casting(shot.scene, shot.tagged)
        for index, (frame, mask) in enumerate(zip(frames, masks.cpu().numpy(), strict=True)):
            if index not in given:
                casting.see(frame, mask)
        return casting.pictures()

    def _preview(self, painted):
        """The middle of what is being painted, uint8 (H, W, 3)."""
        middle = painted.group(painted.clean.shape[1] // 2)
        return self.pipeline.pictures_of(middle)[0, 0].permute(1, 2, 0).cpu().numpy()

    def _check(self, request, placed):
        if request.keyframes:
            raise EngineError(
                gettext_noop("%(model)s cannot use keyframes. Remove them, or choose another model."),
                code="INPUT.UNSUPPORTED",
                model=self.card.name,
            )
        chosen = request.mask is not None or request.subject is not None
        if (request.video is None) == chosen:
            raise EngineError(
                gettext_noop("%(model)s changes the part of a video that a mask marks; give it both, or neither."),
                code="INPUT.UNSUPPORTED",
                model=self.card.name,
            )
        if request.subject is not None and request.blocking is None:
            raise EngineError(
                gettext_noop("Who is to be painted anew is told by the shot's blocking; give that too."),
                code="INPUT.UNSUPPORTED",
            )
        if placed and request.blocking is None:
            raise EngineError(
                gettext_noop("%(model)s knows what is around a clip by its shot's blocking; give that too."),
                code="INPUT.UNSUPPORTED",
                model=self.card.name,
            )
        if request.video is None and request.given - self.card.usable(request.given):
            raise EngineError(
                gettext_noop(
                    "%(model)s moves a first or last frame from elsewhere as it is. Leave out what is given beside "
                    "it, or give the picture as a reference too."
                ),
                code="INPUT.UNSUPPORTED",
                model=self.card.name,
            )
        self.card.refuse_beyond_limits(request, pixels=ROUNDED_UP * self.card.max_pixels)


def windows_of(num_frames: int) -> Iterator[tuple[int, int]]:
    """The windows (start, stop) in which a shot is painted: 4k + 1 frames each, every next one beginning with the last
    five of the one before."""
    stop = -(-(min(num_frames, WINDOW) - 1) // GROUP) * GROUP + 1
    yield 0, stop
    while stop < num_frames:
        start = stop - OVERLAP
        stop = start + min(WINDOW, -(-(num_frames - start - 1) // GROUP) * GROUP + 1)
        yield start, stop


def _shapes(rendering: Rendering) -> np.ndarray:
    """The middle of a shot before it is painted, uint8 (H, W, 3): the nearer the lighter, lightest whoever is in it."""
    middle = rendering.depth.shape[1] // 2
    near = nearness(rendering.depth[0, middle]) * torch.where(rendering.mask[0, middle] > 0, 1.0, 0.6)
    return (near * 255).round().to(torch.uint8)[..., None].expand(-1, -1, 3).cpu().numpy()


def _seen(rendering: Rendering, frames: slice | torch.Tensor) -> Rendering:
    """Some of its frames, by their numbers."""
    return Rendering(*(getattr(rendering, column.name)[:, frames] for column in fields(rendering)))
