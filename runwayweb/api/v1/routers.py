"""Routers: rules by which a model is chosen, kept under a slug."""

import re
from typing import Literal

from django.db import transaction
from django.http import HttpResponse
from ninja import Router as Room
from ninja import Schema
from pydantic import Field

from generation.engine import catalogue
from runwayweb.api import aliases
from runwayweb.api.caller import ADMIN, READ
from runwayweb.api.errors import Invalid
from runwayweb.api.finding import found
from runwayweb.api.models import Decision, Router
from runwayweb.api.models.router import SCHEMA_VERSION
from runwayweb.api.paging import Page, page_of
from runwayweb.api.planned import Body

from .answers import ERRORS, READING, Failure

router = Room(tags=["Routers"])
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
MOST_IDS = 200
MOST_CREDITS = 10**9


class Fallback(Body):
    onCapacity: bool = False


class Ceilings(Body):
    """Credits a run; null: no such limit."""

    video: int | None = Field(None, ge=1, le=MOST_CREDITS)
    image: int | None = Field(None, ge=1, le=MOST_CREDITS)
    audio: int | None = Field(None, ge=1, le=MOST_CREDITS)


class Models(Body):
    mode: Literal["allow_new_except", "allowlist_only"]
    ids: list[str] = Field(max_length=MOST_IDS)


class SomeModels(Body):
    mode: Literal["allow_new_except", "allowlist_only"] | None = None
    ids: list[str] | None = Field(None, max_length=MOST_IDS)


class Settings(Body):
    schemaVersion: Literal[1] | None = None
    optimizeFor: Literal["cost", "latency", "quality"] | None = None
    fallback: Fallback | None = None
    maxCreditsPerGeneration: Ceilings | None = None
    models: Models | None = None


class OtherSettings(Settings):
    models: SomeModels | None = None  # type: ignore[assignment]


class NewRouter(Body):
    slug: str = Field(description="1 to 63 small letters, digits and hyphens; it cannot be changed later.")
    name: str | None = Field(None, max_length=100)
    description: str | None = Field(None, max_length=500)
    settings: Settings | None = None


class OtherRouter(Body):
    """What is not sent stays as it is; settings are merged."""

    name: str | None = Field(None, min_length=1, max_length=100)
    description: str | None = Field(None, max_length=500)
    settings: OtherSettings | None = None


class ToldRouter(Schema):
    id: str
    slug: str
    name: str
    description: str | None
    settings: dict
    version: int
    createdAt: str
    updatedAt: str


class ListedRouters(Page):
    data: list[ToldRouter]


class ToldDecision(Schema):
    id: str
    createdAt: str
    requestId: str
    status: str
    model: str | None
    provider: str | None
    reason: str | None
    reasonCode: str | None
    estimatedCredits: int | None
    taskId: str | None
    emptiedBy: list[str]
    pipeline: list[dict]


class ListedDecisions(Page):
    data: list[ToldDecision]


def told(one):
    return {
        "id": str(one.pk),
        "slug": one.slug,
        "name": one.name,
        "description": one.description,
        "settings": one.settings,
        "version": one.version,
        "createdAt": one.created_at.isoformat(timespec="milliseconds"),
        "updatedAt": one.updated_at.isoformat(timespec="milliseconds"),
    }


def find(request, id):
    return found(Router.objects.filter(workspace=request.auth.workspace), id)


@router.post(
    "/routers",
    auth=ADMIN,
    response={200: ToldRouter, 409: Failure} | ERRORS,
    operation_id="create_router",
    summary="A new router",
)
def create_router(request, body: NewRouter):
    """Without settings: any model that fits, the cheapest first."""
    if not SLUG.fullmatch(body.slug):
        raise Invalid.at("slug", "It has 1 to 63 small letters, digits and hyphens, none of these first or last.")
    made = Router.objects.add(
        request.auth.workspace,
        slug=body.slug,
        name=body.name,
        description=body.description,
        settings=_merged({}, body.settings),
    )
    return told(made)


