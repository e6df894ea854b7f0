"""Every run of the studio, looked into by an operator."""

import pytest
from django.urls import reverse

from generation.models import Generation, Worker
from generation.refunds import refund
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_asset, make_generation, make_picture, make_project, make_user

STATUS = Generation.Status


class Clip:
    understood, recipe = {}, {}

    def __init__(self, seconds):
        self.duration_seconds = seconds


@pytest.fixture
def run(ada):
    return make_generation(make_project(ada), ada, num_frames=24)


@pytest.fixture
def made(run):
    """The same, finished and charged for."""
    claimed = Generation.objects.claim_next(Worker.objects.create(kind="gpu", name="gpu", host="here", pid=7))
    asset = make_asset(run.workspace)
    asset.delete()
    assert claimed.succeed(claimed.attempt, asset=asset, clip=Clip(2))
    return claimed


def found(console, **asked):
    """The ids of the runs on the list."""
    page = console.get(reverse("console:generations"), asked).content.decode()
    return {run for run in Generation.objects.all() if reverse("console:generation", args=[run.pk]) in page}


def act(console, name, run):
    return console.post(reverse(f"console:generation-{name}", args=[run.pk]))


def test_runs_are_found_by_what_is_known_of_them(console, run):
    other = make_generation(make_project(make_user("grace")))
    claimed = Generation.objects.get(pk=other.pk)
    Generation.objects.filter(pk=other.pk).update(status=STATUS.RUNNING, attempt=1)
    claimed.refresh_from_db()
    claimed.fail(1, code="INTERNAL.TIMEOUT", message="It took too long.")
    assert found(console) == {run, other}
    assert found(console, id=str(run.pk)[:6]) == {run} == found(console, id=str(run.pk))
    assert found(console, workspace="Grace") == {other} == found(console, workspace=str(other.workspace_id))
    assert found(console, status="failed") == {other} == found(console, code="internal.")
    assert found(console, model="animatic", since="2020-01-01") == {run, other}
    assert found(console, until="2020-01-01") == set() == found(console, model="nobody")


def test_a_page_tells_all_of_a_run_but_its_words(console, told, made):
    made.inputs.create(asset=make_picture(made.workspace), role="first_frame")
    page = console.get(reverse("console:generation", args=[made.pk])).content.decode()
    for kind in ("generation.queued", "generation.running", "generation.succeeded"):
        assert kind in page
    assert "First frame" in page and made.asset.sha256[:12] in page
    assert "Capture" in page and "num_frames" in page
    assert "red fox" not in page and told() == []


def test_whoever_reads_the_prompt_is_told_of_in_the_workspaces_log(console, told, run):
    assert "a red fox in a forest" in act(console, "prompt", run).content.decode()
    assert told() == [("prompt_read", str(run.pk)[:8], {})]
    assert run.workspace.audit_entries.filter(action="operator.prompt_read").exists()


def test_a_run_is_asked_for_again_for_whoever_asked_for_it(console, told, run, ada):
    run.cancel()
    answer = act(console, "retry", run)
    again = Generation.objects.exclude(pk=run.pk).get()
    assert answer.headers["Location"] == reverse("console:generation", args=[again.pk])
    assert (again.requested_by, again.request, again.status) == (ada, run.request, STATUS.QUEUED)
    assert told() == [("run_retried", str(run.pk)[:8], {"again": str(again.pk)[:8]})]


def test_what_cannot_be_asked_for_again_says_why(console, told, run):
    run.cancel()
    Generation.objects.filter(pk=run.pk).update(model="long-gone")
    page = console.post(reverse("console:generation-retry", args=[run.pk]), follow=True).content.decode()
    assert "long-gone" in page and Generation.objects.count() == 1 and told() == []


def test_credits_are_given_back_once(console, told, made):
    wallet = Wallet.objects.of(made.workspace)
    spent, before = made.charged, wallet.available
    assert spent > 0
    for _ in range(2):
        act(console, "refund", made)
    wallet.refresh_from_db()
    assert wallet.available == before + spent
    assert wallet.recomputed()["available"] == wallet.available
    assert told() == [("run_refunded", str(made.pk)[:8], {"credits": spent})]
    assert made.project.budget_or_none.used == 0
    assert "Give" not in console.get(reverse("console:generation", args=[made.pk])).content.decode()


def test_nothing_is_given_back_of_what_runs_or_cost_nothing(run):
    assert refund(run) == 0
    run.cancel()
    assert refund(run) == 0


def test_one_that_has_ended_is_not_cancelled(console, told, made):
    act(console, "cancellation", made)
    made.refresh_from_db()
    assert made.status == STATUS.SUCCEEDED and told() == []
