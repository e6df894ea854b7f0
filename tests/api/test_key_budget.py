"""A key's own line in credits: held with the task, given back with it, never crossed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from generation import hooks
from generation.models import Generation
from generation.models.status import Status
from projects.jobs import go_on_with_workflow
from projects.models import Invocation
from runwayweb.api.models import Key, Run, Task
from runwayweb.api.models.budget import KeyBudgetReached
from runwayweb.api.reference.examples import EXAMPLES
from runwayweb.subscriptions.models import Wallet
from tests.api.callers import ask, make_key
from tests.factories import finish_generation, make_user

BODY = {"model": "animatic", "promptText": "a red fox in a forest", "ratio": "1280:720", "duration": 2}
WORDS_AND_CLIP = {
    "version": 1,
    "nodes": [
        {"id": "words", "kind": "text", "params": {"value": "A red fox waits in a snowy forest"}},
        {"id": "clip", "kind": "text_to_video", "params": {"length": 2, "seed": 7}},
        {"id": "out", "kind": "output"},
    ],
    "edges": [
        {"from": {"node": "words", "output": "text"}, "to": {"node": "clip", "input": "prompt"}},
        {"from": {"node": "clip", "output": "video"}, "to": {"node": "out", "input": "value"}},
    ],
}


@pytest.fixture
def ada(db):
    ada = make_user("ada")
    Wallet.objects.of(ada.open_workspace()).grant(10_000, reference="for the stories")
    return ada


def begin(plain):
    return ask("POST", "/v1/text_to_video", plain, BODY)


def price(ada):
    return ask("POST", "/v1/quotes", make_key(ada), {"endpoint": "text_to_video"} | BODY).json()["estimatedCost"][
        "credits"
    ]


def used(plain):
    return Key.objects.find(plain).credits_used


def test_credits_are_counted_as_they_are_held_and_come_back_with_a_cancelled_task(ada):
    cost = price(ada)
    plain = make_key(ada, credit_budget=2 * cost)
    task = begin(plain).json()
    assert task["estimatedCost"] == {"credits": cost} and used(plain) == cost
    assert ask("DELETE", f"/v1/tasks/{task['id']}", plain).status_code == 204
    assert used(plain) == 0
    assert ask("DELETE", f"/v1/tasks/{task['id']}", plain).status_code == 204
    assert used(plain) == 0, "given back once"


def test_what_failed_comes_back_too_and_what_was_made_stays_used(ada):
    cost = price(ada)
    plain = make_key(ada, credit_budget=2 * cost)
    failed, made = (Task.objects.get(pk=begin(plain).json()["id"]).generation for _ in range(2))
    assert used(plain) == 2 * cost
    for run in (failed, made):
        Generation.objects.filter(pk=run.pk).update(status=Status.RUNNING, attempt=1)
        run.refresh_from_db()
    failed.fail(1, code="INTERNAL.BAD_OUTPUT.CODE01", message="It broke.")
    assert used(plain) == cost
    made.charged = cost
    with transaction.atomic():
        made._settle()
    assert used(plain) == cost


def test_beyond_the_line_nothing_is_made_and_the_sentence_says_why(ada):
    cost = price(ada)
    plain = make_key(ada, credit_budget=2 * cost - 1)
    held = Wallet.objects.of(ada.open_workspace()).held
    assert begin(plain).status_code == 200
    refused = begin(plain)
    assert refused.status_code == 400
    assert refused.json()["error"] == (
        f"The budget of this key stops this: it needs {cost} credits, and {cost - 1} are left of {2 * cost - 1}. "
        "Use a key with a larger budget."
    )
    assert Task.objects.count() == 1 and used(plain) == cost
    assert Wallet.objects.of(ada.open_workspace()).held == held + cost
    assert begin(make_key(ada)).status_code == 200, "other keys have their own"


def test_what_the_studio_makes_counts_for_no_key(ada):
    plain = make_key(ada, credit_budget=100)
    run = Task.objects.get(pk=begin(plain).json()["id"]).generation
    again = run.retry(by=ada)
    before = used(plain)
    again.cancel()
    assert used(plain) == before == run.cost


def test_the_database_itself_keeps_the_line(ada):
    plain = make_key(ada, credit_budget=10)
    for wrong in (11, -1):
        with pytest.raises(IntegrityError), transaction.atomic():
            Key.objects.filter(pk=Key.objects.find(plain).pk).update(credits_used=wrong)


@pytest.mark.django_db(transaction=True)
def test_sixty_four_at_once_never_spend_a_credit_too_many():
    ada = make_user("ada")
    key, plain = Key.objects.issue(ada.open_workspace(), by=ada, name="crowd", credit_budget=100)
    start = Barrier(64)

    def take(number):
        mine = Key.objects.get(pk=key.pk)
        start.wait(60)
        try:
            with transaction.atomic():
                mine.take_from_budget(3)
            return True
        except KeyBudgetReached as reached:
            assert reached.left < 3
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(64) as crowd:
        taken = sum(crowd.map(take, range(64)))
    assert taken == 33 and used(plain) == 99


@pytest.mark.django_db(transaction=True)
def test_sixty_four_calls_at_once_begin_what_the_budget_pays_for():
    ada = make_user("ada")
    Wallet.objects.of(ada.open_workspace()).grant(10_000, reference="for the stories")
    cost = price(ada)
    plain = make_key(ada, credit_budget=5 * cost)
    ask("GET", "/v1/organization", plain)
    start = Barrier(64)

    def call(number):
        start.wait(60)
        try:
            return begin(plain).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(64) as crowd:
        answers = list(crowd.map(call, range(64)))
    assert sorted(set(answers)) == [200, 400] and answers.count(200) == 5, answers
    assert used(plain) == 5 * cost and Task.objects.count() == 5
    assert Wallet.objects.of(ada.open_workspace()).held == 5 * cost


def publish(ada):
    """A workflow of one clip, and what it costs."""
    graph = EXAMPLES["publish_workflow"]["body"] | {"graph": WORDS_AND_CLIP}
    workflow = ask("POST", "/v1/workflows", make_key(ada), graph).json()["workflowId"]
    quote = ask("POST", f"/v1/workflows/{workflow}/quotes", make_key(ada), {}).json()
    return workflow, quote["estimatedCost"]["credits"]


def test_a_run_of_a_workflow_holds_all_that_it_may_cost_and_gives_back_what_it_did_not(ada):
    workflow, cost = publish(ada)
    assert cost > 0
    plain = make_key(ada, credit_budget=2 * cost - 1)
    begun = ask("POST", f"/v1/workflows/{workflow}", plain, {})
    assert begun.status_code == 200 and used(plain) == cost
    refused = ask("POST", f"/v1/workflows/{workflow}", plain, {})
    assert refused.status_code == 400 and "The budget of this key stops this" in refused.json()["error"]
    assert Invocation.objects.count() == 1
    assert Run.objects.settle() == 0 and used(plain) == cost, "while it is on its way"
    assert ask("DELETE", f"/v1/workflow_invocations/{begun.json()['id']}", plain).status_code == 204
    for handler in hooks.looked:  # as the dispatcher does on its rounds
        handler()
    assert used(plain) == 0 and Run.objects.settle() == 0


def draw(invocation):
    """Let the clip of a run be made and charged for, as the studio does; the clip."""
    go_on_with_workflow(invocation)
    run = Invocation.objects.get(pk=invocation).nodes.get(node="clip").generation
    if run.in_progress:
        finish_generation(run)
        Generation.objects.filter(pk=run.pk).update(charged=run.cost)
        go_on_with_workflow(invocation)
    return run.asset


def test_a_run_that_makes_again_what_went_into_the_trash_meanwhile_crosses_no_line(ada):
    workflow, cost = publish(ada)
    plain = make_key(ada, credit_budget=cost)
    clip = draw(ask("POST", f"/v1/workflows/{workflow}", plain, {}).json()["id"])
    assert Run.objects.settle() == 1 and used(plain) == cost
    again = ask("POST", f"/v1/workflows/{workflow}", plain, {}).json()
    assert again["estimatedCost"] == {"credits": 0}, "the clip is there"
    type(clip).objects.filter(pk=clip.pk).update(deleted_at=clip.created_at)
    assert draw(again["id"]) != clip
    assert Run.objects.settle() == 1 and used(plain) == cost
    assert Run.objects.get(invocation=again["id"]).charged == cost


def test_a_run_that_cannot_be_settled_keeps_no_other_waiting(ada, monkeypatch, caplog):
    workflow, cost = publish(ada)
    plain = make_key(ada, credit_budget=2 * cost)
    for _ in range(2):
        Invocation.objects.get(pk=ask("POST", f"/v1/workflows/{workflow}", plain, {}).json()["id"]).cancel()
    broken, settle = Run.objects.first().pk, Run.settle
    with monkeypatch.context() as odd:
        odd.setattr(Run, "settle", lambda run: 1 / 0 if run.pk == broken else settle(run))
        assert Run.objects.settle() == 1 and used(plain) == cost
    assert f"Run {broken} cannot go on" in caplog.text
    assert Run.objects.settle() == 1 and used(plain) == 0
