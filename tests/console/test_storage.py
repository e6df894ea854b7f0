"""What is kept, for how long, and what belongs to nobody."""

import os
import time
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from generation import jobs
from runwayweb.api.webhooks.deliverer import Deliverer
from runwayweb.assets.models import Asset, Ephemeral, Retention
from runwayweb.assets.storage import StorageAway
from runwayweb.console.jobs import survey
from runwayweb.console.models import Survey
from tests.factories import make_asset, make_picture


def say(console, rule, days):
    return console.post(reverse("console:storage-retention", args=[rule]), {"days": days})


def look(console, **asked):
    """What a look finds, by the job that a media worker would run."""
    console.post(reverse("console:storage-survey"), asked)
    newest = Survey.objects.first()
    survey(newest.pk)
    newest.refresh_from_db()
    return newest


@pytest.fixture
def orphan(settings):
    """The name of a file that no row knows, two hours old."""
    name = default_storage.save("clips/ab/left-over/1/clip.mp4", ContentFile(b"\0" * 500))
    before = time.time() - 7200
    os.utime(default_storage.path(name), (before, before))
    yield name
    default_storage.delete(name)


def test_the_page_tells_what_each_workspace_keeps(console, ada):
    make_asset(ada.open_workspace(), size_bytes=3 * 1024**2)
    make_asset(ada.open_workspace(), media_type="audio/mp4", size_bytes=1024**2, deleted_at=timezone.now())
    page = console.get(reverse("console:storage")).content.decode()
    assert "4.0\xa0MB" in page and "3.0\xa0MB" in page and "1.0\xa0MB" in page


def test_the_trash_is_emptied_by_what_the_operator_said(console, told, ada, settings):
    settings.TRASH_DAYS = 30
    asset = make_asset(ada.open_workspace(), deleted_at=timezone.now() - timedelta(days=8))
    jobs.sweep()
    assert Asset.objects.get(pk=asset.pk).state == Asset.State.READY
    say(console, "trash", "7")
    assert told() == [("retention_changed", "trash", {"before": "30", "days": "7"})]
    jobs.sweep()
    assert not Asset.objects.filter(pk=asset.pk).exists() and not default_storage.exists(asset.file.name)
    say(console, "trash", "")
    assert Retention.objects.days("trash") == 30


@pytest.mark.parametrize("days", ["0", "-1", "1e9", "nan", "soon"])
def test_nonsense_is_kept_out(console, told, days):
    page = console.post(reverse("console:storage-retention", args=["trash"]), {"days": days}, follow=True)
    assert 'data-level="error"' in page.content.decode()
    assert told() == [] and not Retention.objects.exists()
    assert say(console, "nonsense", "3").status_code == 404


def test_files_for_a_day_and_messages_of_webhooks_follow(console, ada, settings):
    say(console, "ephemeral", "3")
    say(console, "webhooks", "2")
    workspace = ada.open_workspace()
    ephemeral = Ephemeral.objects.announce(workspace=workspace, name="a.png")
    assert ephemeral.receive(ContentFile(b"abc", name="a.png"))
    assert ephemeral.expires_at > timezone.now() + timedelta(days=2)
    ephemeral.erase()
    endpoint = workspace.webhooks.create(url="https://example.org/", event_types=["*"])
    old = endpoint.deliveries.create(event_type="task.failed", payload={}, status="succeeded")
    type(old).objects.update(created_at=timezone.now() - timedelta(days=3))
    Deliverer().sweep()
    assert not endpoint.deliveries.exists()


def test_a_look_says_what_would_go_and_deletes_nothing(console, told, ada, orphan):
    asset = make_asset(ada.open_workspace())
    found = look(console)
    assert (found.orphans, found.orphan_bytes, found.freed_bytes) == (1, 500, 0)
    assert found.found["files"] == [orphan] and default_storage.exists(orphan)
    page = console.get(reverse("console:storage")).content.decode()
    assert "Delete 1 file" in page and orphan in page
    assert default_storage.exists(asset.file.name) and told() == [("storage_surveyed", "", {})]


def test_only_then_is_it_deleted(console, ada, orphan):
    asset, picture = make_asset(ada.open_workspace()), make_picture(ada.open_workspace())
    beside = default_storage.save(f"{os.path.dirname(asset.file.name)}/beside.webp", ContentFile(b"x"))
    console.post(reverse("console:storage-survey"), {"clean": "1"})
    assert not Survey.objects.exists(), "nobody has looked yet"
    look(console)
    cleaned = look(console, clean="1")
    assert cleaned.freed_bytes == 500 and not default_storage.exists(orphan)
    for name in (asset.file.name, picture.file.name, picture.poster.name, beside):
        assert default_storage.exists(name)


def test_what_is_young_may_be_on_its_way_in(console, orphan):
    os.utime(default_storage.path(orphan))
    assert look(console).orphans == 0


def test_a_row_whose_file_is_away_is_told_and_stays(console, ada):
    asset = make_asset(ada.open_workspace())
    default_storage.delete(asset.file.name)
    found = look(console)
    assert (found.lost, found.found["rows"]) == (1, [str(asset.pk)])
    assert Asset.objects.get(pk=asset.pk).state == Asset.State.READY


def test_a_storage_that_is_away_is_told(console, orphan, monkeypatch):
    def away(name):
        raise StorageAway("no answer from the bucket")

    monkeypatch.setattr(default_storage, "listdir", away)
    assert look(console).orphans == 0
    page = console.get(reverse("console:storage")).content.decode()
    assert "no answer from the bucket" in page and "Delete " not in page


def test_a_lost_job_is_asked_for_again_and_done_once(olga, valkey):
    import django_rq

    asked = Survey.objects.create(by=olga, asked_at=timezone.now() - timedelta(minutes=1))
    Survey.objects.wake()
    Survey.objects.wake()
    assert django_rq.get_queue("media").job_ids == [asked.job]
    assert asked.run() is True and asked.run() is False
