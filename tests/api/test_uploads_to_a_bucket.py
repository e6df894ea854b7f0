"""Files that programs bring for a day, where files are kept in a bucket: sent there by a form, once it is looked at."""

import uuid
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from generation import jobs
from runwayweb.api.media import _uploaded
from runwayweb.assets.erasing import erase
from runwayweb.assets.models import Ephemeral
from tests.api.test_uploads import PNG, announce
from tests.factories import make_asset

pytestmark = pytest.mark.django_db


class Caller:
    def __init__(self, workspace):
        self.workspace = workspace


@pytest.fixture
def caller(ada):
    return Caller(ada.open_workspace())


def send(started, data=PNG, **fields):
    """What Runway's clients do with the answer."""
    return httpx.post(started["uploadUrl"], data=started["fields"] | fields, files={"file": ("fox.png", data)})


def usable(caller, started):
    """The bytes that a run would be given; None where it would be given none."""
    try:
        with _uploaded(caller, started["runwayUri"]) as (path, name):
            assert name == "fox.png"
            return path.read_bytes()
    except Exception as why:
        assert "cannot be used" in str(why)
        return None


def test_a_file_goes_to_the_bucket_and_is_used(program, caller, s3):
    started = announce(program)
    assert started["uploadUrl"].startswith(s3.url)
    assert usable(caller, started) is None, "it has not come"
    assert send(started).status_code == 204
    assert usable(caller, started) == PNG and usable(caller, started) == PNG
    kept = Ephemeral.objects.get()
    assert (kept.status, kept.size_bytes) == ("here", len(PNG))
    assert timedelta(hours=23) < kept.expires_at - timezone.now() < timedelta(hours=25)
    answer = program.post("/v1/assets", {"uri": started["runwayUri"]})
    assert answer.status_code == 200, answer.content


def test_the_form_takes_no_more_than_one_may_bring_and_for_an_hour(program, caller, s3, settings):
    settings.UPLOAD_LIMIT_BYTES = len(PNG) - 1
    assert send(announce(program)).status_code == 403
    settings.UPLOAD_LIMIT_BYTES = len(PNG)
    started = announce(program)
    assert send(started, key=f"studio/clips/{uuid.uuid4()}").status_code == 403, "to one place alone"
    s3.ahead = timedelta(hours=1, seconds=5)
    assert send(started).status_code == 403
    assert s3.keys(s3.bucket) == set()


def test_what_is_more_than_the_storage_has_room_for_goes_at_once(program, caller, s3, settings):
    settings.STORAGE_BYTES = 1000
    started = announce(program)
    send(started)
    make_asset(caller.workspace, b"\x00" * 999)
    assert usable(caller, started) is None
    assert not any("ephemeral" in key for key in s3.keys(s3.bucket))


def test_somebody_elses_cannot_be_used(program, caller, s3):
    from tests.factories import make_user

    started = announce(program)
    send(started)
    assert usable(Caller(make_user("mallory").open_workspace()), started) is None


def test_after_a_day_it_is_erased_and_what_nobody_used_too(program, caller, s3):
    used, unused = announce(program), announce(program)
    send(used)
    send(unused)
    assert usable(caller, used)
    jobs.sweep()
    assert len(s3.keys(s3.bucket)) == 2
    Ephemeral.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    jobs.sweep()
    assert s3.keys(s3.bucket) == {f"studio/ephemeral/{unused['runwayUri'].removeprefix('runway://')}"}
    assert usable(caller, unused) is None, "its time is over"
    from unittest.mock import patch

    with patch("runwayweb.assets.models.ephemeral.AWAITED_FOR", timedelta(seconds=-60)):
        jobs.sweep()
    assert s3.keys(s3.bucket) == set()


@pytest.mark.django_db(transaction=True)
def test_it_goes_with_its_workspace(program, caller, s3):
    started = announce(program)
    send(started)
    assert usable(caller, started)
    erase(caller.workspace)
    assert s3.keys(s3.bucket) == set()
