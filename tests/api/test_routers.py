"""Rules that choose a model: kept under a slug, gone by, and told of afterwards."""

import pytest

from generation.attempt import Attempt
from generation.models import Generation
from runwayweb.api.models import Decision, Router, Task
from runwayweb.api.v1.generate import ratio_of
from tests.factories import make_plan

pytestmark = pytest.mark.django_db

WORDS = {"promptText": "a red fox in a forest", "duration": 2, "resolution": "480p"}


def make(program, slug="films", **settings):
    answer = program.post("/v1/routers", {"slug": slug, "settings": settings})
    assert answer.status_code == 200, answer.content
    return answer.json()


def generate(program, slug="films", **given):
    return program.post("/v1/generate/video", {"configId": slug, "input": WORDS | given})


def test_a_router_is_kept_changed_and_deleted(program, stranger):
    made = make(program, maxCreditsPerGeneration={"video": 20})
    assert made["name"] == made["slug"] == "films" and made["version"] == 1
    assert made["settings"] == {"optimizeFor": "cost", "schemaVersion": 1, "maxCreditsPerGeneration": {"video": 20}}
    path = f"/v1/routers/{made['id']}"
    changed = program.call("PATCH", path, {"name": "Films", "settings": {"optimizeFor": "quality"}}).json()
    assert changed["name"] == "Films" and changed["version"] == 2
    assert changed["settings"]["maxCreditsPerGeneration"] == {"video": 20}
    assert program.call("PATCH", path, {"description": "For the film."}).json()["version"] == 2
    without = program.call("PATCH", path, {"settings": {"maxCreditsPerGeneration": {"video": None}}}).json()
    assert "maxCreditsPerGeneration" not in without["settings"]
    assert [one["id"] for one in program.get("/v1/routers?limit=5").json()["data"]] == [made["id"]]
    for answer in (stranger.get(path), stranger.call("PATCH", path, {"name": "Mine"}), stranger.delete(path)):
        assert answer.status_code == 404
    assert program.get(path).json()["name"] == "Films"
    assert program.delete(path).status_code == 204 and program.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"slug": "Not Good"}, ["slug"]),
        ({"slug": ""}, ["slug"]),
        ({"slug": "a", "settings": {"optimizeFor": "luck"}}, ["settings", "optimizeFor"]),
        (
            {"slug": "a", "settings": {"maxCreditsPerGeneration": {"video": -1}}},
            ["settings", "maxCreditsPerGeneration", "video"],
        ),
        (
            {"slug": "a", "settings": {"models": {"mode": "allowlist_only", "ids": ["nobody"]}}},
            ["settings", "models", "ids", 0],
        ),
    ],
)
def test_rules_that_make_no_sense_are_refused_where_they_stand(program, body, path):
    answer = program.post("/v1/routers", body)
    assert answer.status_code == 400 and [issue["path"] for issue in answer.json()["issues"]] == [path]


def test_a_slug_is_taken_once_in_a_workspace(program, stranger):
    make(program)
    assert program.post("/v1/routers", {"slug": "films"}).status_code == 409
    assert stranger.post("/v1/routers", {"slug": "films"}).status_code == 200


def test_the_cheapest_that_fits_is_chosen_and_says_why(program, pulse):
    made = make(program)
    answer = generate(program)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    routing = told["routing"]
    assert routing["configId"] == "films" and routing["provider"] == "runwayweb"
    assert routing["resolvedInput"] == {"duration": 2, "ratio": "848:480", "resolution": "480p"}
    assert routing["resolvedSettings"] == {"optimizeFor": "cost", "priceCeiling": None}
    task = Task.objects.get(pk=told["id"])
    assert task.generation.model == routing["model"] and task.estimate == routing["estimatedCost"]["credits"] == 4
    [decision] = program.get(f"/v1/routers/{made['id']}/requests?limit=5").json()["data"]
    assert (
        decision["status"] == "routed" and decision["taskId"] == told["id"] and decision["reasonCode"] == "lowest_cost"
    )
    assert decision["requestId"] == answer["X-Request-Id"]
    assert [step.get("filter", step["type"]) for step in decision["pipeline"]] == [
        "capability", "prompt_length", "input_support", "allow_deny", "price", "rank",
    ]  # fmt: skip


