"""A character from a picture that moves as somebody in a clip does (WanAnimatePipeline).

Sources: Wan-Animate, Cheng et al. 2025, arXiv:2509.14055; flow matching: Esser et al. 2024, arXiv:2403.03206.
"""

from dataclasses import asdict

import numpy as np
import torch
from PIL import Image, ImageOps

from generation.engine.clip import Clip, EngineError, OnStep
from generation.engine.encode import scale_frames
from generation.engine.pipelines import pose
from generation.engine.pipelines.driver import pixels_of, refuse_lost
from generation.engine.pipelines.wan import Native, Wan, _prompt
from generation.engine.preview import clean_latents, picture
from generation.engine.request import VideoRequest, gettext_noop

DEFAULT_STEPS = 20
DEFAULT_GUIDANCE_SCALE = 1.0
SEGMENT_FRAMES = 77  # a longer clip is drawn in several, each beginning with the last frame of the one before
FEWEST_FRAMES = 2
NOBODY = gettext_noop("Nobody can be seen in the clip that shows the movement. Give one that shows a whole person.")


class Animate(Wan):
    """A saved Wan-Animate, warm: frames uint8 (F, H, W, 3), as many as the driving clip has, cut to those asked for.

    The character is drawn where the person of the clip is, with that person's proportions; the clip's own background
    is not kept. Raises EngineError (INPUT.MISSING_EXTRA) where nothing is installed that sees people.
    """

    watch = staticmethod(pose.watch)
    segment_frames = SEGMENT_FRAMES

    def _check(self, request):
        super()._check(request)
        if len(request.references) > 1:
            raise EngineError(
                gettext_noop("%(model)s moves one character; give one reference."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
            )
        if min(request.num_frames, len(request.video)) < FEWEST_FRAMES:
            raise EngineError(
                gettext_noop("%(model)s draws movement, which takes at least two frames."),
                "INPUT.LENGTH",
                model=self.card.name,
            )

    def _run(self, request: VideoRequest, on_step: OnStep) -> Clip:
        native = self._native(request)
        steps = request.num_inference_steps or self.card.default_steps or DEFAULT_STEPS
        guidance_scale = next(
            scale
            for scale in (request.guidance_scale, self.card.default_guidance_scale, DEFAULT_GUIDANCE_SCALE)
            if scale is not None
        )
        frames = self._animated(request, native, steps, guidance_scale, on_step)
        frames = scale_frames(frames, request.width, request.height)
        recipe = self._recipe(request, num_inference_steps=steps, guidance_scale=guidance_scale, native=asdict(native))
        return Clip(frames=frames, fps=request.fps, recipe=recipe)

    def _native(self, request):
        """The smallest size at or above the request's that the pipeline can draw; as many frames as are wanted."""
        cell = self.pipeline.vae_scale_factor_spatial * self.pipeline.transformer.config.patch_size[-1]
        return Native(
            width=-(-request.width // cell) * cell,
            height=-(-request.height // cell) * cell,
            num_frames=min(request.num_frames, len(request.video)),
        )

    def _segments(self, num_frames):
        """How many segments are drawn, and of how many frames each. A short clip is one short segment."""
        chunk = self.pipeline.vae_scale_factor_temporal
        length = min(self.segment_frames, -(-(num_frames - 1) // chunk) * chunk + 1)
        return -(-(num_frames - 1) // (length - 1)), length

    def _animated(self, request, native, steps, guidance_scale, on_step):
        """Frames of the native size, uint8 (F, H, W, 3)."""
        segments, length = self._segments(native.num_frames)
        done, previous = 0, None

        def step_ended(pipeline, index, timestep, tensors):
            nonlocal done, previous
            latents = tensors["latents"]  # (1, z, 1 + f, h, w) of this segment, the character's picture first
            refuse_lost(latents)
            clean = clean_latents(pipeline.scheduler, index, latents, previous if index else None)
            previous = latents
            done += 1
            on_step(done, steps * segments, picture(clean[:, :, 1:], self.colors))
            return tensors

        def ask():
            on_step(max(done, 1), steps * segments, None)

        size = (native.width, native.height)
        pose_video, face_video = self._performance(request, native, ask)
        # The decoder runs once a chunk, after each segment.
        with self._asked_while(self.pipeline.vae.decoder, ask):
            output = self.pipeline(
                image=ImageOps.pad(Image.fromarray(request.references[0]), size, Image.Resampling.LANCZOS),
                pose_video=pose_video,
                face_video=face_video,
                prompt_embeds=self._embedding(_prompt(request)),
                negative_prompt_embeds=self._embedding(request.negative_prompt) if guidance_scale > 1 else None,
                width=native.width,
                height=native.height,
                segment_frame_length=length,
                num_inference_steps=steps,
                guidance_scale=guidance_scale,
                generator=torch.Generator("cpu").manual_seed(request.seed),  # the same noise on every GPU
                callback_on_step_end=step_ended,
                output_type="pt",
            )
        return pixels_of(output.frames[0])

    def _performance(self, request, native, ask):
        """The driving clip as skeletons and as faces, each a list of pictures."""
        size = (native.width, native.height)
        frames = np.stack(
            [
                np.asarray(ImageOps.fit(Image.fromarray(frame), size, Image.Resampling.LANCZOS))
                for frame in request.video[: native.num_frames]
            ]
        )
        persons = self.watch(frames, ask)
        if not any(persons):
            raise EngineError(NOBODY, "INPUT.UNSUPPORTED")
        side = self.pipeline.transformer.config.motion_encoder_size
        return pose.pose_video(persons, *size), pose.face_video(frames, persons, side)
