"""Speech, captions and voice isolation by the weights inside their packages. What one engine says the other writes."""

import json
import re
import subprocess
import sys
from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generation.engine.cards import offline_sound
from generation.engine.cards.offline_sound import (
    CARDS,
    DEEPFILTERNET,
    HIBARI,
    PACKAGES,
    WHISPER_BASE,
    WHISPER_ENGLISH,
    installed,
    missing,
)
from generation.engine.clip import Audio, Cancelled, EngineError
from generation.engine.encode import read_recipe, write_audio
from generation.engine.offline.captions import (
    Caption,
    Captions,
    Translation,
    Word,
    _captioned,
    _in_order,
    as_srt,
    as_webvtt,
)
from generation.engine.offline.isolation import Isolation
from generation.engine.offline.sound_engine import memory_told, resampled
from generation.engine.offline.speech import Speech
from generation.engine.request import InvalidRequest
from generation.engine.sound_request import SpeechRequest
from generation.engine.tasks import SOUNDS, TASKS
from generation.engine.weights import ModelRefused

TEXT = (
    "Nobody in the old village had seen the lighthouse go dark before. "
    "Three boats left the harbor at dawn, and only two came back."
)
ROOT = Path(__file__).resolve().parents[2]
RATE = 24_000
BETTER_DB = 8  # how much nearer to the clean voice a noisy one has to come; 11 dB were measured
QUIET_DB = 30  # how much noise without a voice has to be lowered; 38 dB were measured


def engine(kind, card):
    if missing(card):
        pytest.skip(f"{card.name} is not installed: {', '.join(missing(card))}")
    return kind(card)


@pytest.fixture(scope="module")
def speech():
    return engine(Speech, HIBARI)


@pytest.fixture(scope="module")
def captions():
    return engine(Captions, WHISPER_BASE)


@pytest.fixture(scope="module")
def isolation():
    return engine(Isolation, DEEPFILTERNET)


@pytest.fixture(scope="module")
def spoken(speech):
    return speech.generate(SpeechRequest(TEXT, seed=7), lambda *_: None)


@pytest.fixture(scope="module")
def written(captions, spoken):
    steps = []
    said = captions.generate(spoken.audio, lambda *told: steps.append(told))
    return said, steps


def words_of(text):
    return re.findall(r"[a-z]+", text.lower())


def noise(length, loudness=0.1, channels=1):
    return (loudness * np.random.default_rng(3).standard_normal((length, channels))).astype(np.float32)


def decibels(signal, error):
    return 10 * np.log10((signal**2).sum() / (error**2).sum())


def stop_at(step):
    def on_step(now, steps, preview):
        if now == step:
            raise Cancelled

    return on_step


# Speech


def test_a_text_is_spoken_sentence_by_sentence(speech, spoken):
    audio, steps = spoken.audio, []
    assert audio.sample_rate == RATE and audio.samples.dtype == np.float32
    assert audio.samples.shape[1:] == (1,) and 5 < spoken.duration_seconds < 12
    assert 0.1 < np.abs(audio.samples).max() <= 1
    again = speech.generate(SpeechRequest(TEXT, seed=7), lambda *told: steps.append(told))
    assert np.array_equal(again.audio.samples, audio.samples)
    assert steps == [(1, 2, None), (2, 2, None)]


def test_what_is_asked_changes_what_is_heard(speech, spoken):
    def say(**fields):
        return speech.generate(SpeechRequest(**{"text": TEXT, "seed": 7} | fields), lambda *_: None)

    other = say(seed=8)
    assert not np.array_equal(other.audio.samples, spoken.audio.samples)
    assert say(speed=2.0).duration_seconds == pytest.approx(spoken.duration_seconds / 2, rel=0.1)
    assert say(text="Nobody.").duration_seconds < 2
    assert np.array_equal(say(voice="heart").audio.samples, spoken.audio.samples)


def test_speech_tells_how_it_was_made_and_is_written(spoken, tmp_path):
    write_audio(spoken.audio, tmp_path / "speech.m4a", spoken.recipe)
    recipe = read_recipe(tmp_path / "speech.m4a")
    assert recipe["request"] == {"text": TEXT, "seed": 7, "voice": "heart", "speed": 1.0}
    assert recipe["engine"] == "hibari" and recipe["versions"]["hibari-tts"]
    assert SpeechRequest(**recipe["request"]).text == TEXT


def test_a_cancelled_speech_stops_after_its_sentence_and_the_next_is_whole(speech, spoken):
    with pytest.raises(Cancelled):
        speech.generate(SpeechRequest(TEXT, seed=7), stop_at(1))
    again = speech.generate(SpeechRequest(TEXT, seed=7), lambda *_: None)
    assert np.array_equal(again.audio.samples, spoken.audio.samples)


