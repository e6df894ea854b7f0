"""A clip twice as large, by the latent upsampler of LTX-2 (LTX2LatentUpsamplePipeline).

Source: LTX-2, HaCohen et al. 2026, arXiv:2601.03233. There it stands between two runs of the video model; by itself it
adds pixels, and no detail that was not there.
"""

import torch
from diffusers import AutoencoderKLLTX2Video
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from PIL import Image

from generation.engine.clip import Clip, EngineError, OnStep
from generation.engine.encode import scale_frames
from generation.engine.pipelines.driver import Driver, pixels_of
from generation.engine.pipelines.ltx import in_tiles
from generation.engine.request import VideoRequest, gettext_noop

STEPS = 2  # encoding with enlarging, and decoding
TIMES = 2  # as large on each side


class Upsampler(Driver):
    """An autoencoder and its upsampler, warm: the frames of the given video, twice as large, then at the request's
    size; as many as were asked for, or as there are.

    The prompt changes nothing; the seed does by a little, since the autoencoder's latents are drawn.
    """

    def _load(self):
        # As published they are two folders of the video model, whose index names another pipeline.
        self.pipeline_class = "LTX2LatentUpsamplePipeline"
        # One kind of number for both: the pipeline hands the upsampler's latents to the autoencoder as they are.
        self.dtype = torch.float32
        return super()._load()

    def _parts(self):
        return {
            name: part.from_pretrained(
                self.folder, subfolder=name, torch_dtype=self.dtype, use_safetensors=True, local_files_only=True
            )
            for name, part in (("vae", AutoencoderKLLTX2Video), ("latent_upsampler", LTX2LatentUpsamplerModel))
        }

    def _check(self, request):
        super()._check(request)
        _, height, width, _ = request.video.shape
        most = self.card.max_pixels // TIMES**2
        if height * width > most:
            raise EngineError(
                gettext_noop(
                    "%(model)s enlarges clips of at most %(most)s pixels a frame; %(width)s × %(height)s is more."
                ),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                most=f"{most:,}",
                width=width,
                height=height,
            )

    def _run(self, request: VideoRequest, on_step: OnStep) -> Clip:
        assert request.video is not None  # `_check` has seen to it
        video = request.video[: request.num_frames]
        native = self._native(video)
        frames = self._enlarged(video, native, request.seed, on_step)
        frames = scale_frames(frames, request.width, request.height)
        return Clip(frames=frames, fps=request.fps, recipe=self._recipe(request, native=native))

    def _native(self, video):
        """The smallest size and length at or above a video's that the pipeline can take, as its arguments."""
        cell = self.pipeline.vae_spatial_compression_ratio
        chunk = self.pipeline.vae_temporal_compression_ratio
        length, height, width, _ = video.shape
        return {
            "width": -(-width // cell) * cell,
            "height": -(-height // cell) * cell,
            "num_frames": -(-(length - 1) // chunk) * chunk + 1,
        }

    def _enlarged(self, video, native, seed, on_step):
        """The frames of a video, uint8 (F, H, W, 3), with twice as many pixels on each side of the native size."""

        def ask(step):
            return lambda: on_step(step, STEPS, None)

        pictures = [Image.fromarray(frame) for frame in video]
        # The last chunk is filled with the last frame.
        pictures += pictures[-1:] * (native["num_frames"] - len(pictures))
        vae, upsampler = self.pipeline.vae, self.pipeline.latent_upsampler
        in_tiles(vae, TIMES * native["height"], TIMES * native["width"])
        ask(1)()
        # Both ends of the autoencoder run once a tile.
        with (
            self._asked_while(vae.encoder, ask(1)),
            self._asked_while(upsampler, ask(1)),
            self._asked_while(vae.decoder, ask(2)),
        ):
            # The pipeline stretches the pictures to the native size, and scaling undoes that.
            output = self.pipeline(
                video=pictures,
                generator=torch.Generator("cpu").manual_seed(seed),  # the same draw on every GPU
                output_type="pt",
                **native,
            )
        return pixels_of(output.frames[0])[: len(video)]
