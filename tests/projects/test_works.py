"""The rooms beside the shot's: what is made over footage, and what is heard. Engines are small, and run."""

from importlib.util import find_spec

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation import engines
from generation.engine.cards import offline_sound
from generation.models import Generation
from generation.models.status import Status
from runwayweb.assets.footage import Recording, read_footage, read_recording
from runwayweb.assets.models import CAPTIONS, RECORDING, SOUND, Asset
from runwayweb.subscriptions.models import Wallet
from tests.assets.test_footage import film_file, sound_file
from tests.engine.small_listeners import BandOfVoice, PitchCaptions
from tests.engine.tiny_pipelines import save_tiny_vace
from tests.engine.tiny_sound import save_tiny_ace_step
from tests.factories import make_asset, make_generation, make_picture, make_project
from tests.projects.test_edits import run_next

pytestmark = pytest.mark.django_db


@pytest.fixture
def tiny_models(monkeypatch, tmp_path):
    """One that paints over videos, and one that makes music."""
    vace, ace = save_tiny_vace(tmp_path / "vace"), save_tiny_ace_step(tmp_path / "ace")
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"tiny-vace={vace},tiny-ace={ace}")


def page(studio, project, room, **values):
    return studio.get(reverse(f"projects:{room}", args=[project.pk]), values).content.decode()


def ask(studio, project, room, **values):
    return studio.post(reverse("projects:work-new", args=[project.pk, room]), values)


def upload(data, name="dance.mp4"):
    return SimpleUploadedFile(name, data)


def test_a_room_says_what_is_missing_and_the_command_that_adds_it(studio, project, monkeypatch):
    monkeypatch.setenv("RUNWAYWEB_MODELS", "")
    for task in ("video_to_video", "performance"):
        shown = page(studio, project, "footage", task=task)
        assert "Nothing that does this is installed here" in shown and "manage.py models pull wan" in shown
        assert "Generate</button>" not in shown
    assert "models pull ace-step" in page(studio, project, "sound", task="text_to_music")
    refused = ask(studio, project, "sound", task="text_to_music", prompt="a waltz", seconds="5")
    assert refused.status_code == 422 and not Generation.objects.exists()


def test_a_video_from_outside_is_painted_anew(studio, project, tiny_models):
    film = upload(film_file(num_frames=20, fps=20, width=96, height=64), name='my <b>"dance".mp4')
    answer = ask(studio, project, "footage", task="video_to_video", prompt="a glass fox", video=film, seed="3")
    assert answer.status_code == 302
    asked = Generation.objects.get()
    assert (asked.model, asked.task, asked.request["num_frames"], asked.request["fps"]) == ("tiny-vace", "", 16, 16)
    assert (asked.request["width"], asked.request["height"], asked.request["seed"]) == (96, 64, 3)
    given = asked.inputs.get()
    assert (given.role, given.asset.name, given.asset.media_type) == ("video", 'my <b>"dance".mp4', "video/mp4")
    Generation.objects.update(request=asked.request | {"num_frames": 5, "num_inference_steps": 2})
    made = run_next()
    assert made.status == Status.SUCCEEDED, made.failure
    assert made.asset.frames().shape == (5, 64, 96, 3)
    assert "&lt;b&gt;" in page(studio, project, "footage") or "my <b>" not in page(studio, project, "footage")


def test_a_clip_of_the_studio_is_offered_and_priced_before_it_is_painted_anew(studio, project, ada, tiny_models):
    make_generation(project, ada, width=96, height=64, num_frames=13)
    clip = run_next()
    card = page(studio, project, "sound")
    assert f"task=video_to_video&amp;clip={clip.pk}" in card and "Work over it" in card
    shown = page(studio, project, "footage", task="video_to_video", clip=clip.pk)
    assert "Over “a red fox in a forest”" in shown and "6 credits</strong>" in shown
    assert ask(studio, project, "footage", task="video_to_video", prompt="a glass fox", clip=clip.pk).status_code == 302
    asked = Generation.objects.exclude(pk=clip.pk).get()
    assert (asked.inputs.get().asset, asked.request["num_frames"], asked.request["fps"]) == (clip.asset, 13, 12)


