"""`manage.py audit`: says that all is well where it is, and finds whatever is not."""

import io
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from PIL import Image

from generation.attempt import Attempt
from generation.models import Event, Generation, Review, Worker
from generation.models.event import EventCounter
from generation.pulse import Pulse
from runwayweb.api.models import Delivery, Endpoint
from runwayweb.assets.models import Asset
from runwayweb.proof import processes
from runwayweb.subscriptions.models import Entry, Wallet
from tests.factories import make_generation, make_project, make_user


@pytest.fixture
def run(db, monkeypatch, tmp_path, settings):
    """One that succeeded, as a worker made it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv("NULL_ENGINE_JOURNAL", str(tmp_path / "journal"))
    run = make_generation(make_project(make_user("ada")), model="null", prompt="null 0 s")
    Attempt.run_next(Pulse("gpu"))
    run.refresh_from_db()
    assert run.status == Generation.Status.SUCCEEDED, run.failure
    return run


def audit(**options):
    """(exit status, what it said)."""
    said = io.StringIO()
    try:
        call_command("audit", stdout=said, **options)
    except SystemExit as ended:
        return ended.code, said.getvalue()
    return 0, said.getvalue()


def test_all_is_well_where_it_is(run):
    queued = make_generation(run.project, model="null", prompt="null 0 s")
    cancelled = make_generation(run.project, model="null", prompt="null 0 s")
    cancelled.cancel()
    run.copy_to(make_project(run.workspace.owner, "The Fox Who Came Back"))
    status, said = audit()
    assert (status, said) == (0, "All is well: 4 generations, 1 wallets, 1 assets, 0 messages.\n"), queued


def test_it_can_be_read_by_a_program(run):
    Generation.objects.filter(pk=run.pk).update(charged=7)
    status, said = audit(json=True)
    told = json.loads(said)
    assert status == 1
    assert (told["looked_at"]["generations"], told["by_check"]) == (1, {"money": 1})
    assert told["findings"][0]["subject"] == f"Generation {run.pk}"


def set_generation(ago=(), **columns):
    """Have columns say something else; those of `ago` a moment so long before now."""

    def spoil(run):
        moments = {name: timezone.now() - time for name, time in dict(ago).items()}
        Generation.objects.filter(pk=run.pk).update(**columns | moments)

    return spoil


def release_too(run):
    """As if it had been given back after it was paid for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO subscriptions_entry (wallet_id, kind, debit, credit, amount, reference, created_at)"
            " VALUES (%s, 'release', 'held', 'available', 1, %s, %s)",
            [Wallet.objects.of(run.workspace).pk, run.reference, timezone.now()],
        )


def forget_the_run(run):
    other = make_generation(run.project, model="null")
    Event.objects.filter(generation_id=other.pk).delete()
    EventCounter.objects.update(last=Event.objects.count())
    Generation.objects.filter(pk=other.pk).delete()


def hang_on_a_hold(run):
    Wallet.objects.of(run.workspace).hold(1, reference="step:1")
    with connection.cursor() as cursor:  # entries are never changed but by who spoils them
        cursor.execute(
            "UPDATE subscriptions_entry SET created_at = %s WHERE reference = 'step:1'",
            [timezone.now() - timedelta(days=2)],
        )


