"""Sounds by API: from words, for a clip, of recordings; what is missing for one is said before anything is held."""

import base64

import numpy as np
import pytest

from generation import engines
from generation.attempt import Attempt
from generation.engine.cards import offline_sound
from generation.engine.cards.offline_sound import DEEPFILTERNET, HIBARI, WHISPER_BASE, WHISPER_ENGLISH, missing
from generation.engine.clip import Audio, Sound
from generation.engine.offline.captions import Caption
from generation.models import Generation
from projects.dubbing import Passage, laid, most_passages, passages_of
from projects.export.run import Rendering
from projects.models import Export, Voice
from runwayweb.api.models import Task
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Wallet
from tests.assets.test_footage import film_file, sound_file
from tests.engine.small_listeners import BandOfVoice
from tests.factories import make_asset
from tests.projects.test_works import hum

pytestmark = pytest.mark.django_db(transaction=True)
RATE = 24_000


class Beeps:
    """Speaks in a tone as long as a text takes: an engine of a few lines in place of the packaged one."""

    def generate(self, request, on_step):
        seconds = (0.6 + len(request.text) / 16.5) / request.speed
        wave = 0.3 * np.sin(2 * np.pi * 660 * np.arange(round(seconds * RATE)) / RATE)
        on_step(1, 1, None)
        return Sound(Audio(wave.astype(np.float32)[:, None], RATE), {"engine": "beeps"})


class Stenographer:
    """Writes down `said`, whatever it hears."""

    def __init__(self, *said, language="en"):
        self.said, self.language = said, language

    def generate(self, audio, on_step):
        on_step(1, 1, None)
        return tuple(Caption(*one, language=self.language) for one in self.said)


SAID = ((0.5, 1.0, "Hello there."), (3.0, 5.0, "I waited for you."))


@pytest.fixture
def extras(monkeypatch):
    """All that speaks, listens and cleans is installed: small engines, warm in the worker."""
    warm = {
        HIBARI: Beeps(),
        WHISPER_BASE: Stenographer(*SAID),
        WHISPER_ENGLISH: Stenographer(*SAID),
        DEEPFILTERNET: BandOfVoice(),
    }
    monkeypatch.setattr(offline_sound, "installed", lambda: tuple(warm))
    for card, engine in warm.items():
        monkeypatch.setitem(engines._warm, (card.id, 0), engine)


@pytest.fixture
def bare(monkeypatch):
    monkeypatch.setattr(offline_sound, "installed", tuple)


def recording(seconds=6.0):
    data = sound_file("wav", "pcm_s16le", samples=hum(440, seconds), rate=48_000)
    return f"data:audio/wav;base64,{base64.b64encode(data).decode()}"


def clip(**shape):
    return f"data:video/mp4;base64,{base64.b64encode(film_file(**shape)).decode()}"


def finish(program, answer, pulse):
    """The task of an answer after workers have done all there was to do."""
    assert answer.status_code == 200, answer.content
    while Attempt.run_next(pulse):
        pass
    for export in Export.objects.waiting():
        Rendering(export).run()
    return program.get(f"/v1/tasks/{answer.json()['id']}").json()


def made_by(told):
    """The asset whose address a task tells."""
    assert told["status"] == "SUCCEEDED", told
    return Asset.objects.get(pk=told["output"][0].split("/media/")[1].split("/")[0])


def issue(answer):
    assert answer.status_code == 400, answer.content
    (told,) = answer.json()["issues"]
    return told["path"], told["message"]


def test_a_sound_is_made_bare_under_runways_name_of_a_model(program, pulse, bare):
    body = {"model": "eleven_text_to_sound_v2", "promptText": "a fox walks in the rain", "duration": 1.5}
    told = finish(program, program.post("/v1/sound_effect", body), pulse)
    sound = made_by(told)
    assert (sound.duration_seconds, told["cost"]) == (pytest.approx(1.5), {"credits": 1})
    assert Generation.objects.get().model == "foley" and np.abs(sound.samples()[0]).max() > 0.01


