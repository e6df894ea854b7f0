"""However many bring files at once, only so many are looked through: who finds no place is told when to come back."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation.models import Generation
from runwayweb.assets import sandbox
from runwayweb.assets.models import Upload
from runwayweb.assets.taking_in import TakingIn
from tests.busy import every_place_taken
from tests.factories import make_project, make_user
from tests.media import media_file
from tests.pictures import as_file, two_colors

SRT = b"1\n00:00:01,000 --> 00:00:02,000\nShe waited.\n"


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada)


def file_for(address):
    """What somebody brings there."""
    picture = SimpleUploadedFile("fox.png", as_file(two_colors(), "PNG").read())
    return {
        "generation-new": {"first_frame_file": picture, "prompt": "a red fox"},
        "comeback": {"file": SimpleUploadedFile("film.otio", b"{}")},
        "timeline-captions": {"file": SimpleUploadedFile("said.srt", SRT)},
        "recipe": {"file": picture},
        "verify": {"file": picture},
    }[address]


@pytest.mark.parametrize("address", ["generation-new", "comeback", "timeline-captions", "recipe", "verify"])
def test_whoever_finds_no_place_is_told_so_and_comes_back(client, ada, project, monkeypatch, address):
    client.force_login(ada)
    path = reverse(f"projects:{address}", args=[] if address in ("recipe", "verify") else [project.pk])
    with every_place_taken(monkeypatch):
        answer = client.post(path, file_for(address))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    said = answer.json()["error"] if address == "timeline-captions" else answer.content.decode()
    assert "Too many" in said and not Generation.objects.exists()
    assert client.post(path, file_for(address)).status_code in (200, 302, 422)


def test_visitors_leave_places_to_those_who_are_signed_in(client, ada, project, monkeypatch, tmp_path):
    """As many files of visitors as come: half of the places are not theirs."""
    program = tmp_path / "takes_long.py"
    program.write_text("import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.05)\n")
    monkeypatch.setattr(sandbox, "BUSY_SECONDS", 0.3)
    done = tmp_path / "done"

    def visit(number):
        try:
            sandbox.told(program, str(done), seconds=30, turn=sandbox.VISITORS_IN_TURN)
        except sandbox.Broken:
            return "looked through"
        except sandbox.Busy:
            return "busy"

    client.force_login(ada)
    with ThreadPoolExecutor(sandbox.PLACES + 1) as visitors:
        coming = [visitors.submit(visit, number) for number in range(sandbox.PLACES + 1)]
        time.sleep(0.6)
        captions = reverse("projects:timeline-captions", args=[project.pk])
        try:
            assert client.post(captions, file_for("timeline-captions")).status_code == 200
        finally:
            done.touch()
    answers = [one.result() for one in coming]
    assert answers.count("looked through") == sandbox.PLACES // 2


def test_no_more_run_at_once_than_there_are_places(tmp_path):
    """Three times as many are wanted; each waits for its turn, and is told what it asked."""
    program = tmp_path / "counts.py"
    program.write_text(
        "import json, os, pathlib, sys, time\n"
        "here = pathlib.Path(sys.argv[1])\n"
        "mine = here / str(os.getpid())\n"
        "mine.touch()\n"
        "most = 0\n"
        "for _ in range(20):\n"
        "    most = max(most, len(list(here.iterdir())))\n"
        "    time.sleep(0.01)\n"
        "mine.unlink()\n"
        "print(json.dumps({'most': most}))\n"
    )
    here = tmp_path / "here"
    here.mkdir()
    with ThreadPoolExecutor(3 * sandbox.PLACES) as many:
        told = list(many.map(lambda _: sandbox.told(program, str(here), seconds=20), range(3 * sandbox.PLACES)))
    assert 1 < max(one["most"] for one in told) <= sandbox.PLACES
    assert not list(here.iterdir())


def test_a_worker_waits_for_nobody(ada, monkeypatch):
    data = media_file(frames=6)
    upload = Upload.objects.begin(workspace=ada.open_workspace(), by=ada, name="shot.mp4", size_bytes=len(data))
    upload.receive(0, SimpleUploadedFile("shot.mp4", data))
    with every_place_taken(monkeypatch):
        TakingIn(upload).run()
    upload.refresh_from_db()
    assert upload.asset.is_ready


def test_a_process_that_is_ended_gives_its_place_back(tmp_path, monkeypatch):
    program = tmp_path / "hangs.py"
    program.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(sandbox, "LISTEN_SECONDS", 0.05)
    with every_place_taken(monkeypatch, but=1):
        for _ in range(2):
            with pytest.raises(sandbox.Broken):
                sandbox.told(program, seconds=0.2)