@pytest.mark.slow
def test_what_is_chosen_is_drawn(program, pulse):
    make(program, models={"mode": "allowlist_only", "ids": ["animatic"]})
    id = generate(program, duration=1).json()["id"]
    Attempt.run_next(pulse)
    assert program.get(f"/v1/tasks/{id}").json()["status"] == "SUCCEEDED"
    asset = Task.objects.get(pk=id).generation.asset
    assert (asset.width, asset.height, asset.duration_seconds) == (848, 480, 1.0)


def test_lists_and_ceilings_are_kept_to(program):
    make(program, "only", models={"mode": "allowlist_only", "ids": ["animatic"]})
    make(program, "but", models={"mode": "allow_new_except", "ids": ["animatic"]})
    assert generate(program, "only").json()["routing"]["model"] == "animatic"
    assert generate(program, "but").json()["routing"]["model"] == "built-in"
    made = make(program, "poor", maxCreditsPerGeneration={"video": 3})
    refused = generate(program, "poor")
    assert refused.status_code == 400 and "costs more than the router allows" in refused.json()["error"]
    [decision] = program.get(f"/v1/routers/{made['id']}/requests?limit=5").json()["data"]
    assert decision["status"] == "no_eligible_model" and decision["emptiedBy"] == ["price"]
    assert Generation.objects.count() == 2


def test_a_picture_asks_for_a_model_that_takes_it(program):
    make(program)
    refused = generate(program, audio=True)
    assert refused.status_code == 400 and "No installed model does this" in refused.json()["error"]
    assert Decision.objects.get().emptied_by == ["capability"]


def test_a_plan_without_a_free_place_is_told(program, ada):
    from runwayweb.subscriptions.models import Subscription

    workspace = ada.open_workspace()
    Subscription.objects.create(workspace=workspace, plan=make_plan("pro", concurrency=1, api_access=True))
    make(program, fallback={"onCapacity": True})
    assert "capacityFallback" not in generate(program).json()["routing"]
    assert generate(program).json()["routing"]["capacityFallback"] == {"allExhausted": True, "skipped": []}


def test_what_a_planner_finds_wrong_stands_in_the_input(program):
    make(program)
    answer = generate(program, seed=2**32)
    assert answer.status_code == 400 and answer.json()["issues"][0]["path"] == ["input", "seed"]
    speech = {"configId": "films", "input": {"type": "audio", "promptText": "rain", "duration": 1e6}}
    assert program.post("/v1/generate/audio", speech).status_code == 400


def test_a_frame_is_never_wider_than_any_model_takes():
    assert ratio_of("16:9", "720p") == "1280:720" and ratio_of("9:16", "480p") == "480:848"
    assert ratio_of("21:9", "4k") == "4096:1760" and ratio_of("1:1", "1k") == "1024:1024"


def test_who_has_no_such_router_is_told_how_to_make_one(program):
    answer = generate(program, "nowhere")
    assert answer.status_code == 404 and "POST /v1/routers" in answer.json()["error"]


def test_a_routed_run_is_made_once_for_a_key(program):
    make(program)
    body = {"configId": "films", "input": WORDS}
    first, second = (program.post("/v1/generate/video", body, Idempotency_Key="one") for _ in range(2))
    assert first.content == second.content and Task.objects.count() == 1 and Decision.objects.count() == 1
    assert Router.objects.get().decisions.count() == 1


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("video", WORDS),
        ("image", {"promptText": "a red fox"}),
        ("audio", {"type": "audio", "promptText": "rain", "duration": 1}),
    ],
)
def test_a_quote_is_what_will_be_held_and_no_decision_is_kept(program, kind, given):
    make(program)
    body = {"configId": "films", "input": given}
    quoted = program.post("/v1/quotes", body | {"endpoint": f"generate/{kind}"})
    assert quoted.status_code == 200, quoted.content
    assert not Decision.objects.exists() and not Task.objects.exists()
    made = program.post(f"/v1/generate/{kind}", body).json()
    assert made["routing"]["estimatedCost"] == quoted.json()["estimatedCost"]


def test_a_quote_says_of_an_input_what_the_call_would_say(program):
    make(program)
    for body in (
        {"configId": "nobody", "input": WORDS},
        {"configId": "films", "input": WORDS | {"promptText": "x" * 2000}},
    ):
        quoted = program.post("/v1/quotes", body | {"endpoint": "generate/video"})
        assert (quoted.status_code, quoted.json()) == (
            (made := program.post("/v1/generate/video", body)).status_code,
            made.json(),
        )
    assert program.post("/v1/quotes", {"endpoint": "generate/video"}).json()["issues"][0]["path"] == ["configId"]