def test_the_end_of_a_loop_leads_into_its_beginning(program, pulse, bare):
    body = {"model": "eleven_text_to_sound_v2", "promptText": "rain in a forest", "duration": 2, "loop": True}
    told = finish(program, program.post("/v1/sound_effect", body | {"seed": 3}), pulse)
    loop = made_by(told)
    assert (loop.media_type, loop.duration_seconds) == ("audio/wav", 2)
    heard, rate = loop.samples()
    source, _rate = Generation.objects.get().asset.samples()
    at, few = round(0.5 * rate), round(0.02 * rate)
    # Its last moments are those before the source's half second, and it begins there.
    for ours, theirs in ((heard[-few:], source[at - few : at]), (heard[:few], source[at : at + few])):
        assert np.corrcoef(ours.mean(axis=1), theirs.mean(axis=1))[0, 1] > 0.9


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"duration": 61}, ["duration"]),
        ({"duration": 0.1}, ["duration"]),
        ({"loop": True, "duration": 60}, ["duration"]),
        ({"promptText": ""}, ["promptText"]),
        ({"numVariants": 2}, ["numVariants"]),
        ({"seed": -1}, ["seed"]),
        ({"model": "kling_sound"}, ["model"]),
    ],
    ids=str,
)
def test_what_a_sound_cannot_be_is_said_at_its_field(program, bare, fields, path):
    body = {"model": "foley", "promptText": "rain", "duration": 1} | fields
    assert issue(program.post("/v1/sound_effect", body))[0] == path
    assert not Generation.objects.exists()


@pytest.mark.slow
def test_a_clip_that_was_made_here_is_heard_in_step_and_as_sound_alone(program, ada, pulse, bare):
    drawn = {
        "model": "animatic",
        "promptText": "a red fox walks in a forest",
        "ratio": "128:64",
        "duration": 2,
        "seed": 7,
    }
    film = finish(program, program.post("/v1/text_to_video", drawn), pulse)
    body = {"model": "mirelo_sfx_2_0", "videoUri": film["output"][0], "duration": 1}
    answer = program.post("/v1/video_to_audio", body)
    told = finish(program, answer, pulse)
    sound = made_by(told)
    assert (sound.media_type, sound.duration_seconds) == ("audio/wav", 1)
    assert np.abs(sound.samples()[0]).max() > 0.01
    heard = Generation.objects.get(task="video_to_sound")
    assert heard.blocking_of.asset_id == made_by(film).pk and told["cost"] == {"credits": heard.charged}


def test_a_clip_from_outside_is_heard_by_a_prompt(program, pulse, bare):
    body = {"model": "mirelo_sfx_2_0", "videoUri": clip(num_frames=24, fps=24, width=96, height=64)}
    path, sentence = issue(program.post("/v1/video_to_audio", body))
    assert path == ["promptText"] and "was not made here" in sentence
    too_long = issue(program.post("/v1/video_to_audio", body | {"promptText": "rain", "duration": 9}))
    assert too_long[0] == ["duration"]
    told = finish(program, program.post("/v1/video_to_audio", body | {"promptText": "rain"}), pulse)
    assert made_by(told).duration_seconds == pytest.approx(1, abs=0.05)


def test_without_the_extras_each_endpoint_says_what_it_needs(program, bare):
    voice = {"type": "runway-preset", "presetId": "Maya"}
    for endpoint, body in {
        "text_to_speech": {"model": "eleven_multilingual_v2", "promptText": "Hello", "voice": voice},
        "voice_isolation": {"model": "eleven_voice_isolation", "audioUri": recording(1)},
        "voice_dubbing": {"model": "eleven_voice_dubbing", "audioUri": recording(1), "targetLang": "en"},
        "speech_to_speech": {
            "model": "eleven_multilingual_sts_v2",
            "media": {"type": "audio", "uri": recording(1)},
            "voice": voice,
        },
    }.items():
        path, sentence = issue(program.post(f"/v1/{endpoint}", body))
        assert path == ["model"] and sentence.endswith("To install it: make run EXTRAS=offline"), endpoint
    assert not Task.objects.exists() and not Asset.objects.exists()


