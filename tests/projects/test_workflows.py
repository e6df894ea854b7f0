"""Workflows: a graph is drawn, published and run; what changed is made, what did not is used again."""

import django_rq
import pytest
import rq

from generation import worker
from generation.attempt import Attempt
from generation.engine.cards import offline_sound
from generation.engine.cards.offline_sound import HIBARI
from generation.models import Generation
from generation.pulse import Pulse
from projects import news
from projects.jobs import go_on_with_workflow
from projects.models import Invocation, Voice, Workflow
from projects.workflows import running
from projects.workflows.examples import EXAMPLES
from projects.workflows.forms import NodeForm
from projects.workflows.graph import BadGraph, read_draft, read_graph
from projects.workflows.kinds import KINDS
from projects.workflows.orders import Ordering, Unfit
from projects.workflows.plan import Plan
from projects.workflows.values import BadOverride, of_asset, of_text
from runwayweb.accounts.models import Role
from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.models.wallet import InsufficientCredits
from tests.factories import finish_generation, make_asset, make_member, make_picture, make_project, make_user
from tests.media import media_file

pytestmark = pytest.mark.django_db


def node(id, kind, **params):
    return {"id": id, "kind": kind, "params": params}


def edge(source, output, to, input):
    return {"from": {"node": source, "output": output}, "to": {"node": to, "input": input}}


def heard(**clip):
    """Words → a clip → its sound → out."""
    clip = {"length": 1, "seed": 7, "model": "animatic"} | clip
    nodes = [
        node("words", "text", value="a red fox in a forest"),
        node("clip", "text_to_video", **clip),
        node("sound", "video_to_sound"),
        node("out", "output"),
    ]
    edges = [
        edge("words", "text", "clip", "prompt"),
        edge("clip", "video", "sound", "clip"),
        edge("sound", "video", "out", "value"),
    ]
    return {"version": 1, "nodes": nodes, "edges": edges}


def published(workspace, by, graph=None):
    workflow = Workflow.objects.make(workspace, name="Fox, heard", by=by, graph=graph or heard())
    return workflow.publish(by=by)


@pytest.fixture
def version(project, ada):
    return published(project.workspace, ada)


def begin(version, project, by, **more):
    invocation = running.begin(version, project=project, by=by, **more)
    go_on_with_workflow(invocation.pk)
    return look(invocation)


def look(invocation):
    return Invocation.objects.get(pk=invocation.pk)


def states(invocation):
    return {run.node: run.status for run in invocation.nodes.all()}


def finish(invocation, node):
    """Let the generation of a node have succeeded, and the run hear of it."""
    run = invocation.nodes.get(node=node)
    finish_generation(run.generation)
    go_on_with_workflow(invocation.pk)
    return run.generation.asset


def why_not(document):
    with pytest.raises(BadGraph) as refused:
        read_graph(document)
    return " ".join(fault.sentence for fault in refused.value.faults)


def test_a_graph_is_read_as_it_was_written():
    document = heard()
    assert read_graph(document).as_json()["edges"] == document["edges"]
    assert [one.id for one in read_graph(document).in_order()] == ["words", "clip", "sound", "out"]


def clip_set(**params):
    """Changes what is set on the clip."""
    return lambda graph: graph["nodes"][1]["params"].update(params)


def clip_told(**columns):
    """Changes what is told of the clip."""
    return lambda graph: graph["nodes"][1].update(columns)


def with_edge(*ends):
    return lambda graph: graph["edges"].append(edge(*ends))


