"""Sounds and music: Stable Audio 3 (StableAudio3Pipeline) and ACE-Step 1.5 (AceStepPipeline).

Sources: Stable Audio 3 and its autoencoder: Stability AI 2026, arXiv:2605.17991; ACE-Step 1.5: ACE Studio and StepFun,
github.com/ace-step/ACE-Step-1.5; rotary positions: Su et al. 2021, arXiv:2104.09864.
"""

import math
from abc import abstractmethod

import numpy as np
import torch

from generation.engine.clip import Audio, EngineError, OnStep, Sound
from generation.engine.pipelines.driver import Driver, refuse_lost
from generation.engine.request import gettext_noop
from generation.engine.sound_request import SoundRequest

LOST = gettext_noop("The model lost the sound (it computed not-a-number). Try another seed.")
SILENCE = 2**-16  # half of the smallest step of 16 bits: what is nowhere louder is written as zeros
ROTARY_BASE = 10_000
PIECE = 256  # latents that Stable Audio's autoencoder decodes at once: 24 seconds
LOUDEST = 10 ** (-1 / 20)  # -1 dBFS, the peak ACE-Step's authors give to all they make
SHORTEST = 10.0  # seconds, of what ACE-Step was trained with
INSTRUMENTAL = "[Instrumental]"  # what ACE-Step was shown where nobody sings
LYRIC_TOKENS = 2048 - 32  # what ACE-Step was trained with, less what is written around them
DEFAULT_STEPS = 8


