"""What may be asked of an engine that makes sounds, music or speech: one frozen, validated request each."""

import unicodedata
from dataclasses import asdict, dataclass, fields
from typing import Any

from generation.engine.request import (
    FPS,
    GUIDANCE_SCALE,
    NUM_FRAMES,
    SEED,
    SIDE_PIXELS,
    STEPS,
    Blocking,
    InvalidRequest,
    check_integer,
    check_prompt,
    gettext_noop,
    utf16_units,
)

DURATION_SECONDS = (0.5, 600.0)
LYRICS_UNITS = 4000  # UTF-16 code units, as the public API counts them
SPEECH_UNITS = 2000
SPEED = (0.5, 2.0)
LISTENING_SECONDS = (0.01, 3600.0)
LETTERS_A_SECOND = 11.0  # at least as many are spoken at speed 1: so that nobody pays more than was said
VOICE_LETTERS = 64


@dataclass(frozen=True)
class SoundRequest:
    """One sound or piece of music. Raises InvalidRequest (a ValueError) naming the field and its limit.

    `lyrics` may hold line breaks; left empty, nobody sings. `num_inference_steps` and `guidance_scale` None: the
    engine's own.
    """

    prompt: str
    duration_seconds: float
    seed: int
    lyrics: str = ""
    negative_prompt: str = ""
    num_inference_steps: int | None = None
    guidance_scale: float | None = None

    def __post_init__(self):
        for name, value in (
            ("prompt", check_prompt(self.prompt)),
            ("negative_prompt", check_prompt(self.negative_prompt, "negative_prompt", required=False)),
            ("lyrics", check_lyrics(self.lyrics)),
        ):
            object.__setattr__(self, name, value)
        _check_number("duration_seconds", self.duration_seconds, DURATION_SECONDS)
        check_integer("seed", self.seed, SEED)
        if self.num_inference_steps is not None:
            check_integer("num_inference_steps", self.num_inference_steps, STEPS)
        if self.guidance_scale is not None:
            _check_number("guidance_scale", self.guidance_scale, GUIDANCE_SCALE)

    def as_recipe(self) -> dict[str, Any]:
        """The request as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Listening:
    """A sound that is there already and is worked on as it is: cleaned, written down. Raises InvalidRequest."""

    duration_seconds: float

    def __post_init__(self):
        _check_number("duration_seconds", self.duration_seconds, LISTENING_SECONDS)

    def as_recipe(self) -> dict[str, Any]:
        """The request as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class VideoSoundRequest:
    """The sound of a clip. Raises InvalidRequest (a ValueError) naming the field and its limit.

    `blocking`: the clip's shot, as `Blocking.of_recipe` tells it, None where nobody does: then only a `prompt` says
    what is heard, and nothing of it is in step. Beside a blocking, a prompt adds what is heard and not seen. `width`
    and `height` are the picture's, for its shape decides where everybody stands. The clips of a shot are one sound
    where their `seed` is the same; `goes_on`: another follows, so that this one does not fade out.
    """

    blocking: Blocking | None
    num_frames: int
    fps: int
    seed: int
    prompt: str = ""
    width: int = 512
    height: int = 288
    goes_on: bool = False

    def __post_init__(self):
        if self.blocking is not None and not isinstance(self.blocking, Blocking):
            raise InvalidRequest("blocking", gettext_noop("This is no scene whose blocking can be kept."))
        object.__setattr__(self, "prompt", check_prompt(self.prompt, required=False))
        check_integer("num_frames", self.num_frames, NUM_FRAMES)
        check_integer("fps", self.fps, FPS)
        check_integer("seed", self.seed, SEED)
        check_integer("width", self.width, SIDE_PIXELS)
        check_integer("height", self.height, SIDE_PIXELS)
        if not isinstance(self.goes_on, bool):
            raise InvalidRequest("goes_on", gettext_noop("goes_on must be true or false."))

    @property
    def duration_seconds(self) -> float:
        return self.num_frames / self.fps

    def as_recipe(self) -> dict[str, Any]:
        """The request as JSON."""
        told = {column.name: getattr(self, column.name) for column in fields(self)}
        return told | {"blocking": self.blocking and self.blocking.as_recipe()}