FAULTS = [
    (clip_told(kind="melt"), "of the kind “melt”, which there is not"),
    (clip_told(id="words"), "Two nodes have the id “words”"),
    (clip_told(id="a b"), "Node 2 has no id"),
    (clip_told(title="x" * 61), "must be at most 60 letters"),
    (clip_told(params=[]), "The params of “clip” are no object"),
    (clip_set(lenght=3), "“Clip from words”: there is nothing called “lenght”"),
    (clip_set(length=600), "“Clip from words”: Length must be from 0.5 to 10."),
    (clip_set(size="9x9"), "Size cannot be “9x9”. It is one of: 512x288"),
    (clip_set(seed=1.5), "Seed must be a whole number."),
    (clip_set(model="dreams"), "Engine cannot be “dreams”"),
    (lambda graph: graph["edges"].pop(0), "“Clip from words”: “Prompt” is empty."),
    (lambda graph: graph["edges"].pop(1), "“Let it be heard”: nothing comes into “Clip”. Connect a node that gives"),
    (lambda graph: graph["nodes"].pop(), "speaks of the node “out”, which there is not"),
    (with_edge("words", "text", "sound", "clip"), "“Clip” takes video, and “Words” gives text."),
    (with_edge("clip", "video", "out", "value"), "two edges come into"),
    (with_edge("clip", "sound", "out", "value"), "gives nothing called “sound”"),
    (with_edge("clip", "video", "clip", "mask"), "there is no place called “mask”"),
    (lambda graph: graph["edges"].__setitem__(0, {"from": 3}), "Edge 1 does not say which node"),
    (lambda graph: graph.update(version=9), "no graph of version 1"),
    (lambda graph: graph.update(nodes=7), "a list of nodes"),
    (lambda graph: graph.update(nodes=[], edges=[]), "There is nothing in it yet"),
]


@pytest.mark.parametrize(("change", "said"), FAULTS, ids=[said for _change, said in FAULTS])
def test_each_fault_of_a_graph_is_a_sentence_that_names_its_node(change, said):
    document = heard()
    change(document)
    assert said in why_not(document)


def test_a_circle_is_found():
    document = heard()
    document["nodes"].append(node("more", "extend", prompt="on"))
    document["edges"][1] = edge("more", "video", "sound", "clip")
    document["edges"].append(edge("sound", "video", "more", "clip"))
    assert "wait for each other in a circle: “Let it be heard”, “Result”, “Clip that goes on”" in why_not(document)


def test_what_cannot_be_kept_is_refused():
    document = heard()
    document["nodes"][0]["params"]["value"] = "a fox\x00"
    assert "without NUL" in why_not(document)
    for wrong in (7, "a", [7], {}, True):
        choice = {"version": 1, "nodes": [node("choice", "choice", choices=wrong, value="a")]}
        graph, faults = read_draft(choice)
        assert "must be a list of 1 to 20 texts" in faults[0].sentence and "choices" not in graph.nodes["choice"].params
    assert read_draft([1, 2])[1] and read_draft(None)[1] and read_draft({"nodes": [7], "edges": [7]})[1]


def test_every_example_can_be_published(project, ada):
    for example in EXAMPLES:
        workflow = Workflow.objects.make(project.workspace, name=str(example.name), by=ada, graph=example.graph)
        assert workflow.publish(by=ada).number == 1
        assert example.lacking == "" or "Enlarge" in example.lacking


def test_publishing_freezes_a_version_and_editing_makes_a_draft(project, ada, version):
    workflow = version.workflow
    assert not workflow.is_changed and workflow.publish(by=ada) == version
    graph = workflow.graph
    graph.nodes["clip"].params["length"] = 2
    workflow.draw(graph)
    assert workflow.is_changed
    second = workflow.publish(by=ada)
    assert (second.number, workflow.versions.count()) == (2, 2)
    version.refresh_from_db()
    assert version.read.nodes["clip"].params["length"] == 1


