"""Media over HTTP: who may fetch, ranges, ETags, signatures."""

import os
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import AsyncClient
from django.utils import timezone

from runwayweb.assets.models import Asset
from runwayweb.assets.signing import signed_path
from tests.factories import make_user
from tests.pictures import two_colors

pytestmark = pytest.mark.django_db(transaction=True)
DATA = bytes(range(256)) * 40
SIZE = len(DATA)


@pytest.fixture
def address(asset):
    return f"/media/{asset.pk}/clip.mp4"


@pytest.fixture
def ada_online(ada):
    client = AsyncClient()
    client.force_login(ada)
    return client


async def body(answer):
    return b"".join([piece async for piece in answer.streaming_content])


async def test_the_owner_gets_the_whole_file(ada_online, address):
    answer = await ada_online.get(address)
    assert answer.status_code == 200
    assert answer["Content-Length"] == str(SIZE)
    assert (answer["Content-Type"], answer["Accept-Ranges"]) == ("video/mp4", "bytes")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert await body(answer) == DATA


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, SIZE),
        ("bytes=100-199", 100, 200),
        ("bytes=10000-99999", 10000, SIZE),
        ("bytes=-240", SIZE - 240, SIZE),
        ("bytes=-99999", 0, SIZE),
    ],
)
async def test_one_range(ada_online, address, wanted, start, end):
    answer = await ada_online.get(address, headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer["Content-Length"] == str(end - start)
    assert await body(answer) == DATA[start:end]


@pytest.mark.parametrize(
    "wanted", ["bytes=10240-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=0-1,2-3", "bytes=0-,0-,0-", "bytes=a-b"]
)
async def test_a_range_that_cannot_be_met_and_several_are_refused(ada_online, address, wanted):
    answer = await ada_online.get(address, headers={"Range": wanted})
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{SIZE}"


async def test_another_unit_is_ignored(ada_online, address):
    answer = await ada_online.get(address, headers={"Range": "frames=0-1"})
    assert answer.status_code == 200


async def test_head_says_the_same_without_the_bytes(ada_online, address):
    answer = await ada_online.head(address)
    assert (answer.status_code, answer["Content-Length"], answer.content) == (200, str(SIZE), b"")
    answer = await ada_online.head(address, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer["Content-Length"]) == (206, "10")


async def test_an_etag_saves_the_second_fetch(ada_online, address):
    etag = (await ada_online.get(address))["ETag"]
    assert (await ada_online.get(address, headers={"If-None-Match": etag})).status_code == 304
    assert (await ada_online.get(address, headers={"If-None-Match": f'"other", W/{etag}'})).status_code == 304
    assert (await ada_online.get(address, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_range_of_a_file_that_changed_is_the_whole_file(ada_online, address):
    etag = (await ada_online.get(address))["ETag"]
    ranged = {"Range": "bytes=0-9"}
    assert (await ada_online.get(address, headers=ranged | {"If-Range": etag})).status_code == 206
    assert (await ada_online.get(address, headers=ranged | {"If-Range": '"older"'})).status_code == 200


async def test_a_download_has_a_name_that_cannot_break_the_header(ada_online, address, asset):
    for name in ('The "Fox".mp4', "fox\r\nSet-Cookie: a=b.mp4", "renard à minuit 🦊.mp4", "../../etc/passwd"):
        await Asset.objects.filter(pk=asset.pk).aupdate(name=name)
        answer = await ada_online.get(address, {"download": "1"})
        assert answer["Content-Disposition"].startswith("attachment")
        assert "Set-Cookie" not in answer or "\n" not in answer["Content-Disposition"]
        assert "set-cookie" not in answer.headers


async def test_strangers_visitors_and_other_names_find_nothing(address, asset, ada_online):
    stranger = AsyncClient()
    await stranger.aforce_login(await sync_to_async(make_user)("mallory"))
    for client in (stranger, AsyncClient()):
        assert (await client.get(address)).status_code == 404
    for path in ("secret_key", "poster.webp", "..%2f..%2fsecret_key", "clip.mp4%00"):
        assert (await ada_online.get(f"/media/{asset.pk}/{path}")).status_code == 404
    assert (await ada_online.post(address)).status_code == 405


async def test_a_picture_has_an_address_of_its_own(ada, ada_online, asset, address):
    keep = sync_to_async(Asset.objects.keep_picture)
    picture = await keep(two_colors(), workspace=await sync_to_async(ada.open_workspace)(), name="fox.png")
    answer = await ada_online.get(f"/media/{picture.pk}/picture.webp")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert (await body(answer))[:4] == b"RIFF"
    assert (await ada_online.get(f"/media/{picture.pk}/poster.webp")).status_code == 200
    assert (await ada_online.get(f"/media/{picture.pk}/clip.mp4")).status_code == 404, "it is no clip"
    assert (await ada_online.get(f"/media/{asset.pk}/picture.webp")).status_code == 404, "a clip is no picture"
    assert (await AsyncClient().get(f"/media/{picture.pk}/picture.webp")).status_code == 404


async def test_a_signature_opens_one_file_until_it_expires(asset):
    visitor = AsyncClient()
    assert (await visitor.get(signed_path(asset))).status_code == 200
    assert (await visitor.get(signed_path(asset, expires_in=-1))).status_code == 404
    path = signed_path(asset)
    assert (await visitor.get(path.replace("clip.mp4", "poster.webp"))).status_code == 404
    assert (await visitor.get(path[:-1] + ("A" if path[-1] != "A" else "B"))).status_code == 404
    later = path.replace("expires=", "expires=9")
    assert (await visitor.get(later)).status_code == 404
    assert (await visitor.get(path + "&expires=abc")).status_code == 404


async def test_a_deleted_asset_is_gone_for_signatures_too(asset, ada_online, address):
    path = signed_path(asset)
    await Asset.objects.filter(pk=asset.pk).aupdate(deleted_at=timezone.now())
    assert (await AsyncClient().get(path)).status_code == 404
    assert (await ada_online.get(address)).status_code == 404


async def test_a_light_copy_has_an_address_of_its_own(ada_online, asset, address):
    path = address.replace("clip.mp4", "proxy.mp4")
    assert (await ada_online.get(path)).status_code == 404, "there is none"
    name = await sync_to_async(default_storage.save)(f"uploads/test/{asset.pk}/proxy.mp4", ContentFile(b"light"))
    await Asset.objects.filter(pk=asset.pk).aupdate(proxy=name, media_type="video/quicktime")
    answer = await ada_online.get(path, headers={"Range": "bytes=1-3"})
    assert (answer.status_code, answer["Content-Type"], await body(answer)) == (206, "video/mp4", b"igh")
    assert (await ada_online.get(path.replace("proxy.mp4", "proxy.m4a"))).status_code == 404, "it is no sound"
    assert (await ada_online.get(address)).status_code == 404, "it is a MOV now"
    whole = await ada_online.get(address.replace("clip.mp4", "clip.mov"))
    assert (whole["Content-Type"], await body(whole)) == ("video/quicktime", DATA)
    assert (await AsyncClient().get(path)).status_code == 404


def memory_bytes(pid):
    with open(f"/proc/{pid}/status") as status:
        kilobytes = next(line for line in status if line.startswith("VmHWM")).split()[1]
    return int(kilobytes) * 1024


@pytest.mark.slow
@pytest.mark.faults
def test_a_gibibyte_is_sent_without_being_held_in_memory(site, asset):
    gibibyte = 1024**3
    with open(asset.file.path, "r+b") as file:
        file.truncate(gibibyte)  # sparse: costs no disk
    web = site.start("web")
    url = site.url + signed_path(asset)
    with urllib.request.urlopen(urllib.request.Request(url, method="HEAD")) as answer:
        assert answer.headers["Content-Length"] == str(gibibyte)
    before = memory_bytes(web.pid)
    received, began = 0, time.monotonic()
    with urllib.request.urlopen(url) as answer:
        while piece := answer.read(1024 * 1024):
            received += len(piece)
    assert received == gibibyte
    assert memory_bytes(web.pid) - before < 60 * 1024 * 1024, f"after {time.monotonic() - began:.1f} s"


async def test_who_is_in_a_clip_is_shown_to_whom_the_clip_is_shown(ada_online, asset):
    await sync_to_async(asset.store_cast)([("red fox", "character", two_colors()), ("ball", "object", two_colors())])
    await asset.asave(update_fields=["cast"])
    first = await ada_online.get(f"/media/{asset.pk}/cast-1.webp")
    assert (first.status_code, first["Content-Type"]) == (200, "image/webp")
    assert (await body(first))[:4] == b"RIFF"
    second = await ada_online.get(f"/media/{asset.pk}/cast-2.webp")
    assert second["ETag"] != first["ETag"]
    for name in ("cast-3.webp", "cast-0.webp", "cast-12.webp", "cast-.webp"):
        assert (await ada_online.get(f"/media/{asset.pk}/{name}")).status_code == 404
    stranger = AsyncClient()
    await stranger.aforce_login(await sync_to_async(make_user)("mallory"))
    for client in (stranger, AsyncClient()):
        assert (await client.get(f"/media/{asset.pk}/cast-1.webp")).status_code == 404
    assert (await AsyncClient().get(signed_path(asset, name="cast-1.webp"))).status_code == 200
    await Asset.objects.filter(pk=asset.pk).aupdate(deleted_at=timezone.now())
    assert (await ada_online.get(f"/media/{asset.pk}/cast-1.webp")).status_code == 404


@pytest.mark.faults
def test_those_who_take_their_time_keep_no_connection_to_the_database(site, asset):
    with open(asset.file.path, "r+b") as file:
        file.truncate(64 * 1024**2)  # more than sockets hold by themselves
    web = site.start("web")
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(urllib.request.urlopen(site.url + signed_path(asset)))
        site.wait(lambda: sum(name.endswith("clip.mp4") for name in open_files(web.pid)) == 6)
        # What is open waits for the next request, as many as were answered at the same time: one, and /healthz's.
        assert sum(name.endswith("sqlite3") for name in open_files(web.pid)) <= 2


def open_files(pid):
    return [os.readlink(descriptor) for descriptor in Path(f"/proc/{pid}/fd").iterdir()]