def test_the_price_is_that_of_the_engine_that_is_chosen(studio, project, ada, monkeypatch, tmp_path):
    monkeypatch.setenv("RUNWAYWEB_MODELS_FOLDER", str(tmp_path))
    small, large = "wan-2.1-vace-1.3b", "wan-2.1-vace-14b"  # 5 and 15 credits a second
    for model in (small, large):
        save_tiny_vace(tmp_path / model)
    make_generation(project, ada, width=96, height=64, num_frames=12)
    clip = run_next()
    values = {"task": "video_to_video", "clip": clip.pk, "prompt": "a glass fox"}
    address = reverse("projects:work-quote", args=[project.pk, "footage"])

    def quoted(**more):
        return studio.get(address, values | more).content.decode()

    for model, credits in ((small, 5), (large, 15)):
        assert f"{credits} credits</strong>" in quoted(model=model), model
        assert f"{credits} credits</strong>" in page(studio, project, "footage", **values, model=model), model
        assert ask(studio, project, "footage", **values, model=model).status_code == 302
        assert Generation.objects.get(model=model).cost == credits
        assert f"{60 * credits} credits a minute" in quoted(model=model, clip="")
    assert "900 credits a minute" in page(studio, project, "footage", task="video_to_video"), "the first of them"
    assert "15 credits</strong>" in quoted(model="nonsense")


def test_what_is_wrong_with_footage_is_said_beside_it_and_nothing_is_held(studio, project, mallory, tiny_models):
    for values, sentence in (
        ({}, "Choose a video."),
        ({"video": upload(b"no video")}, "This is no video in MP4"),
        ({"clip": "not-an-id"}, "Enter a valid UUID"),
        ({"clip": project.pk}, "This clip is not there any more"),
    ):
        answer = ask(studio, project, "footage", task="video_to_video", prompt="a glass fox", **values)
        assert answer.status_code == 422 and sentence in answer.content.decode(), values
    assert page(studio, project, "footage", clip="nonsense", task="nonsense")
    assert not Generation.objects.exists()
    studio.force_login(mallory)
    assert ask(studio, project, "footage", prompt="a fox").status_code == 404
    assert studio.get(reverse("projects:sound", args=[project.pk])).status_code == 404


@pytest.fixture
def tiny_animate(monkeypatch, tmp_path):
    from tests.engine.tiny_animate import save_tiny_animate

    monkeypatch.setenv("RUNWAYWEB_MODELS", f"tiny-animate={save_tiny_animate(tmp_path / 'animate')}")


@pytest.fixture
def mediapipe(monkeypatch, tmp_path):
    """The package is installed."""
    (tmp_path / "packages" / "mediapipe").mkdir(parents=True)
    (tmp_path / "packages" / "mediapipe" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "packages")


@pytest.mark.skipif(find_spec("mediapipe") is not None, reason="tells of a machine without it")
def test_what_an_engine_lacks_is_said_before_it_is_asked(studio, project, tiny_animate):
    shown = page(studio, project, "footage", task="performance")
    assert "tiny-animate needs mediapipe, which is not installed here" in shown
    assert "<code>make run EXTRAS=offline</code>" in shown and "Generate</button>" not in shown
    values = {"task": "performance", "prompt": "a dancer", "video": upload(film_file(width=64, height=64))}
    refused = ask(studio, project, "footage", **values, reference_1=make_picture(project.workspace).pk)
    assert refused.status_code == 422 and not Generation.objects.exists()
    assert "tiny-animate lacks mediapipe:" in studio.get(reverse("projects:abilities")).content.decode()


def test_somebody_has_to_act_it_out(studio, project, tiny_animate, mediapipe):
    assert "mediapipe" not in page(studio, project, "footage", task="performance")
    asked = {"task": "performance", "prompt": "a dancer", "video": upload(film_file(width=64, height=64))}
    answer = ask(studio, project, "footage", **asked)
    assert answer.status_code == 422 and "Choose a picture of whoever is to act it out" in answer.content.decode()
    who = make_picture(project.workspace)
    asked["video"] = upload(film_file(width=64, height=64))
    assert ask(studio, project, "footage", **asked, reference_1=who.pk).status_code == 302
    given = Generation.objects.get().inputs.all()
    assert {(row.role, row.reference_role) for row in given} == {("video", ""), ("reference", "character")}


