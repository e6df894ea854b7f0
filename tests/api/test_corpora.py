"""What comes from outside meets a closed process or the guard, whoever brings it and however often they try."""

import io
import socket

import pytest

from runwayweb.assets.fetching import Fetcher
from runwayweb.assets.guarded import Address, Unfetchable
from tests import hostile
from tests.factories import make_user
from tests.servers.https import HOST, Https, answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


def test_a_name_that_means_another_place_each_time_it_is_asked_is_refused_or_asked_once(tmp_path):
    https = Https()
    https.answers["/film.mp4"] = answer(b"12345")
    url, edge = Address(f"https://{HOST}/film.mp4"), https.edge()
    for begins in ("93.184.216.34", "127.0.0.1"):
        https.reached.clear()
        refused = 0
        for _time in range(100):
            asked = []

            def rebinding(host, port, asked=asked, begins=begins, **_):
                asked.append(host)
                means = begins if len(asked) == 1 else "127.0.0.1"
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (means, port))]

            try:
                Fetcher(**edge | {"resolve": rebinding}).fetch(url, tmp_path / "film", 100)
            except Unfetchable:
                refused += 1
            assert len(asked) == 1
        if begins == "127.0.0.1":
            assert (refused, https.reached) == (100, [])
        else:
            assert (refused, https.reached) == (0, [("93.184.216.34", 443)] * 100)
    https.stop()


def test_every_program_that_decodes_runs_in_the_closed_process():
    """Those that are told to have no network, little memory and little time are all there are."""
    from projects import subtitles
    from projects.export import comeback
    from runwayweb.assets import credentials, footage, recipes, sources, taking_in, upload
    from runwayweb.assets.models import given

    programs = {
        *(credentials.READER, footage.DECODER, recipes.READER, taking_in.PREPARER, upload.READER, given.FITTER),
        *(subtitles.READER, comeback.READER, sources.GATHERER),
    }
    assert len(programs) == 9
    for program in programs:
        text = program.read_text()
        assert "RLIMIT_AS" in text and "RLIMIT_CPU" in text, program
        assert "django" not in text and "requests" not in text, program


def test_a_picture_that_ends_its_decoder_costs_that_picture_only(ada, tmp_path, monkeypatch):
    from runwayweb.assets import upload

    dying = tmp_path / "dying.py"
    dying.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr(upload, "READER", dying)
    with pytest.raises(upload.BadPicture, match="damaged"):
        upload.read_picture(io.BytesIO(b"anything"))
    monkeypatch.undo()
    with pytest.raises(upload.BadPicture, match="no picture in PNG"):
        upload.read_picture(io.BytesIO(b"anything"))
    with pytest.raises(upload.BadPicture, match="megapixels"):
        upload.read_picture(io.BytesIO(hostile._png(30_000, (b"IDAT", b""))))