def test_a_sentence_without_an_end_is_spoken_in_parts(speech):
    steps = []
    endless = speech.generate(SpeechRequest("word " * 150, seed=1, speed=2.0), lambda *told: steps.append(told))
    assert len(steps) > 1 and endless.duration_seconds > 15


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"text": "Она говорит."}, "INPUT.UNSUPPORTED", "cannot read “Она”"),
        ({"text": "He said 你好 to her"}, "INPUT.UNSUPPORTED", "cannot read “你好”"),
        ({"text": "⅐"}, "INPUT.UNSUPPORTED", "nothing in this text"),
        ({"voice": "emma"}, "INPUT.UNSUPPORTED", "has one voice, “heart”"),
    ],
)
def test_what_the_voice_cannot_say_is_refused(speech, fields, code, says):
    with pytest.raises(EngineError, match=says) as refused:
        speech.generate(SpeechRequest(**{"text": "Yes.", "seed": 1} | fields), lambda *_: None)
    assert refused.value.code == code


def test_what_is_no_foreign_letter_is_read(speech):
    for text in ("Café 5 µm, [Nia](/nˈiə/)!", "It’s 7:30 — naïve…", "Hello 😀 world"):
        assert speech.generate(SpeechRequest(text, seed=1), lambda *_: None).duration_seconds > 0.5


def test_a_speech_that_takes_too_long_is_refused(speech):
    short = Speech(replace(HIBARI, max_seconds=3.0))
    with pytest.raises(EngineError, match="up to 3 seconds") as refused:
        short.generate(SpeechRequest(TEXT, seed=1), lambda *_: None)
    assert refused.value.code == "INPUT.LENGTH"


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("text", " \n", None),
        ("text", "…!", None),
        ("text", None, None),
        ("text", "a\x00b", None),
        ("text", "a\ud83e", None),
        ("text", "x" * 2001, 2000),
        ("text", "🎵" * 1000 + "x", 2000),
        ("seed", -1, (0, 2**32 - 1)),
        ("voice", None, 64),
        ("voice", "x" * 65, 64),
        ("speed", 0.4, (0.5, 2.0)),
        ("speed", float("nan"), (0.5, 2.0)),
    ],
)
def test_a_speech_request_outside_its_limits_is_named(field, value, limit):
    with pytest.raises(InvalidRequest) as refused:
        SpeechRequest(**{"text": "Yes.", "seed": 1} | {field: value})
    assert (refused.value.field, refused.value.limit) == (field, limit)
    assert str(refused.value).endswith(".") and "%" not in str(refused.value)


# Captions


def test_what_is_spoken_is_understood_again(written):
    heard = words_of(" ".join(caption.text for caption in written[0]))
    assert len(set(words_of(TEXT)) & set(heard)) >= 0.9 * len(set(words_of(TEXT)))
    assert len(heard) == pytest.approx(len(words_of(TEXT)), abs=2)


def test_words_come_one_after_the_other_within_the_sound(written, spoken):
    said, steps = written
    words = [word for caption in said for word in caption.words]
    times = [moment for word in words for moment in (word.start_seconds, word.end_seconds)]
    assert times == sorted(times)
    assert times[0] >= 0 and times[-1] <= spoken.duration_seconds
    assert all(word.end_seconds > word.start_seconds for word in words)
    # A sentence is a caption; the second begins after the silence between the two.
    assert len(said) == 2 and said[0].text.endswith("before.")
    for caption in said:
        assert (caption.start_seconds, caption.end_seconds) == (
            caption.words[0].start_seconds,
            caption.words[-1].end_seconds,
        )
        assert caption.text.split() == [word.text for word in caption.words]
    assert steps[-1][0] == steps[-1][1] == int(np.ceil(spoken.duration_seconds))
    assert [step for step, _, _ in steps] == sorted(step for step, _, _ in steps)


@pytest.mark.slow
def test_captions_are_the_same_again_and_stop_when_cancelled(captions, written, spoken):
    with pytest.raises(Cancelled):
        captions.generate(spoken.audio, stop_at(written[1][0][0]))
    assert captions.generate(spoken.audio, lambda *_: None) == written[0]


def test_captions_say_in_which_language_somebody_speaks(written):
    assert {caption.language for caption in written[0]} == {"en"}


def test_what_is_english_already_stays_so_when_it_is_translated(spoken):
    said = engine(Translation, WHISPER_ENGLISH).generate(spoken.audio, lambda *_: None)
    heard = words_of(" ".join(caption.text for caption in said))
    assert {"village", "lighthouse", "boats"} <= set(heard)
    assert said[0].start_seconds < 1 and said[-1].end_seconds > spoken.duration_seconds / 2