def test_music_is_asked_for_heard_paid_for_and_asked_for_again(studio, project, tiny_models):
    values = {"task": "text_to_music", "prompt": "a slow waltz", "seconds": "1", "lyrics": "la la", "seed": "4"}
    assert ask(studio, project, "sound", **values).status_code == 302
    made = run_next()
    assert made.status == Status.SUCCEEDED, made.failure
    assert (made.task, made.asset.media_type, made.asset.file_name) == ("text_to_music", SOUND, "sound.m4a")
    assert made.asset.duration_seconds == pytest.approx(1) and made.asset.has_sound and len(made.asset.peaks) > 100
    shown = page(studio, project, "sound")
    assert "<sound-player" in shown and "Music · 1 s" in shown and "seed 4" in shown and "a slow waltz" in shown
    file = studio.head(reverse("assets:file", args=[made.asset.pk, "sound.m4a"]))
    assert (file.status_code, file["Content-Type"]) == (200, "audio/mp4")
    filled = page(studio, project, "sound", task="text_to_music", prompt="a slow waltz", lyrics="la la")
    assert ">\nla la</textarea>" in filled
    studio.post(reverse("projects:generation-retry", args=[made.pk]))
    again = run_next()
    assert (again.request, again.task) == (made.request, made.task)
    heard, before = again.asset.samples()[0], made.asset.samples()[0]
    assert (heard == before).all(), "the same sound, signed by itself"
    copy = project.duplicate()
    assert "<sound-player" in page(studio, copy, "sound")


def test_a_sound_outside_its_limits_is_refused_beside_its_field(studio, project, tiny_models):
    answer = ask(studio, project, "sound", task="text_to_music", prompt="", seconds="0.1", seed="x")
    shown = answer.content.decode()
    assert answer.status_code == 422 and "greater than or equal to 0.5" in shown and "required" in shown
    address = reverse("projects:work-quote", args=[project.pk, "sound"])
    quoted = studio.get(address, {"task": "text_to_music", "seconds": "30"}).content.decode()
    assert "30 credits</strong>" in quoted


@pytest.mark.slow
def test_a_sound_is_made_on_any_machine_from_a_prompt_and_for_a_clip(studio, project, ada, monkeypatch):
    monkeypatch.setenv("RUNWAYWEB_MODELS", "")
    monkeypatch.setattr(offline_sound, "installed", tuple)
    assert ask(studio, project, "sound", prompt="a fox walks in the rain", seconds="1").status_code == 302
    sound = run_next()
    assert (sound.status, sound.model, sound.asset.media_type) == (Status.SUCCEEDED, "foley", SOUND), sound.failure
    make_generation(project, ada, prompt="a red fox walks in a forest", num_frames=24, width=128, height=64)
    clip = run_next()
    studio.post(reverse("projects:generation-finish", args=[clip.pk, "video_to_sound"]))
    heard = run_next()
    assert heard.status == Status.SUCCEEDED, heard.failure
    assert (heard.asset.media_type, heard.asset.has_sound, heard.asset.duration_seconds) == ("video/mp4", True, 2)
    samples, _rate = heard.asset.samples()
    assert np.abs(samples).max() > 0.05
    np.testing.assert_array_equal(heard.asset.frames(), clip.asset.frames())
    assert heard.tells_its_shot and heard.recipe["sound"]["request"]["blocking"]["seed"] == clip.request["seed"]
    shown = page(studio, project, "sound")
    assert "sounds>" in shown and "Let it be heard" in shown


@pytest.fixture
def listeners(monkeypatch):
    """Small engines that listen, warm in the worker in place of those that come inside packages."""
    cards = offline_sound.WHISPER_BASE, offline_sound.DEEPFILTERNET
    monkeypatch.setattr(offline_sound, "installed", lambda: cards)
    for card, engine in zip(cards, (PitchCaptions(), BandOfVoice()), strict=True):
        monkeypatch.setitem(engines._warm, (card.id, 0), engine)


def hum(pitch, seconds=2.0, rate=48_000):
    """A tone in one channel, float32 (1, N)."""
    return 0.4 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate, dtype=np.float32)[None]


def recording(samples, name="take one.wav"):
    return upload(sound_file("wav", "pcm_s16le", samples=samples, rate=48_000), name)


