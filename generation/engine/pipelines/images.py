"""Stills: from a prompt (ZImagePipeline), from pictures and what to do with them (QwenImageEditPlusPipeline), and from
either (Flux2KleinPipeline).

Sources: Z-Image Team 2025, arXiv:2511.22699; Qwen-Image: Wu et al. 2025, arXiv:2508.02324; FLUX.2 klein: Black Forest
Labs 2026, https://bfl.ai/blog/flux2-klein-towards-interactive-visual-intelligence.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import diffusers
import torch
import transformers
from PIL import Image, ImageOps
from torch import Tensor

from generation.engine import tags
from generation.engine.clip import Clip, EngineError, OnStep
from generation.engine.encode import scale_frames
from generation.engine.pipelines.driver import Driver, pixels_of, refuse_lost
from generation.engine.preview import clean_latents, picture
from generation.engine.request import VideoRequest, gettext_noop

SMALLEST_SIDE = 64  # pixels: FLUX.2 takes no smaller picture
LONGEST_SHAPE = 8  # times as long as wide: FLUX.2 takes no longer picture, and Qwen rounds a longer one's side to zero
IMAGE_TOKEN = 1  # how Qwen2.5-VL counts the kinds of token: 0 is text


@dataclass(frozen=True)
class Native:
    """What is really drawn: sizes by the pipeline's rule, at least what was asked for."""

    width: int
    height: int


@dataclass(frozen=True)
class Family:
    """What differs between the pipelines.

    `arguments` gives those of a call that are not shared. `latents` gives the autoencoder's own latents (1, z, h, w),
    float32, of those that a run holds.
    """

    arguments: Callable[[Any, VideoRequest, float], dict[str, Any]]
    latents: Callable[[Any, Tensor, Native], Tensor]