class SoundDriver(Driver):
    """A saved pipeline of sounds, warm: samples float32 (N, 2) in [-1, 1], exactly as long as asked for."""

    sings = False

    def _check(self, request: SoundRequest):
        if request.duration_seconds > (longest := self._longest()):
            raise EngineError(
                gettext_noop("%(model)s makes up to %(most)g seconds, not %(asked)g."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                most=longest,
                asked=request.duration_seconds,
            )
        if request.lyrics and not self.sings:
            raise EngineError(
                gettext_noop("%(model)s does not sing; it cannot use lyrics."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
            )

    def _longest(self):
        """How many seconds it can make."""
        return self.card.max_seconds

    def _run(self, request: SoundRequest, on_step: OnStep) -> Sound:
        steps = request.num_inference_steps or self.card.default_steps or DEFAULT_STEPS
        guidance_scale = self._guidance_scale(request)

        def step_ended(pipeline, index, timestep, tensors):
            refuse_lost(tensors["latents"], LOST)
            on_step(index + 1, steps, None)
            return tensors

        latents = self.pipeline(
            prompt=request.prompt,
            num_inference_steps=steps,
            guidance_scale=guidance_scale,
            generator=torch.Generator("cpu").manual_seed(request.seed),  # the same noise on every GPU
            callback_on_step_end=step_ended,
            output_type="latent",
            **self._arguments(request),
        ).audios
        # The autoencoder runs in float32, whatever the latents are in.
        with self._asked_while(self.pipeline.vae.decoder, lambda: on_step(steps, steps, None)):
            waveform = self._decoded(latents.float())[0]  # (channels, samples)
        rate = self.pipeline.vae.config.sampling_rate
        samples = samples_of(waveform, round(request.duration_seconds * rate))
        recipe = self._recipe(request, num_inference_steps=steps, guidance_scale=guidance_scale)
        return Sound(Audio(samples, rate), recipe)

    def _guidance_scale(self, request):
        return next(
            scale for scale in (request.guidance_scale, self.card.default_guidance_scale, 1.0) if scale is not None
        )

    @abstractmethod
    def _arguments(self, request: SoundRequest) -> dict:
        """What its pipeline is called with besides what all take."""

    @abstractmethod
    def _decoded(self, latents: torch.Tensor) -> torch.Tensor:
        """The waveform, float32 (1, channels, samples), of a pipeline's latents."""


class StableAudio(SoundDriver):
    """Stable Audio 3, converted to diffusers' format."""

    def _load(self):
        pipeline = super()._load()
        # Half precision counts whole numbers up to 256 only: positions and seconds would blur. What is computed from
        # them is never learned, so it is computed anew, as its authors do.
        rotary, embedder = pipeline.transformer.rotary_pos_emb, pipeline.duration_embedder
        dimensions = 2 * len(rotary.inv_freq)
        rotary.inv_freq = 1 / ROTARY_BASE ** (torch.arange(0, dimensions, 2).float() / dimensions)
        low, high = math.log(embedder.config.min_freq), math.log(embedder.config.max_freq)
        embedder.freqs = torch.exp(torch.linspace(0, 1, len(embedder.freqs)) * (high - low) + low)
        return pipeline

    def _longest(self):
        # A converted folder has no card of its own; above this its model takes all durations for the same.
        return min(super()._longest(), self.pipeline.duration_embedder.config.max_val)

    def _arguments(self, request):
        return {"duration": request.duration_seconds, "negative_prompt": request.negative_prompt}

    def _decoded(self, latents):
        """Piece by piece: the decoder's attention takes memory by the square of the length, but hears only so far.

        A layer hears `sliding_window` latents to each side and positions count only as distances, so with as many
        around a piece as all layers hear together it is what it would be within the whole.
        """
        vae = self.pipeline.vae
        heard = sum(vae.config.encoder_transformer_depths) * vae.config.sliding_window
        length = latents.shape[-1]
        pieces = []
        for start in range(0, length, PIECE):
            begin, end = max(0, start - heard), min(length, start + PIECE + heard)
            waveform = vae.decode(latents[:, :, begin:end]).sample  # (1, channels, samples)
            wanted = min(PIECE, length - start) * vae.downsampling_ratio
            pieces.append(waveform[:, :, (start - begin) * vae.downsampling_ratio :][:, :, :wanted])
        return torch.cat(pieces, dim=-1)


class AceStep(SoundDriver):
    """ACE-Step 1.5, which also sings."""

    sings = True

    def _prepare(self):
        self.pipeline.vae.enable_tiling()  # ten minutes at once would take all memory there is

    def _check(self, request):
        super()._check(request)
        if request.negative_prompt:
            raise EngineError(
                gettext_noop("%(model)s cannot use a negative prompt."), "INPUT.UNSUPPORTED", model=self.card.name
            )
        tokens = len(self.pipeline.tokenizer(request.lyrics).input_ids)
        if tokens > LYRIC_TOKENS:
            much = f"{1 - LYRIC_TOKENS / tokens:.0%}"
            raise EngineError(
                gettext_noop("%(model)s cannot sing lyrics as long as these. Leave out about %(much)s."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                much=much,
            )

    def _guidance_scale(self, request):
        # Turbo models are distilled with guidance in them.
        return 1.0 if self.pipeline.is_turbo else super()._guidance_scale(request)

    def _arguments(self, request):
        return {
            "lyrics": request.lyrics or INSTRUMENTAL,
            "vocal_language": "unknown",
            "audio_duration": max(SHORTEST, request.duration_seconds),
        }

    def _decoded(self, latents):
        waveform = self.pipeline.vae.decode(latents.transpose(1, 2)).sample
        peak = waveform.abs().max()
        return waveform if peak <= SILENCE else waveform * (LOUDEST / peak)


def samples_of(waveform: torch.Tensor, length: int) -> np.ndarray:
    """A waveform, float (channels, samples), as float32 (length, channels) in [-1, 1], cut or padded with silence.

    Raises EngineError where there is nothing to hear.
    """
    refuse_lost(waveform, LOST)
    heard = waveform[:, :length].float().clamp(-1, 1).T.cpu().numpy()
    if np.abs(heard).max(initial=0) <= SILENCE:
        raise EngineError(
            gettext_noop("The model made nothing but silence. Try another seed or prompt."), "INTERNAL.BAD_OUTPUT"
        )
    return np.pad(heard, ((0, length - len(heard)), (0, 0)))
