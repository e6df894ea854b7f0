"""More than sixty files that mean harm, one after the other: none opens another file or speaks to anybody, none takes
much memory or time, each has its sentence, and whoever took it goes on."""

import io
import os
import resource
import subprocess
import sys
import time

import pytest
from django.test import override_settings

from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.taking_in import TakingIn, why_refused
from tests import hostile
from tests.assets.preparing_alone import looked_through
from tests.hostile_files import hostile_files
from tests.media import media_file
from tests.servers.canary import Canary

NAMES = ("film.mp4", "film.mov", "picture.png", "sound.wav", "film.m3u8", "film.mpd", "film.sdp", "list.ffconcat")


@pytest.fixture(scope="module")
def canary():
    listening = Canary()
    assert listening.sings("127.0.0.1")
    yield listening
    listening.stop()


class Decoy:
    """A film that lies beside the file, and tells whether somebody read it."""

    def __init__(self, path):
        self.path = path
        path.write_bytes(media_file("mpegts", frames=6))
        os.utime(path, (0, time.time()))

    def was_read(self):
        return os.stat(self.path).st_atime > 0


@pytest.fixture
def decoy(tmp_path):
    return Decoy(tmp_path / "decoy.ts")


def test_none_opens_another_file_or_speaks_to_anybody_though_the_network_is_open(canary, decoy, tmp_path):
    """The short list of containers alone keeps them in: the shut network is a second wall."""
    files = hostile_files(decoy.path, canary.port)
    assert len(files) >= 60
    told, peak = looked_through([data for _what, data, _sentence in files], tmp_path, closed=False)
    with override_settings(UPLOAD_MINUTES=2):
        for (what, _data, sentence), refused in zip(files, told, strict=True):
            assert "refused" in refused and sentence in why_refused(refused), f"{what}: {refused}"
    assert canary.heard == [] and not decoy.was_read() and peak < 300_000_000


@pytest.mark.slow
@pytest.mark.django_db
@override_settings(UPLOAD_MINUTES=2)
@pytest.mark.timeout(600)
def test_each_costs_its_upload_only_whatever_it_is_called(canary, decoy, ada):
    """Every fifth of them by the whole way, with a process for each."""
    workspace = ada.open_workspace()

    def bring(data, name):
        upload = Upload.objects.begin(workspace=workspace, by=ada, name=name, size_bytes=len(data))
        upload.receive(0, io.BytesIO(data))
        upload.refresh_from_db()
        assert TakingIn(upload).run()
        upload.refresh_from_db()
        return upload

    wrong = []
    for number, (what, data, sentence) in enumerate(hostile_files(decoy.path, canary.port)[1::5]):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        upload = bring(data, NAMES[number % len(NAMES)])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if sentence not in upload.told or upload.path.exists() or seconds > 30:
            wrong.append((what, upload.told, seconds))
        upload.delete()  # there is a number of them that one may have a day
    assert not wrong
    assert canary.heard == [] and not decoy.was_read()
    assert not Asset.objects.filter(state=Asset.State.READY).exists()
    for data, name in (
        (media_file(frames=6), "good.mp4"),
        (hostile.animated_png(100), "odd.png"),
    ):
        assert bring(data, name).asset.is_ready, "the worker goes on"


def test_the_canary_and_the_decoy_tell_of_a_program_that_follows(canary, decoy, tmp_path):
    """What the stories above rest on: the same files, opened as FFmpeg opens files by itself."""
    files = dict(hostile.strangers(decoy.path, canary.port))
    for what, name in (("a playlist of a file", "film.m3u8"), ("a playlist of an address", "other.m3u8")):
        (tmp_path / name).write_bytes(files[what])
        program = (
            "import sys, av\n"
            "options = {'protocol_whitelist': 'file,http,tcp,crypto', 'allowed_extensions': 'ALL'}\n"
            "try:\n"
            "    av.open(sys.argv[1], options=options)\n"
            "except Exception as error:\n"
            "    print(error)\n"
        )
        subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], check=True, timeout=60)
    assert decoy.was_read() and set(canary.heard) == {canary.port}
    canary.heard.clear()
