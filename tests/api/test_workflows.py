"""A program publishes a workflow, runs it and fetches what comes out; the official client reads every answer."""

import uuid

import pytest
from pydantic import TypeAdapter
from runwayml.types import WorkflowInvocationRetrieveResponse, WorkflowListResponse, WorkflowRetrieveResponse

from generation.attempt import Attempt
from generation.models import Generation
from projects.jobs import go_on_with_workflow
from projects.models import Invocation, WorkflowVersion
from runwayweb.subscriptions.models import Wallet
from tests.api.given import as_data
from tests.factories import make_asset, make_user
from tests.pictures import as_file, two_colors
from tests.projects.test_workflows import edge, heard, node

pytestmark = pytest.mark.django_db
WORDS, LENGTH = ["nodeOutputs", "words", "text"], ["nodeOutputs", "clip", "length"]


@pytest.fixture
def published(program):
    """What POST /v1/workflows answered."""
    answer = program.post("/v1/workflows", {"name": "Fox, heard", "graph": heard(length=0.5)})
    assert answer.status_code == 200, answer.content
    return answer.json()


def run(program, id, given=None):
    answer = program.post(f"/v1/workflows/{id}", {"nodeOutputs": given} if given is not None else {})
    assert answer.status_code == 200, answer.content
    go_on_with_workflow(answer.json()["id"])
    return answer.json()


def look(program, id):
    """The run as JSON, in the shape that the official client has for its status."""
    told = program.get(f"/v1/workflow_invocations/{id}").json()
    read = TypeAdapter(WorkflowInvocationRetrieveResponse).validate_python(told, strict=False)
    assert type(read).__name__.upper() == told["status"]
    return told


def refused(program, id, given):
    answer = program.post(f"/v1/workflows/{id}", {"nodeOutputs": given})
    assert answer.status_code == 400 and not Invocation.objects.exists()
    [issue] = answer.json()["issues"]
    return issue["path"], issue["message"]


def test_what_is_published_is_listed_with_its_versions_newest_first(program, published):
    graph = heard(length=1)
    again = program.post("/v1/workflows", {"workflowId": published["workflowId"], "graph": graph}).json()
    assert (again["version"], again["name"]) == (2, "Fox, heard")
    listed = WorkflowListResponse.model_validate(program.get("/v1/workflows").json())
    [workflow] = listed.data
    assert workflow.name == "Fox, heard" and [one.version for one in workflow.versions] == [2, 1]
    assert [one.id for one in workflow.versions] == [again["id"], published["id"]]
    first = WorkflowRetrieveResponse.model_validate(program.get(f"/v1/workflows/{published['id']}").json())
    assert (first.version, first.graph.version, len(first.graph.nodes), len(first.graph.edges)) == (1, 1, 4, 3)
    assert program.get(f"/v1/workflows/{published['workflowId']}").json()["id"] == again["id"]


@pytest.mark.slow
def test_a_workflow_is_run_and_its_result_fetched(program, published, ada, pulse):
    started = run(program, published["id"])
    assert started["estimatedCost"] == {"credits": 2}
    told = look(program, started["id"])
    assert (told["status"], told["progress"], told["output"]) == ("RUNNING", 0, {})
    for _ in range(2):
        Attempt.run_next(pulse)
        go_on_with_workflow(started["id"])
    told = look(program, started["id"])
    assert told["status"] == "SUCCEEDED" and told["cost"] == {"credits": 2}
    [address] = told["output"]["out"]
    assert program.client.head(address)["Content-Type"] == "video/mp4"
    again = run(program, published["id"])
    assert again["estimatedCost"] == {"credits": 0}
    told = look(program, again["id"])
    assert told["status"] == "SUCCEEDED" and told["cost"] == {"credits": 0} and told["output"]["out"]


def test_it_waits_until_it_is_looked_at(program, published):
    started = program.post(f"/v1/workflows/{published['id']}", {}).json()
    assert look(program, started["id"])["status"] == "PENDING"


