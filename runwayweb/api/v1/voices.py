"""Voices: those of a workspace, under names of its own, and how one sounds."""

import time
from typing import Annotated, Literal

from django.db import transaction
from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from generation.engine.sound_request import SPEED
from generation.models.status import Status
from projects.models import Voice
from projects.voices import samples_of, speak_sample, spoken_sample
from runwayweb.api import aliases
from runwayweb.api.caller import GENERATE, READ
from runwayweb.api.errors import ApiError, Invalid
from runwayweb.api.finding import found
from runwayweb.api.models import Task
from runwayweb.api.paging import Page, page_of
from runwayweb.api.planned import Body
from runwayweb.api.speakers import CLONING, Custom, Preset, speaker
from runwayweb.assets.signing import signed_path

from .answers import ERRORS, READING
from .spending import ONCE, once

router = Router(tags=["Voices"])
DESIGN = "No model that makes a voice from a description is installed here, and none of the catalogue does."
PREVIEW_SECONDS = 20.0  # that a call waits for its sample
LOOK_SECONDS = 0.25


class OfAudio(Body):
    type: Literal["audio"]
    audio: str


class OfText(Body):
    type: Literal["text"]
    model: str
    prompt: str


class OfPreset(Body):
    """Ours alone: a voice that is installed, under a name of yours, slower or faster."""

    type: Literal["preset"]
    presetId: str
    speed: float = Field(1, ge=SPEED[0], le=SPEED[1])


class NewVoice(Body):
    source: Annotated[OfAudio | OfText | OfPreset, Field(discriminator="type", alias="from")]
    name: str = Field(min_length=1, max_length=60)
    description: str | None = Field(None, max_length=500)


