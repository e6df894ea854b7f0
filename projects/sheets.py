"""Reference sheets, drawn: from words by an engine whose camera goes round, or from a picture by one that looks at
it."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from generation import pricing
from generation.engine import catalogue
from generation.engine.request import CameraKey, VideoRequest
from generation.models import Generation, Input
from projects.models.entity import VIEWS, Kind

NEW_SEEDS = 10**6
WIDE, SQUARE = (512, 288), (1024, 1024)
# What each view is called, where a camera stands for it, and how it is asked for in words.
SIDES: tuple[Any, ...] = (
    (gettext_lazy("Front"), {}, "seen from the front"),
    (gettext_lazy("Side"), {"orbit": 80.0}, "seen from the side"),
    (pgettext_lazy("view of an entity", "Back"), {"orbit": 180.0}, "seen from behind"),
    (pgettext_lazy("view of an entity", "Close"), {"dolly": 1.2, "rise": 0.15}, "in a close-up"),
)
CORNERS: tuple[Any, ...] = (
    (gettext_lazy("Wide"), {"dolly": -5.0}, "in a wide view"),
    (gettext_lazy("From the left"), {"orbit": -50.0, "dolly": -4.0}, "seen from the left"),
    (gettext_lazy("From the right"), {"orbit": 50.0, "dolly": -4.0}, "seen from the right"),
    (gettext_lazy("From above"), {"rise": 2.5, "tilt": -12.0, "dolly": -4.0}, "seen from above"),
)


@dataclass(frozen=True)
class Sheet:
    """A sheet that can be drawn: by the engine of `card`, as these (label, request) for `credits` in all."""

    source: str
    card: catalogue.ModelCard
    views: tuple
    inputs: tuple
    credits: int

    @property
    def note(self):
        """What to expect of it, said before it is paid for."""
        if self.card.id == catalogue.BUILT_IN.id and self.source == "picture":
            return _("The built-in model takes colours and kind from the picture, not a face: it draws its own world.")
        if self.card.id in (catalogue.BUILT_IN.id, catalogue.ANIMATIC.id):
            return _("The built-in model draws what its own small world holds.")
        return _(self.card.summary)

    @transaction.atomic
    def request(self, entity, *, by):
        """Queue its views: all of them, or none where the credits do not reach. Raises Refused."""
        for position, (label, asked) in enumerate(self.views):
            run = Generation.request_run(asked, card=self.card, project=entity.project, by=by, inputs=self.inputs)
            entity.sittings.create(generation=run, label=str(label), position=position)


def sheet_from_words(entity):
    """The Sheet of what is said of an entity, or None where nothing draws it. Raises InvalidRequest for bad words."""
    cards = sorted((card for card in catalogue.cards() if "text_to_image" in card.tasks), key=lambda card: -card.rank)
    card = next((card for card in cards if card.follows_paths), cards[0] if cards else None)
    if card is None or not entity.description or entity.is_style:
        return None
    # Without a camera to move, every picture would be of somebody else: one is drawn, and others from it.
    views = _sides(entity) if card.follows_paths else _sides(entity)[:1]
    return _sheet("words", entity, card, views, ())


def sheet_from_picture(entity):
    """The Sheet of an entity's first view, or None where it has none or nothing looks at pictures."""
    if not entity.is_shown or entity.kind == Kind.PLACE:
        return None
    edits = catalogue.serving("image_edit")
    looks = [card for card in catalogue.cards() if "references" in card.tasks and card.follows_paths]
    card = edits or next(iter(looks), None)
    if card is None:
        return None
    shown = Input(
        role=Input.Role.REFERENCE,
        reference_role=entity.kind,
        asset=entity.first_view.asset,
        tag=entity.tag,
        words=entity.description,
    )
    return _sheet("picture", entity, card, _sides(entity), (shown,))


def sheets_of(entity):
    """The sheets that can be drawn of an entity now; none where its sheet is full."""
    if len(entity.sheet) >= VIEWS:
        return []
    return list(filter(None, (sheet_from_words(entity), sheet_from_picture(entity))))


def _sides(entity):
    return CORNERS if entity.kind == Kind.PLACE else SIDES


def _sheet(source, entity, card, sides, inputs):
    seed = secrets.randbelow(NEW_SEEDS)  # one for all: it says where everything stands
    width, height = WIDE if card.follows_paths else SQUARE
    told = {"reference_tags": (entity.tag,)} if inputs else {"names": ((entity.tag, entity.words),)}
    views = tuple(
        (
            label,
            VideoRequest(
                _asked_for(entity, card, said),
                width=width,
                height=height,
                num_frames=1,
                fps=card.fps,
                seed=seed,
                camera_path=_held(camera) if card.follows_paths else (),
                **told,
            ),
        )
        for label, camera, said in sides
    )
    return Sheet(source, card, views, inputs, sum(pricing.credits_for(card, asked) for _label, asked in views))


def _held(camera):
    """A camera that stands somewhere, as a path that stays there."""
    return CameraKey(0.0, **camera), CameraKey(1.0, **camera)


def _asked_for(entity, card, said):
    if card.follows_paths:
        if entity.kind == Kind.PLACE:
            return f"a small rock in @{entity.tag}"  # a scene needs somebody or something in it
        stands = "stands" if entity.kind == Kind.CHARACTER else "lies"
        return f"@{entity.tag} {stands} in a meadow by day"
    if entity.kind == Kind.PLACE:
        return f"@{entity.tag}, {said}, nobody in it"
    return f"@{entity.tag}, the whole of it, {said}, on a plain light background"
