"""What the API answers when it does not do what was asked for: always JSON, always a sentence."""

import json
import logging
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, JsonResponse
from ninja.errors import HttpError, ValidationError

from generation.engine.request import InvalidRequest
from runwayweb.assets.sandbox import Busy
from runwayweb.disks import is_full
from runwayweb.outage import is_outage
from runwayweb.subscriptions.models import InsufficientCredits
from runwayweb.subscriptions.refused import Refused

logger = logging.getLogger(__name__)

DOCS = "/developers/"
INVALID = "Validation of body failed"
NOT_FOUND = "There is nothing here by this address, or it is not yours."
FULL = "The disk of this studio is full just now. Nothing came in; try again later."
BUSY = "Too many files are looked through just now. Try again shortly."
NO_KEY = "Missing or invalid API key"
NO_CREDITS = "You do not have enough credits to run this task."


class ApiError(Exception):
    """An answer of `status` with a sentence. `headers`: what else it says, such as Retry-After."""

    def __init__(self, status, sentence, **headers):
        self.status, self.sentence = status, sentence
        self.headers = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        super().__init__(sentence)


@dataclass(frozen=True)
class Issue:
    """What is wrong with one field of a body. `path`: the way to it, names and positions; `code`: for programs."""

    path: tuple[str | int, ...]
    message: str
    code: str = "custom"

    def as_json(self):
        return {"code": self.code, "path": list(self.path), "message": self.message}


class Invalid(Exception):
    """A body that cannot be used, with all that is known to be wrong with it."""

    def __init__(self, *issues):
        self.issues = issues
        super().__init__("; ".join(issue.message for issue in issues))

    @classmethod
    def at(cls, path, message, code="custom"):
        """One fault of the field at `path`, a name or a tuple."""
        return cls(Issue(path if isinstance(path, tuple) else (path,), message, code))


def answer(status, sentence, *, headers=None, **more):
    """The JSON of an error, in the one shape that they all have."""
    return JsonResponse({"error": sentence} | more, status=status, headers=headers or {})


def invalid(request, issues):
    """400 for a body, with the place of each fault."""
    told = [issue.as_json() for issue in issues]
    return answer(400, INVALID, issues=told, docUrl=request.build_absolute_uri(DOCS))


def refusal(request, error, sentence=None):
    """The answer to an ApiError, or a 400 for any other; of a 400 also where to read."""
    status = getattr(error, "status", 400)
    more = {"docUrl": request.build_absolute_uri(DOCS)} if status == 400 else {}
    return answer(status, sentence or str(error), headers=getattr(error, "headers", None), **more)


def handle_all(api):
    """Let `api` (a NinjaAPI) answer whatever is raised in it."""
    api.add_exception_handler(Exception, unexpected)
    api.add_exception_handler(ApiError, refusal)
    api.add_exception_handler(Invalid, lambda request, error: invalid(request, error.issues))
    api.add_exception_handler(ValidationError, of_schema)
    api.add_exception_handler(InvalidRequest, of_engine)
    api.add_exception_handler(HttpError, of_ninja)
    api.add_exception_handler(Http404, lambda request, error: answer(404, NOT_FOUND))
    api.add_exception_handler(
        PermissionDenied, lambda request, error: answer(403, str(error) or "This is not allowed.")
    )
    api.add_exception_handler(RequestDataTooBig, lambda request, error: answer(413, "This body is too large."))
    api.add_exception_handler(Refused, refusal)
    api.add_exception_handler(Busy, lambda request, error: answer(503, BUSY, headers={"Retry-After": "5"}))
    # The words that existing programs look for.
    api.add_exception_handler(InsufficientCredits, lambda request, error: refusal(request, error, NO_CREDITS))


def of_schema(request, error):
    """What pydantic found, by the fields of the body; of a path or a query it is a wrong address."""
    found = [(told["loc"][0], told) for told in error.errors]
    if any(where == "path" for where, told in found):
        return answer(404, NOT_FOUND)
    # The first part says where it is from; of a body the second is the name it has in our code.
    in_body = any(where == "body" for where, told in found)
    sent = json.loads(request.body or b"{}") if in_body else {}  # what is no JSON was refused before
    return invalid(
        request,
        [
            issue_of(told, told["loc"][2:], sent) if where == "body" else issue_of(told, told["loc"][1:])
            for where, told in found
        ],
    )


def issue_of(told, loc, sent=None):
    """The Issue of a fault that pydantic found at `loc` of `sent`. Of a field that takes one of several kinds pydantic
    names the kind as well, which nobody sent: that is left out."""
    if sent is None:
        return Issue(tuple(loc), told["msg"], told["type"])
    path: list[str | int] = []
    for number, part in enumerate(loc):
        lacks = told["type"] == "missing" and number == len(loc) - 1
        if lacks or (part in sent if isinstance(sent, dict) else isinstance(sent, list) and isinstance(part, int)):
            path.append(part)
            sent = None if lacks else sent[part]
    return Issue(tuple(path), told["msg"], told["type"])


# What the engine's request calls otherwise than the body of a task.
FIELDS = {
    "prompt": "promptText",
    "negative_prompt": "negativePrompt",
    "num_frames": "duration",
    "duration_seconds": "duration",
    "width": "ratio",
    "height": "ratio",
    "reference_tags": "referenceImages",
    "references": "referenceImages",
    "text": "promptText",
}


def of_engine(request, error):
    return invalid(request, [Issue((FIELDS.get(error.field, error.field),), str(error))])


def of_ninja(request, error):
    """Of what the framework itself refuses: a body that is no JSON, no key."""
    if isinstance(error.__cause__, ApiError):
        return refusal(request, error.__cause__)
    return answer(error.status_code, NO_KEY if error.status_code == 401 else error.message)


def unexpected(request, error):
    if is_full(error) or is_outage(error):
        logger.error("503 for %s: %s", request.path, error)
        away = "A part of this studio is away just now. Try again shortly."
        return answer(503, FULL if is_full(error) else away, headers={"Retry-After": "5"})
    logger.exception("500 for %s", request.path, exc_info=error)
    return answer(500, "Something went wrong on our side. It was written down; try again later.")
