"""What the API tells anybody, without a key: the models."""

from django.views.decorators.cache import cache_control
from ninja import NinjaAPI, Schema
from ninja.decorators import decorate_view
from pydantic import Field

from generation.engine import catalogue
from generation.engine.card import ModelCard
from generation.engine.cards import offline, offline_sound
from generation.engine.published import PUBLISHED
from generation.engine.request import PROMPT_UNITS

from . import aliases
from .errors import handle_all
from .v1.answers import Failure

public = NinjaAPI(
    title="Runwayweb, for anybody", version="2024-11-06", urls_namespace="public", docs_url=None, openapi_url=None
)
handle_all(public)


class Limits(Schema):
    """`sideMultiple`: sides are drawn in multiples of so many pixels, and scaled to what was asked for."""

    maxSeconds: float
    maxPixels: int = Field(description="Of one frame, as it is drawn; what is larger is scaled.")
    sideMultiple: int
    fps: int
    maxReferences: int
    maxPromptUnits: int = Field(description="UTF-16 code units of a prompt.")


class Terms(Schema):
    """The licence of its weights. `mayBeSold`: whether anybody may sell what is made with it on their own machines."""

    name: str
    url: str
    mayBeSold: bool
    forbids: str | None = None


class Model(Schema):
    id: str
    name: str
    summary: str
    role: str = Field(description="shots, stills, footage, finish or sound")
    tasks: list[str] = Field(description="What it can do, in the catalogue's words.")
    inputs: list[str] = Field(description="What it takes besides a prompt.")
    requires: list[str] = Field(description="What it cannot begin without.")
    limits: Limits
    creditsPerSecond: float
    licence: Terms | None = Field(None, description="Left out for this project's own models.")
    aliases: list[str] = Field(description="Names of Runway's that mean it here, and those that the operator gave it.")
    installed: bool
    install: str | None = Field(None, description="Where it is not installed: the command that installs it.")


class Models(Schema):
    models: list[Model]


@public.get(
    "/models", response={200: Models, 405: Failure}, exclude_none=True, operation_id="list_models", tags=["Models"]
)
@decorate_view(cache_control(public=True, max_age=60))
def list_models(request):
    """Every model there is, those that are installed here first. Needs no key."""
    here = {card.id: card for card in catalogue.cards()}
    names = aliases.names_by_card()
    elsewhere = (*offline.PACKAGES, *offline_sound.CARDS, *PUBLISHED)
    return {
        "models": [
            *(told(card, installed=True) | {"aliases": names.get(card.id, [])} for card in here.values()),
            *(told(card, installed=False) for card in elsewhere if card.id not in here),
        ]
    }


def told(card: ModelCard, *, installed):
    licence = card.licence
    return {
        "id": card.id,
        "name": card.name,
        "summary": card.summary,
        "role": card.role,
        "tasks": sorted(card.tasks),
        "inputs": sorted(card.inputs),
        "requires": sorted(card.required),
        "limits": {
            "maxSeconds": card.max_seconds,
            "maxPixels": card.max_pixels,
            "sideMultiple": card.side_multiple,
            "fps": card.fps,
            "maxReferences": card.most_references,
            "maxPromptUnits": PROMPT_UNITS,
        },
        "creditsPerSecond": card.credits_per_second,
        "licence": licence
        and {
            "name": licence.name,
            "url": licence.url,
            "mayBeSold": licence.paid_hosting,
            "forbids": licence.forbids or None,
        },
        "aliases": [],
        "installed": installed,
        "install": None if installed else catalogue.how_to_install(card),
    }