def test_a_run_goes_on_from_node_to_node(project, ada, version):
    invocation = begin(version, project, ada)
    assert states(invocation) == {"words": "succeeded", "clip": "running", "sound": "pending", "out": "pending"}
    clip = Generation.objects.get()
    assert (clip.request["prompt"], clip.request["num_frames"], clip.request["seed"]) == (
        "a red fox in a forest",
        12,
        7,
    )
    assert invocation.quoted == 3 and Wallet.objects.of(project.workspace).held == 2
    drawn = finish(invocation, "clip")
    heard = Generation.objects.get(task="video_to_sound")
    assert [(given.role, given.asset) for given in heard.inputs.all()] == [("video", drawn)]
    assert heard.blocking_of == clip
    sound = finish(invocation, "sound")
    invocation = look(invocation)
    assert invocation.status == "succeeded" and invocation.progress == 1
    assert invocation.nodes.get(node="out").output["asset"] == str(sound.pk)


def test_what_did_not_change_is_not_made_again(project, ada, version):
    first = begin(version, project, ada)
    drawn = finish(first, "clip")
    finish(first, "sound")
    assert begin(version, project, ada).status == "succeeded"
    assert Generation.objects.count() == 2

    graph = version.workflow.graph
    graph.add(KINDS["text_to_video"], params={"prompt": "a fox again", "length": 1, "seed": 7, "model": "animatic"})
    graph.add(KINDS["output"])
    graph.connect("text-to-video", "output", "value")
    version.workflow.draw(graph)
    more = begin(version.workflow.publish(by=ada), project, ada)
    assert more.quoted == 2 and Generation.objects.count() == 3
    assert more.nodes.get(node="clip").reused and more.nodes.get(node="clip").output["asset"] == str(drawn.pk)
    assert more.nodes.get(node="text-to-video").status == "running"
    assert more.charged == 0

    drawn.deleted_at = drawn.created_at
    drawn.save()
    assert begin(version, project, ada).nodes.get(node="clip").status == "running"


def test_two_nodes_without_a_seed_are_two_clips(project, ada):
    document = {"version": 1, "nodes": [node("out", "output"), node("out-2", "output")], "edges": []}
    for name, out in (("one", "out"), ("two", "out-2")):
        document["nodes"].append(node(name, "text_to_video", prompt="a fox", length=1, model="animatic"))
        document["edges"].append(edge(name, "video", out, "value"))
    version = published(project.workspace, ada, document)
    first = begin(version, project, ada)
    made = [finish(first, "one"), finish(first, "two")]
    again = begin(version, project, ada)
    assert [again.nodes.get(node=name).output["asset"] for name in ("one", "two")] == [str(one.pk) for one in made]