class OtherVoice(Body):
    """What is not sent stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=60)
    description: str | None = Field(None, max_length=500)


class Line(Body):
    model: str
    prompt: str = Field(min_length=20, max_length=1000)
    voice: Annotated[Preset | Custom, Field(discriminator="type")] | None = None


class Made(Schema):
    id: str


class ToldVoice(Schema):
    """FAILED: its engine is not installed any more; `failureReason` says which."""

    id: str
    name: str
    description: str | None
    createdAt: str
    status: Literal["READY", "FAILED"]
    previewUrl: str | None = None
    failureReason: str | None = None


class Listed(Page):
    data: list[ToldVoice]


class Sample(Schema):
    url: str
    durationSecs: float


def told(voice, request, samples):
    fields = {
        "id": str(voice.pk),
        "name": voice.name,
        "description": voice.description or None,
        "createdAt": voice.created_at.isoformat(timespec="milliseconds"),
        "status": "READY" if voice.card else "FAILED",
    }
    if voice.card is None:
        return fields | {"failureReason": f"The model that speaks it, {voice.model}, is not installed any more."}
    sample = samples.get((voice.model, voice.speed))
    return fields | {"previewUrl": request.build_absolute_uri(signed_path(sample)) if sample else None}


def voices(request):
    return Voice.objects.live().filter(workspace=request.auth.workspace)


@router.get("/voices", auth=READ, response={200: Listed} | READING, exclude_unset=True, operation_id="list_voices")
def list_voices(request, cursor: str = "", limit: int = 20):
    """The voices of your own, the newest first. Those that are installed are named by GET /api/models."""
    page = page_of(voices(request), cursor, limit)
    samples = samples_of(request.auth.workspace)
    rows = {"data": [told(voice, request, samples) for voice in page.rows]}
    return rows | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


@router.post("/voices", auth=GENERATE, response={200: Made} | ERRORS, operation_id="create_voice", openapi_extra=ONCE)
def create_voice(request, body: NewVoice):
    """A voice of your own: one that is installed, under a name of yours, slower or faster. From a recording or from a
    description none can be made until a model that does that is installed."""
    if isinstance(body.source, OfAudio):
        raise Invalid.at(("from", "audio"), CLONING, "not_installed")
    if isinstance(body.source, OfText):
        raise Invalid.at(("from", "model"), DESIGN, "not_installed")
    asked = Preset(type="preset", presetId=body.source.presetId)
    for name, words in (("name", body.name), ("description", body.description or "")):
        _check_words(name, words)

    def make(preset):
        columns = {"name": body.name, "description": body.description or "", "speed": body.source.speed}
        voice = Voice.objects.make(request.auth.workspace, model=preset.card.id, **columns)
        return {"id": str(voice.pk)}

    return once(request, make, lambda: speaker(asked, request.auth, None, is_alias=True, path="from"))


@router.post(
    "/voices/preview",
    auth=GENERATE,
    response={200: Sample} | ERRORS,
    operation_id="preview_voice",
    openapi_extra=ONCE,
)
def preview_voice(request, body: Line):
    """A few words in the voice that is installed, or in `voice`: spoken once at the price of a line, then kept. What
    `prompt` says of a voice cannot be followed."""
    caller = request.auth

    def spoken():
        card = aliases.card_for(body.model, "voices", "text_to_speech")
        is_alias = aliases.offer(body.model, "voices") is not None
        return _spoken(caller, speaker(body.voice, caller, card, is_alias=is_alias), body.model)

    def make(run):
        url = request.build_absolute_uri(signed_path(run.asset))
        return {"url": url, "durationSecs": round(run.asset.duration_seconds, 3)}

    return once(request, make, spoken)


def _spoken(caller, voice, model):
    """The run in which a voice said its sample. A voice has one: asked again meanwhile, that one is waited for, so that
    it costs once whether or not the call has a name. Raises ApiError."""
    with transaction.atomic():
        caller.workspace.locked()  # two at once would each begin one
        run = spoken_sample(caller.workspace, voice)
        if run is None:
            run = speak_sample(caller.project(), voice, by=caller.user)
            Task.objects.keep(run, caller, kind="voice_preview", model=model)  # its key pays like for any task
    until = time.monotonic() + PREVIEW_SECONDS
    while run.in_progress and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        run.refresh_from_db()
    if run.in_progress:
        raise ApiError(503, "The sample is still being spoken. Ask again.", Retry_After=5)
    if run.status != Status.SUCCEEDED or run.asset is None:
        raise ApiError(503, run.failure or "The sample was stopped. Ask again.", Retry_After=5)
    return run


@router.get(
    "/voices/{id}", auth=READ, response={200: ToldVoice} | READING, exclude_unset=True, operation_id="get_voice"
)
def get_voice(request, id: str):
    return told(found(voices(request), id), request, samples_of(request.auth.workspace))


@router.patch(
    "/voices/{id}", auth=GENERATE, response={200: ToldVoice} | ERRORS, exclude_unset=True, operation_id="update_voice"
)
def update_voice(request, id: str, body: OtherVoice):
    """Call it otherwise, or say something else of it."""
    voice = found(voices(request), id)
    sent = body.model_fields_set
    if "name" in sent and body.name is None:
        raise Invalid.at("name", "A voice has a name.")
    changes = {field: getattr(body, field) or "" for field in ("name", "description") if field in sent}
    for field, words in changes.items():
        _check_words(field, words)
    if changes:
        voice.rename(**changes)
    return told(voice, request, samples_of(request.auth.workspace))


@router.delete("/voices/{id}", auth=GENERATE, response={204: None} | READING, operation_id="delete_voice")
def delete_voice(request, id: str):
    """Take it away. What was said with it stays."""
    found(voices(request), id).delete_softly()
    return HttpResponse(status=204)


def _check_words(field, words):
    """Raises Invalid for what no database holds and nobody can read."""
    if "\x00" in words or any("\ud800" <= letter <= "\udfff" for letter in words):
        raise Invalid.at(field, "It holds a character that cannot be stored.")
    if field == "name" and not words.strip():
        raise Invalid.at(field, "A voice has a name.")
