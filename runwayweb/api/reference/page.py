"""The reference as a page: the document of OpenAPI, told to people."""

from dataclasses import dataclass
from functools import cache

from . import snippets
from .document import ROOMS, document
from .examples import EXAMPLES
from .fields import Field, fields_of, resolved, type_of


@dataclass(frozen=True)
class Answer:
    status: str
    text: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Call:
    """`code`: (language, its name, the text) for each client."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    scope: str
    client: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[Answer, ...]
    refusals: tuple[Answer, ...]
    code: tuple[tuple[str, str, str], ...]
    deprecated: bool
    is_once: bool  # for one Idempotency-Key


@dataclass(frozen=True)
class Message:
    """What the studio sends by itself."""

    type: str
    text: str


@dataclass(frozen=True)
class Room:
    slug: str
    name: str
    text: str
    calls: tuple[Call, ...]
    messages: tuple[Message, ...]


@cache
def rooms():
    """Every call, by room, in the order of the document."""
    whole = document()
    components = whole["components"]
    found: dict[str, list[Call]] = {name: [] for name in ROOMS}
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            found.setdefault((operation.get("tags") or ["More"])[0], []).append(
                _call(path, method, operation, components)
            )
    return [
        Room(name.lower().replace(" ", "-"), name, ROOMS.get(name, ""), tuple(calls), _messages(whole, name))
        for name, calls in found.items()
        if calls
    ]


def _messages(whole, room):
    told = [(type, methods["post"]) for type, methods in whole["webhooks"].items()]
    return tuple(Message(type, operation["summary"]) for type, operation in told if room in operation["tags"])


def _call(path, method, operation, components):
    scopes = [scope for one in operation.get("security", ()) for scope in one.get("key", ())]
    answers = [
        _answer(status, told, components) for status, told in operation["responses"].items() if int(status) < 400
    ]
    refusals = [
        _answer(status, told, components) for status, told in operation["responses"].items() if int(status) >= 400
    ]
    example = EXAMPLES.get(operation["operationId"])
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        text=operation.get("description", ""),
        scope=scopes[0] if scopes else "",
        client=operation.get("x-client-method", ""),
        parameters=tuple(_parameters(operation, components)),
        body=tuple(_body(operation, components)),
        answers=tuple(answers),
        refusals=tuple(refusals),
        code=_code(path, method, example, keyed=bool(scopes)) if example is not None else (),
        deprecated=operation.get("deprecated", False),
        is_once={"$ref": "#/components/parameters/IdempotencyKey"} in operation.get("parameters", ()),
    )


def _parameters(operation, components):
    """What stands in the path and in the query; headers are the same for all."""
    for one in operation.get("parameters", ()):
        if one.get("in") in ("path", "query"):
            schema = resolved(one["schema"], components)
            yield Field(
                one["name"],
                type_of(schema, components),
                one.get("required", False),
                one.get("description", schema.get("description", "")),
                default="" if schema.get("default") in (None, "") else str(schema["default"]),
            )


def _body(operation, components):
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from fields_of(content["schema"], components)


def _answer(status, told, components):
    if "$ref" in told:
        told = components["responses"][told["$ref"].rsplit("/", 1)[-1]]
    fields = [
        field
        for content in told.get("content", {}).values()
        for field in fields_of(content.get("schema", {}), components)
    ]
    return Answer(status, told["description"], tuple(fields))


def _code(path, method, example, *, keyed):
    return (
        ("python", "Python", snippets.python(method, path, example)),
        ("node", "Node", snippets.javascript(method, path, example)),
        ("curl", "curl", snippets.curl(method, path, example, keyed=keyed)),
    )
