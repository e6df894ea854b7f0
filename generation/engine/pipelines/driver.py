"""What the engines behind published models share: how one is loaded, watched while it works, and told in a recipe."""

import importlib.metadata
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers

from generation.engine import memory, tags
from generation.engine.card import ModelCard
from generation.engine.clip import EngineError, OnStep
from generation.engine.hardware import memory_told, tell_if_out_of_memory
from generation.engine.pipelines import speed
from generation.engine.preview import PATCHWORK_SIDE, fit_latent_colors, keep_latent_colors, kept_latent_colors
from generation.engine.request import InvalidRequest, VideoRequest, gettext_noop
from generation.engine.store import LORAS
from generation.engine.weights import (
    KEPT_BESIDE,
    ModelRefused,
    model_folder,
    model_name,
    needs_of,
    pipeline_class,
    sha256_of,
    sha256_of_part,
    weights_sha256,
)

# Pixels of a frame, of a clip and of a still, that an autoencoder works on whole where memory is not short.
WHOLE_FRAME, WHOLE_STILL = 832 * 480, 1024 * 1024
BLACK = 2  # of 255: a clip in which no pixel is brighter shows nothing
PACKAGES = ("torch", "diffusers", "transformers")
INPUT_NAMES = {
    "first_frame": gettext_noop("a first frame"),
    "last_frame": gettext_noop("a last frame"),
    "keyframes": gettext_noop("keyframes"),
    "references": gettext_noop("references"),
    "video": gettext_noop("a video"),
    "mask": gettext_noop("a mask"),
    "blocking": gettext_noop("the blocking of another shot"),
}
LOST = gettext_noop("The model lost the picture (it computed not-a-number). Try another seed.")


