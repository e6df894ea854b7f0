"""Temporary files that find no room: whoever sent something is told so, in their own way, and it goes on by itself."""

import base64
import gc
import io
import json

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.models import Generation
from runwayweb.api.models import Key
from runwayweb.assets.upload import read_picture
from tests.factories import make_user
from tests.pictures import as_file, noise
from tests.small_disk import full

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = "The disk of this studio is full just now"
KIB = 1024


@pytest.fixture
def disk(tmp_path):
    """Where the web server has its temporary files: sixteen megabytes, taken but for what lets Python believe in it."""
    with full(tmp_path / "tmp", "16m", but=64 * KIB) as mend:
        yield tmp_path / "tmp", mend


def picture_of(size_bytes):
    """A PNG of about so many bytes."""
    side = int((size_bytes / 3) ** 0.5)
    return as_file(noise(size=(side, side))).read()


def test_whoever_sends_a_file_is_told(site, disk):
    folder, mend = disk
    site.start("web", env={"TMPDIR": str(folder)})
    plain = Key.objects.issue((ada := make_user("ada")).open_workspace(), by=ada, name="Faults")[1]
    key = {"Authorization": f"Bearer {plain}", "X-Runway-Version": "2024-11-06"}

    browser = httpx.Client(base_url=site.url, timeout=60)
    browser.get("/verify/")

    def form(picture):
        known = {"X-CSRFToken": browser.cookies["csrftoken"]}
        return browser.post("/verify/", files={"file": ("fox.png", picture, "image/png")}, headers=known)

    def program(picture):
        image = "data:image/png;base64," + base64.b64encode(picture).decode()
        body = {"model": "built-in", "promptImage": image, "promptText": "A fox", "ratio": "1280:720", "duration": 2}
        return httpx.post(f"{site.url}/v1/image_to_video", json=body, headers=key, timeout=60)

    small, large = picture_of(200 * KIB), picture_of(3000 * KIB)
    for size, picture in {"held in memory": small, "put down before anybody looks": large}.items():
        answer = form(picture)
        assert (answer.status_code, answer.headers["Retry-After"]) == (507, "5"), size
        assert SENTENCE in answer.text, size
        answer = program(picture)
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/json"), size
        assert SENTENCE in json.loads(answer.text)["error"] and answer.headers["Retry-After"], size
    assert not Generation.objects.exists(), "nothing was charged"

    mend()
    for picture in (small, large):
        assert form(picture).status_code == 200
        assert program(picture).status_code == 200
    assert not list(folder.iterdir())


def test_a_form_whose_file_finds_no_room_when_it_is_read(disk, monkeypatch):
    """It is read by what looks for its token, before any view."""
    monkeypatch.setattr("tempfile.tempdir", str(disk[0]))
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.get("/verify/")
    known = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    form = {"file": SimpleUploadedFile("fox.png", picture_of(3000 * KIB))}
    answer = browser.post("/verify/", form, headers=known)
    assert (answer.status_code, SENTENCE in answer.content.decode()) == (507, True)
    disk[1]()
    form["file"].seek(0)
    gc.collect()  # what failed holds its file for as long as its traceback is there
    assert browser.post("/verify/", form, headers=known).status_code == 200


def test_a_picture_that_finds_no_room_is_not_called_damaged(tmp_path, monkeypatch):
    picture = as_file(noise(size=(700, 700)), "JPEG", quality=50).read()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    with full(tmp_path / "tmp", but=len(picture) + 8 * KIB) as mend:
        with pytest.raises(OSError, match="No space left"):
            read_picture(io.BytesIO(picture))
        mend()
        assert read_picture(io.BytesIO(picture)).size == (700, 700)
