"""Video that begins with a picture and follows a camera path, by SANA-WM (SanaWMPipeline).

Only the first of its two stages is driven; the second, a refiner, is another model. Sources: NVlabs/Sana,
docs/sana_wm.md; flow matching: Esser et al. 2024, arXiv:2403.03206.
"""

import math

import numpy as np
import torch
from PIL import Image

from generation.engine.clip import Clip, OnStep
from generation.engine.encode import scale_frames
from generation.engine.pipelines.camera_path import FIELD_OF_VIEW, SUBJECT_DISTANCE, path_of
from generation.engine.pipelines.driver import Driver, pixels_of, refuse_lost
from generation.engine.pipelines.ltx import PATCHWORK_SIDE, in_tiles
from generation.engine.preview import clean_latents, picture
from generation.engine.request import VideoRequest

DEFAULT_STEPS = 60
DEFAULT_GUIDANCE_SCALE = 5.0
# Frames that are decoded at once, and how many of them are new: as its authors ask for.
TILE_FRAMES, TILE_STRIDE = 96, 64


class SanaWM(Driver):
    """A saved SANA-WM, warm: frames uint8 (F, H, W, 3), exactly as many and as large as asked for.

    It was trained at one size, so it always draws about as many pixels as its card allows, in the shape that is asked
    for, and the frames are scaled down. It reads the camera as a path, not in the prompt.
    """

    def _prepare(self):
        self.colors = self._latent_colors(self._encoded, side=PATCHWORK_SIDE)

    def _encoded(self, pictures):
        """Latents (1, z, h, w), normalised, of pictures (1, 3, 1, H, W) in [-1, 1]."""
        in_tiles(self.pipeline.vae, *pictures.shape[-2:])
        return self.pipeline._encode_first_frame(pictures[:, :, 0], self.device, torch.float32)[:, :, 0]

    def _run(self, request: VideoRequest, on_step: OnStep) -> Clip:
        native = self._native(request)
        steps = request.num_inference_steps or self.card.default_steps or DEFAULT_STEPS
        guidance_scale = next(
            scale
            for scale in (request.guidance_scale, self.card.default_guidance_scale, DEFAULT_GUIDANCE_SCALE)
            if scale is not None
        )
        frames = self._draw(request, native, steps, guidance_scale, on_step)
        frames = scale_frames(frames[: request.num_frames], request.width, request.height)
        recipe = self._recipe(
            request,
            num_inference_steps=steps,
            guidance_scale=guidance_scale,
            native=native,
            field_of_view=FIELD_OF_VIEW,
            subject_distance=SUBJECT_DISTANCE,
        )
        return Clip(frames=frames, fps=request.fps, recipe=recipe)

    def _native(self, request):
        """The size and length that are really drawn, as the pipeline's arguments: the shape of the request at the
        card's own number of pixels, whole latent cells."""
        pipeline = self.pipeline
        cell, chunk = pipeline.vae_spatial_compression_ratio, pipeline.vae_temporal_compression_ratio
        scale = math.sqrt(self.card.max_pixels / (request.width * request.height)) / cell
        return {
            "width": max(1, round(request.width * scale)) * cell,
            "height": max(1, round(request.height * scale)) * cell,
            "num_frames": -(-(request.num_frames - 1) // chunk) * chunk + 1,
        }

    def _draw(self, request, native, steps, guidance_scale, on_step):
        """Frames of the native size and length, uint8 (F, H, W, 3)."""
        vae = self.pipeline.vae
        previous = None

        def step_ended(pipeline, index, timestep, tensors):
            nonlocal previous
            latents = tensors["latents"]  # (1, z, f, h, w)
            refuse_lost(latents)
            clean = clean_latents(pipeline.scheduler, index, latents, previous)
            previous = latents
            on_step(index + 1, steps, picture(clean, self.colors))
            return tensors

        in_tiles(vae, native["height"], native["width"])
        vae.use_framewise_encoding = vae.use_framewise_decoding = True
        vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames = TILE_FRAMES, TILE_STRIDE
        cameras, intrinsics = _path(request, native)
        # The decoder runs once a tile.
        with self._asked_while(vae.decoder, lambda: on_step(steps, steps, None)):
            output = self.pipeline(
                image=_first_frame(request, native),
                prompt=request.prompt,
                negative_prompt=request.negative_prompt,
                c2w=cameras,
                intrinsics=intrinsics,
                num_inference_steps=steps,
                guidance_scale=guidance_scale,
                generator=torch.Generator("cpu").manual_seed(request.seed),  # the same noise on every GPU
                callback_on_step_end=step_ended,
                output_type="pt",
                **native,
            )
        return pixels_of(output.frames)  # one clip, not a batch


def _path(request, native):
    """The camera's path, (F, 4, 4), and the intrinsics, (F, 4), of a clip of the native size and length.

    The move ends with the last frame that was asked for; where frames only fill the last chunk, the camera rests.
    """
    size = {"width": request.width, "height": request.height}
    cameras, intrinsics = path_of(request.camera, request.num_frames, keys=request.camera_path, **size)
    # Native pixels are a little narrower or wider than they are high.
    across, down = native["width"] / request.width, native["height"] / request.height
    intrinsics = intrinsics * np.float32([across, down, across, down])
    frames = np.minimum(np.arange(native["num_frames"]), request.num_frames - 1)
    return cameras[frames], intrinsics[frames]


def _first_frame(request, native):
    """The first frame, cropped around its middle to the shape of the request, at the native size; scaling the frames
    to what was asked for undoes the little that this stretches."""
    height, width, _ = request.first_frame.shape
    shape = request.width / request.height
    kept = min(width, height * shape), min(height, width / shape)
    left, top = (width - kept[0]) / 2, (height - kept[1]) / 2
    return Image.fromarray(request.first_frame).resize(
        (native["width"], native["height"]), Image.Resampling.LANCZOS, box=(left, top, left + kept[0], top + kept[1])
    )
