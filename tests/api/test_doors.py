"""Who may come through which door of the API: every route × every kind of key.

TABLE says it, a row a route. A route without a row fails here, and says what to write.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from runwayweb.api import keys
from tests.api.callers import ask, make_key
from tests.made_once import made_once

TABLE = {
    "v1/text_to_video": "POST generate",
    "v1/image_to_video": "POST generate",
    "v1/video_to_video": "POST generate",
    "v1/character_performance": "POST generate",
    "v1/text_to_image": "POST generate",
    "v1/video_upscale": "POST generate",
    "v1/image_upscale": "POST generate",
    "v1/recipes/multi_shot_video": "POST generate",
    "v1/sound_effect": "POST generate",
    "v1/speech_to_speech": "POST generate",
    "v1/text_to_speech": "POST generate",
    "v1/video_to_audio": "POST generate",
    "v1/voice_dubbing": "POST generate",
    "v1/voice_isolation": "POST generate",
    "v1/quotes": "POST generate",
    "v1/tasks": "GET read",
    "v1/tasks/<id>": "GET read, DELETE generate",
    "v1/tasks/<id>/events": "GET read",
    "v1/workflow_invocations/<id>": "DELETE generate, GET read",
    "v1/workflows": "GET read, POST generate",
    "v1/workflows/<id>": "GET read, POST generate",
    "v1/workflows/<id>/quotes": "POST generate",
    "v1/assets": "GET read, POST generate",
    "v1/assets/<id>": "DELETE generate, GET read",
    "v1/uploads": "POST generate",
    "v1/uploads/<uuid:id>/file": "POST signed",
    "v1/voices": "GET read, POST generate",
    "v1/voices/<id>": "DELETE generate, GET read, PATCH generate",
    "v1/voices/preview": "POST generate",
    "v1/webhooks": "GET admin, POST admin",
    "v1/webhooks/<id>": "DELETE admin, GET admin, PATCH admin",
    "v1/webhooks/<id>/deliveries": "GET admin",
    "v1/webhooks/<id>/deliveries/<delivery_id>/replay": "POST admin",
    "v1/webhooks/<id>/replay": "POST admin",
    "v1/webhooks/<id>/rotate": "POST admin",
    "v1/webhooks/<id>/test": "POST admin",
    "api/models": "GET anybody",
    "api/openapi.json": "GET anybody",
    "v1/organization": "GET read",
    "v1/organization/usage": "POST read",
    "v1/exports/<id>": "DELETE generate, GET read",
    "v1/generate/audio": "POST generate",
    "v1/generate/image": "POST generate",
    "v1/generate/video": "POST generate",
    "v1/projects": "GET read, POST generate",
    "v1/projects/<id>": "DELETE generate, GET read, PATCH generate",
    "v1/projects/<id>/assembly": "POST generate",
    "v1/projects/<id>/exports": "GET read, POST generate",
    "v1/projects/<id>/scenes": "GET read, POST generate",
    "v1/projects/<id>/shots": "GET read, POST generate",
    "v1/routers": "GET read, POST admin",
    "v1/routers/<id>": "DELETE admin, GET read, PATCH admin",
    "v1/routers/<id>/requests": "GET read",
    "v1/shots/<id>": "DELETE generate, GET read, PATCH generate",
    "v1/shots/<id>/takes": "GET read, POST generate",
    "v1/takes/<id>": "GET read, PATCH generate",
    "v1/takes/<id>/choice": "POST generate",
}
WORDS = {
    "read": "keys with the scope read",
    "generate": "keys with the scope generate",
    "admin": "keys with the scope admin",
    "anybody": "also who has no key",
    "signed": "whoever has its address, which is signed and ends; no key opens it",
}

# What the noun before an id in an address means: the attribute of the World below that has it.
NOUNS = {
    "tasks": "task",
    "projects": "project",
    "shots": "shot",
    "takes": "take",
    "exports": "export",
    "routers": "router",
    "assets": "asset",
    "uploads": "upload",
    "voices": "voice",
    "webhooks": "webhook",
    "deliveries": "delivery",
    "workflows": "workflow",
    "workflow_invocations": "invocation",
}
# What a POST or a PATCH is sent where an empty object would be refused before anybody looks for what it is about.
SENT = {
    "v1/projects/<id>": lambda world: {"name": "The Fox Who Left"},
    "v1/projects/<id>/scenes": lambda world: {"heading": "EXT. FOREST - NIGHT"},
    "v1/projects/<id>/shots": lambda world: {"sceneId": str(world.shot.scene_id), "promptText": "a red fox"},
    "v1/projects/<id>/exports": lambda world: {"format": "mp4"},
    "v1/webhooks/<id>/replay": lambda world: {"since": "2026-11-01T00:00:00Z"},
    "v1/takes/<id>": lambda world: {"rating": 3},
}
# Routes that answer 404 also to whoever may come in: there is nothing behind them yet.
EMPTY = set()

SCOPES = ("read", "generate", "admin")
NOT_IN = ("no key", "garbage", "wrong checksum", "unknown", "revoked", "expired", "suspended")
PREFIXES = ("v1/", "api/")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One door. `pattern`: its address with the parts in it; `methods`: those it takes, None where only it knows."""

    pattern: str
    methods: frozenset | None = None

    def __str__(self):
        return self.pattern

    @property
    def needs(self):
        """{method: word}."""
        return dict(part.split() for part in TABLE[self.pattern].split(", "))

    def address(self, world, *, nowhere=False):
        """Where it is in the world; `nowhere`: for ids that do not exist."""

        def part(found):
            noun = found["noun"]
            if noun not in NOUNS:
                pytest.fail(f"{self}: say in NOUNS what “{noun}” is")
            known = getattr(world, NOUNS[noun])
            pk = getattr(known, "pk", known)
            return f"{noun}/{(uuid.uuid4() if isinstance(pk, uuid.UUID) else 999_999) if nowhere else pk}"

        return "/" + re.sub(r"(?P<noun>[\w-]+)/<(?:\w+:)?\w+>", part, self.pattern)

    @property
    def names_something(self):
        return "<" in self.pattern


