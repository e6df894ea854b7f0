"""Files come in piece by piece (tus), from a form or from an address: what is possible, refused, and to whom."""

import base64
import fcntl
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from runwayweb.assets import hooks
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.models import upload as uploads
from runwayweb.subscriptions.limits import LimitReached
from tests.factories import make_asset, make_generation, make_plan, make_project, make_user

pytestmark = pytest.mark.django_db
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def online(client, ada):
    client.force_login(ada)
    return client


def begin(client, size=10, name="harbour.mp4", **headers):
    told = base64.b64encode(name.encode()).decode()
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": f"filename {told},filetype dmlkZW8="} | headers
    return client.post(reverse("assets:uploads"), headers=headers)


def add(client, address, offset, piece, kind="application/offset+octet-stream", **headers):
    headers = TUS | {"Upload-Offset": str(offset)} | headers
    return client.patch(address, piece, content_type=kind, headers=headers)


def test_what_is_possible_is_told(online):
    answer = online.options(reverse("assets:uploads"))
    assert (answer.status_code, answer["Tus-Version"]) == (204, "1.0.0")
    assert answer["Tus-Extension"] == "creation,termination,expiration"
    assert answer["Tus-Max-Size"] == str(settings.UPLOAD_LIMIT_BYTES)


def test_a_file_comes_in_pieces_and_its_asset_is_there_with_the_last(online, ada, django_capture_on_commit_callbacks):
    answer = begin(online, 10, "Harbour 🦊.mp4")
    address = answer["Location"]
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "0") and "Upload-Expires" in answer
    assert add(online, address, 0, b"12345678")["Upload-Offset"] == "8"
    seen = online.head(address, headers=TUS)
    assert (seen["Upload-Offset"], seen["Upload-Length"], seen["Cache-Control"]) == ("8", "10", "no-store")
    heard = []
    hooks.arrived.append(heard.append)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert add(online, address, 8, b"90")["Upload-Offset"] == "10"
    finally:
        hooks.arrived.remove(heard.append)
    upload = Upload.objects.get()
    assert heard == [upload], "word for who wakes the media worker"
    assert upload.path.read_bytes() == b"1234567890" and upload.path.is_relative_to(settings.ARRIVING_DIR)
    assert (upload.asset.name, upload.asset.state) == ("Harbour 🦊.mp4", Asset.State.PREPARING)
    assert online.head(address, headers=TUS)["Upload-Offset"] == "10", "whoever asks once more hears that it is here"
    assert online.get(reverse("assets:state", args=[upload.asset.pk])).status_code == 200


def test_a_piece_in_the_wrong_place_changes_nothing(online):
    address = begin(online)["Location"]
    add(online, address, 0, b"12345")
    for offset in (0, 4, 6):
        assert add(online, address, offset, b"xxxx").status_code == 409
    assert add(online, address, 5, b"678901").status_code == 413, "more than was said"
    assert add(online, address, 5, b"6", kind="text/plain").status_code == 415
    assert add(online, address, 5, b"6", **{"Upload-Offset": "-5"}).status_code == 400
    upload = Upload.objects.get()
    with upload.path.open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert add(online, address, 5, b"6").status_code == 409, "somebody else is writing it"
    assert add(online, address, 5, b"67890").status_code == 204
    assert upload.path.read_bytes() == b"1234567890"


def test_it_can_be_given_up(online):
    address = begin(online)["Location"]
    add(online, address, 0, b"12345")
    upload = Upload.objects.get()
    assert online.delete(address, headers=TUS).status_code == 204
    assert not upload.path.exists()
    assert online.head(address, headers=TUS).status_code == 404
    assert add(online, address, 5, b"6").status_code == 404


@pytest.mark.parametrize(
    ("size", "name", "status", "sentence"),
    [
        (0, "a.mp4", 422, "empty"),
        (settings.UPLOAD_LIMIT_BYTES + 1, "a.mp4", 413, "larger than 2.0 GB"),
        ("much", "a.mp4", 400, "length"),
        ("9" * 30, "a.mp4", 400, "length"),
    ],
)
def test_one_that_cannot_come_in_is_refused_before_its_first_byte(online, size, name, status, sentence):
    answer = begin(online, size, name)
    assert answer.status_code == status and sentence in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_name_is_only_ever_words(online):
    names = {
        "../../etc/passwd": "passwd",
        "C:\\films\\a.mp4": "a.mp4",
        "a\r\nb\0.png": "a  b .png",
        "x" * 4000: "x" * 200,
    }
    for name, kept in names.items():
        assert begin(online, name=name).status_code == 201
        assert Upload.objects.latest("created_at").name == kept
    assert begin(online, **{"Upload-Metadata": "filename ###"}).status_code == 400
    assert {path.name for path in settings.ARRIVING_DIR.iterdir()} >= {
        str(pk) for pk in Upload.objects.values_list("pk")[0]
    }


def test_a_full_storage_takes_nothing_more(online, ada):
    workspace = ada.open_workspace()
    make_asset(workspace, size_bytes=600)
    make_asset(workspace, size_bytes=100, deleted_at=timezone.now())
    with override_settings(STORAGE_BYTES=1000):
        assert begin(online, 200).status_code == 201
        answer = begin(online, 101)
        assert answer.status_code == 413 and "storage of 1000 bytes is full" in answer.content.decode()
        assert begin(online, 100).status_code == 201, "what is on its way counts, and no more than that"