class Driver(ABC):
    """A saved pipeline, warm. Raises EngineError (ModelRefused for files it will not open).

    `device`: "cpu", "cuda" or None for the best there is. `smaller`: how many memory plans below the one that should
    fit, after a run that found too little memory. `meanings`: what the names of references mean to the model.
    """

    meanings = staticmethod(tags.by_role)

    def __init__(self, card: ModelCard, device: str | None = None, smaller: int = 0):
        self.card = card
        location = card.location or card.id
        self.folder = model_folder(location)
        self.name = model_name(location)
        self.pipeline_class = pipeline_class(self.folder, called=self.name)
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.dtype = torch.bfloat16 if self.device.type == "cuda" else torch.float32
        self.plan = self._planned(smaller)
        diffusers.utils.logging.disable_progress_bar()
        transformers.utils.logging.disable_progress_bar()
        with memory_told():
            self.pipeline = self._load()
            self.pipeline.set_progress_bar_config(disable=True)
            self._add_loras()
            self._place()
            self._hasten()
            self._prepare()

    @torch.inference_mode()
    def generate(self, request, on_step: OnStep):
        """Do what `request` asks. Equal requests give equal bytes on one machine.

        `on_step(step, steps, preview)` runs after each step, then as (steps, steps, None) while the result is decoded;
        wherever it raises Cancelled, the run stops. Raises EngineError: INPUT.UNSUPPORTED, INTERNAL.OUT_OF_MEMORY,
        INTERNAL.BAD_OUTPUT.
        """
        self._check(request)
        self._lay_tiles(request)
        try:
            with memory_told(), self._as_exact_as_asked(request):
                return self._run(self._triggered(self._written_out(request)), on_step)
        finally:
            self._leave_nothing_behind()

    @abstractmethod
    def _run(self, request, on_step: OnStep):
        """What `generate` returns for a request that was checked."""

    def _check(self, request) -> None:
        """Raise EngineError for what the model cannot be given."""
        for name, described in INPUT_NAMES.items():
            if name in request.given - self.card.inputs:
                raise EngineError(
                    gettext_noop("%(model)s works with what it is shown; it cannot use %(described)s.")
                    if self.card.inputs
                    else gettext_noop("%(model)s draws from the prompt alone; it cannot use %(described)s."),
                    "INPUT.UNSUPPORTED",
                    model=self.card.name,
                    described=described,
                )
            if name in self.card.required - request.given:
                raise EngineError(
                    gettext_noop("%(model)s needs %(described)s."),
                    "INPUT.MISSING",
                    model=self.card.name,
                    described=described,
                )
        self.card.refuse_path(request)
        if request.width * request.height > self.card.max_pixels:
            raise EngineError(
                gettext_noop("%(model)s draws at most %(most)s pixels a frame; %(width)s × %(height)s is more."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                most=f"{self.card.max_pixels:,}",
                width=request.width,
                height=request.height,
            )

    def _load(self) -> Any:
        # The autoencoder stays in float32, as its authors run it: bfloat16 bands skies. `.to(dtype)` would also cast
        # the time embedding and the norms, which must stay float32; `dtype=` at loading leaves them alone.
        try:
            return self._class().from_pretrained(
                self.folder,
                dtype={"default": self.dtype, "vae": torch.float32},
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                **self._parts(),
            )
        except Exception as error:  # whatever a damaged or half-copied folder makes the libraries say
            tell_if_out_of_memory(error)
            raise ModelRefused(
                gettext_noop("%(model)s cannot be loaded: a file in it is missing or damaged."), model=self.name
            ) from error

    def _class(self):
        """The pipeline class that is loaded."""
        return getattr(diffusers, self.pipeline_class)

    def _parts(self) -> dict[str, Any]:
        """Parts that are not to be loaded as the folder says."""
        return {}

    def _prepare(self) -> None:  # noqa: B027 (most have nothing more to do)
        """What has to be done once, after loading."""

    def _latent_colors(self, encoded: Callable[[torch.Tensor], torch.Tensor], side: int = PATCHWORK_SIDE):
        """What turns latents into the colours of a preview: fitted when the model is first loaded here, by `encoded` as
        `fit_latent_colors` takes it, and read from then on."""
        file = self.folder / KEPT_BESIDE / "latent_colors.safetensors"
        fitted_to = f"{side} pixels, vae {sha256_of_part(self.folder, 'vae')}"
        colors = kept_latent_colors(file, fitted_to)
        if colors is None:
            colors = fit_latent_colors(encoded, self.device, side)
            keep_latent_colors(colors, file, fitted_to)
        return colors

    def _add_loras(self):
        """Lay low-rank weights beside the denoisers' own."""
        for number, lora in enumerate(self.card.loras):
            file = Path(lora.file) if lora.repository is None else self.folder / LORAS / lora.file
            if not file.is_file():
                raise ModelRefused(
                    gettext_noop("%(model)s lacks %(file)s. Pull it again, or add it again."),
                    model=self.card.name,
                    file=file.name,
                )
            second = {"load_into_transformer_2": True} if lora.into == "transformer_2" else {}
            try:
                self.pipeline.load_lora_weights(
                    str(file.parent), weight_name=file.name, adapter_name=f"lora{number}", **second
                )
            except (ValueError, RuntimeError, KeyError, AttributeError) as error:
                tell_if_out_of_memory(error)
                raise ModelRefused(
                    gettext_noop("%(file)s does not fit %(model)s."), file=file.name, model=self.card.name
                ) from error
        self._use_loras(few_steps=False)

    def _use_loras(self, few_steps: bool) -> None:
        """Switch on those of the LoRAs that a run of few, or of many, steps wants."""
        self.loras = [lora for lora in self.card.loras if few_steps or not lora.few_steps_only]
        for part in {lora.into for lora in self.card.loras}:
            wanted = [
                (f"lora{number}", lora.weight)
                for number, lora in enumerate(self.card.loras)
                if lora.into == part and lora in self.loras
            ]
            denoiser = getattr(self.pipeline, part)
            if wanted:
                denoiser.enable_lora()
                denoiser.set_adapters([name for name, _ in wanted], [weight for _, weight in wanted])
            else:
                denoiser.disable_lora()

    def _written_out(self, request):
        """The request with the names of references in its prompt said as the model knows them. Raises EngineError."""
        if not isinstance(request, VideoRequest) or not any(request.reference_tags):
            return request
        meanings = self.meanings(request.reference_tags, request.reference_roles)
        try:
            return replace(request, prompt=tags.written_out(request.prompt, meanings))
        except InvalidRequest as error:
            raise EngineError(
                gettext_noop(
                    "With the names of its references written out, the prompt is too long. Say fewer, or less."
                ),
                "INPUT.UNSUPPORTED",
            ) from error

    def _triggered(self, request):
        """The request with the words in its prompt that its LoRAs were trained to hear."""
        words = [lora.trigger for lora in self.card.loras if lora.trigger and lora.trigger not in request.prompt]
        return replace(request, prompt=", ".join([*words, request.prompt])) if words else request

    def _planned(self, smaller):
        if self.device.type != "cuda":
            return memory.PLANS[0]
        free, _ = torch.cuda.mem_get_info(self.device)
        gpu = memory.Gpu(torch.cuda.get_device_name(self.device), free / 1e9)
        return memory.plan_for(self.card.needs or needs_of(self.folder), gpu, smaller)

    def _place(self):
        """Put the parts where the plan wants them."""
        if self.plan == "full":
            self.pipeline.to(self.device)
            return
        denoisers = self._denoisers()
        if self.plan == "fp8":
            for denoiser in denoisers:
                denoiser.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=self.dtype)
                denoiser.to(self.device)
            self._offload(exclude=denoisers)
        else:
            self._offload(exclude=[])

    def _lay_tiles(self, request):
        """Let the autoencoder work tile by tile on large frames, and on all where memory is short: what its layers hold
        of a whole frame is the most that drawing takes besides weights."""
        vae = getattr(self.pipeline, "vae", None)
        if not isinstance(request, VideoRequest) or not hasattr(vae, "enable_tiling"):
            return
        whole = WHOLE_STILL if request.num_frames == 1 else WHOLE_FRAME
        if self.plan != "full" or request.width * request.height > whole:
            vae.enable_tiling()
        else:
            vae.disable_tiling()

    def _denoisers(self):
        return [part for name, part in self.pipeline.components.items() if name.startswith("transformer") and part]

    def _hasten(self):
        """Make the denoisers as quick as this machine and its operator let them be."""
        denoisers = self._denoisers()
        self.attention = speed.attention_for(denoisers, self.device)
        speed.use_attention(denoisers, self.attention)
        # Under the other plans every block's weights come and go, on hooks of their own.
        alone = denoisers if self.plan == "full" else []
        self.first_block_cache = speed.pass_over_blocks(alone, self.card.first_block_cache)
        self.compiled = speed.compile_blocks(alone)
        self.context_parallel = 1  # GPUs that draw together

    @contextmanager
    def _as_exact_as_asked(self, request) -> Iterator[None]:
        """Within, no step passes over blocks if the request says so."""
        threshold = self.first_block_cache if getattr(request, "exact", False) else None
        self.first_block_cache = self.first_block_cache if threshold is None else None
        try:
            with speed.exactly(self._denoisers(), threshold):
                yield
        finally:
            self.first_block_cache = self.first_block_cache if threshold is None else threshold

    @property
    def can_be_shared(self) -> bool:
        """Whether several processes could draw with it together: whole on each GPU, and all of them doing the same."""
        return self.plan == "full" and self.first_block_cache is None and not self.compiled

    def share(self, mesh) -> None:
        """Draw from now on together with the other processes of a mesh, all of which have to call this."""
        speed.share(self._denoisers(), mesh)
        self.context_parallel = mesh.size()

    def _offload(self, exclude):
        """Keep weights in RAM and bring them over block by block, the next one while one is at work; the autoencoder,
        whose cached convolutions are no blocks, and `exclude` stay on the GPU."""
        streams = self.device.type == "cuda"
        for name, part in self.pipeline.components.items():
            if not isinstance(part, torch.nn.Module) or any(part is other for other in exclude):
                continue
            if name == "vae":
                part.to(self.device)
                continue
            # Encoders of transformers are not made of blocks that diffusers knows: leaf by leaf.
            blocks = name.startswith("transformer")
            diffusers.hooks.apply_group_offloading(
                part,
                onload_device=self.device,
                offload_device=torch.device("cpu"),
                offload_type="block_level" if blocks else "leaf_level",
                num_blocks_per_group=1 if blocks else None,
                use_stream=streams,
                record_stream=streams,
            )

    def _leave_nothing_behind(self) -> None:
        """Free what a run that stopped halfway still holds."""
        self.pipeline.maybe_free_model_hooks()

    @contextmanager
    def _asked_while(self, module: torch.nn.Module, ask: Callable[[], None]) -> Iterator[None]:
        """Ask before every forward pass of a module: a pipeline tells nobody when it decodes, but can be stopped there
        by what is raised."""

        def before(*_):
            ask()  # what it returns would be taken for the module's input

        hook = module.register_forward_pre_hook(before)
        try:
            yield
        finally:
            hook.remove()

    def _loras(self):
        """Name, weight and SHA-256 of those that were on: the operator's own lie outside of the model's folder."""
        return [
            {"name": Path(lora.file).name, "weight": lora.weight}
            | ({"sha256": sha256_of(lora.file)} if lora.repository is None else {})
            for lora in self.loras
        ]

    def _recipe(self, request, **more: Any) -> dict[str, Any]:
        """Everything that is needed to make it again, JSON-able, without paths; `more` is the engine's own."""
        scheduler = getattr(self.pipeline, "scheduler", None)  # what enlarges has no steps
        config = (
            {} if scheduler is None else {name: value for name, value in scheduler.config.items() if name[0] != "_"}
        )
        return {
            "engine": "diffusers",
            "model": self.card.id,
            "location": self.name,
            "pipeline_class": self.pipeline_class,
            "weights_sha256": weights_sha256(self.folder),
            "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
            "device": torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else self.device.type,
            "dtype": str(self.dtype).removeprefix("torch."),
            "memory_plan": self.plan,
            "vae_tiling": bool(getattr(getattr(self.pipeline, "vae", None), "use_tiling", False)),
            "attention": self.attention,
            "compiled": self.compiled,
            "context_parallel": self.context_parallel,
            "first_block_cache": self.first_block_cache,  # its threshold; None: every step is exact
            **({"loras": self._loras()} if self.card.loras else {}),
            "request": request.as_recipe(),
            **more,
            "scheduler": None
            if scheduler is None
            else {"class": type(scheduler).__name__, "config": json.loads(json.dumps(config, default=str))},
        }


def refuse_lost(tensor: torch.Tensor, told: str = LOST, **values: Any) -> None:
    """Raise EngineError, saying `told` with these values, for latents, frames or sound that hold not-a-number."""
    if not torch.isfinite(tensor).all():
        raise EngineError(told, "INTERNAL.BAD_OUTPUT", **values)


def pixels_of(frames: torch.Tensor) -> np.ndarray:
    """Frames float (F, 3, H, W) in [0, 1] as uint8 (F, H, W, 3). Raises EngineError where there is nothing to see."""
    refuse_lost(frames)
    pixels = (frames.float() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
    if pixels.max() <= BLACK:
        raise EngineError(
            gettext_noop("The model drew nothing but black. Try another seed or prompt."), "INTERNAL.BAD_OUTPUT"
        )
    return pixels
