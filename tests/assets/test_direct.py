"""Files that a browser sends to the bucket by itself: where each part may go, what it may hold, and who may send it."""

import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from generation import jobs
from runwayweb.accounts.models import Role
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.models import upload as uploads
from runwayweb.assets.taking_in import TakingIn
from tests.factories import make_asset, make_member, make_user
from tests.media import media_file

pytestmark = pytest.mark.django_db
PART = 5 * 1024**2  # the least that S3 takes


@pytest.fixture
def online(client, ada, s3, monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", PART)
    client.force_login(ada)
    return client


def begin(client, size, name="harbour.mp4"):
    return client.post(reverse("assets:direct-uploads"), {"name": name, "size": size})


def put(address, data):
    request = urllib.request.Request(address, data, method="PUT", headers={"Content-Type": "application/octet-stream"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_parts_go_to_the_bucket_and_become_an_asset(online, s3, ada):
    data = media_file(frames=24, fps=24)
    whole = data + bytes(PART + 1000 - len(data))
    begun = begin(online, len(whole))
    assert begun.status_code == 201
    url = begun.json()["url"]
    told = online.get(f"{url}parts/").json()
    assert (told["came"], told["partBytes"]) == (0, PART) and [part["number"] for part in told["parts"]] == [1, 2]
    assert online.post(f"{url}completion/").status_code == 409
    first, second = (part["address"] for part in told["parts"])
    assert put(second, bytes(999)) == 403, "a part holds as many bytes as were said"
    assert put(second, bytes(1001)) == 403
    assert put(first, whole[:PART]) == 200
    told = online.get(f"{url}parts/").json()
    assert told["came"] == PART and [part["number"] for part in told["parts"]] == [2]
    assert s3.keys(s3.bucket) == set(), "nothing is to be seen of it before it is whole"
    assert put(second, whole[PART:]) == 200
    assert online.post(f"{url}completion/").status_code == 200
    assert online.post(f"{url}completion/").status_code == 200, "whoever did not hear the answer asks again"
    assert put(first, bytes(PART)) >= 400, "what is whole is not sent again"
    upload = Upload.objects.get()
    assert (upload.status, upload.asset.state) == ("waiting", "preparing")
    assert s3.keys(s3.bucket) == {f"studio/{upload.stored}"}
    assert TakingIn(upload).run()
    asset = Asset.objects.get()
    assert (asset.state, asset.size_bytes, asset.media_type) == ("ready", len(whole), "video/mp4")
    assert f"studio/{asset.file.name}" in s3.keys(s3.bucket) and f"studio/{upload.stored}" not in s3.keys(s3.bucket)


def test_what_is_no_media_is_refused_and_goes(online, s3):
    url = begin(online, 40).json()["url"]
    (part,) = online.get(f"{url}parts/").json()["parts"]
    assert put(part["address"], b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n  ") == 200
    online.post(f"{url}completion/")
    upload = Upload.objects.get()
    assert TakingIn(upload).run()
    upload.refresh_from_db()
    assert "no picture, video or sound" in upload.told and s3.keys(s3.bucket) == set()


def test_addresses_of_parts_expire(online, s3):
    url = begin(online, 10).json()["url"]
    (part,) = online.get(f"{url}parts/").json()["parts"]
    s3.ahead = timedelta(minutes=51)
    assert put(part["address"], b"0123456789") == 403
    s3.ahead = timedelta()
    assert put(part["address"], b"0123456789") == 200


def test_an_upload_is_nobody_elses_business(online, s3):
    url = begin(online, 10).json()["url"]
    mallory = Client()
    assert mallory.get(f"{url}parts/").status_code == 401
    mallory.force_login(make_user("mallory"))
    for answer in (mallory.get(f"{url}parts/"), mallory.post(f"{url}completion/")):
        assert answer.status_code == 410 and "not there any more" in answer.json()["told"]


def test_who_may_make_nothing_brings_nothing(online, s3, ada):
    viewer = Client()
    viewer.force_login(make_member(ada.open_workspace(), Role.VIEWER))
    url = begin(online, 10).json()["url"]
    assert begin(viewer, 10).status_code == 403
    for answer in (viewer.get(f"{url}parts/"), viewer.post(f"{url}completion/")):
        assert answer.status_code == 410 and "not there any more" in answer.json()["told"]


def test_the_quota_is_asked_before_a_byte_is_sent(online, s3, ada, settings):
    settings.STORAGE_BYTES = 1000
    make_asset(ada.open_workspace(), b"\x00" * 900)
    refused = begin(online, 101)
    assert refused.status_code == 413 and "full" in refused.json()["told"]
    assert begin(online, 100).status_code == 201
    settings.STORAGE_BYTES, settings.UPLOAD_LIMIT_BYTES = 10**9, 10**6
    assert begin(online, 10**6 + 1).status_code == 413
    assert begin(online, "many").status_code == 400


def test_whoever_cancels_leaves_nothing(online, s3):
    url = begin(online, 10).json()["url"]
    (part,) = online.get(f"{url}parts/").json()["parts"]
    put(part["address"], b"0123456789")
    online.post(f"{url}cancellation/")
    assert online.get(f"{url}parts/").status_code == 410
    assert put(part["address"], b"0123456789") >= 400
    assert not s3.client().list_multipart_uploads(Bucket=s3.bucket).get("Uploads")


def test_what_nobody_comes_back_for_is_swept_away(online, s3):
    url = begin(online, 10).json()["url"]
    (part,) = online.get(f"{url}parts/").json()["parts"]
    put(part["address"], b"0123456789")
    s3.client().put_object(Bucket=s3.bucket, Key="studio/arriving/of-a-row-that-is-no-more", Body=b"x")
    jobs.sweep()
    assert online.get(f"{url}parts/").json()["came"] == 10 and len(s3.keys(s3.bucket)) == 1
    Upload.objects.update(touched_at=timezone.now() - timedelta(hours=1))
    jobs.sweep()
    assert not s3.client().list_multipart_uploads(Bucket=s3.bucket).get("Uploads")
    Upload.objects.all()._sweep_strays(timezone.now() + timedelta(minutes=1))
    assert s3.keys(s3.bucket) == set()


def test_one_that_was_put_together_by_somebody_who_could_not_say_so(online, s3):
    url = begin(online, 10).json()["url"]
    (part,) = online.get(f"{url}parts/").json()["parts"]
    put(part["address"], b"0123456789")
    upload = Upload.objects.get()
    upload.missing_parts()
    from runwayweb.assets.storage import bucket

    bucket().complete_parts(upload.stored, upload.parts_id, upload._parts())
    assert online.post(f"{url}completion/").status_code == 200
    assert Upload.objects.get().status == "waiting"


def test_a_bucket_that_is_away_is_said(online, s3, monkeypatch):
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    s3.breaks("refuses")
    refused = begin(online, 10)
    assert refused.status_code == 503 and "storage cannot be reached" in refused.json()["told"]
    assert not Upload.objects.exclude(status="ended").exists()


def test_the_other_door_is_closed_where_there_is_a_bucket_and_this_one_where_there_is_none(online, settings):
    answer = online.post(reverse("assets:uploads"), headers={"Tus-Resumable": "1.0.0", "Upload-Length": "10"})
    assert answer.status_code == 501
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    assert begin(online, 10).status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_media_are_fetched_from_the_bucket_by_an_address_for_a_while(s3, ada):
    from asgiref.sync import sync_to_async

    asset = await sync_to_async(make_asset)(
        await sync_to_async(ada.open_workspace)(), b"0123456789", sha256="ab" * 32, name='The "Fox".mp4'
    )
    client = AsyncClient()
    assert (await client.get(f"/media/{asset.pk}/clip.mp4")).status_code == 404
    await client.aforce_login(ada)
    answer = await client.get(f"/media/{asset.pk}/clip.mp4")
    assert answer.status_code == 302 and answer["Cache-Control"] == "private, max-age=1800"
    request = urllib.request.Request(answer["Location"], headers={"Range": "bytes=3-5"})
    with await sync_to_async(urllib.request.urlopen)(request, timeout=10) as sent:
        assert (sent.status, sent.read(), sent.headers["Content-Type"]) == (206, b"345", "video/mp4")
        assert sent.headers["Content-Disposition"] is None
    saved = (await client.get(f"/media/{asset.pk}/clip.mp4?download=1"))["Location"]
    with await sync_to_async(urllib.request.urlopen)(saved, timeout=10) as sent:
        assert sent.headers["Content-Disposition"] == 'attachment; filename="The \\"Fox\\".mp4"'
    told = await client.head(f"/media/{asset.pk}/clip.mp4")
    assert (told.status_code, told["Content-Length"], told["Content-Type"]) == (200, "10", "video/mp4")