def test_a_run_is_given_other_words_and_other_files(project, ada, version):
    words = begin(version, project, ada, overrides={"words": {"text": of_text("a white rabbit")}})
    assert Generation.objects.get().request["prompt"] == "a white rabbit"
    words.cancel()
    own = make_asset(project.workspace)
    footage = begin(version, project, ada, overrides={"clip": {"video": of_asset(own)}})
    assert states(footage)["clip"] == "succeeded" and footage.nodes.get(node="clip").generation is None
    prompt = begin(version, project, ada, overrides={"clip": {"prompt": of_text("a blue bird")}})
    assert prompt.nodes.get(node="clip").generation.request["prompt"] == "a blue bird"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"nobody": {"text": of_text("x")}}, "There is no node “nobody”"),
        ({"clip": {"sound": of_text("x")}}, "“Clip from words” has nothing called “sound”"),
        ({"clip": {"video": of_text("x")}}, "takes video, and was given text"),
        ({"clip": {"prompt": of_text("x" * 1001)}}, "1,000 are allowed"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_held(project, ada, version, overrides, said):
    with pytest.raises(BadOverride, match=said):
        running.begin(version, project=project, by=ada, overrides=overrides)
    assert not Invocation.objects.exists()


def test_an_input_without_anything_in_it_has_to_be_given(project, ada):
    document = {
        "version": 1,
        "nodes": [
            node("picture", "image"),
            node("clip", "image_to_video", prompt="it moves", length=1),
            node("out", "output"),
        ],
        "edges": [edge("picture", "image", "clip", "first_frame"), edge("clip", "video", "out", "value")],
    }
    version = published(project.workspace, ada, document)
    with pytest.raises(BadGraph, match="“Picture”: choose a file"):
        running.begin(version, project=project, by=ada)
    picture = make_picture(project.workspace)
    invocation = begin(version, project, ada, overrides={"picture": {"image": of_asset(picture)}})
    run = invocation.nodes.get(node="clip").generation
    assert run.model == "built-in" and [(one.role, one.asset) for one in run.inputs.all()] == [("first_frame", picture)]
    with pytest.raises(BadGraph, match="is not in the library"):
        document["nodes"][0]["params"] = {"asset": str(make_picture(make_project().workspace).pk)}
        running.begin(published(project.workspace, ada, document), project=project, by=ada)


def test_it_does_not_begin_where_the_credits_do_not_reach_for_all_of_it(project, ada, version):
    wallet = Wallet.objects.of(project.workspace)
    wallet.hold(wallet.available - 2, reference="test")
    with pytest.raises(InsufficientCredits, match="needs 3; you have 2"):
        running.begin(version, project=project, by=ada)
    assert not Generation.objects.exists() and not Invocation.objects.exists()


def test_one_node_that_fails_ends_the_run_with_its_sentence(project, ada):
    document = heard()
    document["nodes"] += [
        node("other", "text_to_video", prompt="a bird", length=1, model="animatic"),
        node("o", "output"),
    ]
    document["edges"].append(edge("other", "video", "o", "value"))
    invocation = begin(published(project.workspace, ada, document), project, ada)
    run = invocation.nodes.get(node="clip").generation
    Generation.objects.filter(pk=run.pk).update(status="failed", failure="The GPU left.", failure_code="INTERNAL.GPU")
    go_on_with_workflow(invocation.pk)
    invocation = look(invocation)
    assert (invocation.status, invocation.failure_code) == ("failed", "INTERNAL.GPU")
    assert invocation.failure == "“Clip from words”: The GPU left."
    never = dict.fromkeys(("sound", "out", "o"), "cancelled")
    assert states(invocation) == never | {"words": "succeeded", "clip": "failed", "other": "running"}
    finish(invocation, "other")  # what was made meanwhile is kept, and used the next time
    assert look(invocation).is_over
    again = begin(invocation.version, project, ada)
    assert states(again)["other"] == "succeeded"


def test_a_run_that_is_cancelled_gives_the_credits_back(project, ada, version):
    invocation = begin(version, project, ada)
    assert invocation.cancel() and not invocation.cancel()
    assert Generation.objects.get().status == "cancelled"
    assert Wallet.objects.of(project.workspace).held == 0
    go_on_with_workflow(invocation.pk)
    assert states(look(invocation))["clip"] == "cancelled"
    assert look(invocation).status == "cancelled" and Generation.objects.count() == 1


def test_a_clip_that_is_cancelled_by_itself_ends_the_run(project, ada, version):
    invocation = begin(version, project, ada)
    Generation.objects.get().cancel()
    go_on_with_workflow(invocation.pk)
    assert look(invocation).status == "cancelled"


def test_whoever_may_not_make_films_any_more_has_their_runs_stopped(project, ada, version):
    grace = make_member(project.workspace, Role.EDITOR, make_user("grace"))
    invocation = begin(version, project, grace)
    project.workspace.memberships.get(user=grace).change_role(Role.VIEWER, by=ada)
    assert look(invocation).status == "cancelled"


def test_nothing_is_lost_when_a_job_is(project, ada, version):
    invocation = running.begin(version, project=project, by=ada)
    queue = django_rq.get_queue("media")
    queue.empty()
    news.look_after()
    assert f"workflow-{invocation.pk}" in queue.job_ids
    go_on_with_workflow(invocation.pk)
    queue.empty()
    news.look_after()
    assert not queue.job_ids  # it waits for its clip
    finish_generation(Generation.objects.get())
    news.look_after()
    assert f"workflow-{invocation.pk}" in queue.job_ids


def test_going_on_twice_asks_for_nothing_twice(project, ada, version):
    invocation = begin(version, project, ada)
    for _ in range(3):
        go_on_with_workflow(invocation.pk)
    assert Generation.objects.count() == 1


def test_the_price_is_said_node_by_node_before(project, ada):
    document = heard()
    plan = Plan(read_graph(document), workspace=project.workspace, workflow=Workflow(), project=project)
    assert {id: step.credits for id, step in plan.steps.items()} == {"words": 0, "clip": 2, "sound": 1, "out": 0}
    document["nodes"][1]["params"]["length"] = 4
    plan = Plan(read_graph(document), workspace=project.workspace, workflow=Workflow(), project=project)
    assert plan.credits == 8 + 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_run_two_nodes_one_after_the_other(project, ada, monkeypatch):
    """The engines draw and sound; nobody but the queues tells anybody to go on."""
    monkeypatch.setattr(worker, "pulse", Pulse("gpu"))
    invocation = running.begin(published(project.workspace, ada, heard(length=0.5)), project=project, by=ada)

    def work(name):
        queue = django_rq.get_queue(name)
        rq.SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)

    for _ in range(3):
        work("media")
        work("gpu")
    work("media")
    invocation = look(invocation)
    assert invocation.status == "succeeded", invocation.failure
    clip, sound = (invocation.nodes.get(node=name).generation for name in ("clip", "sound"))
    assert (clip.status, sound.status) == ("succeeded", "succeeded")
    assert sound.asset.has_sound and not clip.asset.has_sound
    assert sound.asset.frame_count in (None, clip.request["num_frames"])
    assert invocation.charged == clip.charged + sound.charged == invocation.quoted
    assert invocation.nodes.get(node="out").output["asset"] == str(sound.asset_id)