def test_where_nobody_speaks_nothing_is_written(captions):
    steps = []
    silence = Audio(np.zeros((2 * RATE, 2), np.float32), RATE)
    assert captions.generate(silence, lambda *told: steps.append(told)) == ()
    assert steps == [(2, 2, None)]
    assert captions.generate(Audio(noise(2 * RATE), RATE), lambda *_: None) == ()
    assert captions.generate(Audio(np.ones((1, 1), np.float32), RATE), lambda *_: None) == ()


FILE = (
    Caption(0.0, 2.4804, "Tom & Jerry <run>\n\nfast --> away.", ()),
    Caption(3661.5, 3661.5, "Nobody in the old village had seen the lighthouse go dark before.", ()),
)


def test_captions_become_webvtt():
    assert as_webvtt(FILE) == (
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:02.480\nTom &amp; Jerry &lt;run&gt; fast --&gt; away.\n"
        "\n01:01:01.500 --> 01:01:01.501\nNobody in the old village had seen the\nlighthouse go dark before.\n"
    )
    assert as_webvtt(()) == "WEBVTT\n"


def test_captions_become_srt():
    assert as_srt(FILE) == (
        "1\n00:00:00,000 --> 00:00:02,480\nTom & Jerry <run> fast --> away.\n"
        "\n2\n01:01:01,500 --> 01:01:01,501\nNobody in the old village had seen the\nlighthouse go dark before.\n"
    )
    assert as_srt(()) == ""


def test_a_long_sentence_is_cut_where_it_can_be_read():
    text = (
        " One two three four five six seven eight nine ten, eleven twelve thirteen fourteen fifteen sixteen seventeen"
    )
    words = [Word(index * 0.3, index * 0.3 + 0.3, f" {word}") for index, word in enumerate(text.split())]
    first, second = ("".join(word.text for word in part).strip() for part in _captioned(words))
    assert first.endswith("ten,") and second.startswith("eleven")
    slow = [Word(index * 0.9, index * 0.9 + 0.9, " so") for index in range(9)]
    assert [len(part) for part in _captioned(slow)] == [4, 5]
    paused = [Word(0, 1, " Well"), Word(2.1, 3, " yes."), Word(3, 4, " No")]
    assert [len(part) for part in _captioned(paused)] == [1, 1, 1]
    assert list(_captioned([])) == []


def test_times_that_go_back_are_put_in_order():
    words = [Word(0.5, 1.2, " a"), Word(1.0, 1.1, " b"), Word(1.9, 2.5, " c")]
    assert list(_in_order(words, 2.0)) == [Word(0.5, 1.2, " a"), Word(1.2, 1.2, " b"), Word(1.9, 2.0, " c")]


# Isolation


def test_noise_under_a_voice_is_taken_away(isolation, spoken):
    voice = spoken.audio.samples
    loud = np.sqrt((voice**2).mean()) * 10 ** (-5 / 20)  # 5 dB under the voice
    noisy = voice + noise(len(voice), loud)
    assert decibels(voice, noisy - voice) == pytest.approx(5, abs=0.2)
    alone = isolation.generate(Audio(noisy, RATE), lambda *_: None)
    assert alone.audio.samples.shape == voice.shape and alone.audio.sample_rate == RATE
    assert alone.audio.samples.dtype == np.float32
    assert decibels(voice, alone.audio.samples - voice) > 5 + BETTER_DB
    json.dumps(alone.recipe, allow_nan=False)
    assert alone.recipe["engine"] == "deepfilternet" and len(alone.recipe["given"]["sha256"]) == 64


def test_a_clean_voice_stays_what_it_is(isolation, spoken):
    alone = isolation.generate(spoken.audio, lambda *_: None).audio.samples
    assert decibels(spoken.audio.samples, alone - spoken.audio.samples) > 20


def test_noise_alone_is_lowered_and_silence_stays_silence(isolation):
    hiss = noise(3 * 48_000)
    assert decibels(hiss, isolation.generate(Audio(hiss, 48_000), lambda *_: None).audio.samples) > QUIET_DB
    silence = isolation.generate(Audio(np.zeros((RATE, 1), np.float32), RATE), lambda *_: None)
    assert not silence.audio.samples.any()


@pytest.mark.parametrize(("rate", "length", "channels"), [(44_100, 44_137, 2), (8000, 8001, 1), (48_000, 1, 3)])
def test_length_rate_and_channels_stay(isolation, rate, length, channels):
    sound = Audio(noise(length, channels=channels), rate)
    alone = isolation.generate(sound, lambda *_: None).audio
    assert alone.samples.shape == (length, channels) and alone.sample_rate == rate


