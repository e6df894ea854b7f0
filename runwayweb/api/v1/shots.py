"""Shots of a film, and the takes of a shot."""

from typing import Literal

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from generation.engine.catalogue import ModelNotFound
from generation.engine.request import CAMERA_MOVES, PROMPT_UNITS, SEED, SIDE_MULTIPLE, utf16_units
from projects.forms import LENGTH_SECONDS
from projects.models import Shot, Take
from projects.models.take import STARS
from runwayweb.api.caller import GENERATE, READ
from runwayweb.api.errors import Invalid
from runwayweb.api.fields import sides_of
from runwayweb.api.finding import found
from runwayweb.api.models import Task
from runwayweb.api.models.task import WIRE
from runwayweb.api.planned import Body
from runwayweb.assets.signing import signed_path

from .answers import ERRORS, READING
from .projects import projects_of
from .spending import ONCE, once

router = Router(tags=["Films"])
MOST_TAKES = 4  # asked for at once


class Plan(Body):
    """What a shot asks for. What is not sent stays as it is."""

    title: str | None = Field(None, max_length=100)
    promptText: str | None = None
    negativePrompt: str | None = None
    camera: Literal[CAMERA_MOVES] | None = None  # type: ignore[valid-type]
    duration: float | None = Field(None, ge=LENGTH_SECONDS[0], le=LENGTH_SECONDS[1])
    ratio: str | None = None
    model: str | None = Field(None, max_length=100)


class NewShot(Plan):
    sceneId: str


class NewTakes(Body):
    count: int = Field(1, ge=1, le=MOST_TAKES)
    seed: int | None = Field(None, ge=SEED[0], le=SEED[1], description="For a single take.")


class Rating(Body):
    rating: int = Field(ge=0, le=STARS)


class ToldShot(Schema):
    id: str
    projectId: str
    sceneId: str
    number: str
    title: str
    promptText: str
    negativePrompt: str
    camera: str | None
    duration: float
    ratio: str
    model: str | None
    chosenTakeId: str | None


class Shots(Schema):
    data: list[ToldShot]


class ToldTake(Schema):
    id: str
    shotId: str
    number: int
    rating: int
    chosen: bool
    staleBecause: list[str] = Field(description="What the shot would ask for otherwise today.")
    status: str
    model: str
    seed: int | None
    output: list[str] = Field(description="Addresses, good for 24 hours.")
    taskId: str | None = Field(None, description="Where it was asked for by the API.")


class Takes(Schema):
    data: list[ToldTake]


def told(shot):
    return {
        "id": str(shot.pk),
        "projectId": str(shot.project_id),
        "sceneId": str(shot.scene_id),
        "number": shot.number,
        "title": shot.title,
        "promptText": shot.prompt,
        "negativePrompt": shot.negative_prompt,
        "camera": shot.camera or None,
        "duration": shot.duration_seconds,
        "ratio": f"{shot.width}:{shot.height}",
        "model": shot.model or None,
        "chosenTakeId": shot.chosen_id and str(shot.chosen_id),
    }


def told_take(take, request):
    run = take.generation
    task = getattr(run, "api_task", None)
    return {
        "id": str(take.pk),
        "shotId": str(take.shot_id),
        "number": take.number,
        "rating": take.rating,
        "chosen": take.is_chosen,
        "staleBecause": take.stale_because,
        "status": WIRE[run.status],
        "model": run.model,
        "seed": run.request.get("seed"),
        "output": [request.build_absolute_uri(signed_path(run.asset))] if run.asset_id else [],
        "taskId": task and str(task.pk),
    }


def shots_of(caller):
    return Shot.objects.live().filter(project__in=projects_of(caller)).select_related("scene", "project")


def takes_of(caller):
    shown = Take.objects.live().filter(shot__in=shots_of(caller))
    return shown.select_related("generation__asset", "generation__api_task", "shot__scene", "shot__project")


@router.get(
    "/projects/{id}/shots",
    auth=READ,
    response={200: Shots} | READING,
    operation_id="list_shots",
    summary="The shots of a film",
)
def list_shots(request, id: str):
    """In the order of the film."""
    project = found(projects_of(request.auth), id)
    return {"data": [told(shot) for shot in shots_of(request.auth).filter(project=project)]}


@router.post(
    "/projects/{id}/shots",
    auth=GENERATE,
    response={200: ToldShot} | ERRORS,
    operation_id="create_shot",
    summary="A new shot",
)
def create_shot(request, id: str, body: NewShot):
    """At the end of a scene."""
    project = found(projects_of(request.auth), id)
    scene = found(project.scenes, body.sceneId)
    shot = Shot(scene=scene)
    _plan(shot, body)
    return told(shot.add())