def test_a_text_is_spoken_in_a_voice_by_runways_name_or_of_ones_own(program, ada, pulse, extras):
    body = {"model": "eleven_multilingual_v2", "promptText": "I waited for you."}
    maya = body | {"voice": {"type": "runway-preset", "presetId": "Maya"}}
    spoken = made_by(finish(program, program.post("/v1/text_to_speech", maya), pulse))
    assert Generation.objects.get().model == "hibari" and spoken.duration_seconds > 1
    own = Voice.objects.create(workspace=ada.open_workspace(), name="Nova", model="hibari", speed=0.5)
    slow = body | {"voice": {"type": "custom", "id": str(own.pk)}, "speed": 1.2}
    slowly = made_by(finish(program, program.post("/v1/text_to_speech", slow), pulse))
    assert slowly.duration_seconds == pytest.approx(spoken.duration_seconds / 0.6, rel=0.05)
    directed = {
        "model": "eleven_v3",
        "promptText": "[laughs] I waited [softly, slowly] for you.",
        "voice": maya["voice"],
    }
    assert program.post("/v1/text_to_speech", directed).status_code == 200
    assert Generation.objects.latest("created_at").request["text"] == "I waited for you."


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"voice": {"type": "preset", "presetId": "Nobody"}}, ["voice", "presetId"]),
        ({"voice": {"type": "custom", "id": "Nobody"}}, ["voice", "id"]),
        ({"voice": {"type": "reference-audio", "audioUri": "https://example.com/a.wav"}}, ["voice"]),
        ({"languageCode": "fr-CA"}, ["languageCode"]),
        ({"speed": 3}, ["speed"]),
        ({"promptText": " "}, ["promptText"]),
        ({"promptText": "x" * 2001}, ["promptText"]),
    ],
    ids=str,
)
def test_what_a_voice_cannot_say_is_told_at_its_field(program, extras, fields, path):
    body = {"model": "hibari", "promptText": "Hello", "languageCode": "en-GB"} | fields
    assert issue(program.post("/v1/text_to_speech", body))[0] == path
    assert not Generation.objects.exists()


def test_a_voice_is_isolated(program, pulse, extras):
    body = {"model": "eleven_voice_isolation", "audioUri": recording(2)}
    told = finish(program, program.post("/v1/voice_isolation", body), pulse)
    assert made_by(told).duration_seconds == pytest.approx(2, abs=0.05)


def test_a_recording_is_dubbed_each_passage_when_it_was_said(program, ada, pulse, extras):
    wallet = Wallet.objects.of(ada.open_workspace())
    before = wallet.available
    body = {"model": "eleven_voice_dubbing", "audioUri": recording(12), "targetLang": "en"}
    quoted = program.post("/v1/quotes", body | {"endpoint": "voice_dubbing"}).json()
    answer = program.post("/v1/voice_dubbing", body)
    assert answer.json()["estimatedCost"] == quoted["estimatedCost"]
    told = finish(program, answer, pulse)
    film = made_by(told)
    assert (film.media_type, film.duration_seconds) == ("audio/wav", 12)
    samples, rate = film.samples()
    loud = np.abs(samples).max(axis=1) > 0.02
    assert not loud[: int(0.45 * rate)].any() and loud[int(0.6 * rate) : int(0.9 * rate)].any()
    assert loud[int(3.1 * rate) : int(4 * rate)].any() and not loud[int(8 * rate) :].any()
    assert [run.task for run in Generation.objects.order_by("created_at")] == ["translation", *2 * ["text_to_speech"]]
    charged = sum(run.charged for run in Generation.objects.all())
    assert told["cost"] == {"credits": charged} and charged <= quoted["estimatedCost"]["credits"]
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held) == (before - charged, 0)