@router.get(
    "/routers", auth=READ, response={200: ListedRouters} | READING, operation_id="list_routers", summary="Routers"
)
def list_routers(request, limit: int = 20, cursor: str = ""):
    page = page_of(Router.objects.filter(workspace=request.auth.workspace), cursor, limit)
    return {"data": [told(one) for one in page.rows], "nextCursor": page.next_cursor}


@router.get(
    "/routers/{id}", auth=READ, response={200: ToldRouter} | READING, operation_id="get_router", summary="A router"
)
def get_router(request, id: str):
    return told(find(request, id))


@router.patch(
    "/routers/{id}",
    auth=ADMIN,
    response={200: ToldRouter} | ERRORS,
    operation_id="update_router",
    summary="Change a router",
)
@transaction.atomic
def update_router(request, id: str, body: OtherRouter):
    one = found(Router.objects.select_for_update().filter(workspace=request.auth.workspace), id)
    changed = {name: getattr(body, name) for name in ("name", "description") if name in body.model_fields_set}
    if changed.get("name", "") is None:
        raise Invalid.at("name", "A router has a name.")
    one.change(settings=_merged(one.settings, body.settings) if body.settings else None, **changed)
    return told(one)


@router.delete(
    "/routers/{id}", auth=ADMIN, response={204: None} | READING, operation_id="delete_router", summary="Delete a router"
)
def delete_router(request, id: str):
    find(request, id).delete()
    return HttpResponse(status=204)


@router.get(
    "/routers/{id}/requests", auth=READ, response={200: ListedDecisions} | READING, operation_id="list_requests"
)
def list_requests(request, id: str, limit: int = 20, cursor: str = ""):
    """What it decided in the last 30 days, the newest first."""
    page = page_of(Decision.objects.filter(router=find(request, id)), cursor, limit)
    return {"data": [_decision(one) for one in page.rows], "nextCursor": page.next_cursor}


def _decision(one):
    return {
        "id": str(one.pk),
        "createdAt": one.created_at.isoformat(timespec="milliseconds"),
        "requestId": one.request_id,
        "status": one.status,
        "model": one.model,
        "provider": one.provider,
        "reason": one.reason,
        "reasonCode": one.reason_code,
        "estimatedCredits": one.estimated_credits,
        "taskId": one.task_id and str(one.task_id),
        "emptiedBy": one.emptied_by,
        "pipeline": one.pipeline,
    }


def _merged(kept, sent):
    """Settings with what was sent laid over what was kept, complete. Raises Invalid."""
    news = sent.model_dump(exclude_unset=True) if sent else {}
    settings = {"optimizeFor": "cost"} | kept | {"schemaVersion": SCHEMA_VERSION}
    if news.get("optimizeFor"):
        settings["optimizeFor"] = news["optimizeFor"]
    if news.get("fallback"):
        settings["fallback"] = settings.get("fallback", {}) | news["fallback"]
    if "maxCreditsPerGeneration" in news:
        ceilings = settings.get("maxCreditsPerGeneration", {}) | (news["maxCreditsPerGeneration"] or {})
        ceilings = {modality: credits for modality, credits in ceilings.items() if credits is not None}
        settings["maxCreditsPerGeneration"] = ceilings if news["maxCreditsPerGeneration"] is not None else {}
        if not settings["maxCreditsPerGeneration"]:
            del settings["maxCreditsPerGeneration"]
    if news.get("models"):
        told_models = {name: value for name, value in news["models"].items() if value is not None}
        settings["models"] = settings.get("models", {}) | told_models
        if set(settings["models"]) != {"mode", "ids"}:
            raise Invalid.at(("settings", "models"), "Say both mode and ids.")
        _refuse_unknown(settings["models"]["ids"])
    return settings


def _refuse_unknown(ids):
    known = {card.id for card in (*catalogue.cards(), *catalogue.PUBLISHED)} | set(aliases.ALIASES)
    for position, one in enumerate(ids):
        if one not in known:
            raise Invalid.at(("settings", "models", "ids", position), f"No model is called “{one[:60]}”.")