def test_what_is_said_in_a_recording_is_written_down_and_paid_for(studio, project, listeners):
    before = Wallet.objects.of(project.workspace).available
    said = np.concatenate([np.zeros((1, 24_000), np.float32), hum(440, 1), np.zeros((1, 24_000), np.float32)], axis=1)
    assert "whisper-base" in page(studio, project, "sound", task="captions")
    assert ask(studio, project, "sound", task="captions", recording=recording(said)).status_code == 302
    asked = Generation.objects.get()
    assert (asked.model, asked.task, asked.request["duration_seconds"]) == ("whisper-base", "captions", 2)
    assert (asked.inputs.get().role, asked.inputs.get().asset.name) == ("sound", "take one.wav")
    held = asked.cost
    made = run_next()
    assert made.status == Status.SUCCEEDED, made.failure
    assert (made.asset.media_type, made.asset.file_name) == (CAPTIONS, "captions.vtt")
    text = default_storage.open(made.asset.file.name).read().decode()
    assert text.startswith("WEBVTT") and "A tone of 440 hertz &amp; no more." in text
    assert "00:00:00.500 --> 00:00:01.500" in text
    assert Wallet.objects.of(project.workspace).available == before - held and held >= 1
    shown = page(studio, project, "sound")
    assert '<blockquote class="transcript"' in shown and "A tone of 440 hertz &amp; no more." in shown
    assert "“take one.wav”" in shown and "Captions · 2 s" in shown
    file = studio.get(reverse("assets:file", args=[made.asset.pk, "captions.vtt"]))
    assert (file.status_code, file["Content-Type"].split(";")[0]) == (200, "text/vtt")


def test_a_recording_in_which_nobody_speaks_says_so(studio, project, listeners):
    ask(studio, project, "sound", task="captions", recording=recording(hum(440) * 0))
    made = run_next()
    assert made.status == Status.SUCCEEDED, made.failure
    assert "Nobody speaks in it." in page(studio, project, "sound")


def test_a_voice_is_cleaned_played_and_paid_for(studio, project, listeners):
    before = Wallet.objects.of(project.workspace).available
    noisy = hum(440) + hum(60)
    answer = ask(studio, project, "sound", task="voice_isolation", recording=recording(noisy, "noisy.wav"))
    assert answer.status_code == 302
    made = run_next()
    assert made.status == Status.SUCCEEDED, made.failure
    assert (made.model, made.asset.media_type, made.asset.file_name) == ("deepfilternet", SOUND, "sound.m4a")
    assert made.asset.duration_seconds == pytest.approx(2, abs=0.05)
    samples, rate = made.asset.samples()
    loud = np.abs(np.fft.rfft(samples[: 2 * rate].mean(axis=1)))
    at = len(samples[: 2 * rate]) / rate  # bins a hertz
    assert loud[round(440 * at)] > 30 * loud[round(60 * at)], "the voice without the hum"
    assert Wallet.objects.of(project.workspace).available == before - made.cost and made.cost >= 1
    shown = page(studio, project, "sound")
    assert "<sound-player" in shown and "Clean a voice · 2 s" in shown and "“noisy.wav”" in shown


def test_what_is_no_recording_is_refused_and_nothing_is_held(studio, project, listeners):
    before = Wallet.objects.of(project.workspace).available
    for task in ("captions", "voice_isolation"):
        refused = ask(studio, project, "sound", task=task, recording=upload(b"no sound", "notes.wav"))
        assert refused.status_code == 422
        assert ask(studio, project, "sound", task=task).status_code == 422
    assert not Generation.objects.exists() and Wallet.objects.of(project.workspace).available == before


@pytest.mark.parametrize("card", [offline_sound.WHISPER_BASE, offline_sound.DEEPFILTERNET], ids=lambda card: card.id)
def test_the_packaged_ones_listen_to_what_the_packaged_voice_says(studio, project, card):
    needed = (offline_sound.HIBARI, card)
    if lacking := [one.name for one in needed if offline_sound.missing(one)]:
        pytest.skip(f"Not installed: {', '.join(lacking)}")
    line = {"text": "Three boats left the harbor at dawn.", "speed": "1", "seed": "1"}
    ask(studio, project, "sound", task="text_to_speech", **line)
    spoken = run_next()
    assert spoken.status == Status.SUCCEEDED, spoken.failure
    samples, rate = spoken.asset.samples()
    voice = upload(sound_file("wav", "pcm_s16le", samples=samples.T, rate=rate), "voice.wav")
    (task,) = card.tasks
    assert ask(studio, project, "sound", task=task, recording=voice).status_code == 302
    made = run_next()
    assert made.status == Status.SUCCEEDED, made.failure
    if task == "captions":
        assert "boats" in made.understood["said"].lower()
    else:
        assert np.abs(made.asset.samples()[0]).max() > 0.05