def test_what_nobody_can_dub_into_is_said_before_anything_is_kept(program, extras):
    body = {"model": "eleven_voice_dubbing", "audioUri": recording(1), "targetLang": "es"}
    path, sentence = issue(program.post("/v1/voice_dubbing", body))
    assert path == ["targetLang"] and "es is not built here" in sentence and not Asset.objects.exists()
    assert issue(program.post("/v1/voice_dubbing", body | {"targetLang": "klingon"}))[0] == ["targetLang"]


@pytest.mark.parametrize(
    ("heard", "code"),
    [(Stenographer(), "INPUT.SILENT"), (Stenographer(*SAID, language="fr"), "INPUT.LANGUAGE")],
    ids=["silence", "french"],
)
def test_what_cannot_be_said_again_ends_with_a_sentence(program, ada, pulse, extras, monkeypatch, heard, code):
    monkeypatch.setitem(engines._warm, (WHISPER_BASE.id, 0), heard)
    body = {
        "model": "eleven_multilingual_sts_v2",
        "media": {"type": "audio", "uri": recording()},
        "voice": {"type": "runway-preset", "presetId": "Maya"},
    }
    told = finish(program, program.post("/v1/speech_to_speech", body), pulse)
    assert (told["status"], told["failureCode"], told["cost"]) == ("FAILED", code, {"credits": 1})
    assert Wallet.objects.of(ada.open_workspace()).held == 0


def test_passages_are_parted_at_the_longest_pauses_and_no_more_than_were_paid_for():
    captions = [[n * 2.0, n * 2.0 + (1.9 if n != 3 else 1.0), f"Line {n}."] for n in range(8)] + [[16.0, 17.0, "…"]]
    parts = passages_of(captions, 17.0)
    assert len(parts) == most_passages(17.0) == 3
    assert parts[0].at == 0 and any(part.at == 8.0 for part in parts), "after the longest pause"
    assert " ".join(part.text for part in parts) == " ".join(f"Line {n}." for n in range(8))
    assert passages_of([], 5.0) == []
    assert Passage(0, 10, "Hello.").speed(1.0) == 1 and 1 < Passage(0, 2, "word " * 8).speed(1.0) <= 1.6


def test_what_takes_longer_than_it_had_room_is_never_spoken_over(ada):
    spoken = [make_asset(ada.open_workspace(), media_type="audio/mp4", duration_seconds=3) for _ in range(2)]
    cut = laid([Passage(1, 2, "One."), Passage(3, 2, "Two.")], spoken, spoken[0].pk, 5)
    assert [(clip.at, clip.end) for clip in cut.tracks[0].clips] == [(50, 200), (200, 350)]
    assert cut.frames == 350


@pytest.mark.parametrize("kind", ["voice_dubbing", "speech_to_speech"])
def test_the_packaged_engines_say_again_what_they_heard(program, ada, pulse, kind):
    needed = [HIBARI, WHISPER_ENGLISH if kind == "voice_dubbing" else WHISPER_BASE]
    if lacking := [card.name for card in needed if missing(card)]:
        pytest.skip(f"Not installed: {', '.join(lacking)}")
    line = {"model": "hibari", "promptText": "Three boats left the harbor at dawn. Only two came back."}
    spoken = finish(program, program.post("/v1/text_to_speech", line), pulse)
    body = {"model": "eleven_voice_dubbing", "audioUri": spoken["output"][0], "targetLang": "en"}
    if kind == "speech_to_speech":
        body = {
            "model": "eleven_multilingual_sts_v2",
            "media": {"type": "audio", "uri": spoken["output"][0]},
            "voice": {"type": "preset", "presetId": "hibari"},
        }
    told = finish(program, program.post(f"/v1/{kind}", body), pulse)
    assert made_by(told).duration_seconds >= made_by(spoken).duration_seconds - 0.1
    written = Generation.objects.get(task__in=("captions", "translation"))
    assert {"boats", "harbor"} <= set(written.understood["said"].lower().replace(".", "").split())
    assert np.abs(made_by(told).samples()[0]).max() > 0.1