class Images(Driver):
    """A saved pipeline that draws stills, warm: uint8 (1, H, W, 3), exactly as large as asked for.

    A camera's move has no place in a still and is left out. Their models count the pictures they are shown.
    """

    meanings = staticmethod(tags.by_number)

    def _class(self):
        return QwenEdit if self.pipeline_class == "QwenImageEditPlusPipeline" else super()._class()

    def _parts(self):
        if self._class() is not QwenEdit:
            return {}
        folder = self.folder / "processor"
        return {"processor": Reader.from_pretrained(folder, trust_remote_code=False, local_files_only=True)}

    def _prepare(self):
        self.family = FAMILIES[self.pipeline_class]
        self.colors = self._latent_colors(self._encoded)
        if isinstance(self.pipeline, QwenEdit):
            self.pipeline.text_encoder.register_forward_pre_hook(_tell_pictures, with_kwargs=True)

    def _encoded(self, pictures):
        """The autoencoder's latents (1, z, h, w) of pictures (1, 3, 1, H, W) in [-1, 1]."""
        vae = self.pipeline.vae
        through_time = isinstance(vae, diffusers.AutoencoderKLQwenImage)
        latents = vae.encode((pictures if through_time else pictures[:, :, 0]).to(vae.dtype)).latent_dist.mode()
        return latents[:, :, 0] if through_time else latents

    def _check(self, request):
        super()._check(request)
        if request.num_frames > 1:
            raise EngineError(
                gettext_noop("%(model)s draws stills, one frame; %(frames)s frames are a clip."),
                "INPUT.LENGTH",
                model=self.card.name,
                frames=request.num_frames,
            )
        most = self.card.most_references
        if len(request.references) > most:
            raise EngineError(
                gettext_noop("%(model)s can use at most %(most)s references; %(given)s were given."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                most=most,
                given=len(request.references),
            )
        if any(max(shape) > LONGEST_SHAPE * min(shape) for shape in (shown.shape[:2] for shown in request.references)):
            raise EngineError(
                gettext_noop("A reference is more than %(times)s times as long as it is wide. Crop it first."),
                "INPUT.UNSUPPORTED",
                times=LONGEST_SHAPE,
            )

    def _run(self, request: VideoRequest, on_step: OnStep) -> Clip:
        native = self._native(request)
        steps = request.num_inference_steps or self.card.default_steps
        guidance_scale = self._guidance_scale(request)
        latents = self._denoised(request, native, steps, guidance_scale, on_step)
        frames = scale_frames(self._decoded(latents, steps, on_step), request.width, request.height)
        recipe = self._recipe(request, num_inference_steps=steps, guidance_scale=guidance_scale, native=asdict(native))
        return Clip(frames=frames, fps=request.fps, recipe=recipe)

    def _native(self, request):
        """The smallest size at or above the request's that the pipeline can draw."""
        cell = self.pipeline.vae_scale_factor * 2  # a token is two latent cells wide
        return Native(width=-(-request.width // cell) * cell, height=-(-request.height // cell) * cell)

    def _guidance_scale(self, request):
        if self.pipeline.config.get("is_distilled"):
            return 1.0  # the pipeline would leave out any other
        asked = request.guidance_scale
        return self.card.default_guidance_scale if asked is None else asked

    def _denoised(self, request, native, steps, guidance_scale, on_step):
        """The autoencoder's latents (1, z, h, w), float32, of the finished picture."""
        held = None

        def step_ended(pipeline, index, timestep, tensors):
            nonlocal held
            refuse_lost(tensors["latents"])
            clean = clean_latents(pipeline.scheduler, index, tensors["latents"], held)
            held = tensors["latents"]
            seen = self.family.latents(pipeline, clean.float(), native)[:, :, None]  # (1, z, 1, h, w)
            on_step(index + 1, steps, picture(seen, self.colors))
            return tensors

        self.pipeline(
            prompt=request.prompt,
            width=native.width,
            height=native.height,
            num_inference_steps=steps,
            generator=torch.Generator("cpu").manual_seed(request.seed),  # the same noise on every GPU
            callback_on_step_end=step_ended,
            output_type="latent",
            **self.family.arguments(self.pipeline, request, guidance_scale),
        )
        return self.family.latents(self.pipeline, held.float(), native)

    def _decoded(self, latents, steps, on_step):
        """Frames of the native size, uint8 (1, H, W, 3).

        Not by the pipelines: Flux2KleinPipeline hands its autoencoder latents as rough as its transformer's.
        """
        vae = self.pipeline.vae
        latents = latents.to(vae.dtype)
        with self._asked_while(vae.decoder, lambda: on_step(steps, steps, None)):
            if isinstance(vae, diffusers.AutoencoderKLQwenImage):
                decoded = vae.decode(latents[:, :, None]).sample[:, :, 0]
            else:
                decoded = vae.decode(latents).sample
        return pixels_of(self.pipeline.image_processor.postprocess(decoded, output_type="pt"))

    def _leave_nothing_behind(self):
        super()._leave_nothing_behind()
        if isinstance(self.pipeline, QwenEdit):
            self.pipeline.vae.clear_cache()


class QwenEdit(diffusers.QwenImageEditPlusPipeline):
    """The pipeline with an autoencoder in float32 beside a transformer in bfloat16."""

    def _encode_vae_image(self, image, generator):
        return super()._encode_vae_image(image.to(self.vae.dtype), generator).to(image.dtype)


class Reader(transformers.Qwen2VLProcessor):
    """The processor without its part for videos, which needs one more package (torchvision) and is never used here."""

    def __init__(self, image_processor, tokenizer, chat_template=None):
        self.image_token, self.video_token = "<|image_pad|>", "<|video_pad|>"
        self.image_token_id, self.video_token_id = tokenizer.convert_tokens_to_ids([self.image_token, self.video_token])
        transformers.ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)


def _tell_pictures(text_encoder, args, call):
    """Add to a call of Qwen2.5-VL which of its tokens are pictures, or it reads their rows as one line of text.

    Its processor says so since transformers 5, but the pipeline does not pass it on:
    https://github.com/huggingface/diffusers/issues/14194.
    """
    pictures = call["input_ids"] == text_encoder.config.image_token_id
    return args, {**call, "mm_token_type_ids": pictures.int() * IMAGE_TOKEN}


def _z_image_arguments(pipeline, request, guidance_scale):
    # Guidance begins above 0 here, not above 1: a distilled model wants exactly 0.
    return {"guidance_scale": guidance_scale, "negative_prompt": request.negative_prompt}


def _qwen_arguments(pipeline, request, guidance_scale):
    # Without a negative prompt there is no guidance; its authors give a blank.
    guided = {"negative_prompt": request.negative_prompt or " "} if guidance_scale > 1 else {}
    return {"image": _shown(request), "true_cfg_scale": guidance_scale, **guided}


def _klein_arguments(pipeline, request, guidance_scale):
    arguments = {"image": _shown(request) or None, "guidance_scale": guidance_scale}
    if guidance_scale > 1 and request.negative_prompt:
        embedding, _ = pipeline.encode_prompt(request.negative_prompt)
        arguments["negative_prompt_embeds"] = embedding
    return arguments


def _shown(request):
    """The references as pictures whose sides are long enough."""
    shown = []
    for reference in request.references:
        short = min(reference.shape[:2])
        whole = Image.fromarray(reference)
        shown.append(ImageOps.scale(whole, SMALLEST_SIDE / short) if short < SMALLEST_SIDE else whole)
    return shown


def _z_image_latents(pipeline, held, native):
    config = pipeline.vae.config
    return held / config.scaling_factor + config.shift_factor  # (1, z, h, w)


def _qwen_latents(pipeline, held, native):
    config = pipeline.vae.config
    latents = pipeline._unpack_latents(held, native.height, native.width, pipeline.vae_scale_factor)  # (1, z, 1, h, w)
    mean, std = (
        torch.tensor(values).view(1, -1, 1, 1).to(latents) for values in (config.latents_mean, config.latents_std)
    )
    return latents[:, :, 0] * std + mean


def _klein_latents(pipeline, held, native):
    cell = pipeline.vae_scale_factor * 2
    packed = held.mT.unflatten(2, (native.height // cell, native.width // cell))  # (1, 4 z, h / 2, w / 2)
    norm = pipeline.vae.bn
    mean, variance = (values.view(1, -1, 1, 1).to(packed) for values in (norm.running_mean, norm.running_var))
    return pipeline._unpatchify_latents(packed * (variance + pipeline.vae.config.batch_norm_eps).sqrt() + mean)


FAMILIES = {
    "ZImagePipeline": Family(_z_image_arguments, _z_image_latents),
    "QwenImageEditPlusPipeline": Family(_qwen_arguments, _qwen_latents),
    "Flux2KleinPipeline": Family(_klein_arguments, _klein_latents),
}
