"""What a task would cost and take, before anything is spent."""

import re

from ninja import Router, Schema
from pydantic import Field, ValidationError

from generation.engine.catalogue import ModelNotFound
from runwayweb.api.caller import GENERATE
from runwayweb.api.errors import Invalid, issue_of
from runwayweb.api.finding import found
from runwayweb.api.planned import PLANNERS, Body
from runwayweb.subscriptions.models import Wallet

from .answers import ERRORS, EstimatedCost
from .generate import KINDS, planned_by_router
from .shots import NewTakes, shots_of

router = Router(tags=["Make"])
TAKES = re.compile(r"shots/([^/]+)/takes")


class Asked(Body):
    """The body of a task, and for which endpoint it is."""

    endpoint: str = Field(
        description="The address behind /v1/: text_to_video, generate/video, or shots/{id}/takes with the shot's id."
    )
    model_config = Body.model_config | {"extra": "allow"}


class Seconds(Schema):
    """In half of all cases, and in nine of ten."""

    p50: float
    p90: float


class Quote(Schema):
    estimatedCost: EstimatedCost
    seconds: Seconds = Field(description="From the start of its run to its end.")
    startsIn: Seconds = Field(description="From now to its start.")
    queuePosition: int = Field(description="How many runs begin before it.")
    creditBalance: int
    affordable: bool


@router.post(
    "/quotes",
    auth=GENERATE,  # for media that the body names are fetched and kept
    response={200: Quote} | ERRORS,
    operation_id="quote",
    summary="What a task would cost and take",
)
def quote(request, body: Asked):
    """The same body as for the task itself, with the name of its endpoint. Nothing is made, held or charged."""
    told = _quote_of(body, request.auth, Wallet.objects.of(request.auth.workspace))
    return {
        "estimatedCost": {"credits": told.credits},
        "seconds": {"p50": told.takes.usual, "p90": told.takes.most},
        "startsIn": {"p50": told.wait.starts_in.usual, "p90": told.wait.starts_in.most},
        "queuePosition": told.wait.ahead,
        "creditBalance": told.available,
        "affordable": told.affordable,
    }


def _quote_of(body, caller, wallet):
    """The pricing.Quote of what would be asked for. Raises Invalid, InvalidRequest, ApiError, Http404."""
    if takes := TAKES.fullmatch(body.endpoint):
        shot = found(shots_of(caller), takes[1])
        try:
            return shot.quote_seeds(_read(NewTakes, body).count, wallet)
        except ModelNotFound as missing:
            raise Invalid.at("model", str(missing)) from missing
    if body.endpoint in KINDS:
        schema, ask_of = KINDS[body.endpoint]
        return planned_by_router(ask_of(_read(schema, body)), caller).quote(wallet)
    if planner := PLANNERS.get(body.endpoint):
        return planner.plan(_read(planner.schema, body), caller).quote(wallet)
    known = ", ".join(sorted({*PLANNERS, *KINDS}) + ["shots/{id}/takes"])
    raise Invalid.at("endpoint", f"It must be one of: {known}.", "invalid_enum_value")


def _read(schema, body):
    try:
        return schema.model_validate(body.model_extra)
    except ValidationError as error:
        sent = body.model_extra
        raise Invalid(*(issue_of(told, told["loc"], sent) for told in error.errors())) from None
