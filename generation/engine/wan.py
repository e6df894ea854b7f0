"""Video with the Wan family through diffusers: text to video (WanPipeline) and guided by pictures (WanVACEPipeline).

Sources: Wan Team 2025, arXiv:2503.20314; VACE: Jiang et al. 2025, arXiv:2503.07598; flow matching: Esser et al. 2024,
arXiv:2403.03206.
"""

import importlib.metadata
import json
from dataclasses import dataclass

import diffusers
import numpy as np
import torch
import transformers
from PIL import Image, ImageOps

from generation.engine.card import PIPELINE_CLASSES, ModelCard
from generation.engine.clip import Clip, EngineError, OnStep
from generation.engine.encode import scale_frames
from generation.engine.preview import clean_latents, fit_latent_colors, picture
from generation.engine.request import VideoRequest
from generation.engine.weights import (
    ModelRefused,
    model_folder,
    model_name,
    pipeline_class,
    weights_bytes,
    weights_sha256,
)

PROMPT_TOKENS = 512  # what the Wan models were trained with
DEFAULT_STEPS = 30
DEFAULT_GUIDANCE_SCALE = 5.0
GREY = 128  # VACE's "nothing is given here"
KEPT_ON_GPU = 0.7  # weights above this share of a GPU's memory wait in RAM until their turn
BLACK = 2  # of 255: a clip in which no pixel is brighter shows nothing

INPUT_NAMES = {
    "first_frame": "a first frame",
    "last_frame": "a last frame",
    "references": "references",
    "video": "a video",
    "mask": "a mask",
    "blocking": "the blocking of another shot",
}


@dataclass(frozen=True)
class Native:
    """What is really drawn: sizes by the pipeline's rule, at least what was asked for."""

    width: int
    height: int
    num_frames: int


