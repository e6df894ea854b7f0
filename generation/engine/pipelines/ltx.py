"""Video with its sound by LTX-2.5 (LTX2Pipeline), from a prompt, from its first and last frame and from any between.

Sources: LTX-2, HaCohen et al. 2026, arXiv:2601.03233; the levels of the distilled model and how a picture is pinned to
a frame: github.com/Lightricks/LTX-2, packages ltx-pipelines and ltx-core; flow matching: Esser et al. 2024,
arXiv:2403.03206.
"""

from collections.abc import Sequence

import diffusers
import torch
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES
from PIL import Image, ImageOps

from generation.engine.clip import Audio, Clip, OnStep
from generation.engine.encode import scale_frames
from generation.engine.pipelines.driver import Driver, pixels_of, refuse_lost
from generation.engine.preview import clean_latents, picture
from generation.engine.request import VideoRequest
from generation.engine.weights import ModelRefused

PROMPT_TOKENS = 1024  # what the model was trained with
PATCHWORK_SIDE = 1024  # pixels: at 32 to a cell 1024 cells, enough for 128 channels
TILE_STRIDES = (14, 13)  # latent cells, of tiles of 16
SOUND_LOST = "The model lost the sound (it computed not-a-number). Try another seed."
# The distilled model has guidance in it. All of these have to be said: the pipeline's own are those of the model that
# it was distilled from, and to the sound a 0 means "as for the picture".
WITHOUT_GUIDANCE = {
    "guidance_scale": 1.0,
    "audio_guidance_scale": 1.0,
    "stg_scale": 0.0,
    "audio_stg_scale": 0.0,
    "modality_scale": 1.0,
    "audio_modality_scale": 1.0,
    "guidance_rescale": 0.0,
    "audio_guidance_rescale": 0.0,
}


