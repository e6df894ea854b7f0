"""Video with the Wan family: from a prompt (WanPipeline), from its first and last frame (WanImageToVideoPipeline), and
guided by pictures (WanVACEPipeline).

Sources: Wan Team 2025, arXiv:2503.20314; VACE: Jiang et al. 2025, arXiv:2503.07598; flow matching: Esser et al. 2024,
arXiv:2403.03206.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import diffusers
import torch
from PIL import Image, ImageOps

from generation.engine.clip import Clip, EngineError, OnStep
from generation.engine.encode import scale_frames
from generation.engine.follow import followed
from generation.engine.outpaint import GREY, laid_out, with_the_clip_itself
from generation.engine.pipelines.driver import Driver, pixels_of, refuse_lost
from generation.engine.pipelines.few_steps import FewSteps
from generation.engine.pipelines.guide import fitted, guided, mask_of, shot_kept_by
from generation.engine.preview import clean_latents, picture
from generation.engine.request import VideoRequest, gettext_noop

PROMPT_TOKENS = 512  # what the Wan models were trained with
DEFAULT_STEPS = 30
DEFAULT_GUIDANCE_SCALE = 5.0


@dataclass(frozen=True)
class Native:
    """What is really drawn: sizes by the pipeline's rule, at least what was asked for."""

    width: int
    height: int
    num_frames: int


