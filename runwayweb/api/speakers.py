"""Which voice a body means: one that an installed engine has, one of the workspace's own, or a name of Runway's that
stands for the best of them."""

from typing import Literal

from generation.engine import catalogue
from projects.voices import presets, voice_called

from .errors import Invalid
from .planned import Body

# Names of Runway's presets: each stands for the best voice that is installed, whatever it sounds like.
NAMES = frozenset(
    "Arjun Benjamin Bernard Billy Brodie Chad Claudia Clint Eleanor Elias Ella Elliot Frank Grungle Jack James "
    "Katie Kendrick Kiana Kirk Kylie Lara Leslie Lisa Mabel Maggie Malachi Mariah Mark Marlene Martin Maya Miriam "
    "Monster Myrna Niki Noah Paula Pip Rachel Ragnar Rina Rusty Sandra Serene Tom Vincent Wanda Xylar".split()
)
CLONING = "No model that speaks with a voice from a recording is installed here, and none of the catalogue does."


class Preset(Body):
    type: Literal["preset", "runway-preset", "runway-live-preset"]
    presetId: str


class Custom(Body):
    type: Literal["custom"]
    id: str


class Recording(Body):
    type: Literal["reference-audio"]
    audioUri: str


def refuse_recording(voice):
    """Nothing speaks with the voice of a recording, whatever is installed. Raises Invalid."""
    if isinstance(voice, Recording):
        raise Invalid.at("voice", CLONING, "not_built")


def speaker(asked, caller, card, *, is_alias, path="voice"):
    """The voice of projects.voices that a body asks for; None: the one of `card`, or the best that is installed.

    `is_alias`: whether the model was named as Runway does, so that whoever speaks may be another one. Raises Invalid.
    """
    installed = presets()
    if not installed:
        raise Invalid.at("model", f"Nothing that speaks is installed here. To install it: {how_to_speak()}")
    own = next((preset for preset in installed if card and preset.key == card.id), installed[0])
    if asked is None or (isinstance(asked, Preset) and asked.presetId in NAMES):
        return own
    key = asked.presetId if isinstance(asked, Preset) else asked.id
    voice = voice_called(caller.workspace, key)
    if voice is None or (isinstance(asked, Preset) and voice not in installed):
        where = (path, "presetId" if isinstance(asked, Preset) else "id")
        known = ", ".join(preset.key for preset in installed)
        sentence = f"No voice is called “{key[:40]}” here. Installed: {known}. Your own: GET /v1/voices."
        raise Invalid.at(where, sentence, "invalid_enum_value")
    if not is_alias and voice.card != card:
        raise Invalid.at(path, f"This is a voice of {voice.card.name}, not of {card.name}.")
    return voice


def how_to_speak():
    return catalogue.how_to_serve("text_to_speech")