class Ltx(Driver):
    """A saved LTX-2.5, warm: frames uint8 (F, H, W, 3), exactly as many and as large as asked for, and their sound.

    Only the distilled model is driven: a guidance scale and a negative prompt change nothing.
    """

    def _parts(self):
        # What writes longer prompts and chooses a length: tens of GB for what a request says itself.
        return dict.fromkeys(("prompt_enhancer", "processor", "duration_head"))

    def _prepare(self):
        if self.pipeline.scheduler.config.get("use_dynamic_shifting"):
            raise ModelRefused(
                f"{self.name} is not distilled: its scheduler shifts the noise. Only distilled ones are driven here."
            )
        self.colors = self._latent_colors(self._encoded, side=PATCHWORK_SIDE)
        self.from_frames = Keyframes(**self.pipeline.components)
        self.from_frames.set_progress_bar_config(disable=True)

    def _encoded(self, pictures):
        """Latents (1, z, h, w), normalised, of pictures (1, 3, 1, H, W) in [-1, 1]."""
        vae = self.pipeline.vae
        in_tiles(vae, *pictures.shape[-2:])
        latents = vae.encode(pictures.to(vae.dtype)).latent_dist.mode()
        scale = vae.config.scaling_factor
        return self.pipeline._normalize_latents(latents, vae.latents_mean, vae.latents_std, scale)[:, :, 0]

    def _run(self, request: VideoRequest, on_step: OnStep) -> Clip:
        native = self._native(request)
        sigmas = levels(request.num_inference_steps or len(DISTILLED_SIGMA_VALUES))
        frames, audio = self._draw(request, native, sigmas, on_step)
        frames = scale_frames(frames[: request.num_frames], request.width, request.height)
        recipe = self._recipe(
            request, num_inference_steps=len(sigmas), sigmas=sigmas, guidance_scale=1.0, native=native
        )
        return Clip(frames=frames, fps=request.fps, audio=audio, recipe=recipe)

    def _native(self, request):
        """The smallest size and length at or above the request's that the pipeline can draw, as its arguments."""
        pipeline = self.pipeline
        cell = pipeline.vae_spatial_compression_ratio * pipeline.transformer_spatial_patch_size
        chunk = pipeline.vae_temporal_compression_ratio
        return {
            "width": -(-request.width // cell) * cell,
            "height": -(-request.height // cell) * cell,
            "num_frames": -(-(request.num_frames - 1) // chunk) * chunk + 1,
        }

    def _draw(self, request, native, sigmas, on_step):
        """Frames of the native size and length, uint8 (F, H, W, 3), and the sound of those that were asked for."""
        conditions = _conditions(request, native)
        pipeline = self.from_frames if conditions else self.pipeline
        steps = len(sigmas)
        previous = None

        def step_ended(pipeline, index, timestep, tensors):
            nonlocal previous
            latents = tensors["latents"]  # (1, tokens, z), those of a last frame behind the clip's own
            refuse_lost(latents)
            clean = clean_latents(pipeline.scheduler, index, latents, previous)
            previous = latents
            on_step(index + 1, steps, picture(self._unpacked(clean, native), self.colors))
            return tensors

        def ask():
            on_step(steps, steps, None)

        in_tiles(pipeline.vae, native["height"], native["width"])
        if conditions:
            pipeline.pinned = [keyframe.at for keyframe in request.keyframes] + [request.num_frames - 1]
        # The decoder runs once a tile, then the vocoder once.
        with self._asked_while(pipeline.vae.decoder, ask), self._asked_while(pipeline.vocoder, ask):
            output = pipeline(
                prompt=_prompt(request),
                frame_rate=float(request.fps),
                sigmas=sigmas,
                max_sequence_length=min(PROMPT_TOKENS, pipeline.tokenizer.model_max_length),
                generator=torch.Generator("cpu").manual_seed(request.seed),  # the same noise on every GPU
                callback_on_step_end=step_ended,
                output_type="pt",
                **native,
                **WITHOUT_GUIDANCE,
                **({"conditions": conditions} if conditions else {}),
            )
        return pixels_of(output.frames[0]), self._sound(output.audio[0], request)

    def _unpacked(self, latents, native):
        """The clip's own latents (1, z, f, h, w) out of tokens (1, tokens, z)."""
        pipeline = self.pipeline
        patch, patch_t = pipeline.transformer_spatial_patch_size, pipeline.transformer_temporal_patch_size
        cell = pipeline.vae_spatial_compression_ratio * patch
        frames = ((native["num_frames"] - 1) // pipeline.vae_temporal_compression_ratio + 1) // patch_t
        height, width = native["height"] // cell, native["width"] // cell
        own = latents[:, : frames * height * width]
        return pipeline._unpack_latents(own, frames, height, width, patch, patch_t)

    def _sound(self, waveform, request):
        """The sound of the frames that were asked for, from a waveform (channels, samples)."""
        refuse_lost(waveform, SOUND_LOST)
        rate = self.pipeline.vocoder.config.output_sampling_rate
        heard = waveform[:, : round(request.duration_seconds * rate)]
        return Audio(heard.float().clamp(-1, 1).T.contiguous().cpu().numpy(), rate)


class Keyframes(diffusers.LTX2ConditionPipeline):
    """The pipeline that is given pictures: one to begin with, others at the frames `pinned`, in their order.

    Upstream pins a picture to the first frame of a latent one, the last to seven frames before the end; the model's
    authors count in frames.
    """

    pinned: Sequence[int] = ()

    def prepare_latents(self, *args, **options):
        self._next = iter(self.pinned)
        return super().prepare_latents(*args, **options)

    def _prepare_keyframe_coords(self, *, pixel_frame_idx, **where):
        return super()._prepare_keyframe_coords(pixel_frame_idx=next(self._next), **where)


def levels(steps: int) -> list[float]:
    """The noise levels, from 1 down, of a run of so many steps: eight as the model was distilled, never more.

    Fewer leave out those that follow the first, which lie closest together: a compromise for drafts, and not how the
    model was trained.
    """
    first, *others = DISTILLED_SIGMA_VALUES
    return [first, *others[max(0, len(others) + 1 - steps) :]]


def in_tiles(vae, height: int, width: int) -> None:
    """Let an autoencoder work on tiles of a picture of so many pixels, so that a long clip fits beside its model."""
    cell = vae.spatial_compression_ratio
    # The decoder mirrors what lies beside a tile's edge, which a tile of one cell does not have.
    down, across = (next(stride for stride in TILE_STRIDES if side // cell % stride != 1) for side in (height, width))
    vae.enable_tiling(tile_sample_stride_height=down * cell, tile_sample_stride_width=across * cell)


def _conditions(request, native):
    """The pictures that are given, fitted, where the pipeline wants them: in latent frames, the last one by -1.

    Where `Keyframes` pins one does not depend on it, so those between are said to be in the first that is not the
    beginning. It encodes them as H.264 and back, as those of the training were.
    """
    size = (native["width"], native["height"])
    between = ((keyframe.picture, 1) for keyframe in request.keyframes)
    given = ((request.first_frame, 0), *between, (request.last_frame, -1))
    return [
        LTX2VideoCondition(frames=ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS), index=index)
        for pixels, index in given
        if pixels is not None
    ]


def _prompt(request):
    """The prompt in words the model knows: it reads the camera in the text."""
    if request.camera is None:
        return request.prompt
    return f"{request.prompt.rstrip('. ')}. Camera: {request.camera}."