def test_a_clip_keeps_its_sound_through_what_is_done_to_its_pictures(project, ada):
    """The engine gives pictures alone; the sound of the clip they were made from goes on with them."""
    from generation.output import Output

    make_generation(project, ada, num_frames=12)
    silent = run_next()
    assert not silent.asset.has_sound
    sound = read_recording(ContentFile(sound_file("wav", "pcm_s16le"), name="tone"))
    assert isinstance(sound, Recording)
    tone = Asset.objects.keep_recording(sound, workspace=project.workspace, name="tone")
    heard = give_sound(silent, tone, Output)
    assert heard.has_sound and heard.duration_seconds == pytest.approx(1)
    samples, rate = heard.samples()
    assert abs(len(samples) / rate - 1) < 0.05 and np.abs(samples).max() > 0.3
    np.testing.assert_array_equal(heard.frames(), silent.asset.frames(), "the pictures are copied, not encoded again")


def give_sound(clip, tone, output_class):
    """The asset of a clip once more, with the sound of another asset."""
    from django.conf import settings

    from generation.engine.clip import Audio, Sound
    from generation.models import Input

    row = make_generation(clip.project, clip.requested_by, num_frames=12)
    row.blocking_of, row.task = clip, "voice_isolation"
    Input.objects.create(generation=row, role=Input.Role.VIDEO, asset=clip.asset)
    output = output_class(row, settings.MEDIA_ROOT / "tmp" / "given")
    output.write(Sound(Audio(*tone.samples()), {"engine": "tone"}))
    asset = output.take_in(f"clips/test/{row.pk}")
    asset.save(force_insert=True)
    assert output.finished.recipe["sound"] == {"engine": "tone"}
    assert output.finished.recipe["scene"] == clip.recipe["scene"], "its shot is told as before"
    return asset


def test_footage_that_came_is_kept_with_its_length(project):
    footage = read_footage(ContentFile(film_file(), name="film"), fps=10, most_pixels=10**6, most_seconds=5)
    asset = Asset.objects.keep_footage(footage, workspace=project.workspace, name="film.mp4")
    assert (asset.duration_seconds, asset.fps, asset.is_clip, asset.poster.name) == (1, 10, True, "")
    assert asset.prepare() and asset.poster


def test_what_is_heard_in_a_file_of_the_library_is_written_down(studio, project, mallory, monkeypatch):
    """From the cut or the library there is one step to captions; what came from outside is decoded once more."""
    monkeypatch.setattr(offline_sound, "installed", lambda: (offline_sound.WHISPER_BASE,))
    spoken = read_recording(ContentFile(sound_file("wav", "pcm_s16le"), name="tone"))
    recording = Asset.objects.keep_recording(spoken, workspace=project.workspace, name="interview.wav")
    shown = page(studio, project, "sound", task="captions", asset=recording.pk)
    assert "What is heard in “interview.wav”" in shown and "credit" in shown, "priced before it runs"
    assert ask(studio, project, "sound", task="captions", asset=recording.pk).status_code == 302
    asked = Generation.objects.get()
    assert (asked.task, asked.inputs.get().asset) == ("captions", recording)
    assert asked.request["duration_seconds"] == recording.duration_seconds

    told = {"origin": "uploaded", "has_sound": True, "media_type": "audio/wav", "name": "call.wav"}
    call = make_asset(project.workspace, sound_file("wav", "pcm_s16le"), **told)
    assert ask(studio, project, "sound", task="captions", asset=call.pk).status_code == 302
    given = Generation.objects.exclude(pk=asked.pk).get().inputs.get().asset
    assert given != call and (given.name, given.media_type) == ("call.wav", RECORDING)

    silent = Asset.objects.keep_footage(
        read_footage(ContentFile(film_file(), name="film"), fps=10, most_pixels=10**6, most_seconds=5),
        workspace=project.workspace,
        name="film.mp4",
    )
    theirs = Asset.objects.keep_recording(spoken, workspace=make_project(mallory).workspace, name="theirs.wav")
    for values, sentence in (
        ({}, "Choose a recording."),
        ({"asset": silent.pk}, "There is no sound in this file."),
        ({"asset": theirs.pk}, "This file is not in the library any more."),
        ({"asset": "nonsense"}, "Enter a valid UUID"),
    ):
        answer = ask(studio, project, "sound", task="captions", **values)
        assert answer.status_code == 422 and sentence in answer.content.decode(), values
    Asset.objects.filter(pk=recording.pk).update(duration_seconds=4000)
    answer = ask(studio, project, "sound", task="captions", asset=recording.pk)
    assert answer.status_code == 422 and "seconds" in answer.content.decode(), "longer than anything that is heard"
    assert page(studio, project, "sound", task="captions", asset="nonsense")
    assert Generation.objects.count() == 2