@pytest.mark.django_db(transaction=True)
def test_a_clip_goes_on_gives_a_frame_and_is_worked_on(project, ada):
    document = {
        "version": 1,
        "nodes": [
            node("clip", "text_to_video", prompt="a red fox in a forest", length=0.5, seed=7, model="animatic"),
            node("on", "extend", length=1, seed=8),
            node("frame", "frame", at="last"),
            node("moved", "image_to_video", prompt="it moves", length=0.5, seed=9),
            *(node(f"out-{number}", "output") for number in range(2)),
        ],
        "edges": [
            edge("clip", "video", "on", "clip"),
            edge("clip", "video", "frame", "clip"),
            edge("frame", "image", "moved", "first_frame"),
            edge("on", "video", "out-0", "value"),
            edge("moved", "video", "out-1", "value"),
        ],
    }
    invocation = begin(published(project.workspace, ada, document), project, ada)
    Attempt.run_next(Pulse("gpu"))
    go_on_with_workflow(invocation.pk)
    assert look(invocation).failure == ""
    clip, on, moved = (invocation.nodes.get(node=name).generation for name in ("clip", "on", "moved"))
    assert (on.blocking_of, on.joins, on.model) == (clip, "after", "built-in")
    assert on.request["prompt"] == clip.request["prompt"] and on.request["num_frames"] == 12
    [first] = on.inputs.all()
    assert first.role == "first_frame" and first.asset.made_of == clip.asset
    [given] = moved.inputs.all()
    assert given.asset == first.asset and str(given.asset_id) == invocation.nodes.get(node="frame").output["asset"]
    assert invocation.quoted == clip.cost + on.cost + moved.cost


def test_who_is_not_here_is_told_by_the_node_that_asks(project, ada, version):
    invocation = begin(version, project, ada, overrides={"words": {"text": of_text("@nana in a forest")}})
    assert (
        invocation.status == "failed" and "“Clip from words”: " in invocation.failure and "@nana" in invocation.failure
    )


