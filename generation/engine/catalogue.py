"""The models this installation can draw with: one card a model. Reading cards never imports torch."""

import json
import logging
import math
import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from generation.engine.clip import EngineError
from generation.engine.request import SIDE_MULTIPLE, VideoRequest

logger = logging.getLogger(__name__)

# Classes this engine drives through one contract; each says what it can be given besides a prompt.
PIPELINE_CLASSES = {
    "WanPipeline": frozenset(),
    "WanVACEPipeline": frozenset({"first_frame", "last_frame", "references", "video", "mask"}),
    "PainterPipeline": frozenset({"first_frame", "last_frame", "references", "video", "mask", "blocking"}),
}
WEIGHTS = Path(__file__).parent.parent / "weights"


class BrokenModel(ValueError):
    """The folder of a model cannot be read as a saved pipeline. The message names it and says what is wrong."""


class ModelNotFound(LookupError):
    """No card has this id. The message lists the ids there are."""


@dataclass(frozen=True)
class ModelCard:
    """What a model is and what it takes.

    `location` is a folder or a repository (None: built in). `frames_need_blocking`: a first or last frame is of use
    only beside the blocking of the shot it is from. Sides are multiples of `side_multiple` pixels and at most
    `max_pixels` a frame; frame counts are k × `frame_rule` + 1 (0: any). `stall_seconds` is the longest a single call
    inside the model may take before the worker counts as stuck; `timeout_seconds` the longest a whole run may take.
    """

    id: str
    name: str
    summary: str
    pipeline_class: str
    location: str | None = None
    inputs: frozenset[str] = frozenset()
    frames_need_blocking: bool = False
    credits_per_second: float = 2.0
    default_steps: int | None = None
    max_steps: int | None = None
    default_guidance_scale: float | None = None
    side_multiple: int = 16
    max_pixels: int = 1280 * 720
    max_seconds: float = 10.0
    frame_rule: int = 0
    fps: int = 12
    seconds_per_megapixel: float = 0.5  # a first guess, until this installation has runs of its own to go by
    stall_seconds: int = 120
    timeout_seconds: int = 3600

    def usable(self, given: Collection[str]) -> frozenset[str]:
        """Which inputs it can use when these are `given`, a video's frames aside."""
        alone = self.frames_need_blocking and "blocking" not in given
        return self.inputs - {"first_frame", "last_frame"} if alone else self.inputs

    def refuse_beyond_limits(self, request: VideoRequest, *, pixels: float | None = None) -> None:
        """Raise EngineError for more than `pixels` a frame (`max_pixels` if not told) or more than `max_seconds`."""
        if request.width * request.height > (pixels or self.max_pixels):
            raise EngineError(
                f"{self.name} draws up to {self.max_pixels:,} pixels a frame, not {request.width} × {request.height}.",
                code="INPUT.SIZE",
            )
        if request.duration_seconds > self.max_seconds:
            raise EngineError(
                f"{self.name} draws up to {self.max_seconds:g} seconds, not {request.duration_seconds:g}.",
                code="INPUT.LENGTH",
            )

    def native(self, request: VideoRequest) -> VideoRequest:
        """`request` at the nearest size this model draws: the same shape, within `max_pixels`, sides by its rule."""
        multiple = math.lcm(self.side_multiple, SIDE_MULTIPLE)
        scale = min(1.0, math.sqrt(self.max_pixels / (request.width * request.height)))
        width, height = (
            max(multiple, round(side * scale / multiple) * multiple) for side in (request.width, request.height)
        )
        return (
            request
            if (width, height) == (request.width, request.height)
            else replace(request, width=width, height=height)
        )


ANIMATIC = ModelCard(
    id="animatic",
    name="Animatic",
    summary="Draws its own small storyboard world, on any machine",
    pipeline_class="Animatic",
    credits_per_second=2,
    seconds_per_megapixel=1.0,
    stall_seconds=60,
    timeout_seconds=600,
)