def test_channels_are_heard_by_themselves_and_alike(isolation, spoken):
    voice = spoken.audio.samples[: 2 * RATE]
    steps = []
    both = isolation.generate(Audio(np.hstack([voice, 0 * voice]), RATE), lambda *told: steps.append(told))
    one = isolation.generate(Audio(voice, RATE), lambda *_: None)
    assert np.array_equal(both.audio.samples[:, 0], one.audio.samples[:, 0]), "equal sounds give equal samples"
    assert not both.audio.samples[:, 1].any()
    assert [step for step, _, _ in steps] == list(range(1, len(steps) + 1)) and steps[-1][1] == len(steps)


def test_a_cancelled_isolation_stops_within_a_second(isolation, spoken):
    for at in (1, 3):
        with pytest.raises(Cancelled):
            isolation.generate(spoken.audio, stop_at(at))


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 96_000])
def test_what_is_resampled_stays_in_place(rate):
    moments = np.arange(12 * rate) / rate  # longer than one piece
    tones = sum(np.sin(2 * np.pi * hertz * moments) for hertz in (110, 440, 1234, 3000)).astype(np.float32) / 4
    there = resampled(tones, rate, 48_000)
    back = resampled(there, 48_000, rate)
    assert abs(len(there) - 12 * 48_000) <= 1 and abs(len(back) - len(tones)) <= 1
    inside = slice(1000, len(tones) - 1000)
    assert decibels(tones[inside], back[inside] - tones[inside]) > 80


# What all refuse


@pytest.mark.parametrize("kind", ["captions", "isolation"])
def test_what_cannot_be_heard_is_refused(kind, request):
    hearing = request.getfixturevalue(kind)
    little = copy(hearing)
    little.card = replace(hearing.card, max_seconds=1.0)
    for samples, rate, code in (
        (np.zeros((0, 1)), RATE, "INPUT.MISSING"),
        (np.zeros((RATE, 0)), RATE, "INPUT.MISSING"),
        (np.zeros(RATE), RATE, "INPUT.MISSING"),
        (np.full((RATE, 1), np.nan), RATE, "INPUT.UNSUPPORTED"),
        (np.zeros((RATE, 1)), 100, "INPUT.UNSUPPORTED"),
        (np.zeros((RATE + 1, 1)), RATE, "INPUT.LENGTH"),
    ):
        with pytest.raises(EngineError) as refused:
            little.generate(Audio(samples, rate), lambda *_: pytest.fail("it began"))
        assert refused.value.code == code and str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("kind", "card"),
    [(Speech, HIBARI), (Captions, WHISPER_BASE), (Translation, WHISPER_ENGLISH), (Isolation, DEEPFILTERNET)],
    ids=lambda one: one,
)
def test_an_engine_that_is_not_installed_says_how_to_get_it(kind, card, monkeypatch):
    monkeypatch.setitem(PACKAGES, card.pipeline_class, ("a_package_nobody_made",))
    with pytest.raises(ModelRefused, match=r"is not installed\. To install it: make run EXTRAS=offline"):
        kind(card)
    offline_sound.installed.cache_clear()
    try:
        assert card not in installed()
    finally:
        offline_sound.installed.cache_clear()


@pytest.mark.parametrize("kind", [Speech, Isolation])
def test_other_weights_than_the_known_ones_are_not_opened(kind, request):
    card = {Speech: HIBARI, Isolation: DEEPFILTERNET}[kind]
    request.getfixturevalue(kind.__name__.lower())  # skips where it is not installed
    changed = type("Changed", (kind,), {"weights_sha256": "0" * 64})
    with pytest.raises(ModelRefused, match="not those that are known here"):
        changed(card)


def test_too_little_memory_is_told():
    for error in (MemoryError(), RuntimeError("Failed to allocate 3 GB")):
        with pytest.raises(EngineError) as told, memory_told():
            raise error
        assert told.value.code == "INTERNAL.OUT_OF_MEMORY"
    with pytest.raises(Cancelled), memory_told():
        raise Cancelled


def test_cards_say_what_they_are_for_without_loading_anything():
    assert all(card.tasks <= SOUNDS & TASKS.keys() and card.licence.paid_hosting for card in CARDS)
    code = (
        "import sys; from generation.engine.cards import offline_sound as cards; cards.installed(); "
        f"sys.exit(' '.join(name for name in {('torch', 'av', *sum(PACKAGES.values(), ()))} "
        "if name in sys.modules) or 0)"
    )
    looked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert looked.returncode == 0, looked.stderr
