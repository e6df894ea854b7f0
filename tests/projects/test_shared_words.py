"""What is behind a link shows a take and not the words it was asked for with, which its own file carries."""

import io

import av
import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from PIL import Image

from generation.attempt import Attempt
from generation.engine.encode import DIGITAL_SOURCE_TYPE, read_recipe
from generation.engine.still import recipe_of_png
from generation.pulse import Pulse
from runwayweb.assets import credentials
from tests.assets.test_serve import body
from tests.factories import make_generation, make_shot
from tests.projects.test_sharing import files_in, page_of, share

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "a red fox that nobody is to read of"


@pytest.fixture
def shown(project, ada):
    """shown(how many frames): a take that was really drawn, (its asset, its address behind a link)."""

    def shown(frames):
        shot = make_shot(project)
        generation = make_generation(project, ada, prompt=SECRET, num_frames=frames, width=64, height=64)
        Attempt.run_next(Pulse("gpu"))
        generation.refresh_from_db()
        assert generation.status == "succeeded", generation.failure
        shot.choose(shot.lay_in(generation))
        (address,) = files_in(Client().get(page_of(share(project, ada))))
        return generation.asset, address

    return shown


def sent(address, **headers):
    return async_to_sync(body)(Client().get(address, headers=headers))


def frames_of(data):
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_ndarray(format="rgb24").tobytes() for frame in container.decode(video=0)]


def test_a_clip_is_the_same_without_its_recipe(shown, tmp_path):
    asset, address = shown(12)
    kept, bare = asset.file.path, sent(address)
    assert read_recipe(kept)["request"]["prompt"] == SECRET
    assert SECRET.encode() not in bare and DIGITAL_SOURCE_TYPE.encode() in bare
    with open(kept, "rb") as file:
        whole = file.read()
    assert len(bare) == len(whole) and frames_of(bare) == frames_of(whole)
    (tmp_path / "bare.mp4").write_bytes(bare)
    assert read_recipe(tmp_path / "bare.mp4") == {}
    assert credentials.read(tmp_path / "bare.mp4", ".mp4")["state"] == "none", "and not: changed"
    pieces = [sent(address, range=f"bytes={at}-{at + 999}") for at in range(0, len(whole), 1000)]
    assert b"".join(pieces) == bare


def test_a_still_too(shown, tmp_path):
    asset, address = shown(1)
    assert recipe_of_png(asset.file.path)["request"]["prompt"] == SECRET
    bare = sent(address)
    assert SECRET.encode() not in bare and DIGITAL_SOURCE_TYPE.encode() in bare
    (tmp_path / "bare.png").write_bytes(bare)
    assert recipe_of_png(tmp_path / "bare.png") == {}
    with Image.open(io.BytesIO(bare)) as seen, Image.open(asset.file.path) as there:
        assert seen.tobytes() == there.tobytes()
    assert credentials.read(tmp_path / "bare.png", ".png")["state"] == "none"


def test_nothing_is_sent_but_what_the_page_shows(shown):
    asset, address = shown(12)
    folder = address.rsplit("/", 1)[0]
    assert Client().get(f"{folder}/cast-1.webp").status_code == 404
    assert asset.cast, "there is one"
    assert Client().get(address).status_code == 200


@pytest.mark.parametrize("size", [0, 1, 2**31])
def test_a_file_that_is_cut_off_in_its_boxes_is_sent_as_it_is(size):
    from runwayweb.assets.bare import patches_of

    data = size.to_bytes(4, "big") + b"moov" + b"\0" * 4
    assert patches_of(io.BytesIO(data), "video/mp4") == []