BUILT_IN = ModelCard(
    id="built-in",
    name="Built-in model",
    summary="Paints its own small cartoon world, on any machine; does not know your photos",
    pipeline_class="PainterPipeline",
    location=str(WEIGHTS / "built-in"),
    inputs=PIPELINE_CLASSES["PainterPipeline"],
    frames_need_blocking=True,  # without its guide it only blurs what it was given
    credits_per_second=2,
    default_steps=1,
    max_steps=50,
    max_pixels=512 * 288,
    frame_rule=4,
    seconds_per_megapixel=1.2,
    stall_seconds=120,
    timeout_seconds=1800,
)


def cards() -> tuple[ModelCard, ...]:
    """Every model installed here, the default one first: the one RUNWAYWEB_DEFAULT_MODEL names, or the built-in one."""
    shipped = (WEIGHTS / "built-in" / "figures.json").is_file()  # no weights without their figures
    installed = (*((BUILT_IN,) if shipped else ()), ANIMATIC, *_cards_of(os.environ.get("RUNWAYWEB_MODELS", "")))
    default = os.environ.get("RUNWAYWEB_DEFAULT_MODEL")
    return tuple(sorted(installed, key=lambda card: card.id != default))


def card(model_id: str) -> ModelCard:
    """The card called `model_id`. Raises ModelNotFound."""
    for candidate in cards():
        if candidate.id == model_id:
            return candidate
    raise ModelNotFound(f"No model is called {model_id!r}. Installed: {', '.join(card.id for card in cards())}.")


@cache
def _cards_of(listing: str) -> tuple[ModelCard, ...]:
    """The cards of `id=folder-or-repository` pairs, separated by commas; a broken one is logged and left out."""
    found = []
    for entry in listing.split(","):
        name, _, location = entry.partition("=")
        try:
            if entry.strip():
                found.append(card_for(location.strip(), model_id=name.strip()))
        except BrokenModel as error:
            logger.error("%s It is left out of the catalogue.", error)
    return tuple(found)


def card_for(location: str, model_id: str | None = None) -> ModelCard:
    """The card of a saved pipeline: a folder, whose model_index.json names its class, or a repository.

    Raises BrokenModel for a folder whose index cannot be read.
    """
    pipeline_class = "WanPipeline"
    index = Path(location) / "model_index.json"
    if index.is_file():
        try:
            pipeline_class = json.loads(index.read_text())["_class_name"]
        except (OSError, ValueError, KeyError, TypeError):
            raise BrokenModel(f"{index} does not name a pipeline class.") from None
        if not isinstance(pipeline_class, str):
            raise BrokenModel(f"{index} does not name a pipeline class.")
    name = model_id or Path(location).name
    if pipeline_class == BUILT_IN.pipeline_class:
        summary = f"A painter from {Path(location).name}"
        return replace(BUILT_IN, id=name, name=name, summary=summary, location=location, frames_need_blocking=False)
    return ModelCard(
        id=name,
        name=name,
        summary=f"{pipeline_class} from {Path(location).name}",
        pipeline_class=pipeline_class,
        location=location,
        inputs=PIPELINE_CLASSES.get(pipeline_class, frozenset()),
        credits_per_second=5,
        default_steps=30,
        max_steps=100,
        default_guidance_scale=5.0,
        frame_rule=4,
        fps=16,
        seconds_per_megapixel=20.0,
        stall_seconds=600,
        timeout_seconds=4 * 3600,
    )


def load_engine(model_card: ModelCard, device: str | None = None):
    """The engine behind a card, warm and ready: `engine.generate(request, on_step) -> Clip`. Imports torch."""
    if model_card.pipeline_class == "Animatic":
        from generation.engine.animatic import Animatic

        return Animatic(device=device)
    if model_card.pipeline_class == BUILT_IN.pipeline_class:
        from generation.engine.built_in import BuiltIn

        return BuiltIn(model_card, device=device)
    from generation.engine.wan import Wan

    return Wan(model_card, device=device)
