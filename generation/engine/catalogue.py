"""The models this installation can draw with: one card a model. Reading cards never imports torch."""

import json
import logging
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from generation.engine import store
from generation.engine.card import (
    FIRST_BLOCK_CACHE,
    HOW_TO_ADD_EXTRAS,
    PIPELINE_CLASSES,
    PIPELINE_TASKS,
    Lora,
    ModelCard,
)
from generation.engine.cards import offline, offline_sound
from generation.engine.cards.wan import WAN
from generation.engine.memory import Needs
from generation.engine.published import PUBLISHED
from generation.engine.request import gettext_noop
from generation.engine.tasks import SOUNDS
from generation.engine.weights import model_folder, needs_of

logger = logging.getLogger(__name__)

# Which engine drives a pipeline class: module and class.
DRIVERS = {
    "Animatic": ("animatic", "Animatic"),
    "Null": ("null", "Null"),
    "AnimeSR": ("offline.animesr", "AnimeSR"),
    "Foley": ("foley.foley", "Foley"),
    "Rife": ("offline.rife", "Rife"),
    "HibariSpeech": ("offline.speech", "Speech"),
    "WhisperCaptions": ("offline.captions", "Captions"),
    "WhisperTranslation": ("offline.captions", "Translation"),
    "DeepFilterNet": ("offline.isolation", "Isolation"),
    "PainterPipeline": ("built_in", "BuiltIn"),
    "WanPipeline": ("pipelines.wan", "Wan"),
    "WanDMDPipeline": ("pipelines.wan", "Wan"),
    "WanImageToVideoPipeline": ("pipelines.wan", "Wan"),
    "WanVACEPipeline": ("pipelines.wan", "Wan"),
    "WanAnimatePipeline": ("pipelines.animate", "Animate"),
    "LTX2Pipeline": ("pipelines.ltx", "Ltx"),
    "LTX2LatentUpsamplePipeline": ("pipelines.upsampler", "Upsampler"),
    "SanaWMPipeline": ("pipelines.sana_wm", "SanaWM"),
    "ZImagePipeline": ("pipelines.images", "Images"),
    "QwenImageEditPlusPipeline": ("pipelines.images", "Images"),
    "Flux2KleinPipeline": ("pipelines.images", "Images"),
    "StableAudio3Pipeline": ("pipelines.sound", "StableAudio"),
    "AceStepPipeline": ("pipelines.sound", "AceStep"),
}
WEIGHTS = Path(__file__).parent.parent / "weights"


class BrokenModel(ValueError):
    """The folder of a model cannot be read as a saved pipeline. The message names it and says what is wrong."""


class ModelNotFound(LookupError):
    """No card has this id. The message lists the ids there are."""


ANIMATIC = ModelCard(
    id="animatic",
    name="Animatic",
    summary=gettext_noop("Draws its own small storyboard world, on any machine"),
    pipeline_class="Animatic",
    tasks=frozenset({"text_to_image", "text_to_video", "camera"}),
    credits_per_second=2,
    seconds_per_megapixel=1.0,
    stall_seconds=60,
    timeout_seconds=600,
)

BUILT_IN = ModelCard(
    id="built-in",
    name="Built-in model",
    summary=gettext_noop("Paints its own small cartoon world, on any machine; does not know your photos"),
    pipeline_class="PainterPipeline",
    location=str(WEIGHTS / "built-in"),
    inputs=PIPELINE_CLASSES["PainterPipeline"],
    tasks=PIPELINE_TASKS["PainterPipeline"],
    parameters_billion=0.016,
    rank=10,
    frames_alone=True,  # they are moved as they are
    by_shot=frozenset({"outpaint"}),
    credits_per_second=2,
    default_steps=1,
    max_steps=50,
    max_pixels=512 * 288,
    frame_rule=4,
    seconds_per_megapixel=1.2,
    stall_seconds=120,
    timeout_seconds=1800,
)

FOLEY = ModelCard(
    id="foley",
    name="Sound stage",
    summary=gettext_noop(
        "Lets the world of a prompt be heard, or a clip of it in step with what is seen, on any machine"
    ),
    pipeline_class="Foley",
    tasks=frozenset({"text_to_sound", "video_to_sound"}),
    credits_per_second=0.5,
    max_seconds=60.0,
    stall_seconds=60,
    timeout_seconds=600,
)

# For stories about load and faults: found by its name where the environment names its journal, listed nowhere.
NULL_JOURNAL = "NULL_ENGINE_JOURNAL"
NULL = ModelCard(
    id="null",
    name="Null engine",
    summary="Draws nothing",
    pipeline_class="Null",
    tasks=frozenset({"text_to_video"}),
    credits_per_second=2,
    stall_seconds=60,
    timeout_seconds=600,
)


