"""The life of a generation, verb by verb."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from generation.engine import catalogue
from generation.models import Event, Generation
from generation.models.status import Status
from runwayweb.subscriptions.limits import LimitReached
from runwayweb.subscriptions.models import InsufficientCredits, Wallet
from tests.factories import make_asset, make_generation, make_project, make_user

pytestmark = pytest.mark.django_db


class FinishedClip:
    understood, recipe = {"sentence": "a red fox"}, {"engine": "animatic"}

    def __init__(self, duration_seconds):
        self.duration_seconds = duration_seconds


def wallet_of(project):
    return Wallet.objects.of(project.workspace)


def unsaved_asset(project):
    asset = make_asset(project.workspace)
    asset.delete()
    return asset


def test_asking_holds_the_credits_keeps_the_request_and_tells_the_workspace(project, ada):
    generation = make_generation(project, ada, num_frames=24)
    assert (generation.status, generation.cost, generation.attempt) == (Status.QUEUED, 4, 0)
    assert generation.video_request().prompt == "a red fox in a forest"
    assert wallet_of(project).held == 4
    event = Event.objects.get(workspace=project.workspace)
    assert (event.sequence, event.kind, event.generation_id) == (1, "generation.queued", generation.pk)


def test_without_credits_nothing_is_kept_and_nothing_is_held(project, ada):
    wallet_of(project).hold(499, reference="elsewhere")
    with pytest.raises(InsufficientCredits):
        make_generation(project, ada, num_frames=24)
    assert not Generation.objects.exists()
    assert not Event.objects.exists()
    assert wallet_of(project).available == 1


def test_what_a_plan_does_not_allow_is_refused_before_anything_is_held(project, settings):
    settings.DEFAULT_PLAN = "free"
    with pytest.raises(LimitReached, match="Clips are 5 seconds long at most on the plan Free. Standard lifts"):
        make_generation(project, num_frames=61)
    with pytest.raises(LimitReached, match="Frames are 1280 × 720 at most on the plan Free"):
        make_generation(project, width=1920, height=1088)
    assert not Generation.objects.exists() and wallet_of(project).held == 0
    make_generation(project, num_frames=60)


def test_the_price_is_that_of_the_hold_whatever_becomes_of_it_meanwhile(project, pulse, monkeypatch):
    card = catalogue.card("animatic")
    for price, charged in [(card.credits_per_second * 10, 4), (card.credits_per_second / 2, 2)]:
        generation = make_generation(project, num_frames=48)
        claimed = Generation.objects.claim_next(pulse.worker)
        dearer = replace(card, credits_per_second=price)
        monkeypatch.setattr(catalogue, "card", lambda _model, dearer=dearer: dearer)
        claimed.succeed(1, asset=unsaved_asset(project), clip=FinishedClip(2))
        monkeypatch.undo()
        generation.refresh_from_db()
        assert (generation.cost, generation.charged) == (8, charged)


def test_a_row_is_claimed_once_and_only_its_attempt_may_write(project, pulse):
    generation = make_generation(project)
    claimed = Generation.objects.claim_next(pulse.worker)
    assert (claimed.pk, claimed.status, claimed.attempt) == (generation.pk, Status.RUNNING, 1)
    assert Generation.objects.claim_next(pulse.worker) is None
    assert claimed.renew_lease(1, step=1, steps=8)
    assert not claimed.renew_lease(0)
    assert not claimed.fail(0, code="X", message="an old attempt speaks")
    assert claimed.succeed(1, asset=unsaved_asset(project), clip=FinishedClip(2 / 12))
    assert not claimed.fail(1, code="X", message="too late")
    assert not claimed.cancel()
    claimed.refresh_from_db()
    assert claimed.status == Status.SUCCEEDED
    assert wallet_of(project).spent == claimed.cost == 1


def test_only_what_was_made_is_charged(project, pulse):
    make_generation(project, num_frames=48)
    claimed = Generation.objects.claim_next(pulse.worker)
    claimed.succeed(1, asset=unsaved_asset(project), clip=FinishedClip(2))
    assert (claimed.cost, wallet_of(project).spent, wallet_of(project).available) == (8, 4, 496)


def test_a_late_finish_changes_nothing_and_leaves_no_asset(project, pulse):
    generation = make_generation(project)
    claimed = Generation.objects.claim_next(pulse.worker)
    generation.refresh_from_db()
    assert generation.requeue(1)
    Generation.objects.claim_next(pulse.worker)
    asset = unsaved_asset(project)
    assert not claimed.succeed(1, asset=asset, clip=FinishedClip(1))
    assert not type(asset).objects.exists()
    generation.refresh_from_db()
    assert (generation.status, generation.attempt) == (Status.RUNNING, 2)
    assert wallet_of(project).held == generation.cost


@pytest.mark.parametrize("running", [False, True])
def test_cancelling_gives_the_credits_back(project, pulse, running):
    generation = make_generation(project)
    if running:
        Generation.objects.claim_next(pulse.worker)
    assert generation.cancel()
    assert not generation.cancel()
    assert generation.status == Status.CANCELLED
    assert (wallet_of(project).available, wallet_of(project).held) == (500, 0)
    assert not generation.renew_lease(1), "the worker learns it at its next step"


def test_three_lost_attempts_end_it_with_its_credits_back(project, pulse):
    generation = make_generation(project)
    for attempt in (1, 2, 3):
        Generation.objects.claim_next(pulse.worker)
        Generation.objects.filter(pk=generation.pk).update(lease_until=Now() - timedelta(seconds=1))
        (expired,) = Generation.objects.expired()
        assert expired.give_up_attempt(attempt)
    generation.refresh_from_db()
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INTERNAL.WORKER_LOST")
    assert "3 times" in generation.failure
    assert wallet_of(project).available == 500


def test_two_attempts_that_the_kernel_ended_for_memory_end_it_the_second_with_a_smaller_plan(project, pulse):
    generation = make_generation(project)
    for attempt in (1, 2):
        Generation.objects.claim_next(pulse.worker)
        (ended,) = Generation.objects.running_in(pulse.worker.host, pulse.worker.pid)
        assert ended.smaller_plans == attempt - 1
        assert ended.give_up_for_memory(attempt)
        assert not ended.give_up_for_memory(attempt), "it is told once"
    generation.refresh_from_db()
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INTERNAL.OUT_OF_MEMORY")
    assert wallet_of(project).available == 500
    assert not Generation.objects.running_in(pulse.worker.host, pulse.worker.pid)


def test_an_attempt_that_renewed_its_lease_at_the_last_moment_goes_on(project, pulse):
    generation = make_generation(project)
    claimed = Generation.objects.claim_next(pulse.worker)
    Generation.objects.filter(pk=generation.pk).update(lease_until=Now() - timedelta(seconds=1))
    (expired,) = Generation.objects.expired()
    assert claimed.renew_lease(1)
    assert not expired.give_up_attempt(1)
    generation.refresh_from_db()
    assert (generation.status, generation.attempt) == (Status.RUNNING, 1)


def test_an_attempt_handed_back_by_a_stopping_worker_does_not_count(project, pulse):
    generation = make_generation(project)
    for attempt in (1, 2, 3, 4):
        Generation.objects.claim_next(pulse.worker)
        generation.refresh_from_db()
        assert generation.requeue(attempt, counted=False)
    generation.refresh_from_db()
    assert (generation.status, generation.attempt, generation.attempts_spent) == (Status.QUEUED, 4, 0)


def test_workspaces_take_turns_however_long_one_queue_is(project, pulse):
    for _ in range(5):
        make_generation(project)
    grace = make_generation(make_project(make_user("grace")))
    served = [Generation.objects.claim_next(pulse.worker) for _ in range(2)]
    assert grace.pk in [generation.pk for generation in served]
    assert served[0].workspace_id != served[1].workspace_id


def test_a_claim_asks_the_same_few_questions_however_many_wait(pulse, django_assert_max_num_queries):
    for _ in range(12):
        make_generation(make_project())
    with django_assert_max_num_queries(12):
        assert Generation.objects.claim_next(pulse.worker)


def test_events_count_without_gaps_in_each_workspace(project):
    other = make_project(make_user("grace"))
    make_generation(project).cancel()
    make_generation(other)
    make_generation(project)
    sequences = Event.objects.filter(workspace=project.workspace).values_list("sequence", flat=True)
    assert list(sequences) == [1, 2, 3]
    assert Event.objects.last_sequence(other.workspace) == 1


def test_deleting_hides_the_clip_and_restoring_shows_it_again(project, pulse):
    generation = make_generation(project)
    claimed = Generation.objects.claim_next(pulse.worker)
    claimed.succeed(1, asset=unsaved_asset(project), clip=FinishedClip(1))
    generation.refresh_from_db()
    assert generation.delete_softly()
    generation.asset.refresh_from_db()
    assert generation.asset.deleted_at
    assert generation.restore()
    generation.asset.refresh_from_db()
    assert generation.asset.deleted_at is None


def test_deleting_a_project_cancels_what_it_waits_for_and_can_be_undone(project):
    generation = make_generation(project)
    assert project.delete_softly()
    generation.refresh_from_db()
    assert generation.status == Status.CANCELLED
    assert wallet_of(project).available == 500
    assert project.restore()
    project.refresh_from_db()
    assert project.deleted_at is None


def test_a_duplicate_shares_the_clips_and_costs_nothing(project, pulse):
    make_generation(project)
    claimed = Generation.objects.claim_next(pulse.worker)
    claimed.succeed(1, asset=unsaved_asset(project), clip=FinishedClip(1))
    make_generation(project)
    available = wallet_of(project).available
    copy = project.duplicate()
    assert [generation.asset_id for generation in copy.generations.all()] == [claimed.asset_id]
    assert wallet_of(project).available == available
    claimed.delete_softly()
    claimed.asset.refresh_from_db()
    assert claimed.asset.deleted_at is None, "the copy still shows it"
