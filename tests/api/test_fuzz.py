"""Random requests, by the OpenAPI document: whatever comes, the answer is one of those that are documented.

They come in by the site's own door, as a server hands them on, and not in anybody's transaction.

`FUZZ_SEED=7 pytest tests/api/test_fuzz.py` repeats a run; every run prints its own.
"""

import json
import math
import os
import random

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, strategies
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from runwayweb.api import media
from runwayweb.api.reference.document import document
from runwayweb.api.reference.examples import EXAMPLES
from runwayweb.asgi import application
from tests.servers.https import HOST

pytestmark = pytest.mark.django_db(transaction=True)

CASES = 1_000
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Follows a task until it ends: a line that stays open is told of in test_following.py.
ENDED_ALONE = {"follow_task"}
MEDIA = {"audioUri", "imageUri", "promptImage", "url", "uri", "videoUri"}  # fields that name a file


async def site(scope, receive, send):
    """The site as a server calls it, which has nothing to do when that begins or ends."""
    if scope["type"] != "lifespan":
        return await application(scope, receive, send)
    while True:
        said = (await receive())["type"]
        await send({"type": f"{said}.complete"})
        if said == "lifespan.shutdown":
            return None


@pytest.fixture
def world(program, ada, pulse, elsewhere, monkeypatch):
    """Something of ada's behind each address, so that not every id is a stranger's: {noun: ids}. Of each there are two:
    the first is there to be deleted."""
    monkeypatch.setattr(media, "EVEN_SECONDS", 0.0)
    both = [_some_of_each(program, ada, number) for number in (1, 2)]
    return {noun: [one[noun] for one in both] for noun in both[0]}


def _some_of_each(program, ada, number):
    from projects.models import Export, Voice
    from runwayweb.api.models import Delivery, Endpoint
    from runwayweb.subscriptions.models import Wallet
    from tests.factories import make_asset, make_project, make_shot, make_take
    from tests.projects.test_workflows import heard

    def posted(path, body):
        answer = program.post(f"/v1/{path}", body)
        assert answer.status_code == 200, answer.content
        return answer.json()["id"]

    workspace = ada.open_workspace()
    Wallet.objects.of(workspace).grant(10_000_000, reference=f"grant:fuzz:{number}")
    project = make_project(ada)
    shot = make_shot(project)
    workflow = posted("workflows", {"name": "Fox, heard", "graph": heard(length=0.5)})
    webhook, _secret = Endpoint.objects.add(workspace, by=ada, url=f"https://{HOST}/{number}")
    assert program.post(f"/v1/webhooks/{webhook.pk}/test", {}).status_code in (200, 202)
    return {
        "projects": str(project.pk),
        "shots": str(shot.pk),
        "takes": str(make_take(shot, ada, "animatic", finished=True).pk),
        "assets": str(make_asset(workspace, sha256=f"{number}" * 64).pk),
        "exports": str(Export.request_export(project, by=ada, format="bundle").pk),
        "voices": str(Voice.objects.create(workspace=workspace, name=f"Maya {number}", model="nobody").pk),
        "workflows": workflow,
        "workflow_invocations": posted(f"workflows/{workflow}", {}),
        "webhooks": str(webhook.pk),
        "deliveries": str(Delivery.objects.get(endpoint=webhook).pk),
        "routers": posted("routers", {"slug": f"house-rules-{number}"}),
        "tasks": posted("text_to_video", EXAMPLES["text_to_video"]["body"]),
        "uploads": posted_upload(program),
    }


def posted_upload(program):
    """The URI of a file that was announced; nothing came of it yet."""
    return program.post("/v1/uploads", {"filename": "fox.png", "type": "ephemeral"}).json()["runwayUri"]


def requests_of(operation, world):
    """A strategy of cases: by its schema and against it, with ids that exist and that do not, with bodies that are an
    example but for some fields."""
    _v1, noun = (operation.path.split("/") + ["", ""])[1:3]
    example = EXAMPLES[operation.definition.raw["operationId"]].get("body")
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = strategies.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @strategies.composite
    def drawn(draw):
        case = draw(cases)
        alone = operation.definition.raw["operationId"] in ENDED_ALONE
        which = 0 if operation.method == "delete" else 1
        named = case.path_parameters or {}
        if "id" in named and noun in world and not alone and draw(strategies.integers(0, 3)):
            named["id"] = world[noun][which]
            if "delivery_id" in named and draw(strategies.booleans()):
                named["delivery_id"] = world["deliveries"][which]
        if example and isinstance(case.body, dict) and draw(strategies.booleans()):
            kept = draw(strategies.sets(strategies.sampled_from(sorted(example))))
            case.body = case.body | {name: example[name] for name in kept}
            for name in sorted(MEDIA & set(case.body)):
                if draw(strategies.booleans()):
                    case.body[name] = world["uploads"][which]
        return case

    return drawn()


def fuzz(program, world, cases):
    chosen = int(os.environ.get("FUZZ_SEED") or random.randrange(2**32))
    print(f"FUZZ_SEED={chosen}")
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document("http://testserver"))))
    schema.app = site
    operations = [one.ok() for one in schema.get_all_operations()]
    asked, statuses, found = 0, {}, []
    for operation in operations:

        @hypothesis.seed(chosen)
        @hypothesis.settings(
            max_examples=math.ceil(1.1 * cases / len(operations)),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        )
        @hypothesis.given(case=requests_of(operation, world))
        def ask(case):
            nonlocal asked
            asked += 1
            headers = {"Authorization": f"Bearer {program.plain}"}
            answer = case.call(headers=headers)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            case.validate_response(answer, checks=CHECKS)
            assert b"<html" not in answer.content and b"Traceback" not in answer.content

        try:
            ask()
        except Exception as failure:
            found.append(f"{operation.label}: {failure}")
    print(f"{asked} requests: {dict(sorted(statuses.items()))}")
    assert not found, "\n\n".join(found)
    assert asked >= cases
    # The world was reached, not only its door.
    assert statuses.get(200, 0) > cases / 20


@pytest.mark.timeout(600)
def test_random_requests_are_answered_as_documented(program, world):
    fuzz(program, world, CASES)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_times_as_many(program, world):
    fuzz(program, world, 10 * CASES)