class Wan:
    """A saved Wan pipeline, warm. Raises EngineError (ModelRefused for files it will not open)."""

    def __init__(self, card: ModelCard, device: str | None = None):
        self.card = card
        location = card.location or card.id
        self.folder = model_folder(location)
        self.name = model_name(location)
        self.pipeline_class = pipeline_class(self.folder, called=self.name)
        self.inputs = PIPELINE_CLASSES[self.pipeline_class]
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.dtype = torch.bfloat16 if self.device.type == "cuda" else torch.float32
        try:
            self.pipeline = self._load()
            self.colors = fit_latent_colors(self.pipeline.vae, self.device)
        except (MemoryError, RuntimeError) as error:
            _tell_if_out_of_memory(error)
            raise

    @torch.inference_mode()
    def generate(self, request: VideoRequest, on_step: OnStep) -> Clip:
        """Draw `request`: frames uint8 (F, H, W, 3), exactly as many and as large as asked for.

        `on_step(step, steps, preview)` runs after each denoising step, then as (steps, steps, None) before each chunk
        of frames that is decoded; wherever it raises Cancelled, the run stops. Equal requests give equal
        frames on one machine. Raises EngineError: INPUT.UNSUPPORTED, INTERNAL.OUT_OF_MEMORY, INTERNAL.BAD_OUTPUT.
        """
        self._refuse_what_it_cannot_draw(request)
        native = self._native(request)
        steps = request.num_inference_steps or self.card.default_steps or DEFAULT_STEPS
        guidance_scale = self._guidance_scale(request)
        try:
            frames = self._draw(request, native, steps, guidance_scale, on_step)
        except (MemoryError, RuntimeError) as error:
            _tell_if_out_of_memory(error)
            raise
        finally:
            self._leave_nothing_behind()
        frames = scale_frames(frames[: request.num_frames], request.width, request.height)
        return Clip(frames=frames, fps=request.fps, recipe=self._recipe(request, native, steps, guidance_scale))

    def _load(self):
        diffusers.utils.logging.disable_progress_bar()
        transformers.utils.logging.disable_progress_bar()
        # The autoencoder stays in float32, as its authors run it: bfloat16 bands skies. `.to(dtype)` would also cast
        # the time embedding and the norms, which must stay float32; `dtype=` at loading leaves them alone.
        try:
            pipeline = getattr(diffusers, self.pipeline_class).from_pretrained(
                self.folder,
                dtype={"default": self.dtype, "vae": torch.float32},
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
            )
        except Exception as error:  # whatever a damaged or half-copied folder makes the libraries say
            _tell_if_out_of_memory(error)
            raise ModelRefused(f"{self.name} cannot be loaded: a file in it is missing or damaged.") from error
        pipeline.set_progress_bar_config(disable=True)
        if self.device.type == "cuda" and self._is_larger_than_the_gpu():
            pipeline.enable_model_cpu_offload(device=self.device)
        else:
            pipeline.to(self.device)
        return pipeline

    def _is_larger_than_the_gpu(self):
        return weights_bytes(self.folder) > KEPT_ON_GPU * torch.cuda.get_device_properties(self.device).total_memory

    def _refuse_what_it_cannot_draw(self, request):
        for name, described in INPUT_NAMES.items():
            if name in request.given - self.inputs:
                what = "paints what it is shown" if self.inputs else "draws from the prompt alone"
                raise EngineError(f"{self.card.name} {what}; it cannot use {described}.", "INPUT.UNSUPPORTED")
        if request.mask is not None and request.video is None:
            raise EngineError("A mask says which part of a video to paint; give the video too.", "INPUT.UNSUPPORTED")
        if request.width * request.height > self.card.max_pixels:
            raise EngineError(
                f"{self.card.name} draws at most {self.card.max_pixels:,} pixels a frame; "
                f"{request.width} × {request.height} is more.",
                "INPUT.UNSUPPORTED",
            )

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

    def _guidance_scale(self, request):
        for scale in (request.guidance_scale, self.card.default_guidance_scale):
            if scale is not None:
                return scale
        return DEFAULT_GUIDANCE_SCALE

    def _draw(self, request, native, steps, guidance_scale, on_step):
        """Frames of the native size and length, uint8 (F, H, W, 3)."""
        previous = None

        def step_ended(pipeline, index, timestep, tensors):
            nonlocal previous
            latents = tensors["latents"][:, :, len(request.references) :]  # (1, z, f, h, w)
            if not torch.isfinite(latents).all():
                raise EngineError(
                    "The model lost the picture (it computed not-a-number). Try another seed.", "INTERNAL.BAD_OUTPUT"
                )
            clean = clean_latents(pipeline.scheduler, index, tensors["latents"], previous)
            previous = tensors["latents"]
            on_step(index + 1, steps, picture(clean[:, :, len(request.references) :], self.colors))
            return tensors

        # The pipeline decodes without asking anybody; its decoder runs once a chunk, so there a run can still stop.
        decoding = self.pipeline.vae.decoder.register_forward_pre_hook(lambda *_: on_step(steps, steps, None))
        try:
            output = self.pipeline(
                prompt_embeds=self._embedding(_prompt(request)),
                negative_prompt_embeds=self._embedding(request.negative_prompt) if guidance_scale > 1 else None,
                width=native.width,
                height=native.height,
                num_frames=native.num_frames,
                num_inference_steps=steps,
                guidance_scale=guidance_scale,
                generator=torch.Generator("cpu").manual_seed(request.seed),  # the same noise on every GPU
                callback_on_step_end=step_ended,
                output_type="pt",
                **(vace_conditions(request, native) if self.inputs else {}),
            )
        finally:
            decoding.remove()
        frames = output.frames[0]  # (F, 3, H, W), float in [0, 1]
        if not torch.isfinite(frames).all():
            raise EngineError(
                "The model lost the picture (it computed not-a-number). Try another seed.", "INTERNAL.BAD_OUTPUT"
            )
        frames = (frames.float() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
        if frames.max() <= BLACK:
            raise EngineError("The model drew nothing but black. Try another seed or prompt.", "INTERNAL.BAD_OUTPUT")
        return frames

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
        """Free what a run that stopped halfway still holds."""
        self.pipeline.maybe_free_model_hooks()
        self.pipeline.vae.clear_cache()

    def _recipe(self, request, native, steps, guidance_scale):
        scheduler = self.pipeline.scheduler
        config = {name: value for name, value in scheduler.config.items() if not name.startswith("_")}
        return {
            "engine": "diffusers",
            "model": self.card.id,
            "location": self.name,
            "pipeline_class": self.pipeline_class,
            "weights_sha256": weights_sha256(self.folder),
            "versions": {name: importlib.metadata.version(name) for name in ("torch", "diffusers", "transformers")},
            "device": torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else self.device.type,
            "dtype": str(self.dtype).removeprefix("torch."),
            "request": request.as_recipe(),
            "num_inference_steps": steps,
            "guidance_scale": guidance_scale,
            "native": {"width": native.width, "height": native.height, "num_frames": native.num_frames},
            "scheduler": {"class": type(scheduler).__name__, "config": json.loads(json.dumps(config, default=str))},
        }


def _prompt(request):
    """The prompt in words the model knows: these models read the camera in the text."""
    if request.camera is None:
        return request.prompt
    return f"{request.prompt.rstrip('. ')}. Camera: {request.camera}."


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
    if request.video is None and request.first_frame is None and request.last_frame is None:
        return conditions

    video = [Image.new("RGB", size, (GREY,) * 3) for _ in range(native.num_frames)]
    mask = [Image.new("L", size, 255) for _ in range(native.num_frames)]
    if request.video is not None:
        for index, frame in enumerate(request.video[: native.num_frames]):
            video[index] = _fitted(frame, size)
            if request.mask is not None:
                mask[index] = _fitted(_mask_frame(request.mask, index), size, Image.Resampling.NEAREST)
    if request.first_frame is not None:
        video[0], mask[0] = _fitted(request.first_frame, size), Image.new("L", size, 0)
    if request.last_frame is not None:
        # Also over the frames that are drawn only to fill the last chunk, and cut off afterwards.
        for index in range(request.num_frames - 1, native.num_frames):
            video[index], mask[index] = _fitted(request.last_frame, size), Image.new("L", size, 0)
    return {**conditions, "video": video, "mask": mask}


def _mask_frame(mask, index):
    """The mask of one frame, (H, W); one mask serves all frames, and the last one the frames after it."""
    return mask if mask.ndim == 2 else mask[min(index, len(mask) - 1)]


def _fitted(pixels: np.ndarray, size, resampling=Image.Resampling.LANCZOS):
    """A picture that fills `size`, cropped around its middle where its shape differs."""
    return ImageOps.fit(Image.fromarray(pixels), size, resampling)


def _tell_if_out_of_memory(error):
    """Raise the sentence for an allocation that failed; do nothing for any other error."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "allocate memory" in str(error):
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise EngineError(
            "There was not enough memory for this clip. Make it smaller or shorter, or choose a smaller model.",
            "INTERNAL.OUT_OF_MEMORY",
        ) from error