def test_a_clip_from_elsewhere_is_decoded_before_an_engine_sees_it(project, ada, version):
    own = make_asset(project.workspace, media_file(), origin="uploaded")
    invocation = begin(version, project, ada, overrides={"clip": {"video": of_asset(own)}})
    assert invocation.failure == ""
    heard = invocation.nodes.get(node="sound").generation
    [given] = heard.inputs.all()
    assert (given.role, heard.task, heard.blocking_of) == ("video", "video_to_sound", None)
    assert given.asset != own and given.asset.is_clip and given.asset.frame_count == heard.request["num_frames"]


def test_a_file_that_cannot_be_read_is_told_by_the_node_that_it_goes_into(project, ada, version):
    own = make_asset(project.workspace, b"no clip at all", origin="uploaded")
    invocation = begin(version, project, ada, overrides={"clip": {"video": of_asset(own)}})
    assert invocation.status == "failed"
    assert invocation.failure.startswith("“Let it be heard”: This is no video in MP4, MOV, MKV or WebM")


# Who speaks


@pytest.fixture
def nova(project, monkeypatch):
    """A slow voice of the workspace, of an engine that is installed."""
    monkeypatch.setattr(offline_sound, "installed", lambda: (HIBARI,))
    return Voice.objects.create(workspace=project.workspace, name="Nova", model=HIBARI.id, speed=0.5)


def spoken(**params):
    nodes = [node("line", "text_to_speech", text="I waited for you by the river.", **params), node("out", "output")]
    return read_graph({"version": 1, "nodes": nodes, "edges": [edge("line", "audio", "out", "value")]})


def plan_of(graph, project, version):
    return Plan(graph, workspace=project.workspace, workflow=version.workflow, project=project)


def test_a_line_is_said_by_the_voice_that_was_chosen(project, version, nova):
    own, hers = (plan_of(spoken(**one), project, version) for one in ({}, {"voice": nova.key}))
    assert not own.faults and not hers.faults
    assert hers.steps["line"].seconds > 1.5 * own.steps["line"].seconds, "she speaks slowly, and that has its price"
    assert hers.key(hers.steps["line"]) != own.key(own.steps["line"])
    order = Ordering(hers.graph.nodes["line"], {}, project=project).order()
    assert (order.asked.speed, order.card) == (0.5, HIBARI)
    by_engine = Ordering(spoken(voice="hibari").nodes["line"], {}, project=project).order()
    assert (by_engine.asked.speed, by_engine.card) == (1, HIBARI)


def test_a_voice_that_is_gone_or_somebody_elses_is_said_before_anything_is_made(project, version, nova):
    theirs = Voice.objects.create(workspace=make_user("mallory").open_workspace(), name="Theirs", model=HIBARI.id)
    nova.delete_softly()
    for voice in (nova, theirs):
        (fault,) = plan_of(spoken(voice=voice.key), project, version).faults
        assert fault.node == "line" and "its voice is not there any more" in fault.sentence
        with pytest.raises(Unfit, match="its voice is not there any more"):
            Ordering(spoken(voice=voice.key).nodes["line"], {}, project=project)


def test_the_form_of_speech_offers_the_voices_of_the_workspace(project, version, nova):
    Voice.objects.create(workspace=make_user("mallory").open_workspace(), name="Theirs", model=HIBARI.id)
    graph = spoken()
    field = NodeForm(graph=graph, node=graph.nodes["line"], workspace=project.workspace).fields["voice"]
    assert [str(name) for _key, name in field.choices] == ["The engine’s own", "Nova"]
    nova.delete_softly()
    graph = spoken(voice=nova.key)
    field = NodeForm(graph=graph, node=graph.nodes["line"], workspace=project.workspace).fields["voice"]
    assert [str(name) for _key, name in field.choices] == ["The engine’s own", "A voice that is not there any more"]
