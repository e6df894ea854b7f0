"""Which model a body means: one that is installed here, or a name of Runway's that stands for the best of them."""

from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings

from generation import machines
from generation.engine import catalogue
from generation.engine.card import HOW_TO_ADD_EXTRAS

from .errors import Invalid


@dataclass(frozen=True)
class Offer:
    """What a name of Runway's takes at one endpoint. `ratios`: W:H in pixels; `durations`: seconds; empty: any.
    `references`: how many pictures at least and at most."""

    ratios: tuple[str, ...] = ()
    durations: tuple[int, ...] = ()
    references: tuple[int, int] = (0, 3)


FRAMES = ("1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672")
STILLS = (
    "1024:1024", "1080:1080", "1168:880", "1360:768", "1440:1080", "1080:1440", "1808:768", "1920:1080", "1080:1920",
    "2112:912", "1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720",
)  # fmt: skip
SECONDS = tuple(range(2, 11))

# Name → endpoint → what it takes there.
ALIASES: dict[str, dict[str, Offer]] = {
    "gen4.5": {
        "text_to_video": Offer(("1280:720", "720:1280"), SECONDS),
        "image_to_video": Offer(FRAMES, SECONDS),
    },
    "gen4_turbo": {"image_to_video": Offer(FRAMES, SECONDS)},
    "gen4_image": {"text_to_image": Offer(STILLS)},
    "gen4_image_turbo": {"text_to_image": Offer(STILLS, references=(1, 3))},
    "gen4_aleph": {"video_to_video": Offer((*FRAMES, "848:480", "640:480"), references=(0, 1))},
    "aleph2": {"video_to_video": Offer()},
    "act_two": {"character_performance": Offer(FRAMES)},
    "upscale_v1": {"video_upscale": Offer()},
    "magnific_video_upscaler_creative": {"video_upscale": Offer()},
    "enhance_frame_rate": {"video_upscale": Offer()},
    "magnific_precision_upscaler_v2": {"image_upscale": Offer()},
    **dict.fromkeys(("eleven_multilingual_v2", "eleven_v3", "eleven_v4"), {"text_to_speech": Offer()}),
    "seed_audio": {"text_to_speech": Offer(), "sound_effect": Offer()},
    "eleven_text_to_sound_v2": {"sound_effect": Offer()},
    "mirelo_sfx_2_0": {"sound_effect": Offer(), "video_to_audio": Offer()},
    "eleven_voice_isolation": {"voice_isolation": Offer()},
    "eleven_voice_dubbing": {"voice_dubbing": Offer()},
    "eleven_multilingual_sts_v2": {"speech_to_speech": Offer()},
    **dict.fromkeys(("eleven_ttv_v3", "eleven_multilingual_ttv_v2"), {"voices": Offer()}),
}


# Endpoint → the tasks of which a model does one there, and what it is given besides words; None: that varies.
USUAL: dict[str, tuple[tuple[str, ...], set[str] | None]] = {
    "text_to_video": (("text_to_video",), set()),
    "image_to_video": (("image_to_video",), {"first_frame"}),
    "text_to_image": (("text_to_image",), set()),
    "video_to_video": (("video_to_video", "edit"), None),
    "character_performance": (("performance",), None),
    "video_upscale": (("upscale",), {"video"}),
    "image_upscale": (("upscale",), {"video"}),
    "text_to_speech": (("text_to_speech",), None),
    "sound_effect": (("text_to_sound",), None),
    "video_to_audio": (("video_to_sound",), None),
    "voice_isolation": (("voice_isolation",), None),
    "voice_dubbing": (("translation",), None),
    "speech_to_speech": (("captions",), None),
    "voices": (("text_to_speech",), None),
}
SMOOTHER = (("interpolate",), {"video"})  # what enhance_frame_rate asks of video_upscale


def names_by_card():
    """{id of a card: the names that mean it here}, of Runway's names and those an operator mapped. What a body gives
    besides words may call for another model than the usual one."""
    named: dict[str, set[str]] = {}
    for name, offers in ALIASES.items():
        for endpoint in offers:
            tasks, takes = SMOOTHER if name == "enhance_frame_rate" else USUAL[endpoint]
            with suppress(Invalid):  # nothing that is installed does it
                named.setdefault(card_for(name, endpoint, *tasks, takes=takes).id, set()).add(name)
    for name, id in settings.API_ALIASES.items():
        named.setdefault(id, set()).add(name)
    return {id: sorted(names) for id, names in named.items()}


def offer(model, endpoint):
    """What `model` takes at an endpoint: an Offer for a name of Runway's, None for a model of ours."""
    return ALIASES.get(model, {}).get(endpoint)


def card_for(model, endpoint, *tasks, takes=None, able=lambda card: True):
    """The ModelCard that `model` means where one of `tasks`, names of `tasks.TASKS`, is to be done. Raises Invalid at
    "model".

    `takes`: the inputs it is given besides words, of `request.INPUTS`, where that matters. `able(card)` says of a card
    that can do it in general if it can here. An operator's word (API_ALIASES) goes before ours.
    """
    task = tasks[0]
    fitting = [card for card in catalogue.cards() if _does(card, tasks) and _takes(card, takes) and able(card)]
    mapped = settings.API_ALIASES.get(model)
    if mapped is None and offer(model, endpoint) is not None:
        return _best(fitting, task)
    try:
        card = catalogue.card(mapped or model)
    except catalogue.ModelNotFound:
        raise Invalid.at("model", _unknown(model, endpoint, fitting, task), "invalid_enum_value") from None
    if not _does(card, tasks):
        raise Invalid.at("model", f"{card.name} cannot do this ({task}). {_those_that_can(fitting, task)}")
    if not (_takes(card, takes) and able(card)):
        wrong = f"{card.name} cannot do this with what it is given here. {_those_that_can(fitting, task)}"
        raise Invalid.at("model", wrong)
    return _whole(card)


def _does(card, tasks):
    return not card.tasks.isdisjoint(tasks)


def _takes(card, names):
    return names is None or card.required <= set(names) <= card.usable(names)


def _best(able, task):
    """The card that does a task here: the operator's default if it can, else the highest in rank that fits."""
    if not able:
        raise Invalid.at("model", _those_that_can(able, task))
    if settings.DEFAULT_MODEL and able[0].id == settings.DEFAULT_MODEL:
        return able[0]
    able = sorted(able, key=lambda card: (bool(card.lacks), -card.rank))
    return _whole(next((card for card in able if not machines.refusal(card)), able[0]))


def _whole(card):
    """A card whose packages are all here. Raises Invalid."""
    if card.lacks:
        raise Invalid.at(
            "model", f"{card.name} needs {card.lacks[0]}, which is not installed here: {HOW_TO_ADD_EXTRAS}"
        )
    return card


def _unknown(model, endpoint, able, task):
    names = sorted(name for name, offers in ALIASES.items() if endpoint in offers)
    also = f" Names of Runway's that are understood here: {', '.join(names)}." if names else ""
    return f"No model is called “{model[:60]}” here. {_those_that_can(able, task)}{also}"


def _those_that_can(able, task):
    if able:
        return f"Installed for {task}: {', '.join(card.id for card in able)}."
    return f"Nothing that does {task} is installed here. To install it: {catalogue.how_to_serve(task)}"