def routes(resolver=None, prefix=""):
    """Every route of the API, from the URL configuration: {pattern: methods}."""
    found = {}
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver) and (pattern.startswith(PREFIXES) or not pattern):
            for inner, methods in routes(entry, pattern).items():
                found[inner] = found[inner] | methods if inner in found and methods else methods
        elif isinstance(entry, URLPattern) and pattern.startswith(PREFIXES) and entry.name != "api-root":
            found[pattern] = _methods_of(entry.callback)
    return found


def _methods_of(view):
    """Those of a view of django-ninja, which keeps its operations behind it; None of another."""
    inside = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]
    operations = next((one.operations for one in inside if hasattr(one, "operations")), None)
    return operations and frozenset(method for one in operations for method in one.methods)


ROUTES = [Route(pattern, methods) for pattern, methods in sorted(routes().items())]
KNOWN = [route for route in ROUTES if route.pattern in TABLE]


class World:
    """A workspace with one of everything, and keys of all kinds."""

    def __init__(self):
        from projects.models import Export, Invocation, Workflow
        from runwayweb.accounts.models import Role
        from runwayweb.api.models import Key, Router, Task
        from runwayweb.api.reference.examples import EXAMPLES
        from runwayweb.subscriptions.models import Subscription
        from tests.factories import (
            make_asset,
            make_generation,
            make_member,
            make_plan,
            make_project,
            make_shot,
            make_take,
            make_user,
        )

        ada, mallory, grace = make_user("ada"), make_user("mallory"), make_user("grace")
        self.workspace = studio = ada.open_workspace()
        self.project = make_project(ada)
        self.shot = make_shot(self.project)
        self.take = make_take(self.shot, ada, "animatic", finished=True)
        self.export = Export.objects.create(
            project=self.project, requested_by=ada, format="mp4", document={}, sources={}, asset=make_asset(studio)
        )
        self.asset, self.upload = make_asset(studio), uuid.uuid4()
        self.voice = studio.voices.create(name="Ada's", model="animatic")
        self.webhook = studio.webhooks.create(url="https://example.org/hook", event_types=["*"])
        self.delivery = self.webhook.deliveries.create(event_type="task.failed", payload={"data": {}})
        self.workflow = Workflow.objects.make(
            studio, name="Words", description="", by=ada, graph=EXAMPLES["publish_workflow"]["body"]["graph"]
        )
        self.invocation = Invocation.objects.create(
            version=self.workflow.publish(by=ada), project=self.project, requested_by=ada
        )
        self.router = Router.objects.add(studio, slug="cheap", name="", description=None, settings={})
        run = make_generation(self.project, ada)
        self.task = Task.objects.create(workspace=studio, kind="text_to_video", model="animatic", generation=run)
        self.keys = {scope: make_key(ada, scopes=[scope]) for scope in SCOPES}
        plain = self.keys["read"]
        self.keys |= {
            "no key": None,
            "garbage": "garbage",
            "wrong checksum": plain[:-1] + ("0" if plain[-1] != "0" else "1"),
            "unknown": keys.new_key(),
            "revoked": make_key(ada),
            "expired": make_key(ada, expires_at=timezone.now() - timedelta(seconds=1)),
            "suspended": make_key(make_member(studio, Role.ADMIN, grace), studio),
            "stranger": make_key(mallory),
        }
        Key.objects.get(digest=keys.digest_of(self.keys["revoked"])).revoke(by=ada)
        type(grace).objects.filter(pk=grace.pk).update(is_active=False)
        poor = make_user("poor")
        self.keys["without a plan"] = make_key(poor)
        Subscription.objects.assign(poor.open_workspace(), make_plan("free"))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Made once, and never changed: whatever a call did is rolled back."""
    with made_once(django_db_blocker, World) as world:
        yield world


def call(world, who, route, method, address=None):
    """The answer to one call, of which nothing stays."""
    body = None if method in ("GET", "DELETE") else SENT.get(route.pattern, lambda world: {})(world)
    with transaction.atomic():
        answer = ask(method, address or route.address(world), world.keys[who], body)
        if not answer.streaming:
            answer.content  # noqa: B018
        transaction.set_rollback(True)
    return answer


def told(answer):
    return answer.status_code, answer.content


@pytest.mark.django_db  # has the database made, in which the World of the others stands
def test_every_route_has_its_row():
    missing = [route for route in ROUTES if route.pattern not in TABLE]
    words = "\n".join(f"  {word}: {meaning}" for word, meaning in WORDS.items())
    lines = "\n".join(
        f'    "{route}": "{", ".join(f"{method} read" for method in sorted(route.methods or ["GET"]))}",'
        for route in missing
    )
    assert not missing, f"Add to TABLE of {__file__}, each with its methods and who may:\n{lines}\n\n{words}"


def test_every_row_has_its_route():
    gone = set(TABLE) - {route.pattern for route in ROUTES}
    assert not gone, f"Rows of TABLE whose routes are gone: {sorted(gone)}"
    for route in KNOWN:
        assert set(route.needs.values()) <= set(WORDS), route
        assert route.methods is None or set(route.needs) == route.methods, f"{route} takes {sorted(route.methods)}"


@pytest.mark.parametrize("route", KNOWN, ids=str)
def test_the_door(world, route):
    wrong = []
    for method, word in route.needs.items():
        answers = {who: call(world, who, route, method) for who in world.keys}
        statuses = {who: answer.status_code for who, answer in answers.items()}
        for who, status in statuses.items():
            said = f"{method} with {who}: {status} {answers[who].content[:120] if not answers[who].streaming else ''}"
            html = status != 204 and answers[who]["Content-Type"].startswith("text/html")
            if status >= 500 or html:
                wrong.append(said)
            elif word == "signed":
                wrong += [said] if status != 401 else []
            elif word == "anybody":
                wrong += [said] if status in (401, 403) else []
            elif who in NOT_IN and told(answers[who]) != (401, b'{"error": "Missing or invalid API key"}'):
                wrong.append(said)
            elif who == "without a plan" and (status != 403 or b"no access by API" not in answers[who].content):
                wrong.append(said)
            elif (
                who in SCOPES
                and word in SCOPES
                and who != word
                and (status != 403 or b"scope" not in answers[who].content)
            ):
                wrong.append(said)
            elif who == word and (status in (401, 403, 405) or (status == 404 and route.pattern not in EMPTY)):
                wrong.append(said)
    assert not wrong, f"{route}\n  " + "\n  ".join(wrong)


@pytest.mark.parametrize("route", [route for route in KNOWN if route.names_something], ids=str)
def test_what_belongs_to_others_is_told_as_what_is_not_there(world, route):
    """Case 12 and 13: a foreign id, a random one, one that is none, one that leads elsewhere."""
    wrong = []
    for method, word in route.needs.items():
        if word in ("anybody", "signed"):
            continue
        foreign = call(world, "stranger", route, method)
        nowhere = call(world, "stranger", route, method, route.address(world, nowhere=True))
        before = call(world, "read", route, "GET").status_code if "GET" in route.needs else None
        if foreign.status_code != 404 or told(foreign) != told(nowhere):
            wrong.append(f"{method}: {told(foreign)} for what is another's, {told(nowhere)} for what is not there")
        for odd in ("not-a-uuid", "%00", "..%2F..%2Fetc", "0" * 400, "-1", "é"):
            address = re.sub(r"(?:[0-9a-f-]{36}|\d+)(?=/|$)", odd, route.address(world).removeprefix("/v1"), count=1)
            answer = call(world, "stranger", route, method, f"/v1{address}")
            if told(answer) != told(nowhere):
                wrong.append(f"{method} {odd[:12]}: {told(answer)}")
        if before and call(world, "read", route, "GET").status_code != before:
            wrong.append(f"{method}: changed what is another's")
    assert not wrong, f"{route}\n  " + "\n  ".join(wrong)


def test_a_method_that_no_row_names_is_refused(world):
    wrong = []
    for route in KNOWN:
        for method in set(METHODS) - set(route.needs):
            answer = call(world, "read", route, method)
            if answer.status_code != 405:
                wrong.append(f"{method} {route}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
