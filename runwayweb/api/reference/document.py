"""The OpenAPI 3.1 document: what ninja reads from the code, and what holds for every call besides."""

from copy import deepcopy
from functools import cache

from runwayweb.api.caller import VERSIONS
from runwayweb.api.errors import DOCS, INVALID
from runwayweb.api.models.answer import LONGEST_NAME

from .examples import EXAMPLES
from .messages import webhooks
from .schemas import Schemas, shared_by

ABOUT = (
    "Everything the studio does, by HTTP. Programs written for the Runway API run here by changing the base URL and "
    "the key. A call that makes work answers at once with the id of a task; ask for the task until it has ended. "
    "Errors are JSON, with a sentence in `error`."
)
ROOMS = {
    "Make": "Calls that make work. Each answers with a task's id and the most it will cost; what fails or is cancelled "
    "costs nothing.",
    "Tasks": "What was asked for: how far it is, what came of it.",
    "Uploads": "Files of yours, for the calls that take media.",
    "Voices": "Voices for speech.",
    "Workflows": "Published graphs of tasks, run as one.",
    "Routers": "Rules that choose the model.",
    "Organization": "Credits, limits and usage.",
    "Webhooks": "Being told when a task ended, instead of asking.",
    "Films": "Films with their scenes, shots, takes and exports, as the studio's pages have them.",
    "Assets": "Files of the workspace's library.",
    "Models": "Which models there are, what each can do and costs.",
}
MEANINGS = {
    400: "Something in the request cannot be used. Of a body, `issues` names each field that is wrong.",
    401: "No key, or none that opens anything here.",
    403: "The key or the plan does not allow this.",
    404: "There is nothing by this address, or it is not yours.",
    405: "This address does not take this method.",
    408: "The body came too slowly.",
    409: "It is in use, or was changed meanwhile.",
    410: "It is over.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "It cannot be done as asked.",
    429: "Too many requests. `Retry-After` says in how many seconds to come back.",
    500: "Something went wrong on our side.",
    503: "A part of the studio is away just now. Come back after `Retry-After`.",
}
TOLD = {
    401: "Missing or invalid API key",
    403: "This key may not do that: it lacks the scope “generate”.",
    404: "There is nothing here by this address, or it is not yours.",
    405: "This address does not take this method.",
    408: "That came too slowly. Look at your connection and try again.",
    413: "This body is too large.",
    415: "Send the body as JSON, with Content-Type: application/json.",
    429: "Too many requests. Wait a moment.",
    503: "A part of this studio is away just now. Try again shortly.",
}
REFUSED = {
    "error": INVALID,
    "issues": [
        {
            "code": "invalid_enum_value",
            "path": ["ratio"],
            "message": "It must be one of: 1280:720, 720:1280.",
        }
    ],
    "docUrl": f"https://studio.example.org{DOCS}",
}
HEADERS = {
    "RequestId": {
        "description": "Names this answer in the studio's log; tell it to whoever helps you.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds to wait before asking again.", "schema": {"type": "integer"}},
}
VERSION = {
    "in": "header",
    "name": "X-Runway-Version",
    "required": True,
    "description": "The version of the API that the program was written for. Both official clients send it.",
    "schema": {"type": "string", "enum": list(VERSIONS)},
}
IDEMPOTENCY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "A name for this request, of your choosing. Sent again within 48 hours, the first answer is given "
    "again, byte for byte, and nothing is made twice, also where what the request named is gone; with another body it "
    "is refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": r"^[ -~]+$"},
}


def document(origin=""):
    """The document as JSON would have it. `origin`: of the server it is about. Built once a process."""
    return _document() | {"servers": [{"url": origin}]} if origin else _document()


@cache
def _document():
    from runwayweb.api.public import public
    from runwayweb.api.wire import api

    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "Runwayweb",
            "version": VERSIONS[-1],
            "summary": "The studio, by HTTP",
            "description": ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "paths": {},
        "components": {"schemas": {}, "responses": {}, "headers": HEADERS, "parameters": _parameters()},
    }
    for ninja, prefix in ((api, "v1/"), (public, "api/")):
        part = Schemas(ninja, prefix, whole["components"]["schemas"])
        whole["paths"] |= part["paths"]
        _scopes(ninja, part)
    whole["webhooks"] = webhooks(lambda schema: shared_by(schema, whole["components"]["schemas"]))
    operations = [
        (path, method, operation) for path, methods in whole["paths"].items() for method, operation in methods.items()
    ]
    for path, method, operation in operations:
        _complete(operation, method, whole["components"], keyed=path.startswith("/v1/"))
    used = {tag for _path, _method, operation in operations for tag in operation.get("tags", ())}
    whole["tags"] = [{"name": tag, "description": text} for tag, text in ROOMS.items() if tag in used]
    whole["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key of a workspace: Settings → API keys."}
    }
    return whole


def _parameters():
    return {"Version": VERSION, "IdempotencyKey": IDEMPOTENCY}


def _scopes(ninja, part):
    """What a key must allow, which ninja does not know of."""
    for router in ninja._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                scopes = [auth.scope.value for auth in operation.auth_callbacks or () if hasattr(auth, "scope")]
                for methods in part["paths"].values():
                    for one in methods.values():
                        if one["operationId"] == (operation.operation_id or ninja.get_openapi_operation_id(operation)):
                            one["security"] = [{"key": scopes}] if scopes else []


def _complete(operation, method, components, *, keyed):
    """Add what every call has in common, and its example."""
    if operation["summary"] == operation["operationId"].replace("_", " ").title():  # ninja's, from the function's name
        operation["summary"] = operation["summary"].capitalize()
    if keyed:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/Version"})
    operation["responses"] = {
        str(status): _answer(status, told, components) for status, told in sorted(operation["responses"].items())
    }
    example = EXAMPLES.get(operation["operationId"], {})
    if "body" in example and "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example["body"]
    for parameter in operation.get("parameters", ()):
        if parameter.get("name") in example.get("path", {}):
            parameter["example"] = example["path"][parameter["name"]]
    if "client" in example:
        operation["x-client-method"] = example["client"]


def _answer(status, told, components):
    """An answer with the headers that all have; an error's is the same everywhere."""
    headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if status < 400:
        return told | {"headers": headers | told.get("headers", {})}
    if status in (429, 503):
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    name = f"Error{status}"
    content = deepcopy(told.get("content", {}))
    for one in content.values():
        one["example"] = REFUSED if status == 400 else {"error": TOLD.get(status, MEANINGS.get(status, ""))}
    components["responses"].setdefault(
        name, {"description": MEANINGS.get(status, told["description"]), "headers": headers, "content": content}
    )
    return {"$ref": f"#/components/responses/{name}"}
