"""What is handed over: exactly the size that was asked for, and a master for editing programs beside the clip."""

import io
import zipfile

import av
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from generation.attempt import Attempt
from generation.delivery import Delivery, delivery_of
from generation.engine.encode import read_recipe
from generation.engine.request import InvalidRequest
from generation.models import Generation, Input
from generation.models.status import Status
from runwayweb.assets.credentials import read
from runwayweb.assets.models import Asset
from runwayweb.assets.signing import signed_path
from runwayweb.subscriptions.limits import LimitReached
from tests.factories import make_asset, make_generation, make_plan
from tests.media import media_file

pytestmark = pytest.mark.django_db(transaction=True)


def run(pulse):
    attempt = Attempt.run_next(pulse)
    attempt.generation.refresh_from_db()
    assert attempt.generation.status == Status.SUCCEEDED, attempt.generation.failure
    return attempt.generation


def handed_over(project, by, pulse, width, height, model="animatic", **asked):
    told = {name: asked.pop(name) for name in ("format", "prores_profile") if name in asked}
    sides, delivery = delivery_of(width, height, **told)
    make_generation(project, by, model, delivery=delivery, **sides, **asked)
    return run(pulse)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["animatic", "built-in"])
@pytest.mark.parametrize(("width", "height"), [(180, 100), (1470, 630)])
def test_a_clip_has_exactly_the_sides_that_were_asked_for(project, ada, pulse, model, width, height):
    asset = handed_over(project, ada, pulse, width, height, model).asset
    with av.open(asset.file.path) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (width, height, 2)
    assert (asset.width, asset.height) == (width, height)
    assert read_recipe(asset.file.path)["delivery"]["width"] == width


def test_a_still_has_them_too(project, ada, pulse):
    asset = handed_over(project, ada, pulse, 181, 99, num_frames=1).asset
    assert asset.is_still and asset.open_picture().size == (181, 99)


def test_nothing_is_scaled_twice_and_the_middle_stays(project, ada, pulse):
    whole = handed_over(project, ada, pulse, 192, 112, num_frames=1).asset.open_picture()
    part = handed_over(project, ada, pulse, 180, 100, num_frames=1).asset.open_picture()
    assert np.array_equal(np.asarray(whole)[6:106, 6:186], np.asarray(part))


def test_frames_of_another_size_are_scaled_to_cover_it():
    frames = np.zeros((1, 64, 64, 3), np.uint8)
    frames[:, :, :32] = 255
    fitted = Delivery(200, 100).fitted(frames)
    assert fitted.shape == (1, 100, 200, 3)
    assert fitted[0, 50, 40, 0] > 240 and fitted[0, 50, 160, 0] < 15


def test_what_is_wanted_whole_loses_nothing_at_its_edges():
    frames = np.zeros((1, 160, 208, 3), np.uint8)
    frames[:, :, :104] = 255
    frames[:, :, 0] = (255, 0, 0)
    assert Delivery(200, 150).fitted(frames)[0, 0, 0].tolist() == [255, 255, 255]
    whole = Delivery(200, 150, whole=True).fitted(frames)
    assert whole.shape == (1, 150, 200, 3) and whole[0, 70, 0, 1] < 60
    assert whole[0, 70, 95, 0] > 240 and whole[0, 70, 105, 0] < 15


PROFILES = {
    "422 Proxy": ("Proxy", "yuv422p10le"),
    "422 LT": ("LT", "yuv422p10le"),
    "422": ("Standard", "yuv422p10le"),
    "422 HQ": ("HQ", "yuv422p10le"),
    "4444": ("4444", "yuv444p12le"),
    "4444 XQ": ("XQ", "yuv444p12le"),
    "": ("4444", "yuv444p12le"),
}


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_a_prores_master_has_its_profile_and_the_frames_of_the_clip(project, ada, pulse, profile):
    asset = handed_over(project, ada, pulse, 180, 100, format="prores", prores_profile=profile).asset
    assert asset.handed_over == ["master.mov"]
    with av.open(asset.master.path) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("prores", *PROFILES[profile])
        assert (context.width, context.height, stream.frames, stream.average_rate) == (180, 100, 2, 12)
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(stream)])
    assert np.abs(frames.astype(int) - asset.frames()).mean() < 6
    assert read(default_storage.path(asset.master.name), ".mov")["state"] in ("valid", "trusted")


