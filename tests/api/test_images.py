"""Programs ask for stills, and for larger pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from generation.attempt import Attempt
from generation.engine.cards import offline
from generation.models import Generation
from runwayweb.api.aliases import STILLS
from tests.api.given import as_data, fetched, issue_of
from tests.pictures import as_file, two_colors

pytestmark = pytest.mark.django_db
FOX = {"model": "gen4_image", "promptText": "a red fox in a forest", "ratio": "1080:1080", "seed": 7}


def made(program, pulse, kind, body):
    """What comes of a body: the picture at the address that its task tells."""
    started = program.post(f"/v1/{kind}", body)
    assert started.status_code == 200, started.content
    Attempt.run_next(pulse)
    task = program.get(f"/v1/tasks/{started.json()['id']}").json()
    assert task["status"] == "SUCCEEDED", task
    [address] = task["output"]
    media_type, data = fetched(program.client, address)
    assert media_type == "image/png"
    return Image.open(io.BytesIO(data))


@pytest.fixture
def painter(monkeypatch, settings):
    """The built-in model, as a new installation has it."""
    monkeypatch.setenv("RUNWAYWEB_DEFAULT_MODEL", "built-in")
    settings.DEFAULT_MODEL = "built-in"


@pytest.mark.slow
@pytest.mark.parametrize("ratio", ["1024:1024", "1080:1080", "1808:768", "720:1280"])
def test_a_still_has_the_pixels_that_were_asked_for(program, pulse, painter, ratio):
    picture = made(program, pulse, "text_to_image", FOX | {"ratio": ratio})
    assert f"{picture.width}:{picture.height}" == ratio
    assert np.asarray(picture).std() > 10


def test_every_ratio_of_the_clients_is_taken_and_no_other(program, painter):
    for ratio in STILLS:
        assert program.post("/v1/text_to_image", FOX | {"ratio": ratio}).status_code == 200, ratio
    path, message = issue_of(program.post("/v1/text_to_image", FOX | {"ratio": "1280:768"}))
    assert path == ["ratio"] and "1080:1080" in message and "1680:720" in message


def test_a_model_of_ours_takes_any_frame(program, pulse):
    picture = made(program, pulse, "text_to_image", FOX | {"model": "animatic", "ratio": "131:77"})
    assert picture.size == (131, 77)


def test_references_are_called_by_their_tags(program, pulse, painter):
    given = {"uri": as_data(two_colors()), "tag": "nana"}
    plain = made(program, pulse, "text_to_image", FOX | {"promptText": "a fox waits", "ratio": "720:720"})
    body = FOX | {"promptText": "@nana waits", "referenceImages": [given], "ratio": "720:720"}
    with_her = made(program, pulse, "text_to_image", body)
    assert not np.array_equal(np.asarray(plain), np.asarray(with_her))
    run = Generation.objects.order_by("created_at").last()
    [row] = run.inputs.all()
    assert (row.role, row.tag, row.reference_role) == ("reference", "nana", "character")
    assert run.request["prompt"] == "@nana waits"


def test_a_reference_without_a_tag_is_called_by_its_place(program, painter):
    given = [{"uri": as_data(two_colors())}, {"uri": as_data(two_colors(left=(30, 200, 30)))}]
    body = FOX | {"promptText": "@IMG_2 waits for @somebody", "referenceImages": given}
    assert program.post("/v1/text_to_image", body).status_code == 200
    run = Generation.objects.get()
    assert [row.tag for row in run.inputs.all()] == ["", "IMG_2"]
    assert run.request["prompt"] == "@IMG_2 waits for somebody"


def test_what_is_wrong_with_a_reference_is_told_where_it_stands(program, painter):
    picture = as_data(two_colors())
    for given, where in (
        ([{"uri": picture, "tag": "a"}], ["referenceImages", 0, "tag"]),
        ([{"uri": picture, "tag": "1st"}], ["referenceImages", 0, "tag"]),
        ([{"uri": picture, "tag": "nana"}, {"uri": picture, "tag": "Nana"}], ["referenceImages", 1, "tag"]),
        ([{"uri": picture}] * 4, ["referenceImages"]),
        ([{}], ["referenceImages", 0, "uri"]),
        ([{"uri": "ftp://example.org/x.png"}], ["referenceImages", 0, "uri"]),
        ([{"uri": picture, "role": "sound"}], ["referenceImages", 0, "role"]),
    ):
        assert issue_of(program.post("/v1/text_to_image", FOX | {"referenceImages": given}))[0] == where, given
    turbo = program.post("/v1/text_to_image", FOX | {"model": "gen4_image_turbo"})
    assert issue_of(turbo) == (["referenceImages"], "gen4_image_turbo takes 1 to 3 of them.")
    assert not Generation.objects.exists()


def test_a_model_that_looks_at_no_pictures_says_who_does(program):
    body = FOX | {"model": "animatic", "referenceImages": [{"uri": as_data(two_colors())}]}
    path, message = issue_of(program.post("/v1/text_to_image", body))
    assert path == ["model"] and "built-in" in message


@pytest.mark.skipif(not offline.installed(), reason="AnimeSR is not installed: make run EXTRAS=offline")
def test_a_picture_is_made_larger(program, pulse):
    small = Image.open(as_file(two_colors(size=(90, 66))))
    body = {"model": "magnific_precision_upscaler_v2", "imageUri": as_data(small), "scaleFactor": 2}
    picture = made(program, pulse, "image_upscale", body)
    assert picture.size == (180, 132)
    assert np.abs(np.asarray(picture.resize((90, 66))).astype(int) - np.asarray(small)).mean() < 4


def test_pictures_that_cannot_be_enlarged_are_refused(program, monkeypatch):
    body = {"model": "magnific_precision_upscaler_v2", "imageUri": as_data(two_colors(size=(300, 300)))}
    monkeypatch.setattr(offline, "installed", lambda: (offline.ANIMESR,))
    assert issue_of(program.post("/v1/image_upscale", body | {"scaleFactor": 16}))[0] == ["scaleFactor"]
    assert issue_of(program.post("/v1/image_upscale", body | {"scaleFactor": 3}))[0] == ["scaleFactor"]
    monkeypatch.setattr(offline, "installed", tuple)
    path, message = issue_of(program.post("/v1/image_upscale", body))
    assert path == ["model"]
    assert message == "Nothing that does upscale is installed here. To install it: make run EXTRAS=offline"
