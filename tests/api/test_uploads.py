"""Files that programs bring for a day: announced, sent to a signed address, once, and erased."""

import asyncio
import contextlib
import http.client
import io
import json
import os
import re
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from runwayml import AsyncRunwayML, RunwayML

from generation import jobs
from runwayweb.api.models import Key
from runwayweb.assets.erasing import erase
from runwayweb.assets.models import Ephemeral, ephemeral
from runwayweb.assets.models.upload import Refused, Upload
from tests import node
from tests.api.conftest import Program
from tests.factories import make_user
from tests.media import media_file
from tests.pictures import as_file, two_colors

PNG = as_file(two_colors()).read()


def announce(program, filename="fox.png"):
    answer = program.post("/v1/uploads", {"filename": filename, "type": "ephemeral"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def send(client, started, data=PNG, name="fox.png", **fields):
    """What Runway's clients do with the answer: neither key nor version, only its fields and the file."""
    path = started["uploadUrl"].removeprefix("http://testserver")
    return client.post(path, started["fields"] | fields | {"file": SimpleUploadedFile(name, data)})


@pytest.mark.django_db
class TestUploads:
    def test_a_file_is_announced_and_sent_to_where_the_program_reached_the_studio(self, program, client):
        started = announce(program)
        assert set(started) == {"uploadUrl", "fields", "runwayUri"}
        assert started["uploadUrl"].startswith("http://testserver/v1/uploads/")
        assert re.fullmatch(r"runway://[0-9a-f-]{36}", started["runwayUri"])
        answer = send(client, started, metadata="whatever the program says of it")
        assert answer.status_code == 204 and not answer.content
        kept = Ephemeral.objects.get()
        assert kept.path.read_bytes() == PNG and kept.path.stat().st_mode & 0o077 == 0
        assert (kept.status, kept.size_bytes, kept.name) == ("here", len(PNG), "fox.png")
        assert timedelta(hours=23) < kept.expires_at - timezone.now() < timedelta(hours=25)

    def test_it_is_sent_once(self, program, client):
        started = announce(program)
        assert send(client, started).status_code == 204
        again = send(client, started, b"something else")
        assert again.status_code == 409 and "sent already" in again.json()["error"]
        assert Ephemeral.objects.get().path.read_bytes() == PNG

    def test_nobody_sends_a_file_to_an_address_that_was_not_given_out(self, program, client):
        one, other = announce(program), announce(program)
        signature = one["uploadUrl"].partition("?")[2]
        path = other["uploadUrl"].partition("?")[0]
        late = signing.TimestampSigner(salt=ephemeral.SALT)
        late.timestamp = lambda: signing.b62_encode(int(timezone.now().timestamp()) - 3700)
        id = other["fields"]["key"]
        for wrong in (path, f"{path}?signature=", f"{path}?{signature}", f"{path}?signature={late.sign(id)}"):
            answer = send(client, other | {"uploadUrl": wrong})
            assert answer.status_code == 401 and answer.json()["error"] and answer["X-Request-Id"]
        assert not Ephemeral.objects.exclude(status="awaited").exists()

    def test_an_hour_after_it_was_announced_it_is_awaited_no_more(self, program, client):
        started = announce(program)
        Ephemeral.objects.update(expires_at=timezone.now())
        assert send(client, started).status_code == 409

    def test_a_body_that_is_no_form_of_these_fields_is_refused(self, program, client):
        started = announce(program)
        path = started["uploadUrl"].removeprefix("http://testserver")
        for body, kind in (
            (PNG, "image/png"),
            (b"{}", "application/json"),
            (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
            (b"nonsense", "multipart/form-data"),
        ):
            answer = client.generic("POST", path, body, content_type=kind)
            assert answer.status_code == 400 and answer.json()["error"], kind
        assert send(client, started | {"fields": {}}).status_code == 400
        assert send(client, started | {"fields": {"key": "other"}}).status_code == 400
        assert client.post(path, started["fields"]).status_code == 400
        assert client.get(path).status_code == 405 and client.get(path).json()["error"]
        assert send(client, started).status_code == 204, "it may still be sent"

    # Case 27
    @pytest.mark.parametrize(
        ("filename", "kept"),
        [
            ("../../x", "x"),
            ("C:\\x.png", "x.png"),
            ("x\x00.png", "x .png"),
            ("x" * 4000 + ".png", "x" * 196 + ".png"),
            (".htaccess", ".htaccess"),
            ("🦊.png", "🦊.png"),
            ('"\r\nSet-Cookie: a=b.png', '"  Set-Cookie: a=b.png'),
            ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
            ("///", "untitled"),
        ],
        ids=["up", "windows", "nul", "long", "hidden", "emoji", "header", "html", "nothing"],
    )
    def test_a_file_is_kept_under_an_id_whatever_it_is_called(self, program, client, filename, kept):
        started = announce(program, filename)
        assert send(client, started, name="../../evil.png").status_code == 204
        row = Ephemeral.objects.get()
        assert row.name == kept and row.path.name == str(row.pk)

    def test_names_and_types_that_are_none_are_told_with_their_place(self, program):
        for body, path in (
            ({"type": "ephemeral"}, ["filename"]),
            ({"filename": "", "type": "ephemeral"}, ["filename"]),
            ({"filename": "x" * 5000, "type": "ephemeral"}, ["filename"]),
            ({"filename": "\ud800.png", "type": "ephemeral"}, ["filename"]),
            ({"filename": "fox.png"}, ["type"]),
            ({"filename": "fox.png", "type": "eternal"}, ["type"]),
        ):
            answer = program.post("/v1/uploads", body)
            assert answer.status_code == 400 and answer.json()["issues"][0]["path"] == path

    # Case 36
    def test_one_that_is_too_large_or_empty_or_more_than_there_is_room_for_is_refused_and_forgotten(
        self, program, client, ada, monkeypatch, settings
    ):
        started = announce(program)
        monkeypatch.setattr(ephemeral, "MOST_BYTES", len(PNG) - 1)
        answer = send(client, started)
        assert answer.status_code == 413 and "larger than" in answer.json()["error"]
        monkeypatch.undo()
        assert send(client, started, b"").status_code == 400
        settings.STORAGE_BYTES = len(PNG) - 1
        answer = send(client, started)
        assert answer.status_code == 413 and "is full" in answer.json()["error"]
        assert not Ephemeral.objects.get().path.exists()
        settings.STORAGE_BYTES = len(PNG)
        assert send(client, started).status_code == 204, "to the last byte"
        assert Upload.objects.room(ada.open_workspace()) == 0
        full = program.post("/v1/uploads", {"filename": "fox.png", "type": "ephemeral"})
        assert full.status_code == 413 and "is full" in full.json()["error"]

    def test_a_disk_that_is_full_keeps_nothing(self, program, client, monkeypatch):
        started = announce(program)
        monkeypatch.setattr(ephemeral, "FREE_BYTES", 2**60)
        answer = send(client, started)
        assert answer.status_code == 503 and answer["Retry-After"] and not Ephemeral.objects.get().path.exists()

    def test_a_workspace_has_so_many_on_their_way_and_so_many_a_day(self, program, stranger, monkeypatch):
        monkeypatch.setattr(ephemeral, "AT_ONCE", 2)
        for _ in range(2):
            announce(program)
        answer = program.post("/v1/uploads", {"filename": "fox.png", "type": "ephemeral"})
        assert answer.status_code == 429 and answer["Retry-After"] == "60" and "awaited" in answer.json()["error"]
        announce(stranger)
        monkeypatch.setattr(ephemeral, "AT_ONCE", 50)
        monkeypatch.setattr(ephemeral, "A_DAY", 2)
        answer = program.post("/v1/uploads", {"filename": "fox.png", "type": "ephemeral"})
        assert answer.status_code == 429 and "within a day" in answer.json()["error"]

    def test_a_key_that_may_only_read_announces_nothing(self, client, ada):
        key = Key.objects.issue(ada.open_workspace(), by=ada, name="Reader", scopes=["read"])[1]
        answer = Program(client, key).post("/v1/uploads", {"filename": "fox.png", "type": "ephemeral"})
        assert answer.status_code == 403

    def test_after_a_day_it_is_erased(self, program, client):
        started = announce(program)
        send(client, started)
        awaited = announce(program)
        path = Ephemeral.objects.get(status="here").path
        jobs.sweep()
        assert path.exists()
        Ephemeral.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        jobs.sweep()
        assert not path.exists() and not Ephemeral.objects.here().exists()
        assert send(client, awaited).status_code == 409
        Ephemeral.objects.update(announced_at=timezone.now() - timedelta(days=2))
        jobs.sweep()
        assert not Ephemeral.objects.exists()

    def test_what_was_laid_down_for_nobody_is_swept_away(self, settings):
        settings.EPHEMERAL_DIR.mkdir(parents=True, exist_ok=True)
        stray = settings.EPHEMERAL_DIR / "half a file"
        stray.write_bytes(b"x")
        jobs.sweep()
        assert stray.exists(), "somebody may be at it"
        os.utime(stray, (0, 0))
        jobs.sweep()
        assert not stray.exists()

    def test_a_disk_that_fails_half_way_leaves_the_upload_to_be_sent_again(self, ada):
        class Broken(io.BytesIO):
            size = 10

            def read(self, *_):
                raise OSError("no space left")

        row = Ephemeral.objects.announce(workspace=ada.open_workspace(), name="fox.png")
        with pytest.raises(Refused):
            row.receive(Broken())
        row.refresh_from_db()
        assert row.status == "awaited" and not row.path.exists()
        assert row.receive(SimpleUploadedFile("fox.png", PNG))

    def test_with_its_workspace_it_goes(self, django_capture_on_commit_callbacks):
        workspace = make_user("grace").open_workspace()
        row = Ephemeral.objects.announce(workspace=workspace, name="fox.png")
        row.receive(SimpleUploadedFile("fox.png", PNG))
        with django_capture_on_commit_callbacks(execute=True):
            erase(workspace)
        assert not row.path.exists() and not Ephemeral.objects.exists()


async def bring_without_waiting(url, key):
    async with AsyncRunwayML(base_url=url, api_key=key, max_retries=0) as runway:
        return (await runway.uploads.create_ephemeral(file=("fox.png", PNG))).uri


def said_to_be_large(site, key, path="/v1/text_to_video", size=settings.API_BODY_BYTES + 1):
    """The status of the answer to a body that is said to be too large for the API, of which nothing was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    connection.putrequest("POST", path)
    for name, value in {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Content-Length": str(size),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    with contextlib.closing(connection):
        answer = connection.getresponse()
        assert json.loads(answer.read())["error"]
        return answer.status


def test_runways_client_brings_files_of_every_size(site, tmp_path):
    """Through the real door: what is sent to a signed address may be large, and to no other."""
    ada = make_user("ada")
    key = Key.objects.issue(ada.open_workspace(), by=ada, name="Tests")[1]
    site.start("web")
    film = tmp_path / "film.mp4"
    film.write_bytes(media_file(frames=2) + bytes(5 * 1024**2))
    with RunwayML(base_url=site.url, api_key=key, max_retries=0) as runway:
        uris = [
            runway.uploads.create_ephemeral(file=film).uri,
            runway.uploads.create_ephemeral(file=("fox.png", PNG), file_metadata="a fox").uri,
            asyncio.run(bring_without_waiting(site.url, key)),
        ]
    rows = [Ephemeral.objects.here().get(pk=uri.removeprefix("runway://")) for uri in uris]
    assert [row.path.read_bytes() for row in rows] == [film.read_bytes(), PNG, PNG]
    assert [row.name for row in rows] == ["film.mp4", "fox.png", "fox.png"]

    nowhere = f"{site.url}/v1/uploads/{rows[0].pk}/file?signature=x"
    answer = httpx.post(nowhere, files={"file": bytes(3 * 1024**2)}, timeout=20)
    assert answer.status_code == 413 and answer.json()["error"]
    answer = httpx.post(nowhere, files={"file": b"small"}, timeout=20)
    assert said_to_be_large(site, key) == 413
    # Where only pictures may stand, which are smaller than clips, less is too much.
    assert said_to_be_large(site, key, "/v1/image_upscale", 10 * 1024**2) == 413
    assert said_to_be_large(site, key, "/v1/image_to_video", 16 * 1024**2) == 413
    assert answer.status_code == 401 and answer.json()["error"]


UPLOAD_IN_JAVASCRIPT = """
import fs from "node:fs"
import RunwayML, { toFile } from "@runwayml/sdk"

const runway = new RunwayML({ maxRetries: 0 })
const { uri } = await runway.uploads.createEphemeral({ file: fs.createReadStream("fox.png") })
const named = await toFile(Buffer.from("second"), "second.bin")
console.log(uri, (await runway.uploads.createEphemeral({ file: named, fileMetadata: "a fox" })).uri)
"""


@node.needs_node
def test_runways_client_for_javascript_brings_files(site, tmp_path):
    ada = make_user("ada")
    key = Key.objects.issue(ada.open_workspace(), by=ada, name="Tests")[1]
    site.start("web")
    (tmp_path / "upload.mjs").write_text(UPLOAD_IN_JAVASCRIPT)
    (tmp_path / "fox.png").write_bytes(PNG)
    (tmp_path / "node_modules").symlink_to(node.MODULES)
    told = {"RUNWAYML_BASE_URL": site.url, "RUNWAYML_API_SECRET": key}
    output, complaints = node.start("upload.mjs", folder=tmp_path, **told).communicate(timeout=60)
    rows = [Ephemeral.objects.here().get(pk=uri.removeprefix("runway://")) for uri in output.split()]
    assert [(row.name, row.path.read_bytes()) for row in rows] == [("fox.png", PNG), ("second.bin", b"second")], (
        complaints
    )