class Wan(Driver):
    """A saved Wan pipeline, warm: frames uint8 (F, H, W, 3), exactly as many and as large as asked for."""

    def _class(self):
        # FastWan names a class of its own in its index; what it needs besides the weights is its schedule.
        return diffusers.WanPipeline if self.pipeline_class == "WanDMDPipeline" else super()._class()

    def _prepare(self):
        self.colors = self._latent_colors(self._encoded)
        self.many_steps = self.pipeline.scheduler
        self.few_steps = FewSteps(**asdict(self.card.few_steps)) if self.card.few_steps else None
        self.from_frame = None
        if self.pipeline.config.get("expand_timesteps") and type(self.pipeline) is diffusers.WanPipeline:
            # Wan 2.2 5B: the same weights go on from a picture.
            self.from_frame = diffusers.WanImageToVideoPipeline(**self.pipeline.components, expand_timesteps=True)
            self.from_frame.set_progress_bar_config(disable=True)

    def _encoded(self, pictures):
        """Latents (1, z, h, w), normalised, of pictures (1, 3, 1, H, W) in [-1, 1]."""
        vae = self.pipeline.vae
        latents = vae.encode(pictures.to(vae.dtype)).latent_dist.mode().float().cpu()
        mean, std = (
            torch.tensor(values).view(1, -1, 1, 1, 1) for values in (vae.config.latents_mean, vae.config.latents_std)
        )
        return ((latents - mean) / std)[:, :, 0]

    def _check(self, request):
        super()._check(request)
        if request.placed is not None and "outpaint" not in self.card.tasks:
            raise EngineError(
                gettext_noop("%(model)s does not paint around a video."), "INPUT.UNSUPPORTED", model=self.card.name
            )
        if request.keyframes and "keyframes" not in self.card.inputs:
            raise EngineError(
                gettext_noop("%(model)s cannot use keyframes."), "INPUT.UNSUPPORTED", model=self.card.name
            )
        chosen = request.mask is not None or request.subject is not None
        if chosen and request.video is None:
            raise EngineError(
                gettext_noop("A mask says which part of a video to paint; give the video too."), "INPUT.UNSUPPORTED"
            )
        if request.subject is not None and request.blocking is None:
            raise EngineError(
                gettext_noop("Who is to be painted anew is told by the shot's blocking; give that too."),
                "INPUT.UNSUPPORTED",
            )
        if request.blocking is not None and request.video is not None and not chosen and request.placed is None:
            raise EngineError(
                gettext_noop("A shot's blocking guides the whole picture, and so does a video. Give one of them."),
                "INPUT.UNSUPPORTED",
            )

    def _run(self, request: VideoRequest, on_step: OnStep) -> Clip:
        asked, shot = request, shot_kept_by(request)
        request = laid_out(asked)
        native = self._native(request)
        steps = request.num_inference_steps or self.card.default_steps or DEFAULT_STEPS
        few = self.few_steps is not None and steps <= self.few_steps.steps
        steps = self.few_steps.steps if few else steps
        guidance_scale = self._guidance_scale(request, few)
        told: dict[str, Any] = {}
        follows = request.mask is not None and request.mask_at is not None
        if shot is not None or follows:
            on_step, drawn = _after_what_guides(on_step, steps)
        if follows:
            masks = followed(request.video, request.mask, request.mask_at, drawn)
            request = replace(request, mask=masks, mask_at=None)
        if shot is not None:
            size = native.width, native.height
            request = guided(
                request, shot, size=size, num_frames=native.num_frames, device=self.device.type, on_frame=drawn
            )
            told = {"scene": shot.scene.as_json(), "guide": shot.guide.as_json()}
        frames = self._draw(request, native, steps, guidance_scale, few, on_step)
        frames = scale_frames(frames[: request.num_frames], request.width, request.height)
        told |= {"num_inference_steps": steps, "guidance_scale": guidance_scale, "native": asdict(native)}
        recipe = self._recipe(asked, **told)
        clip = Clip(frames=frames, fps=request.fps, recipe=recipe)
        return clip if asked.placed is None else with_the_clip_itself(clip, asked)

    def _native(self, request):
        """The smallest size and length at or above the request's that the pipeline can draw."""
        transformer = self.pipeline.transformer or self.pipeline.transformer_2
        cell = self.pipeline.vae_scale_factor_spatial * transformer.config.patch_size[-1]
        chunk = self.pipeline.vae_scale_factor_temporal
        # Each reference takes one latent frame, and VACE builds their mask from those of the clip: it needs as many.
        num_frames = max(request.num_frames, chunk * (len(request.references) - 1) + 1)
        return Native(
            width=-(-request.width // cell) * cell,
            height=-(-request.height // cell) * cell,
            num_frames=-(-(num_frames - 1) // chunk) * chunk + 1,
        )

    def _guidance_scale(self, request, few):
        # Few steps are distilled with guidance in them.
        for scale in (request.guidance_scale, 1.0 if few else self.card.default_guidance_scale):
            if scale is not None:
                return scale
        return DEFAULT_GUIDANCE_SCALE

    def _draw(self, request, native, steps, guidance_scale, few, on_step):
        """Frames of the native size and length, uint8 (F, H, W, 3)."""
        pipeline = self.from_frame if self.from_frame and request.first_frame is not None else self.pipeline
        self._use_loras(few)
        pipeline.scheduler = self.few_steps.seeded(request.seed) if few else self.many_steps
        previous = None

        def step_ended(pipeline, index, timestep, tensors):
            nonlocal previous
            latents = tensors["latents"][:, :, len(request.references) :]  # (1, z, f, h, w)
            refuse_lost(latents)
            clean = clean_latents(pipeline.scheduler, index, tensors["latents"], previous)
            previous = tensors["latents"]
            on_step(index + 1, steps, picture(clean[:, :, len(request.references) :], self.colors))
            return tensors

        # The decoder runs once a chunk.
        with self._asked_while(self.pipeline.vae.decoder, lambda: on_step(steps, steps, None)):
            output = pipeline(
                prompt_embeds=self._embedding(_prompt(request)),
                negative_prompt_embeds=self._embedding(request.negative_prompt) if guidance_scale > 1 else None,
                width=native.width,
                height=native.height,
                num_frames=native.num_frames,
                num_inference_steps=steps,
                guidance_scale=guidance_scale,
                **self._second_guidance(request, few),
                generator=torch.Generator("cpu").manual_seed(request.seed),  # the same noise on every GPU
                callback_on_step_end=step_ended,
                output_type="pt",
                **self._conditions(pipeline, request, native),
            )
        return pixels_of(output.frames[0])

    def _second_guidance(self, request, few):
        """How much the denoiser of low noise is guided, where there are two and nothing else was asked for."""
        second = self.card.second_guidance_scale
        if second is None or few or request.guidance_scale is not None:
            return {}
        return {"guidance_scale_2": second}

    def _conditions(self, pipeline, request, native):
        if isinstance(pipeline, diffusers.WanVACEPipeline):
            return vace_conditions(request, native)
        if isinstance(pipeline, diffusers.WanImageToVideoPipeline):
            return frame_conditions(request, native)
        return {}

    def _embedding(self, prompt):
        """What the text encoder reads in `prompt`: (1, tokens, d), zero after the prompt's end.

        The pipeline does the same, but first repairs the prompt's encoding with one more package (ftfy); ours is
        checked and NFC already (`check_prompt`).
        """
        length = min(PROMPT_TOKENS, self.pipeline.tokenizer.model_max_length)
        tokens = self.pipeline.tokenizer(
            " ".join(prompt.split()),
            padding="max_length",
            max_length=length,
            truncation=True,
            return_attention_mask=True,
            return_tensors="pt",
        ).to(self.device)
        embedding = self.pipeline.text_encoder(tokens.input_ids, tokens.attention_mask).last_hidden_state
        return embedding.to(self.dtype) * tokens.attention_mask[..., None].to(self.dtype)

    def _leave_nothing_behind(self):
        super()._leave_nothing_behind()
        self.pipeline.vae.clear_cache()


def _after_what_guides(on_step, steps):
    """`on_step` for the steps after what guides them was made, which counts as one more, and `on_frame` for that."""

    def later(step, of, preview):
        on_step(step + 1, of + 1, preview)

    def drawn(done, of):
        on_step(1, steps + 1, None)

    return later, drawn


def _prompt(request):
    """The prompt in words the model knows: these models read the camera in the text."""
    if request.camera is None:
        return request.prompt
    return f"{request.prompt.rstrip('. ')}. Camera: {request.camera}."


def frame_conditions(request, native):
    """The first frame, and the last one where it is given, at the clip's size."""
    size = (native.width, native.height)
    conditions = {"image": fitted(request.first_frame, size)}
    if request.last_frame is not None:
        conditions["last_image"] = fitted(request.last_frame, size)
    return conditions


def vace_conditions(request, native):
    """VACE's inputs: a video that is grey where nothing is given, and a mask that is white where it may paint.

    A given video under a white mask is a guide (depth, pose, an animatic); under a black one it is kept. Where a
    video ends before the clip does, the model goes on by itself.
    """
    size = (native.width, native.height)
    conditions = {}
    if request.references:
        # On a white sheet of the clip's size, whole, as VACE was trained to see them.
        conditions["reference_images"] = [
            ImageOps.pad(Image.fromarray(reference), size, Image.Resampling.LANCZOS, color="white")
            for reference in request.references
        ]
    if not request.given - {"references"}:
        return conditions

    video = [Image.new("RGB", size, (GREY,) * 3) for _ in range(native.num_frames)]
    mask = [Image.new("L", size, 255) for _ in range(native.num_frames)]
    if request.video is not None:
        for index, frame in enumerate(request.video[: native.num_frames]):
            video[index] = fitted(frame, size)
            if request.mask is not None:
                mask[index] = fitted(mask_of(request.mask, index), size, Image.Resampling.NEAREST)
    if request.first_frame is not None:
        video[0], mask[0] = fitted(request.first_frame, size), Image.new("L", size, 0)
    for keyframe in request.keyframes:
        video[keyframe.at], mask[keyframe.at] = fitted(keyframe.picture, size), Image.new("L", size, 0)
    if request.last_frame is not None:
        # Also over the frames that are drawn only to fill the last chunk, and cut off afterwards.
        for index in range(request.num_frames - 1, native.num_frames):
            video[index], mask[index] = fitted(request.last_frame, size), Image.new("L", size, 0)
    return {**conditions, "video": video, "mask": mask}
