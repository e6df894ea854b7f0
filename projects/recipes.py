"""A recipe that somebody brought back: what it asks for, checked like anything that is asked for."""

import json
from functools import cached_property

from django.utils.translation import gettext as _

from generation.engine import catalogue
from generation.engine.request import InvalidRequest, VideoRequest
from generation.engine.sound_request import SoundRequest, SpeechRequest
from generation.models import Generation
from generation.models.requested import REQUEST_FIELDS
from projects.cards import card_of
from projects.forms import LENGTH_SECONDS, form_values, request_values
from projects.inputs import told
from projects.sizes import SIZES, sides_of
from projects.sounds import sound_values

MOST_PIXELS = max(width * height for width, height in map(sides_of, SIZES))
GIVEN = (
    "first_frame",
    "last_frame",
    "keyframes",
    "references",
    "video",
    "mask",
    "blocking",
    "subject",
    "placed",
    "mask_at",
)
SOUND_FIELDS = {
    SoundRequest: (
        "prompt",
        "duration_seconds",
        "seed",
        "lyrics",
        "negative_prompt",
        "num_inference_steps",
        "guidance_scale",
    ),
    SpeechRequest: ("text", "seed", "voice", "speed"),
}


class NotThisRecipe(ValueError):
    """What a recipe asks for cannot be asked for. The message is a sentence for whoever brought it."""


class Recipe:
    """`engine` asked for `asked`, a frozen request; `task` as a Generation has it.

    `original` is the run itself where it was this studio's: then nothing of the file needs to be believed. Raises
    NotThisRecipe for what no engine would take.
    """

    def __init__(self, document, original=None):
        self.original = original
        if original:
            self.engine, self.task, self.given = original.model, original.task, False
            return
        request = document.get("request")
        # Published models are drawn by one engine and told apart by their card.
        self.engine = document.get("model" if document.get("engine") == "diffusers" else "engine")
        if not isinstance(request, dict) or not isinstance(self.engine, str):
            raise NotThisRecipe(_("This file does not say how it was made. Choose one as it was downloaded here."))
        self.engine = self.engine[:100]
        self.given = bool(document.get("given")) or any(request.get(name) for name in GIVEN)
        try:
            self.asked, self.task = self._asked(request)
        except InvalidRequest as error:
            why = _("Its recipe cannot be used: %(why)s")
            raise NotThisRecipe(why % {"why": told(error)}) from error
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise NotThisRecipe(_("Its recipe is damaged and cannot be used.")) from error

    @classmethod
    def of_text(cls, text):
        """The recipe that `text` says, as a page keeps it. Raises NotThisRecipe."""
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None
        return cls(document if isinstance(document, dict) else {})

    @property
    def text(self):
        """What a page keeps of it."""
        return (
            "" if self.original else json.dumps({"engine": self.engine, "given": self.given, "request": self._request})
        )

    @cached_property
    def card(self):
        """What it asks for, as a card tells it."""
        return card_of(self.original or Generation(model=self.engine, task=self.task, request=self._request))

    @property
    def model_card(self):
        """The engine, if it is installed here."""
        try:
            return catalogue.card(self.engine)
        except catalogue.ModelNotFound:
            return None

    @property
    def hurdle(self):
        """Why it cannot be made again just so, as a sentence; "" where it can."""
        card = self.model_card
        if card is None:
            return _("The engine “%(engine)s” is not installed here. Reuse the settings with another.") % {
                "engine": self.engine
            }
        if self.original:
            return ""
        if self.given:
            return _(
                "It was made from pictures or a shot that the file does not hold. Reuse its settings, give them again."
            )
        longest = max(card.max_seconds, LENGTH_SECONDS[1] if not self.task else 0)
        if self.asked.duration_seconds > longest:
            return _("It is longer than the %(seconds)g seconds that can be asked for here.") % {"seconds": longest}
        if not self.task and self.asked.width * self.asked.height > max(MOST_PIXELS, card.max_pixels):
            return _("It is larger than what can be asked for here. Reuse the settings at another size.")
        return ""

    def make_again(self, project, *, by):
        """The same run again, in a project: same words, same seed. Raises NotThisRecipe, Refused,
        InvalidRequest."""
        if self.hurdle:
            raise NotThisRecipe(self.hurdle)
        if self.original:
            return self.original.retry(by=by, project=project)
        return Generation.request_run(self.asked, card=self.model_card, project=project, by=by, task=self.task)

    @property
    def form(self):
        """(name of the page, fields that ask for the same) to be filled in there."""
        run = self.original or self.card.generation
        if self.task:
            return "projects:sound", {"task": self.task} | sound_values(run)
        if self.original:
            return "projects:project", form_values(run)
        return "projects:project", request_values(self._request, self.engine)

    @property
    def _request(self):
        """What it asks for as a row keeps it."""
        told = self.asked.as_recipe()
        return told if self.task else {name: told[name] for name in (*REQUEST_FIELDS, "exact")}

    def _asked(self, request):
        """The frozen request and its task. Raises InvalidRequest, TypeError."""
        if "num_frames" in request:
            asked = (*REQUEST_FIELDS, "exact")
            known = {name: request[name] for name in asked if name in request and name not in GIVEN}
            names = request.get("reference_tags") or ()
            return VideoRequest(**known, reference_tags=tuple(names)), ""
        kind = SpeechRequest if "text" in request else SoundRequest
        asked = kind(**{name: request[name] for name in SOUND_FIELDS[kind] if name in request})
        if kind is SpeechRequest:
            return asked, "text_to_speech"
        served = self.model_card.tasks if self.model_card else ()
        return asked, "text_to_music" if asked.lyrics or "text_to_sound" not in served else "text_to_sound"