def change_a_byte(run):
    path = Path(run.asset.file.path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def keep_nonsense(run):
    """A file that is exactly what the row says, and no clip."""
    import hashlib

    Path(run.asset.file.path).write_bytes(b"nonsense")
    Asset.objects.filter(pk=run.asset_id).update(sha256=hashlib.sha256(b"nonsense").hexdigest())


def lay_a_clip_about(run):
    default_storage.save(f"clips/ab/{run.pk}/9/clip.mp4", ContentFile(b"clip"))


def lose_its_poster(run):
    run.asset.prepare()
    default_storage.delete(run.asset.poster.name)


def lose_a_picture_of_its_cast(run):
    run.asset.store_cast([("Fox", "character", Image.new("RGB", (64, 64), "red"))])
    run.asset.save()
    default_storage.delete(run.asset.cast[0]["file"])


def lose_a_still(run):
    blocked = make_generation(run.project, model="null", prompt="null 0 s")
    review = Review.objects.create(generation=blocked, workspace=run.workspace, code="SAFETY.OUTPUT.VIDEO")
    review.keep_stills(np.full((2, 48, 64, 3), 90, np.uint8))
    default_storage.delete(f"blocked/{blocked.pk}/2.jpg")


def leave_a_working_folder(run):
    (Path(settings.MEDIA_ROOT) / "tmp" / f"{run.pk}-2").mkdir(parents=True)


def tell_nobody(run):
    endpoint = Endpoint.objects.create(workspace=run.workspace, url="https://example.org/hook")
    Delivery.objects.create(
        endpoint=endpoint, sequence=1, event_type="task.succeeded", payload={},
        next_attempt_at=timezone.now() - timedelta(minutes=5),
    )  # fmt: skip


SPOILED = {
    "paid for twice": (release_too, "settle"),
    "never paid for": (set_generation(cost=99), "costs 99 credits"),
    "charged otherwise": (set_generation(charged=1000), "1000 credits were charged"),
    "failed and shown": (set_generation(status="failed", charged=0), "its output can be reached"),
    "never ended": (
        set_generation(status="queued", ago={"created_at": timedelta(days=2)}),
        "is still queued, 48 h after",
    ),
    "its worker silent": (
        set_generation(status="running", ago={"lease_until": timedelta(minutes=10)}),
        "its worker has been silent for 10 min",
    ),
    "its end not told": (lambda run: Event.objects.filter(kind="generation.succeeded").delete(), "its last event says"),
    "a number left out": (lambda run: Event.objects.filter(sequence=2).delete(), "has 2 events up to number 3"),
    "a hold of nobody": (forget_the_run, "for a run that is not there"),
    "a hold for ever": (hang_on_a_hold, "nothing ended it"),
    "its file away": (lambda run: default_storage.delete(run.asset.file.name), "its file is not there"),
    "its poster away": (lose_its_poster, "its poster clips/"),
    "a picture of its cast away": (lose_a_picture_of_its_cast, "cast-1.webp is not there"),
    "a still of what was blocked away": (lose_a_still, "/2.jpg is not there"),
    "its file another": (change_a_byte, "its SHA-256 is another"),
    "no clip in its file": (keep_nonsense, "cannot be decoded"),
    "a clip of nobody": (lay_a_clip_about, "of which no asset tells"),
    "a folder left": (leave_a_working_folder, "belongs to no attempt that runs"),
    "a message not sent": (tell_nobody, "was to be sent at"),
}


@pytest.mark.parametrize(("spoil", "sentence"), SPOILED.values(), ids=SPOILED)
def test_it_finds_what_is_not_well(run, spoil, sentence):
    spoil(run)
    status, said = audit()
    assert status == 1
    assert sentence in said


def test_files_need_not_be_read(run):
    change_a_byte(run)
    assert audit(no_hashes=True)[0] == 0


def test_a_wallet_that_does_not_add_up_is_found_as_by_the_ledgers_own_command(run):
    assert Entry.objects.filter(reference=run.reference).count() == 2
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM subscriptions_portion")
    status, said = audit()
    assert status == 1 and "its lots say 0" in said


def test_a_worker_nobody_knows_of_is_found(site, database_url, monkeypatch, no_files):
    worker = site.start("gpu", env={"BEAT_SECONDS": "60"})  # at its next beat it puts itself back on the list
    site.wait(lambda: Worker.objects.filter(pid=worker.pid).exists(), seconds=60)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr(processes, "START_SECONDS", 0)
    assert audit() == (0, "All is well: 0 generations, 0 wallets, 0 assets, 0 messages.\n")
    Worker.objects.all().delete()
    status, said = audit()
    assert (status, f"Process {worker.pid} (gpuworker): runs and never announced itself" in said) == (1, True)
