"""Shapes that many answers share, for the OpenAPI document."""

from ninja import Schema


class EstimatedCost(Schema):
    credits: int


class Failure(Schema):
    """Any error but that of a body."""

    error: str


class Fault(Schema):
    """`path`: the way to the field, names and positions."""

    code: str
    path: list[str | int]
    message: str


class Refusal(Schema):
    """400. `issues` says of a body which fields are wrong; other refusals have none."""

    error: str
    issues: list[Fault] | None = None
    docUrl: str | None = None


READING = {400: Refusal, 401: Failure, 403: Failure, 404: Failure, 405: Failure, 429: Failure, 503: Failure}
ERRORS = READING | {408: Failure, 413: Failure, 415: Failure}
