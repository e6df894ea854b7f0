"""Two callers at one row: one wins, whole."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import Count
from django.db.models.functions import Now

from generation.attempt import output_folder
from generation.models import Generation
from generation.models.status import Status
from generation.pulse import Pulse
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Entry, Wallet
from tests.factories import make_generation, make_project
from tests.faults.lanes import report, times

RACES = int(os.environ.get("RACES", times(200, 1000)))
LATE = times(12, 1000)


class FinishedClip:
    understood, recipe, duration_seconds = {}, {}, 2 / 12


def unsaved_clip(generation, attempt):
    return Asset(
        workspace_id=generation.workspace_id, name="clip.mp4", file=f"{output_folder(generation.pk, attempt)}/clip.mp4",
        media_type="video/mp4", sha256="0" * 64, size_bytes=1, width=64, height=64, duration_seconds=1, fps=12,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.part(3)
@pytest.mark.timeout(1500)
def test_cancel_against_finish_is_never_mixed(project):
    pulse = Pulse("gpu")
    start = Barrier(2)

    def finish(generation):
        asset = unsaved_clip(generation, 1)
        start.wait()
        try:
            return generation.succeed(1, asset=asset, clip=FinishedClip)
        finally:
            connection.close()

    def cancel(generation):
        start.wait()
        try:
            return Generation.objects.get(pk=generation.pk).cancel()
        finally:
            connection.close()

    Wallet.objects.of(project.workspace).grant(1000, reference="for the races")
    won = {"finish": 0, "cancel": 0}
    with ThreadPoolExecutor(2) as pool:
        for _ in range(RACES):
            make_generation(project)
            claimed = Generation.objects.claim_next(pulse.worker)
            outcomes = pool.submit(finish, claimed), pool.submit(cancel, claimed)
            finished, cancelled = (outcome.result(30) for outcome in outcomes)
            assert finished != cancelled
            won["finish" if finished else "cancel"] += 1
            claimed.refresh_from_db()
            assert claimed.status == (Status.SUCCEEDED if finished else Status.CANCELLED)
            assert (claimed.asset_id is not None) == finished
    report("an end against a cancel", races=RACES, won=won)
    assert min(won.values()) > 0, f"no race: {won}"
    wallet = Wallet.objects.of(project.workspace)
    assert (wallet.spent, wallet.held) == (won["finish"], 0)
    assert Asset.objects.count() == won["finish"]
    settled = Entry.objects.exclude(kind__in=["hold", "grant"]).values("reference").annotate(times=Count("pk"))
    assert [row["times"] for row in settled] == [1] * RACES


@pytest.mark.part(3)
@pytest.mark.timeout(1500)
def test_whatever_an_attempt_says_that_is_over_is_refused(project):
    """Its lease ended and another worker has the run; then that one made it, too."""
    pulse = Pulse("gpu")
    Wallet.objects.of(project.workspace).grant(1000, reference="for the story")
    late_words = {
        "succeeded": lambda run: run.succeed(1, asset=unsaved_clip(run, 1), clip=FinishedClip),
        "failed": lambda run: run.fail(1, code="INTERNAL.ENGINE", message="It broke."),
        "handed back": lambda run: run.requeue(1, counted=False),
        "lives": lambda run: run.renew_lease(1, step=1),
    }
    refused = dict.fromkeys(late_words, 0)
    for number in range(LATE):
        make_generation(project)
        late = Generation.objects.claim_next(pulse.worker)
        Generation.objects.filter(pk=late.pk).update(lease_until=Now() - timedelta(seconds=1))
        assert Generation.objects.get(pk=late.pk).give_up_attempt(1)
        now = Generation.objects.claim_next(pulse.worker)
        assert (now.pk, now.attempt) == (late.pk, 2)
        word = [*late_words][number % len(late_words)]
        refused[word] += not late_words[word](late)
        asset = unsaved_clip(now, 2)
        assert now.succeed(2, asset=asset, clip=FinishedClip)
        assert not any(say(late) for say in late_words.values())
        now.refresh_from_db()
        assert (now.status, now.attempt, now.asset_id) == (Status.SUCCEEDED, 2, asset.pk)
    report("late words of an attempt that is over", runs=LATE, refused=refused)
    assert sum(refused.values()) == LATE
    assert Asset.objects.count() == LATE
    wallet = Wallet.objects.of(project.workspace)
    assert (wallet.spent, wallet.held) == (LATE, 0)


@pytest.mark.slow
def test_a_film_is_deleted_while_workers_end_its_runs(transactional_db):
    for _ in range(20):
        project = make_project()
        runs = [make_generation(project) for _ in range(4)]
        project.generations.update(status=Status.RUNNING, attempt=1)
        start = Barrier(5)

        def at_once(act, start=start):
            start.wait()
            try:
                return act()
            finally:
                connection.close()

        with ThreadPoolExecutor(5) as pool:
            acts = [project.delete_softly, *(partial(run.fail, 1, code="X", message="It broke.") for run in runs)]
            deleted, *ends = pool.map(at_once, acts)
        assert deleted
        states = set(project.generations.values_list("status", flat=True))
        assert states <= {Status.FAILED, Status.CANCELLED}
        assert project.generations.filter(status=Status.FAILED).count() == sum(ends)
        assert Wallet.objects.of(project.workspace).held == 0