def test_a_png_sequence_is_every_frame_in_order(project, ada, pulse):
    asset = handed_over(project, ada, pulse, 180, 100, format="png_sequence", num_frames=5).asset
    assert asset.handed_over == ["master.zip"], "it has no sound"
    with zipfile.ZipFile(asset.master.path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*(f"frame-{number:06}.png" for number in range(5)), "recipe.json"]
        frames = [np.asarray(Image.open(io.BytesIO(archive.read(f"frame-{n:06}.png")))) for n in range(5)]
    assert np.abs(np.stack(frames).astype(int) - asset.frames()).mean() < 4
    assert len({frame.tobytes() for frame in frames}) > 1


@pytest.fixture
def with_a_tone(project):
    """A clip of two frames with a sound of the workspace."""
    data = media_file(frames=2, fps=12, size=(64, 64))
    from hashlib import sha256

    told = {"sha256": sha256(data).hexdigest(), "duration_seconds": 2 / 12, "has_sound": True}
    return make_asset(project.workspace, data, **told)


def test_its_sound_lies_beside_it(project, ada, pulse, with_a_tone, monkeypatch):
    """A finish keeps the sound of its clip: so does what is handed over of it."""
    from generation import engines

    class Twice:
        def generate(self, request, on_step):
            from generation.engine.clip import Clip

            return Clip(np.repeat(np.repeat(request.video, 2, 1), 2, 2), request.fps)

    monkeypatch.setattr(engines, "warm", lambda _card, _smaller: Twice())
    given = [Input(role=Input.Role.VIDEO, asset=with_a_tone)]
    for told in ({"format": "png_sequence"}, {"format": "prores"}):
        make_generation(project, ada, inputs=given, width=128, height=128, delivery=Delivery(128, 128, **told))
    pictures, film = run(pulse).asset, run(pulse).asset
    assert pictures.handed_over == ["master.zip", "master.wav"]
    for path in (pictures.master_sound.path, film.master.path):
        with av.open(path) as container:
            sound = container.streams.audio[0]
            assert sound.codec_context.name == "pcm_s24le"
            samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(sound)])
            assert float(sound.duration * sound.time_base) == pytest.approx(2 / 12, abs=0.001)
            assert np.abs(samples.astype(float)).max() > 0


def test_whoever_has_its_address_gets_the_master_under_its_name(project, ada, pulse):
    asset = handed_over(project, ada, pulse, 180, 100, format="prores").asset
    visitor = Client()
    found = visitor.get(f"{signed_path(asset, name='master.mov')}&download=1")
    assert found.status_code == 200 and found["Content-Type"] == "video/quicktime"
    assert found["Content-Disposition"].endswith('.mov"')
    assert visitor.get(signed_path(asset, name="master.zip")).status_code == 404, "it is no sequence"
    assert visitor.get(f"/media/{asset.pk}/master.mov").status_code == 404, "without a signature"


def test_masters_take_room_and_go_with_their_clip(project, ada, pulse):
    generation = handed_over(project, ada, pulse, 180, 100, format="prores")
    asset = generation.asset
    clip, master = asset.file.name, asset.master.name
    stored = Asset.objects.filter(workspace=project.workspace).stored_bytes()
    assert stored == default_storage.size(clip) + default_storage.size(master)
    generation.delete_softly()
    asset.purge()
    assert not default_storage.exists(clip) and not default_storage.exists(master)


def test_what_is_taken_again_is_handed_over_alike(project, ada, pulse):
    first = handed_over(project, ada, pulse, 180, 100, format="prores", prores_profile="422 LT")
    again = first.retry(by=ada)
    assert again.handed_over == first.handed_over == Delivery(180, 100, "prores", "422 LT")
    assert first.copy_to(project).handed_over == first.handed_over


def test_a_plan_is_asked_about_what_is_handed_over(ada, project, settings):
    make_plan("standard", largest_pixels=1920 * 1080)
    settings.DEFAULT_PLAN = "standard"
    sides, delivery = delivery_of(1920, 1080)
    assert sides == {"width": 1920, "height": 1088}
    assert make_generation(project, ada, **sides, delivery=delivery).status == Status.QUEUED
    with pytest.raises(LimitReached):
        make_generation(project, ada, **sides)


@pytest.mark.parametrize(
    "told",
    [
        {"format": "gif"},
        {"format": "prores", "prores_profile": "422 Mega"},
        {"prores_profile": "422"},
        {"width": 8},
        {"height": 5000},
    ],
)
def test_nonsense_is_refused(told):
    with pytest.raises(InvalidRequest):
        Delivery(**{"width": 180, "height": 100} | told)


def test_what_says_nothing_more_than_the_request_is_none():
    assert delivery_of(512, 288) == ({"width": 512, "height": 288}, None)
    assert Generation(delivery={}).handed_over is None