def test_a_plan_keeps_so_much_and_says_which_one_keeps_more(online, ada, settings):
    settings.DEFAULT_PLAN = "free"
    make_plan("free", storage_bytes=1000)
    workspace = ada.open_workspace()
    make_asset(workspace, size_bytes=900)
    assert begin(online, 101).status_code == 413
    answer = begin(online, 101).content.decode()
    assert "The plan Free keeps 1000 bytes at most. Standard lifts that limit." in answer.replace("\xa0", " ")
    make_generation(make_project(ada))
    make_asset(workspace, size_bytes=100)
    with pytest.raises(LimitReached, match="The plan Free keeps"):
        make_generation(make_project(ada))


def test_too_many_at_once_and_too_many_a_day_are_asked_to_wait(online, monkeypatch):
    monkeypatch.setattr(uploads, "AT_ONCE", 2)
    monkeypatch.setattr(uploads, "A_DAY", 4)
    first, _second = begin(online), begin(online)
    answer = begin(online)
    assert (answer.status_code, answer["Retry-After"]) == (429, "60") and "on their way" in answer.content.decode()
    online.delete(first["Location"], headers=TUS)
    assert begin(online).status_code == 201
    Upload.objects.update(status=Upload.Status.ENDED)
    assert begin(online).status_code == 201
    assert "within a day" in begin(online).content.decode()
    Upload.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert begin(online).status_code == 201


def test_a_disk_that_is_full_is_told(online, monkeypatch):
    monkeypatch.setattr(uploads, "FREE_BYTES", 2**62)
    answer = begin(online)
    assert answer.status_code == 507 and "full" in answer.content.decode()


def test_nobody_else_hears_of_an_upload(online):
    address = begin(online)["Location"]
    upload = Upload.objects.get()
    stranger = Client()
    stranger.force_login(make_user("mallory"))
    pages = [reverse(f"assets:{name}", args=[upload.pk]) for name in ("arrival", "upload-cancellation")]
    assert stranger.head(address, headers=TUS).status_code == 404
    assert add(stranger, address, 0, b"x").status_code == 404
    assert stranger.delete(address, headers=TUS).status_code == 404
    assert [stranger.get(pages[0]).status_code, stranger.post(pages[1]).status_code] == [404, 404]
    visitor = Client()
    assert begin(visitor).status_code == 401 and add(visitor, address, 0, b"x").status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(upload.by)
    assert begin(strict).status_code == 403 and add(strict, address, 0, b"x").status_code == 403
    assert online.post(reverse("assets:uploads"), headers={"Upload-Length": "5"}).status_code == 412
    assert online.get(reverse("assets:uploads"), headers=TUS).status_code == 405
    upload.refresh_from_db()
    assert upload.offset_bytes == 0


def test_a_plain_form_brings_one_file(online, ada, tmp_path):
    page = reverse("assets:upload-new")
    assert "Choose a file" in online.get(page).content.decode()
    film = tmp_path / "harbour.mp4"
    film.write_bytes(b"1234567890")
    with film.open("rb") as file:
        answer = online.post(reverse("assets:upload-form"), {"file": file, "next": page}, follow=True)
    assert answer.redirect_chain == [(page, 302)] and "being prepared" in answer.content.decode()
    assert Upload.objects.get().path.read_bytes() == b"1234567890"
    answer = online.post(reverse("assets:upload-form"), {"next": "https://elsewhere.example.org/"})
    assert answer["Location"] == settings.LOGIN_REDIRECT_URL or answer["Location"] == "/projects/"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.mp4",
        "https://127.0.0.1/a.mp4",
        "https://[::1]/a.mp4",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://ada:secret@example.org/a.mp4",
        "https://example.org:6379/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "data:video/mp4;base64,AAAA",
        "https://" + "a" * 2100 + ".org/",
        "https://localhost/",
        "https://exa mple.org/",
        "https://example.org\\@127.0.0.1/",
        "",
    ],
)
def test_only_an_address_of_the_open_internet_is_fetched(online, url):
    answer = online.post(reverse("assets:import"), {"url": url}, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and "HTTPS address with a domain name" in answer.content.decode()
    assert not Asset.objects.exists()


def test_a_file_from_an_address_is_in_sight_at_once(online, ada):
    answer = online.post(
        reverse("assets:import"), {"url": "https://example.org/films/fox%20one.mp4?x=1"}, headers={"HX-Request": "true"}
    )
    asset = Asset.objects.get()
    assert (asset.name, asset.state, asset.origin) == ("fox one.mp4", Asset.State.ARRIVING, Asset.Origin.IMPORTED)
    assert json.loads(answer["HX-Trigger"]) == {"assets-changed": {"asset": str(asset.pk)}}
    assert "Fetching" in answer.content.decode()
    assert "Fetching" in online.get(reverse("assets:state", args=[asset.pk])).content.decode()
    row = online.get(reverse("assets:arrivals")).content.decode()
    assert "fox one.mp4" in row and "hx-get" in row
    upload = Upload.objects.get()
    online.post(reverse("assets:upload-cancellation", args=[upload.pk]), headers={"HX-Request": "true"})
    assert not Asset.objects.exists()


def test_what_became_of_it_is_told_in_its_row(online, ada):
    address = begin(online)["Location"]
    add(online, address, 0, b"1234567890")
    upload = Upload.objects.get()
    page = reverse("assets:arrival", args=[upload.pk])
    assert "Waits for its turn" in online.get(page).content.decode()
    Upload.objects.update(percent=40, lease_until=timezone.now())
    assert "Preparing, 40 %" in online.get(page).content.decode()
    upload.refuse("This file is damaged.")
    answer = online.get(page)
    assert "This file is damaged." in answer.content.decode() and "hx-trigger" not in answer.content.decode()
    assert "assets-changed" in answer["HX-Trigger"]
    assert "This file is damaged." in online.get(reverse("assets:state", args=[upload.asset_id])).content.decode()
