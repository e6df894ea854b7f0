"""The first page of the console: what needs somebody, and the figures of the day."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generation.models import Generation, Review, Wish, Worker
from projects.models import Report, Share
from runwayweb.accounts.models import Flag
from runwayweb.console import attention
from tests.factories import make_generation, make_project


@pytest.fixture
def well(db):
    """A worker of each kind that gives signs of life."""
    made = [
        Worker.objects.create(kind=kind, slot=kind, name=kind, host="here", pid=number)
        for number, kind in enumerate(Worker.Kind.values, 1)
    ]
    return {worker.kind: worker for worker in made}


def sentences():
    return [need.sentence for need in attention.needs()]


def page_of(console):
    return console.get(reverse("console:overview")).content.decode()


def test_where_all_is_well_nobody_is_needed(console, well):
    assert sentences() == []
    page = page_of(console)
    assert "nobody is needed" in page and "Python" in page and "Valkey" in page


def test_what_is_down_comes_first(console, well, olga):
    Wish.objects.ask(well["gpu"], "drain", by=olga)
    well["media"].delete()
    assert sentences() == ["Media worker: none is running", "Every GPU worker rests: nothing is begun."]
    assert "none is running" in page_of(console)


def test_a_worker_that_fell_silent_is_told(well):
    Worker.objects.filter(kind="gpu").update(beat_at=timezone.now() - timedelta(hours=1))
    assert "1 worker gives no sign of life." in sentences()


def test_a_run_that_waits_long_or_in_vain(well, ada):
    run = make_generation(make_project(ada))
    assert sentences() == []
    Generation.objects.update(queued_at=timezone.now() - timedelta(minutes=40))
    assert sentences() == ["A run of animatic has waited for 40 min."]
    Generation.objects.filter(pk=run.pk).update(model="long-gone")
    (told,) = sentences()
    assert told.startswith("long-gone waits in vain: ")


def test_when_many_runs_break(console, well, ada):
    project = make_project(ada)
    for number in range(6):
        run = make_generation(project)
        Generation.objects.filter(pk=run.pk).update(status="running", attempt=1)
        Generation.objects.get(pk=run.pk).fail(
            1, code="INTERNAL.GPU" if number % 2 else "INPUT.SIZE", message="It broke."
        )
    assert sentences() == ["3 of the 6 runs of the last hour broke."]
    page = page_of(console)
    assert "INTERNAL.GPU" in page and "INPUT.SIZE" in page


@pytest.mark.parametrize("is_there", [True, False])
def test_media_that_cannot_be_written_are_told(well, settings, tmp_path, monkeypatch, is_there):
    settings.MEDIA_ROOT = tmp_path / "media"
    assert sentences() == [], "it is made when it is needed"
    if is_there:
        settings.MEDIA_ROOT.mkdir()
        assert sentences() == []
    # For root nothing is shut but what was mounted read-only.
    monkeypatch.setattr("os.access", lambda path, mode: path not in (settings.MEDIA_ROOT, tmp_path))
    assert sentences() == ["The folder of the media cannot be written to: every run fails."]


def test_a_failing_webhook_a_full_disk_and_a_paused_studio(well, ada, monkeypatch):
    ada.open_workspace().webhooks.create(url="https://example.org/", event_types=["*"], failing_since=timezone.now())
    monkeypatch.setattr(attention, "ENOUGH_DISK_BYTES", 10**18)
    Flag.objects.switch("new-work", False, by=None)
    told = " ".join(sentences())
    assert "1 webhook takes nothing." in told and "left." in told and "No new work is taken" in told


def test_what_people_wait_for(console, well, ada):
    project = make_project(ada)
    for number in range(3):
        run = make_generation(project, seed=number)
        Generation.objects.filter(pk=run.pk).update(status="running", attempt=1)
        Generation.objects.get(pk=run.pk).fail(1, code="SAFETY.INPUT.TEXT", message="It may not be made.")
    Review.objects.first().say("It is a painting.", by=ada)
    share = Share.objects.make(project, by=ada, expires_at=timezone.now() + timedelta(days=1))
    report = Report.objects.create(share=share, category="rights", words="That music is mine.")
    told = ["1 appeal waits for an answer.", "2 blocked runs were not looked at.", "1 report of a film waits."]
    assert sentences() == told
    page = page_of(console)
    assert all(reverse(f"console:{name}") + '">Look' in page for name in ("moderation", "reports"))
    Report.objects.create(share=share, category="child", words="Look at this.")
    assert sentences() == ["2 reports of films wait.", *told[:2]], "the gravest first"
    Report.objects.exclude(pk=report.pk).first().dismiss("Nothing to see.", by=ada)
    assert sentences() == told


def test_held_credits_are_counted(console, well, ada):
    run = make_generation(make_project(ada), num_frames=48)
    assert run.cost > 1
    assert f"<dd>{run.cost}</dd>" in page_of(console)