@router.get("/shots/{id}", auth=READ, response={200: ToldShot} | READING, operation_id="get_shot", summary="A shot")
def get_shot(request, id: str):
    return told(found(shots_of(request.auth), id))


@router.patch(
    "/shots/{id}",
    auth=GENERATE,
    response={200: ToldShot} | ERRORS,
    operation_id="update_shot",
    summary="Change what a shot asks for",
)
def update_shot(request, id: str, body: Plan):
    """Takes that asked for something else are stale from then on."""
    shot = found(shots_of(request.auth), id)
    shot.save(update_fields=_plan(shot, body))
    return told(shot)


@router.delete(
    "/shots/{id}", auth=GENERATE, response={204: None} | READING, operation_id="delete_shot", summary="Delete a shot"
)
def delete_shot(request, id: str):
    found(shots_of(request.auth), id).delete_softly()
    return HttpResponse(status=204)


@router.get(
    "/shots/{id}/takes",
    auth=READ,
    response={200: Takes} | READING,
    operation_id="list_takes",
    summary="The takes of a shot",
)
def list_takes(request, id: str):
    shot = found(shots_of(request.auth), id)
    return {"data": [told_take(take, request) for take in takes_of(request.auth).filter(shot=shot)]}


@router.post(
    "/shots/{id}/takes",
    auth=GENERATE,
    response={200: Takes} | ERRORS,
    operation_id="create_takes",
    summary="Take a shot",
    openapi_extra=ONCE,
)
def create_takes(request, id: str, body: NewTakes):
    """Takes of the shot as it is planned, each with a seed of its own; all of them, or none."""
    caller = request.auth
    if body.seed is not None and body.count > 1:
        raise Invalid.at("seed", "A seed is for a single take.")

    def make(shot):
        try:
            if body.seed is None:
                made = shot.request_seeds(body.count, by=caller.user)
            else:
                made = [shot.request_take(by=caller.user, seed=body.seed)]
        except ModelNotFound as missing:
            raise Invalid.at("model", str(missing)) from missing
        for take in made:
            Task.objects.keep(take.generation, caller, kind="take", model=take.generation.model)
        rows = takes_of(caller).filter(pk__in=[take.pk for take in made])
        return {"data": [told_take(take, request) for take in rows]}

    return once(request, make, lambda: found(shots_of(caller), id))


@router.get("/takes/{id}", auth=READ, response={200: ToldTake} | READING, operation_id="get_take", summary="A take")
def get_take(request, id: str):
    return told_take(found(takes_of(request.auth), id), request)


@router.patch(
    "/takes/{id}", auth=GENERATE, response={200: ToldTake} | ERRORS, operation_id="rate_take", summary="Rate a take"
)
def rate_take(request, id: str, body: Rating):
    take = found(takes_of(request.auth), id)
    take.rate(body.rating)
    return told_take(take, request)


@router.post(
    "/takes/{id}/choice",
    auth=GENERATE,
    response={200: ToldTake} | ERRORS,
    operation_id="choose_take",
    summary="Let a take stand in the film",
)
def choose_take(request, id: str):
    """Let it stand in the film; the cut follows."""
    take = found(takes_of(request.auth), id)
    take.shot.choose(take)
    return told_take(take, request)


def _plan(shot, body):
    """Set what was sent; the names of the columns. Raises Invalid."""
    sent = {name: value for name in body.model_fields_set if (value := getattr(body, name)) is not None}
    columns = {
        "title": sent.get("title"),
        "prompt": _words(sent, "promptText"),
        "negative_prompt": _words(sent, "negativePrompt"),
        "camera": sent.get("camera"),
        "duration_seconds": sent.get("duration"),
        "model": sent.get("model"),
    }
    if "camera" in sent:
        columns["camera_path"] = []
    if "ratio" in sent:
        columns["width"], columns["height"] = sides_of(sent["ratio"], None)
        if columns["width"] % SIDE_MULTIPLE or columns["height"] % SIDE_MULTIPLE:
            raise Invalid.at("ratio", f"Sides of a shot are multiples of {SIDE_MULTIPLE} pixels.")
    columns = {name: value for name, value in columns.items() if value is not None}
    for name, value in columns.items():
        setattr(shot, name, value)
    return list(columns)


def _words(sent, name):
    words = sent.get(name)
    if words is None:
        return None
    if "\x00" in words or any("\ud800" <= letter <= "\udfff" for letter in words):
        raise Invalid.at(name, "It holds a character that is none.")
    if utf16_units(words) > PROMPT_UNITS:
        raise Invalid.at(name, f"At most {PROMPT_UNITS} characters.")
    return words.strip()