# What the room above knows of it: ids of models that are not offered just now, and that of the one to stand first.
withheld: Callable[[], Collection[str]] = tuple
first: Callable[[], str] = str


def cards() -> tuple[ModelCard, ...]:
    """Every model that is offered here, the default one first: the one that `first` or RUNWAYWEB_DEFAULT_MODEL names,
    or the built-in one."""
    hidden, default = withheld(), first()
    offered = [card for card in installed() if card.id not in hidden]
    return tuple(sorted(offered, key=lambda card: card.id != default) if default else offered)


_read: ContextVar[list[tuple[ModelCard, ...]] | None] = ContextVar("what is installed, as it was read", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within it what is installed is read from the disk at most once: a page asks for it with each of its cards."""
    token = _read.set([])
    try:
        yield
    finally:
        _read.reset(token)


def installed() -> tuple[ModelCard, ...]:
    """Every model there is, those that are not offered too: what was asked of them before is still made."""
    read = _read.get()
    if read is None:
        return _installed()
    if not read:
        read.append(_installed())
    return read[0]


def _installed() -> tuple[ModelCard, ...]:
    shipped = (WEIGHTS / "built-in" / "figures.json").is_file()  # no weights without their figures
    here = store.folders()  # asked for once: there are many published models, and few of them on a machine
    pulled = (
        replace(card, location=str(store.folder_of(card.id)))
        for card in PUBLISHED
        if card.id in here and store.is_pulled(card)
    )
    added = ",".join(f"{model_id}={folder}" for model_id, folder in store.added().items())
    whole = (*pulled, *_elsewhere(), *_cards_of(added), *_cards_of(os.environ.get("RUNWAYWEB_MODELS", "")))
    tuned = tuple(filter(None, (_tuned(model_id, told, whole) for model_id, told in store.added_loras().items())))
    found = (
        *((BUILT_IN,) if shipped else ()),
        ANIMATIC,
        *whole,
        *tuned,
        *offline.installed(),
        *offline_sound.installed(),
        FOLEY,
    )
    default = os.environ.get("RUNWAYWEB_DEFAULT_MODEL")
    return tuple(sorted(found, key=lambda card: card.id != default))


def here() -> list[str]:
    """The ids of the models whose files are on this machine, those that are not offered too."""
    found = [card.id for card in installed() if not is_elsewhere(card)]
    return [*found, NULL.id] if NULL_JOURNAL in os.environ else found


def card(model_id: str, *, here: bool = False) -> ModelCard:
    """The card called `model_id`; `here`: of a model whose files are on this machine. Raises ModelNotFound."""
    for candidate in installed():
        if candidate.id == model_id and not (here and is_elsewhere(candidate)):
            return candidate
    if model_id == NULL.id and NULL_JOURNAL in os.environ:
        return NULL
    if any(candidate.id == model_id for candidate in PUBLISHED):
        raise ModelNotFound(f"{model_id} is not installed here. To install it: manage.py models pull {model_id}")
    raise ModelNotFound(f"No model is called {model_id!r}. Installed: {', '.join(card.id for card in cards())}.")


def is_elsewhere(card: ModelCard) -> bool:
    """Whether a model is offered here while its files lie on other machines."""
    return card in _elsewhere()


def _elsewhere() -> tuple[ModelCard, ...]:
    """The published models that RUNWAYWEB_MODELS_ELSEWHERE names and that are not here: one environment may do for all
    machines."""
    named = os.environ.get("RUNWAYWEB_MODELS_ELSEWHERE", "")
    wanted = {name.strip() for name in named.split(",")} if named else set()
    return tuple(card for card in PUBLISHED if card.id in wanted and not store.is_pulled(card))


def _tuned(model_id: str, told: dict, cards: tuple[ModelCard, ...]) -> ModelCard | None:
    """The card of a model with a LoRA of the operator's own; None where the model itself is gone."""
    base = next((card for card in cards if card.id == told["base"]), None)
    if base is None:
        logger.error("%s is tuned from %s, which is not installed. It is left out.", model_id, told["base"])
        return None
    lora = Lora(told["file"], weight=told["weight"], trigger=told["trigger"])
    summary = f"{base.name} with {Path(lora.file).stem}" + (f"; say “{lora.trigger}”" if lora.trigger else "")
    return replace(
        base, id=model_id, name=model_id, summary=summary, repository=None, loras=(*base.loras, lora), rank=0
    )


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
    index: dict[str, Any] = {}
    file = Path(location) / "model_index.json"
    if file.is_file():
        try:
            index = json.loads(file.read_text())
            pipeline_class = index["_class_name"]
        except (OSError, ValueError, KeyError, TypeError):
            raise BrokenModel(f"{file} does not name a pipeline class.") from None
        if not isinstance(pipeline_class, str):
            raise BrokenModel(f"{file} does not name a pipeline class.")
    else:
        pipeline_class = "WanPipeline"
    name = model_id or Path(location).name
    if pipeline_class == BUILT_IN.pipeline_class:
        summary = f"A painter from {Path(location).name}"
        return replace(BUILT_IN, id=name, name=name, summary=summary, location=location)
    inputs = PIPELINE_CLASSES.get(pipeline_class, frozenset())
    tasks = PIPELINE_TASKS.get(pipeline_class, frozenset())
    if pipeline_class == "WanPipeline" and index.get("expand_timesteps"):  # Wan 2.2 5B and what was tuned from it
        inputs, tasks = inputs | {"first_frame"}, tasks | {"image_to_video", "extend"}
    return replace(
        _like(pipeline_class),
        id=name,
        name=name,
        summary=f"{pipeline_class} from {Path(location).name}",
        pipeline_class=pipeline_class,
        location=location,
        inputs=inputs,
        tasks=tasks,
        repository=None,
        revision=None,
        licence=None,
        needs=None,
        parameters_billion=None,
        loras=(),
        files=(),
    )


def _like(pipeline_class: str) -> ModelCard:
    """The card whose manners a model of this class is taken to have: of the Wan family what all share, else those of
    the published one."""
    if not pipeline_class.startswith("Wan") or pipeline_class in ("WanDMDPipeline", "WanAnimatePipeline"):
        for published in PUBLISHED:
            if published.pipeline_class == pipeline_class:
                return published
    required = frozenset({"first_frame"}) if pipeline_class == "WanImageToVideoPipeline" else frozenset()
    exact = pipeline_class == "WanVACEPipeline"  # what guides it would be added again for every block passed over
    return replace(WAN, required=required, first_block_cache=None if exact else FIRST_BLOCK_CACHE)


def takes_loras(card: ModelCard) -> bool:
    """Whether low-rank weights of somebody's own can be laid over an installed model."""
    module, _ = DRIVERS.get(card.pipeline_class, DRIVERS["WanPipeline"])
    return module.startswith("pipelines.") and not card.tasks & SOUNDS and card.id not in store.added_loras()


def serving(task: str) -> ModelCard | None:
    """The highest in rank of the installed models that serve one of `tasks.TASKS`."""
    return max((card for card in cards() if task in card.tasks), key=lambda card: card.rank, default=None)


def how_to_serve(task: str) -> str:
    """The command that installs a model for one of `tasks.TASKS`: one whose licence forbids nothing if there is any.

    What only the sound stage serves needs none: it is always there.
    """
    if task in FOLEY.tasks and not any(task in card.tasks for card in PUBLISHED):
        return "make run"
    for card in (*offline.PACKAGES, *offline_sound.CARDS):
        if task in card.tasks:
            return how_to_install(card)
    return how_to_install(
        min(
            (card for card in PUBLISHED if task in card.tasks),
            key=lambda card: (bool(card.licence and card.licence.forbids), card.parameters_billion or 0),
        )
    )


def how_to_install(card: ModelCard) -> str:
    """The command that installs a model which is not here."""
    return HOW_TO_ADD_EXTRAS if card.repository is None else f"manage.py models pull {card.id}"


def needs(model_card: ModelCard) -> Needs | None:
    """What a model needs of a machine's memory: as its card says, else by the sizes of its files, which are fetched if
    they are not here (ModelRefused where they cannot be); None for the small ones."""
    module, _ = DRIVERS.get(model_card.pipeline_class, DRIVERS["WanPipeline"])
    if model_card.needs or not module.startswith("pipelines."):
        return model_card.needs
    return needs_of(model_folder(model_card.location or model_card.id))


def load_engine(model_card: ModelCard, device: str | None = None, smaller: int = 0):
    """The engine behind a card, warm and ready: `engine.generate(request, on_step) -> Clip`. Imports torch.

    `smaller`: how many memory plans below the usual one, for the models that have plans.
    """
    module, name = DRIVERS.get(model_card.pipeline_class, DRIVERS["WanPipeline"])
    engine = getattr(import_module(f"generation.engine.{module}"), name)
    plans = {"smaller": smaller} if module.startswith("pipelines.") else {}
    return engine(model_card, device=device, **plans)
