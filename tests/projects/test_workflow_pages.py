"""The pages of workflows: a graph drawn by forms, published, run and watched; each by whoever may."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation.models import Generation
from projects.jobs import go_on_with_workflow
from projects.models import Invocation, Workflow
from projects.own_data import own_data
from runwayweb.subscriptions.models import Wallet
from tests.factories import finish_generation, make_picture
from tests.projects.test_workflows import begin, finish, heard, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(project, ada):
    return published(project.workspace, ada).workflow


def page_of(studio, workflow):
    return studio.get(reverse("projects:workflow", args=[workflow.pk])).content.decode()


def post(studio, act, *ids, **data):
    return studio.post(reverse(f"projects:{act}", args=ids), data)


def ids_of(workflow):
    workflow.refresh_from_db()
    return list(workflow.graph.nodes)


def test_one_begins_with_an_example_with_a_file_or_with_nothing(studio, ada):
    page = studio.get(reverse("projects:workflow-list")).content.decode()
    assert "Words → clip → its sound" in page and "One shot, twice as long" in page
    assert post(studio, "workflow-new", example="heard").status_code == 302
    assert Workflow.objects.get().graph.nodes["text-to-video"].params == {"length": 2, "seed": 7}
    post(studio, "workflow-new")
    assert Workflow.objects.first().graph.nodes == {}
    post(studio, "workflow-new", file=SimpleUploadedFile("fox.json", json.dumps(heard()).encode()))
    assert ids_of(Workflow.objects.first()) == ["words", "clip", "sound", "out"]
    for bad in (b"{", b'{"nodes": 7}', b"\xff"):
        answer = post(studio, "workflow-new", file=SimpleUploadedFile("fox.json", bad))
        assert answer.status_code == 422 and Workflow.objects.count() == 3


def test_a_node_is_added_set_connected_and_taken_away(studio, workflow):
    post(studio, "workflow-node-new", workflow.pk, kind="text_to_video")
    assert ids_of(workflow)[-1] == "text-to-video"
    given = {"prompt": "a bird", "length": "3", "seed": "9", "title": "The bird", "size": "768x432"}
    post(
        studio,
        "workflow-node",
        workflow.pk,
        "text-to-video",
        **{f"node-text-to-video-{k}": v for k, v in given.items()},
    )
    workflow.refresh_from_db()
    bird = workflow.graph.nodes["text-to-video"]
    assert (bird.name, bird.params) == ("The bird", {"prompt": "a bird", "length": 3, "seed": 9, "size": "768x432"})
    post(studio, "workflow-edge-new", workflow.pk, source="text-to-video", to="sound clip")
    workflow.refresh_from_db()
    assert workflow.graph.into("sound")["clip"].node == "text-to-video"
    post(studio, "workflow-node-deletion", workflow.pk, "text-to-video")
    assert "text-to-video" not in ids_of(workflow) and workflow.graph.into("sound") == {}
    assert "“Let it be heard”: nothing comes into “Clip”" in page_of(studio, workflow)


def test_what_cannot_be_is_said_and_not_kept(studio, workflow):
    before = workflow.draft
    for act, ids, data, said in (
        ("workflow-node-new", (), {"kind": "melt"}, "Select a valid choice"),
        ("workflow-node", ("clip",), {"node-clip-length": "90"}, "Length must be from 0.5 to 10."),
        ("workflow-edge-new", (), {"source": "words", "to": "sound clip"}, "does not go into “Clip”"),
        ("workflow-edge-new", (), {"source": "clip", "to": ""}, "Choose where it goes."),
        ("workflow-edge-new", (), {"source": "words", "to": "words nothing"}, "Select a valid choice"),
    ):
        answer = post(studio, act, workflow.pk, *ids, **data)
        assert answer.status_code == 422 and said in answer.content.decode(), said
    workflow.refresh_from_db()
    assert workflow.draft == before


def test_htmx_is_answered_with_the_editor_alone(studio, workflow):
    address = reverse("projects:workflow-node-new", args=[workflow.pk])
    answer = studio.post(address, {"kind": "output"}, headers={"HX-Request": "true"}).content.decode()
    assert answer.lstrip().startswith("<workflow-graph") and 'chosen="output"' in answer


def test_nodes_stand_where_they_were_put(studio, workflow):
    post(studio, "workflow-places", workflow.pk, places=json.dumps({"clip": [400, 80], "nobody": [1, 1]}))
    workflow.refresh_from_db()
    assert workflow.graph.nodes["clip"].position == (400, 80) and workflow.graph.nodes["words"].position is None
    for nonsense in ("[]", "{", '{"clip": 7}', ""):
        assert post(studio, "workflow-places", workflow.pk, places=nonsense).status_code == 302
    workflow.refresh_from_db()
    assert workflow.graph.nodes["clip"].position is None


def test_publishing_says_what_is_missing(studio, workflow):
    post(studio, "workflow-node-deletion", workflow.pk, "out")
    answer = post(studio, "workflow-publication", workflow.pk)
    assert answer.status_code == 422 and "Nothing comes out of it." in answer.content.decode()
    assert workflow.versions.count() == 1
    post(studio, "workflow-node-new", workflow.pk, kind="output")
    post(studio, "workflow-edge-new", workflow.pk, source="sound", to="output value")
    assert post(studio, "workflow-publication", workflow.pk).status_code == 302
    assert workflow.versions.count() == 2


def test_it_is_run_with_other_words_for_the_price_that_was_said(studio, workflow, project):
    assert "<strong>3 credits</strong>" in page_of(studio, workflow)
    given = {"project": project.pk, "give__words": "a white rabbit"}
    quote = studio.get(reverse("projects:workflow-quote", args=[workflow.pk]), given).content.decode()
    assert "<strong>3 credits</strong>" in quote and "2 nodes are made" in quote
    answer = post(studio, "workflow-run-new", workflow.pk, **given)
    invocation = Invocation.objects.get()
    assert answer.url == reverse("projects:workflow-run", args=[invocation.pk])
    assert (invocation.quoted, invocation.overrides["words"]["text"]["text"]) == (3, "a white rabbit")
    assert "Waiting" in studio.get(answer.url).content.decode()
    go_on_with_workflow(invocation.pk)
    finish(invocation, "clip")
    sound = finish(invocation, "sound")
    page = studio.get(answer.url).content.decode()
    assert 'data-status="succeeded"' in page and reverse("assets:file", args=[sound.pk, "clip.mp4"]) in page
    quote = studio.get(reverse("projects:workflow-quote", args=[workflow.pk]), given).content.decode()
    assert "<strong>0 credits</strong>" in quote and "2 are kept from before" in quote


def test_what_changed_is_published_before_it_is_run(studio, workflow, project):
    post(studio, "workflow-node", workflow.pk, "clip", **{"node-clip-prompt": "", "node-clip-from__prompt": "words"})
    post(studio, "workflow-run-new", workflow.pk, project=project.pk)
    assert Invocation.objects.get().version.number == 2


def test_without_credits_it_says_so(studio, workflow, project):
    wallet = Wallet.objects.of(project.workspace)
    wallet.hold(wallet.available - 1, reference="test")
    answer = post(studio, "workflow-run-new", workflow.pk, project=project.pk)
    assert answer.status_code == 422 and "do not have enough credits" in answer.content.decode()
    assert not Invocation.objects.exists()


def test_a_picture_of_the_library_is_chosen_for_a_run(studio, project, ada):
    picture = make_picture(project.workspace)
    post(studio, "workflow-new")
    workflow = Workflow.objects.get()
    for kind in ("image", "output"):
        post(studio, "workflow-node-new", workflow.pk, kind=kind)
    post(studio, "workflow-edge-new", workflow.pk, source="image", to="output value")
    assert "“Picture”: choose a file" in page_of(studio, workflow)
    answer = post(studio, "workflow-run-new", workflow.pk, project=project.pk)
    assert answer.status_code == 422
    post(studio, "workflow-run-new", workflow.pk, project=project.pk, give__image=str(picture.pk))
    invocation = Invocation.objects.get()
    go_on_with_workflow(invocation.pk)
    assert invocation.nodes.get(node="output").output["asset"] == str(picture.pk)


def test_a_failure_stands_on_the_page_in_its_language(studio, workflow, project, ada):
    invocation = begin(workflow.newest, project, ada)
    Generation.objects.update(status="failed", failure="The GPU left.")
    go_on_with_workflow(invocation.pk)
    address = reverse("projects:workflow-run", args=[invocation.pk])
    assert "“Clip from words”: The GPU left." in studio.get(address).content.decode()
    french = studio.get(address, headers={"Accept-Language": "fr"}).content.decode()
    assert "«\u00a0Clip à partir de mots\u00a0»" in french


def test_a_run_is_cancelled_from_its_page(studio, workflow, project, ada):
    invocation = begin(workflow.newest, project, ada)
    assert post(studio, "workflow-run-cancellation", invocation.pk).status_code == 302
    page = studio.get(reverse("projects:workflow-run", args=[invocation.pk])).content.decode()
    assert "Stopped" in page and "hx-trigger" not in page.partition("<workflow-graph")[2].partition(">")[0]


def test_it_is_renamed_copied_handed_out_deleted_and_brought_back(studio, workflow):
    post(studio, "workflow-name", workflow.pk, name="Heard", description="For the trailer")
    assert "Heard" in studio.get(reverse("projects:workflow-list")).content.decode()
    post(studio, "workflow-copy", workflow.pk)
    assert Workflow.objects.filter(name="Heard (copy)").count() == 1
    handed = studio.get(reverse("projects:workflow-graph", args=[workflow.pk]))
    assert handed.json()["edges"] == heard()["edges"] and "heard.json" in handed["Content-Disposition"]
    answer = post(studio, "workflow-deletion", workflow.pk)
    assert "“Heard” is deleted." in studio.get(answer.url).content.decode()
    assert studio.get(reverse("projects:workflow", args=[workflow.pk])).status_code == 404
    post(studio, "workflow-restoration", workflow.pk)
    assert studio.get(reverse("projects:workflow", args=[workflow.pk])).status_code == 200


def test_workflows_are_among_what_one_takes_along_and_go_with_the_workspace(workflow, project, ada):
    invocation = begin(workflow.newest, project, ada)
    finish_generation(Generation.objects.get())
    texts = dict(own_data(ada)[0])
    assert json.loads(texts[f"workflows/{workflow.pk}.json"])["versions"][0]["number"] == 1
    assert json.loads(texts["workflow_runs.json"])[0]["id"] == str(invocation.pk)
    from projects.erasing import erase

    erase(project.workspace)
    assert not Workflow.objects.exists() and not Invocation.objects.exists()
