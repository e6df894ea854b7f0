"""Fields that bodies of several endpoints have, and what they come to."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from generation.delivery import delivery_of
from generation.engine.encode import PRORES
from generation.engine.request import SEED, SIDE_PIXELS
from generation.engine.tags import NAME, mentioned, written_out
from generation.models import Input
from generation.models.input import ReferenceRole

from .errors import Invalid
from .planned import Body


def unless_not_built(values, sentence):
    """Says of values that Runway's clients know and nothing here makes that they are not built, whatever is installed;
    of all others the type says it."""

    def check(value):
        if isinstance(value, str) and value in values:
            raise PydanticCustomError("not_built", "{value} " + sentence, {"value": value})
        return value

    return BeforeValidator(check)


NOT_BUILT = (
    "hdr10", "hlg", "sdr_rec709_10bit", "hdr_pq_12bit_master", "hdr_prores", "hdr_png_sequence", "hdr_exr_sequence",
    "hdr_exr_acescg_sequence_1_3", "hdr_exr_acescg_sequence_2_0",
)  # fmt: skip
OutputFormat = Annotated[
    Literal["mp4", "prores", "png_sequence"],
    unless_not_built(NOT_BUILT, "is not built here. Use mp4, prores or png_sequence."),
]
ProresProfile = Literal["422 Proxy", "422 LT", "422", "422 HQ", "4444", "4444 XQ"]
NOTHING_SAID = "a scene"  # where a prompt may be left out: pictures say it
LARGEST = 1920 * 1080  # pixels of what is made of a clip whose size nobody says


class Handed(Body):
    """How a clip is handed over."""

    outputFormat: OutputFormat = Field(
        "mp4", description="mp4, prores (.mov) or png_sequence (.zip, and .wav where it has sound)."
    )
    proresProfile: ProresProfile | None = Field(None, description="Of prores alone; 4444 where none is said.")


class Media(Body):
    uri: str = Field(description="https://, runway:// or data:")


class Moderation(Body):
    publicFigureThreshold: Literal["auto", "low"] = "auto"


class Moderated(Body):
    contentModeration: Moderation | None = Field(None, description="Taken for compatibility.")


class Reference(Media):
    """A picture of somebody or something. `tag`: how the prompt calls it, “@tag”."""

    tag: str | None = None
    role: Literal["character", "place", "object"] = Field("character", description="Ours: what it shows.")


class Frame(Media):
    position: Literal["first", "last"]


def _as_frames(given):
    return [{"uri": given, "position": "first"}] if isinstance(given, str) else given


FRAMES_SCHEMA = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {
                "type": "object",
                "required": ["uri", "position"],
                "properties": {
                    "uri": {"type": "string"},
                    "position": {"type": "string", "enum": ["first", "last"]},
                },
            },
        },
    ]
}
# A picture alone is the first frame.
Frames = Annotated[list[Frame], BeforeValidator(_as_frames), Field(min_length=1, max_length=2),
                   WithJsonSchema(FRAMES_SCHEMA)]  # fmt: skip


def sides_of(ratio, offer):
    """Width and height of “1280:720”. Raises Invalid."""
    if offer and offer.ratios and ratio not in offer.ratios:
        raise Invalid.at("ratio", f"It must be one of: {', '.join(offer.ratios)}.", "invalid_enum_value")
    width, _colon, height = ratio.partition(":")
    if not (width.isascii() and width.isdecimal() and height.isascii() and height.isdecimal() and len(ratio) < 12):
        raise Invalid.at("ratio", "Write it as width:height in pixels, like 1280:720.")
    sides = int(width), int(height)
    lowest, highest = SIDE_PIXELS
    if not all(lowest <= side <= highest for side in sides):
        raise Invalid.at("ratio", f"Sides are from {lowest} to {highest} pixels long.")
    return sides


def clip_sides_of(ratio, offer):
    """The same of a clip, whose sides are even. Raises Invalid."""
    sides = sides_of(ratio, offer)
    if any(side % 2 for side in sides):
        raise Invalid.at("ratio", "The sides of a clip are even numbers of pixels.")
    return sides


def delivered(width, height, body=None, *, whole=False):
    """The sides of a request for so many pixels, and its Delivery or None; `whole` as a Delivery has it. Raises
    Invalid."""
    if body is None:
        return delivery_of(width, height, whole=whole)
    if body.proresProfile and body.outputFormat != "prores":
        raise Invalid.at("proresProfile", f"It is for outputFormat prores, and one of: {', '.join(PRORES)}.")
    told = {"format": body.outputFormat, "prores_profile": body.proresProfile or ""}
    return delivery_of(width, height, whole=whole, **told)


def even(side):
    """The nearest even number of pixels within what a clip may have."""
    lowest, highest = SIDE_PIXELS
    return min(highest, max(lowest, round(side / 2) * 2))


def duration_of(seconds, offer):
    """Raises Invalid for a length that is not offered."""
    if offer and offer.durations and seconds not in offer.durations:
        allowed = ", ".join(str(one) for one in offer.durations)
        raise Invalid.at("duration", f"It must be one of: {allowed} (seconds).")
    if seconds <= 0:
        raise Invalid.at("duration", "It must be longer than 0 seconds.")
    return seconds


def seed_of(seed):
    """The seed that was asked for, or any. Raises Invalid."""
    if seed is None:
        return secrets.randbelow(SEED[1] + 1)
    if not SEED[0] <= seed <= SEED[1]:
        raise Invalid.at("seed", f"It must be from {SEED[0]} to {SEED[1]}.", "too_big")
    return seed


def references_of(caller, given, prompt, card, path):
    """The rows of references, not saved, for a run on `card`. Raises Invalid.

    Without a tag the nth is called @IMG_n where the prompt says so.
    """
    if len(given) > card.most_references:
        able = (
            f"{card.name} takes at most {card.most_references}." if card.most_references else f"{card.name} takes none."
        )
        raise Invalid.at(path, f"{len(given)} references are too many: {able}", "too_big")
    said = {name.lower() for name in mentioned(prompt)}
    rows = []
    for number, one in enumerate(given):
        by_number = f"IMG_{number + 1}"
        tag = one.tag or (by_number if by_number.lower() in said else "")
        asset = caller.picture(one.uri, (path, number, "uri"))
        told: dict[str, Any] = {"reference_role": ReferenceRole(one.role), "tag": tag, "position": number}
        rows.append(Input(role=Input.Role.REFERENCE, asset=asset, **told))
    return rows


def check_tags(given, path):
    """Raises Invalid for a tag that is none, or one that two references have."""
    seen: set[str] = set()
    for number, one in enumerate(given):
        if one.tag is None:
            continue
        where = (path, number, "tag")
        if not NAME.fullmatch(one.tag):
            raise Invalid.at(where, "A tag has 3 to 16 letters, digits and _, and begins with a letter.")
        if one.tag.lower() in seen:
            raise Invalid.at(where, f"Two references are called @{one.tag}.")
        seen.add(one.tag.lower())


def with_known_names(prompt, tags=()):
    """`prompt` with every @name that none of `tags` has as plain words: to a model it is a word like any other."""
    known = {tag.lower() for tag in tags if tag}
    return written_out(prompt, {name.lower(): name for name in mentioned(prompt) if name.lower() not in known})
