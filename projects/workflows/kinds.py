"""What a node of a workflow can be: where it takes things in, what is set on it, what it gives."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.engine import catalogue
from generation.engine.card import ModelCard
from generation.engine.request import CAMERA_MOVES, SEED, InvalidRequest, check_prompt
from generation.engine.sound_request import DURATION_SECONDS, SPEED, check_lyrics, check_speech
from projects.cameras import CAMERA_LABELS
from projects.inputs import told
from projects.sizes import LENGTH_SECONDS, SIZES

TEXT, NUMBER, IMAGE, VIDEO, AUDIO, CAPTIONS = "text", "number", "image", "video", "audio", "captions"
MEDIA = (IMAGE, VIDEO, AUDIO, CAPTIONS)
TYPE_LABELS = {
    TEXT: gettext_lazy("text"),
    NUMBER: gettext_lazy("number"),
    IMAGE: gettext_lazy("image"),
    VIDEO: gettext_lazy("video"),
    AUDIO: gettext_lazy("audio"),
    CAPTIONS: gettext_lazy("captions"),
}
MOMENTS = {"first": gettext_lazy("First"), "middle": gettext_lazy("Middle"), "last": gettext_lazy("Last")}
TEXT_LETTERS = 4000
MOST_CHOICES = 20


def fits(given: str, wanted: Iterable[str]) -> bool:
    """Whether what an output gives can go into an input: captions are text, too."""
    wanted = tuple(wanted)
    return given in wanted or (given == CAPTIONS and TEXT in wanted)


def is_text(value: Any) -> bool:
    """Whether it is text that can be kept: PostgreSQL keeps no NUL, and nobody half a character."""
    return isinstance(value, str) and "\x00" not in value and not any("\ud800" <= one <= "\udfff" for one in value)


@dataclass(frozen=True)
class Port:
    """Where something comes in. `types`: what it may be."""

    name: str
    label: Any
    types: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Param:
    """A value set on a node. `type`: "text", "number" (with `whole`: without a fraction), "choice", "asset", "texts" or
    "voice", the key of one in projects.voices.

    `choices()`: {value: label}. `check`: raises InvalidRequest for a text that will not do. `may_be_connected`: another
    node may give it. `long`: written in several lines.
    """

    name: str
    label: Any
    type: str = TEXT
    required: bool = False
    default: Any = None
    least: float | None = None
    most: float | None = None
    whole: bool = False
    choices: Callable[[], Mapping[str, Any]] | None = None
    check: Callable[[str], str] | None = None
    may_be_connected: bool = True
    long: bool = False
    media: str = ""  # of an "asset": the type of file

    @property
    def port(self) -> Port:
        """Where it comes in when another node gives it."""
        return Port(self.name, self.label, (NUMBER,) if self.type == NUMBER else (TEXT,), self.required)

    def holds(self, value: Any) -> bool:
        """Whether a value is of the right type, whatever it says: only such can be edited."""
        if value is None:
            return True
        if self.type == NUMBER:
            return (
                isinstance(value, int)
                and not isinstance(value, bool)
                or (isinstance(value, float) and math.isfinite(value))
            )
        if self.type == "texts":
            return isinstance(value, list) and all(is_text(one) for one in value)
        return is_text(value)

    def fault(self, value: Any) -> str:
        """What is wrong with a value, a sentence; "" where nothing is."""
        what = {"param": self.label}
        if self.type == NUMBER:
            number = not isinstance(value, bool) and isinstance(value, int | float)
            number = number and (isinstance(value, int) or math.isfinite(value))
            if not number or (self.whole and value != int(value)):
                kind = _("%(param)s must be a whole number.") if self.whole else _("%(param)s must be a number.")
                return kind % what
            low, high = self.least, self.most
            if (low is not None and value < low) or (high is not None and value > high):
                between = {"low": f"{low:g}", "high": f"{high:g}"}
                return _("%(param)s must be from %(low)s to %(high)s.") % (what | between)
            return ""
        if self.type == "texts":
            texts = isinstance(value, list) and all(is_text(one) and one.strip() for one in value)
            if not texts or not 0 < len(value) <= MOST_CHOICES:
                return _("%(param)s must be a list of 1 to %(most)d texts.") % (what | {"most": MOST_CHOICES})
            return ""
        if not is_text(value):
            return _("%(param)s must be text, without NUL characters and half characters.") % what
        if self.type == "choice" and self.choices is not None:
            return "" if value in self.choices() else self._not_a_choice(value)
        if len(value) > TEXT_LETTERS:
            return _("%(param)s is longer than %(most)d characters.") % (what | {"most": TEXT_LETTERS})
        if self.check and value:
            try:
                self.check(value)
            except InvalidRequest as error:
                return told(error)
        return ""

    def _not_a_choice(self, value):
        assert self.choices is not None
        known = ", ".join(one for one in self.choices() if one)
        what = {"param": self.label, "value": value[:60], "known": known}
        return _("%(param)s cannot be “%(value)s”. It is one of: %(known)s.") % what


@dataclass(frozen=True)
class Kind:
    """`output`: the type of what it gives, also the name of that output; "" for one that only hands something out.

    `task`: of `tasks.TASKS`, for what an engine does. `room`: by which form of the studio it is asked for.
    """

    id: str
    label: Any
    icon: str
    output: str
    params: tuple[Param, ...] = ()
    ports: tuple[Port, ...] = ()
    task: str = ""
    room: str = ""
    group: str = field(default="")

    @property
    def is_task(self) -> bool:
        return bool(self.task)

    @property
    def is_input(self) -> bool:
        return self.group == "input"

    @property
    def inputs(self) -> dict[str, Port]:
        """Everything that can be connected to it."""
        of_params = {param.name: param.port for param in self.params if param.may_be_connected}
        return {port.name: port for port in self.ports} | of_params

    def param(self, name: str) -> Param | None:
        return next((param for param in self.params if param.name == name), None)

    def cards(self) -> list[ModelCard]:
        """The engines here that do it, the one that is taken by itself first."""
        able = [card for card in catalogue.cards() if self.task in card.tasks and not card.lacks]
        return able if self.room == "draw" else sorted(able, key=lambda card: -card.rank)

    def card(self, model: str = "") -> ModelCard | None:
        """The engine called `model`, or the one that is taken by itself; None where there is none."""
        able = self.cards()
        return next((card for card in able if not model or card.id == model), None)

    def models(self) -> dict[str, Any]:
        """The choices of its engine."""
        return {"": gettext_lazy("The best there is")} | {card.id: card.name for card in self.cards()}


PROMPT = gettext_lazy("Prompt")


def _prompt(label=PROMPT, *, required=True):
    return Param("prompt", label, required=required, check=check_prompt, long=True)


SIZE = Param("size", gettext_lazy("Size"), "choice", default=next(iter(SIZES)), choices=lambda: SIZES)
LENGTH = Param("length", gettext_lazy("Length"), NUMBER, default=2, least=LENGTH_SECONDS[0], most=LENGTH_SECONDS[1])
CAMERA = Param(
    "camera",
    gettext_lazy("Camera"),
    "choice",
    default="",
    choices=lambda: {"": gettext_lazy("From the prompt")} | {move: CAMERA_LABELS[move] for move in CAMERA_MOVES},
)
LEAVE_OUT = Param("negative_prompt", gettext_lazy("Leave out"))
SEED_ = Param("seed", gettext_lazy("Seed"), NUMBER, least=SEED[0], most=SEED[1], whole=True)
SECONDS = Param(
    "seconds", gettext_lazy("Length"), NUMBER, default=5, least=DURATION_SECONDS[0], most=DURATION_SECONDS[1]
)
FIRST, LAST = (
    Port("first_frame", gettext_lazy("First frame"), (IMAGE,)),
    Port("last_frame", gettext_lazy("Last frame"), (IMAGE,), required=False),
)
CLIP = Port("clip", gettext_lazy("Clip"), (VIDEO,))
SOUND = Port("sound", gettext_lazy("Sound"), (AUDIO, VIDEO))
REFERENCES = tuple(
    Port(f"reference_{number}", label, (IMAGE,), required=number == 1)
    for number, label in enumerate(
        (gettext_lazy("Reference 1"), gettext_lazy("Reference 2"), gettext_lazy("Reference 3")), 1
    )
)
TAGS = tuple(
    Param(f"{port.name}_tag", label, may_be_connected=False)
    for port, label in zip(
        REFERENCES,
        (
            gettext_lazy("Name of reference 1"),
            gettext_lazy("Name of reference 2"),
            gettext_lazy("Name of reference 3"),
        ),
        strict=True,
    )
)


def _input(id, label, icon, output, *params):
    return Kind(id, label, icon, output, params, group="input")


def _asset(type, label):
    return Param("asset", label, "asset", required=True, may_be_connected=False, media=type)


def _task(id, label, icon, output, room, *params, ports=(), task=""):
    return Kind(id, label, icon, output, params, tuple(ports), task or id, room, "task")


_LISTED = (
    _input(
        "text",
        gettext_lazy("Words"),
        "type",
        TEXT,
        Param("value", gettext_lazy("Words"), required=True, may_be_connected=False, long=True),
    ),
    _input("image", gettext_lazy("Picture"), "image", IMAGE, _asset(IMAGE, gettext_lazy("Picture"))),
    _input("video", gettext_lazy("Video"), "film", VIDEO, _asset(VIDEO, gettext_lazy("Video"))),
    _input("audio", gettext_lazy("Recording"), "mic", AUDIO, _asset(AUDIO, gettext_lazy("Recording"))),
    _input(
        "number",
        gettext_lazy("Number"),
        "sliders-horizontal",
        NUMBER,
        Param("value", gettext_lazy("Number"), NUMBER, required=True, least=-1e9, most=1e9, may_be_connected=False),
    ),
    _input(
        "choice",
        gettext_lazy("Choice"),
        "list-tree",
        TEXT,
        Param("choices", gettext_lazy("Choices, one a line"), "texts", required=True, may_be_connected=False),
        Param("value", gettext_lazy("Chosen"), required=True, may_be_connected=False),
    ),
    _task(
        "text_to_image",
        gettext_lazy("Still"),
        "image",
        IMAGE,
        "draw",
        *(_prompt(), SIZE, CAMERA, LEAVE_OUT, SEED_),
    ),
    _task(
        "image_edit",
        gettext_lazy("Still from pictures"),
        "images",
        IMAGE,
        "draw",
        *(_prompt(), SIZE, *TAGS, LEAVE_OUT, SEED_),
        ports=REFERENCES,
    ),
    _task(
        "text_to_video",
        gettext_lazy("Clip from words"),
        "clapperboard",
        VIDEO,
        "draw",
        *(_prompt(), SIZE, LENGTH, CAMERA, LEAVE_OUT, SEED_),
    ),
    _task(
        "image_to_video",
        gettext_lazy("Clip from a picture"),
        "film",
        VIDEO,
        "draw",
        *(_prompt(), SIZE, LENGTH, CAMERA, LEAVE_OUT, SEED_),
        ports=(FIRST, LAST),
    ),
    _task(
        "references",
        gettext_lazy("Clip with references"),
        "user",
        VIDEO,
        "draw",
        *(_prompt(), SIZE, LENGTH, CAMERA, *TAGS, LEAVE_OUT, SEED_),
        ports=REFERENCES,
    ),
    _task(
        "extend",
        gettext_lazy("Clip that goes on"),
        "skip-forward",
        VIDEO,
        "draw",
        *(_prompt(required=False), LENGTH, SEED_),
        ports=(CLIP,),
    ),
    _task(
        "video_to_video",
        gettext_lazy("Paint it anew"),
        "brush",
        VIDEO,
        "footage",
        *(_prompt(gettext_lazy("What is to be seen")), SEED_),
        ports=(CLIP,),
    ),
    _task(
        "performance",
        gettext_lazy("Act it out"),
        "user",
        VIDEO,
        "footage",
        *(_prompt(gettext_lazy("What is to be seen")), SEED_),
        ports=(CLIP, Port("character", gettext_lazy("Character"), (IMAGE,))),
    ),
    _task("upscale", gettext_lazy("Enlarge"), "scaling", VIDEO, "finish", ports=(CLIP,)),
    _task("interpolate", gettext_lazy("Smoother"), "waves", VIDEO, "finish", ports=(CLIP,)),
    _task("video_to_sound", gettext_lazy("Let it be heard"), "volume-2", VIDEO, "finish", ports=(CLIP,)),
    _task(
        "text_to_sound",
        gettext_lazy("Sound"),
        "audio-waveform",
        AUDIO,
        "sound",
        *(_prompt(gettext_lazy("What is heard")), SECONDS, SEED_),
    ),
    _task(
        "text_to_music",
        gettext_lazy("Music"),
        "music",
        AUDIO,
        "sound",
        _prompt(gettext_lazy("What is heard")),
        Param("lyrics", gettext_lazy("Lyrics"), check=check_lyrics, long=True),
        *(SECONDS, SEED_),
    ),
    _task(
        "text_to_speech",
        gettext_lazy("Speech"),
        "message-circle",
        AUDIO,
        "sound",
        Param("text", gettext_lazy("What is said"), required=True, check=check_speech, long=True),
        Param("voice", gettext_lazy("Voice"), "voice", default="", may_be_connected=False),
        Param("speed", gettext_lazy("Speed"), NUMBER, default=1, least=SPEED[0], most=SPEED[1]),
        SEED_,
    ),
    _task("voice_isolation", gettext_lazy("Clean a voice"), "mic", AUDIO, "sound", ports=(SOUND,)),
    _task("captions", gettext_lazy("Captions"), "captions", CAPTIONS, "sound", ports=(SOUND,)),
    _task("translation", gettext_lazy("Captions in English"), "captions", CAPTIONS, "sound", ports=(SOUND,)),
    Kind(
        "frame",
        gettext_lazy("A frame of a clip"),
        "image",
        IMAGE,
        (Param("at", gettext_lazy("Which"), "choice", default="last", choices=lambda: MOMENTS),),
        (CLIP,),
        group="task",
    ),
    Kind(
        "output",
        gettext_lazy("Result"),
        "circle-check",
        "",
        (),
        (Port("value", gettext_lazy("What comes out"), MEDIA),),
        group="output",
    ),
)
KINDS = {kind.id: kind for kind in _LISTED}
GROUPS = {
    "input": gettext_lazy("What goes in"),
    "task": gettext_lazy("What is made"),
    "output": gettext_lazy("What comes out"),
}
MODEL = Param("model", gettext_lazy("Engine"), "choice", default="", may_be_connected=False)


def params_of(kind: Kind) -> tuple[Param, ...]:
    """All that can be set on a node: of what an engine does, also which."""
    if not kind.is_task:
        return kind.params
    chosen = Param(**{**vars(MODEL), "choices": kind.models})
    return (*kind.params, chosen)
