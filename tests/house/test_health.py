"""`/healthz` says what is down, quickly, and nothing more."""

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils.timezone import now

from generation.models import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def workers():
    """One of each kind, all of them alive."""
    return {kind: Worker.objects.create(kind=kind, name=kind, host="here", pid=1) for kind in Worker.Kind.values}


def test_all_is_well(client, workers, settings):
    settings.MODERATION = "off"
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok", "version": answer.json()["version"], "database": "ok", "queue": "ok",
        "gpu_worker": "ok", "media_worker": "ok", "dispatcher": "ok", "webhooks": "ok", "pictures": "unchecked",
    }  # fmt: skip
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("kind", "part"),
    [("gpu", "gpu_worker"), ("media", "media_worker"), ("dispatcher",) * 2, ("webhooks",) * 2],
)
def test_a_worker_that_stopped_beating_is_named(client, workers, kind, part):
    silent = timedelta(seconds=3 * settings.BEAT_SECONDS + 6)
    Worker.objects.filter(pk=workers[kind].pk).update(beat_at=now() - silent)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    states = answer.json()
    assert states.pop("status") == "down"
    assert [name for name, state in states.items() if name not in ("version", "pictures") and state != "ok"] == [part]


def test_a_frozen_valkey_is_named_within_seconds(client, workers, valkey):
    valkey.freeze()
    asked_at = time.monotonic()
    answer = client.get("/healthz")
    assert time.monotonic() - asked_at < 4
    assert answer.status_code == 503
    assert answer.json()["queue"] == "no answer"
    assert answer.json()["database"] == "ok"


def test_a_bucket_is_asked_now_and_then(client, s3, workers, monkeypatch):
    monkeypatch.setattr("runwayweb.assets.s3.WATCH_SECONDS", 20)  # beside other stories it takes its time
    for _time in range(3):
        states = client.get("/healthz").json()
        assert (states["status"], states["storage"]) == ("ok", "ok")
    assert [path for method, path in s3.asked if method == "HEAD"] == [f"/{s3.bucket}"]


@pytest.mark.parametrize("how", ["refuses", "hangs up", "is slow", "is another's"])
def test_a_bucket_that_is_away_is_named_within_seconds(client, s3, workers, how):
    s3.client().delete_bucket(Bucket=s3.bucket) if how == "is another's" else s3.breaks(how, seconds=6)
    asked_at = time.monotonic()
    answer = client.get("/healthz")
    assert time.monotonic() - asked_at < 4
    assert (answer.status_code, answer.json()["storage"], answer.json()["queue"]) == (503, "no answer", "ok")
    assert s3.bucket not in answer.content.decode()


def test_a_database_that_is_away_is_named_and_its_address_is_not(tmp_path):
    code = "import django; django.setup(); from runwayweb.health import health; print(health())"
    away = {"DATABASE_URL": "postgres://keeper:secret@127.0.0.1:1/nothing", "RUNWAYWEB_DATA": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=os.environ | away, capture_output=True, text=True
    )
    assert "'database': 'no answer', 'gpu_worker': 'unknown'" in answer.stdout
    assert "127.0.0.1" not in answer.stdout and "secret" not in answer.stdout


def test_a_watcher_is_not_sent_to_https(client, settings, workers):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200


def test_it_can_only_be_read(client):
    assert client.post("/healthz").status_code == 405
