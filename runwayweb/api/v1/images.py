"""Stills from words and from pictures."""

from pydantic import Field

from generation.engine.request import VideoRequest
from runwayweb.api import aliases
from runwayweb.api.errors import Invalid
from runwayweb.api.fields import (
    Moderated,
    Reference,
    check_tags,
    delivered,
    references_of,
    seed_of,
    sides_of,
    with_known_names,
)
from runwayweb.api.planned import Planned, planner


class TextToImage(Moderated):
    model: str
    promptText: str = Field(description="1 to 1,000 UTF-16 code units; “@tag” means a reference.")
    ratio: str = Field(description="width:height in pixels")
    referenceImages: list[Reference] = Field([], max_length=9)
    seed: int | None = None


@planner("text_to_image", TextToImage, "A still from a prompt")
def text_to_image(body, caller):
    """A still of what `promptText` says, with those of `referenceImages` that it calls by their tags.

    A reference without a tag is called @IMG_1, @IMG_2 and so on, by its place.
    """
    kind, shown = "text_to_image", body.referenceImages
    offer = aliases.offer(body.model, kind)
    sides, delivery = delivered(*sides_of(body.ratio, offer))
    check_tags(shown, "referenceImages")
    if offer and not offer.references[0] <= len(shown) <= offer.references[1]:
        least, most = offer.references
        raise Invalid.at("referenceImages", f"{body.model} takes {least} to {most} of them.")
    tasks, takes = (("text_to_image", "image_edit"), {"references"}) if shown else (("text_to_image",), set())
    card = aliases.card_for(body.model, kind, *tasks, takes=takes)
    seed = seed_of(body.seed)
    rows = references_of(caller, shown, body.promptText, card, "referenceImages")
    tags = tuple(row.tag for row in rows)
    asked = VideoRequest(
        prompt=with_known_names(body.promptText, tags),
        reference_tags=tags,
        num_frames=1,
        fps=card.fps,
        seed=seed,
        **sides,
    )
    return Planned(kind, body.model, card, asked, inputs=rows, delivery=delivery)