@dataclass(frozen=True)
class SpeechRequest:
    """A text to be spoken. Raises InvalidRequest (a ValueError) naming the field and its limit.

    `text` may hold line breaks. `voice` names one of the engine's; left empty, it is the engine's own. `speed` 2.0 is
    twice as fast as that voice speaks.
    """

    text: str
    seed: int
    voice: str = ""
    speed: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "text", check_speech(self.text))
        check_integer("seed", self.seed, SEED)
        if not isinstance(self.voice, str) or len(self.voice) > VOICE_LETTERS:
            raise InvalidRequest(
                "voice",
                gettext_noop("The voice must be a name of at most %(most)s letters."),
                limit=VOICE_LETTERS,
                most=VOICE_LETTERS,
            )
        _check_number("speed", self.speed, SPEED)

    @property
    def duration_seconds(self) -> float:
        """How long it takes to say it, at most; how long it took is known when it is said."""
        return len(self.text) / (LETTERS_A_SECOND * self.speed)

    def as_recipe(self) -> dict[str, Any]:
        """The request as JSON."""
        return asdict(self)


def check_lyrics(text: str) -> str:
    """Return `text` ready to be sung: NFC, one kind of line break. Raises InvalidRequest for what cannot be lyrics."""
    if not isinstance(text, str):
        raise InvalidRequest("lyrics", gettext_noop("The lyrics must be text."))
    if "\x00" in text:
        raise InvalidRequest(
            "lyrics", gettext_noop("The lyrics hold a NUL character, which cannot be stored. Remove it.")
        )
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidRequest(
            "lyrics", gettext_noop("The lyrics hold half a character (a lone surrogate). Paste them again.")
        )
    if utf16_units(text) > LYRICS_UNITS:
        raise InvalidRequest(
            "lyrics",
            gettext_noop("The lyrics are %(length)s characters long; %(most)s are allowed."),
            limit=LYRICS_UNITS,
            length=f"{utf16_units(text):,}",
            most=f"{LYRICS_UNITS:,}",
        )
    return unicodedata.normalize("NFC", "\n".join(text.splitlines())).strip()


def check_speech(text: str) -> str:
    """Return `text` ready to be spoken: NFC, one kind of line break. Raises InvalidRequest for what cannot be said."""
    if not isinstance(text, str):
        raise InvalidRequest("text", gettext_noop("What is to be said must be text."))
    if "\x00" in text:
        raise InvalidRequest("text", gettext_noop("The text holds a NUL character, which cannot be stored. Remove it."))
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidRequest(
            "text", gettext_noop("The text holds half a character (a lone surrogate). Paste it again.")
        )
    if utf16_units(text) > SPEECH_UNITS:
        raise InvalidRequest(
            "text",
            gettext_noop("The text is %(length)s characters long; %(most)s are allowed."),
            limit=SPEECH_UNITS,
            length=f"{utf16_units(text):,}",
            most=f"{SPEECH_UNITS:,}",
        )
    text = unicodedata.normalize("NFC", "\n".join(text.splitlines())).strip()
    if not any(unicodedata.category(letter)[0] in "LN" for letter in text):
        raise InvalidRequest("text", gettext_noop("Write what is to be said."))
    return text


def _check_number(name: str, value: Any, limits: tuple[float, float]) -> None:
    """Raises InvalidRequest for what is no number within `limits`, both included."""
    low, high = limits
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InvalidRequest(
            name,
            gettext_noop("%(name)s must be %(low)g to %(high)g."),
            limit=limits,
            name=name,
            low=low,
            high=high,
        )