def test_a_node_that_failed_is_told_by_its_name(program, published):
    started = run(program, published["id"])
    Generation.objects.update(status="failed", failure="The GPU left.", failure_code="INTERNAL.GPU")
    go_on_with_workflow(started["id"])
    told = look(program, started["id"])
    assert (told["status"], told["failureCode"], told["cost"]) == ("FAILED", "INTERNAL.GPU", {"credits": 0})
    assert told["failure"] == "“Clip from words”: The GPU left."
    error = {"message": "The GPU left.", "failureCode": "INTERNAL.GPU", "nodeName": "Clip from words"}
    assert told["nodeErrors"] == {"clip": error}


def test_words_are_given_for_a_run(program, published):
    run(program, published["id"], {"words": {"text": {"type": "primitive", "value": "a white rabbit"}}})
    assert Generation.objects.get().request["prompt"] == "a white rabbit"
    run(program, published["id"], {"clip": {"length": {"type": "primitive", "value": 1.5}}})
    assert Generation.objects.order_by("created_at").last().request["num_frames"] == 18


@pytest.mark.parametrize(
    ("given", "path", "said"),
    [
        ({"x": {"text": {"type": "primitive", "value": "y"}}}, ["nodeOutputs", "x"], "no node “x”"),
        ({"clip": {"x": {"type": "primitive", "value": "y"}}}, ["nodeOutputs", "clip", "x"], "nothing called “x”"),
        ({"words": {"text": {"type": "primitive", "value": 7}}}, [*WORDS, "value"], "a string"),
        ({"clip": {"length": {"type": "primitive", "value": True}}}, [*LENGTH, "value"], "a number"),
        ({"clip": {"length": {"type": "primitive", "value": 90}}}, LENGTH, "from 0.5 to 10"),
        ({"words": {"text": {"type": "primitive", "value": "a\x00"}}}, [*WORDS, "value"], "NUL"),
        ({"clip": {"video": {"type": "primitive", "value": "a"}}}, ["nodeOutputs", "clip", "video"], "takes video"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(program, published, given, path, said):
    where, message = refused(program, published["id"], given)
    assert where[: len(path)] == path and said in message


def test_nothing_but_typed_values_is_given(program, published):
    for given in ({"words": {"text": "y"}}, {"words": {"text": {"type": "colour"}}}, {"words": 7}, [], "x"):
        answer = program.post(f"/v1/workflows/{published['id']}", {"nodeOutputs": given})
        assert answer.status_code == 400 and answer.json()["issues"]


def test_a_picture_that_is_missing_is_asked_for(program):
    graph = {
        "version": 1,
        "nodes": [node("picture", "image"), node("out", "output")],
        "edges": [{"from": {"node": "picture"}, "to": {"node": "out", "input": "value"}}],
    }
    id = program.post("/v1/workflows", {"name": "Picture", "graph": graph}).json()["id"]
    where, message = refused(program, id, {})
    assert where == ["nodeOutputs", "picture"] and "“Picture”: choose a file" in message


def test_a_file_of_somebody_else_is_told_like_one_that_never_was(program):
    theirs = make_asset(make_user("grace").open_workspace(), as_file(two_colors()).read(), media_type="image/png")
    told = set()
    for id in (str(theirs.pk), str(uuid.uuid4()), "../7"):
        graph = {
            "version": 1,
            "nodes": [node("picture", "image", asset=id), node("out", "output")],
            "edges": [edge("picture", "image", "out", "value")],
        }
        kept = program.post("/v1/workflows", {"name": "Picture", "graph": graph})
        if kept.status_code == 200:
            where, message = refused(program, kept.json()["id"], {})
            assert where == ["nodeOutputs", "picture"]
        else:
            [issue] = kept.json()["issues"]
            message = issue["message"]
        told.add(message.replace(id, "…"))
    assert len(told) == 1 and "not in the library" in told.pop()


def test_every_fault_of_a_graph_is_told_with_its_place(program):
    graph = heard(length=90)
    graph["nodes"].append(node("x", "melt"))
    answer = program.post("/v1/workflows", {"name": "Broken", "graph": graph})
    assert answer.status_code == 400 and not WorkflowVersion.objects.exists()
    told = {tuple(issue["path"]): issue["message"] for issue in answer.json()["issues"]}
    assert "“melt”" in told["graph", "nodes", 4, "kind"]
    assert "Length must be from 0.5 to 10." in told["graph", "nodes", 1, "params", "length"]
    for body in (
        {"graph": heard()},
        {"name": "", "graph": heard()},
        {"name": "x"},
        {"name": "a\x00", "graph": heard()},
    ):
        assert program.post("/v1/workflows", body).status_code == 400
    unknown = program.post("/v1/workflows", {"workflowId": "nothing", "graph": heard()})
    assert unknown.json()["issues"][0]["path"] == ["workflowId"]


def test_the_credits_have_to_reach_for_the_whole_run(program, published, ada):
    wallet = Wallet.objects.of(ada.open_workspace())
    wallet.hold(wallet.available - 1, reference="test")
    answer = program.post(f"/v1/workflows/{published['id']}", {})
    assert (answer.status_code, answer.json()["error"]) == (400, "You do not have enough credits to run this task.")
    assert not Invocation.objects.exists()


def test_the_price_is_told_node_by_node_before(program, published):
    quote = program.post(f"/v1/workflows/{published['id']}/quotes", {}).json()
    assert quote["estimatedCost"] == {"credits": 2}
    assert {id: one["credits"] for id, one in quote["nodes"].items()} == {"words": 0, "clip": 1, "sound": 1, "out": 0}


def test_the_same_key_runs_it_once(program, published):
    first, second = (program.post(f"/v1/workflows/{published['id']}", {}, Idempotency_Key="once") for _ in range(2))
    assert first.content == second.content and Invocation.objects.count() == 1


def test_a_run_is_cancelled_and_its_credits_come_back(program, published, ada):
    started = run(program, published["id"])
    path = f"/v1/workflow_invocations/{started['id']}"
    assert program.delete(path).status_code == program.delete(path).status_code == 204
    assert look(program, started["id"])["status"] == "CANCELLED"
    assert Wallet.objects.of(ada.open_workspace()).held == 0


def test_another_s_workflow_is_not_there(program, stranger, published):
    started = run(program, published["id"])
    for path in (f"/v1/workflows/{published['id']}", f"/v1/workflow_invocations/{started['id']}", "/v1/workflows/x"):
        answer = stranger.get(path)
        assert answer.status_code == 404 and answer.json()["error"]
    assert stranger.post(f"/v1/workflows/{published['id']}", {}).status_code == 404
    assert stranger.delete(f"/v1/workflow_invocations/{started['id']}").status_code == 404
    assert stranger.get("/v1/workflows").json() == {"data": []}
    answer = stranger.post("/v1/workflows", {"workflowId": published["workflowId"], "graph": heard()})
    assert answer.json()["issues"][0]["path"] == ["workflowId"]


def test_a_picture_is_given_for_a_run(program):
    graph = {
        "version": 1,
        "nodes": [
            node("picture", "image"),
            node("clip", "image_to_video", prompt="it moves", length=1),
            node("out", "output"),
        ],
        "edges": [edge("picture", "image", "clip", "first_frame"), edge("clip", "video", "out", "value")],
    }
    id = program.post("/v1/workflows", {"name": "Picture", "graph": graph}).json()["id"]
    run(program, id, {"picture": {"image": {"type": "image", "uri": as_data(two_colors())}}})
    made = Generation.objects.get()
    assert made.model == "built-in" and [given.role for given in made.inputs.all()] == ["first_frame"]
    Invocation.objects.all().delete()
    where, message = refused(program, id, {"picture": {"image": {"type": "video", "uri": as_data(two_colors())}}})
    assert where[:3] == ["nodeOutputs", "picture", "image"] and message
    broken = {"type": "image", "uri": "data:image/png;base64,AAAA"}
    where, message = refused(program, id, {"picture": {"image": broken}})
    assert where == ["nodeOutputs", "picture", "image", "uri"] and message
