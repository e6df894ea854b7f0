"""What of a Shot asks for takes, keeps them and chooses among them."""

import secrets

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from generation import pricing
from generation.engine import catalogue
from generation.engine.request import OWN_PATH, VideoRequest
from generation.engine.tags import mentioned
from generation.models import Generation, Input
from projects.references import spoken_in

NEW_SEEDS = 10**6


class Shooting:
    """The verbs of a Shot that has columns `prompt`, `camera`, … and rows in `takes`."""

    def asked(self):
        """What its next take would be asked for, as JSON: a take that was asked for something else is stale.

        No query where `project.cast` and `follows__chosen__generation` are there already.
        """
        called = {name.lower() for name in mentioned(self.prompt)}
        before = self.follows and self.follows.chosen
        return {
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "camera": self.camera,
            "camera_path": self.camera_path,
            "duration_seconds": self.duration_seconds,
            "size": f"{self.width}x{self.height}",
            "model": self.model,
            "given": self.given_by_hand,
            "cast": {one.tag.lower(): one.asked() for one in self.project.cast if one.tag.lower() in called},
            "follows": str(before.generation.asset_id) if before else "",
        }

    def plan(self, *, request, model, given):
        """From now on ask for what a VideoRequest did, of this model, with these pictures (see `Pictured`)."""
        self.prompt, self.negative_prompt = request.prompt, request.negative_prompt
        path = [vars(key) for key in request.camera_path]
        self.camera, self.camera_path = (OWN_PATH if path else request.camera or ""), path
        self.duration_seconds = round(request.num_frames / request.fps, 3)
        self.width, self.height, self.model = request.width, request.height, model
        self.plan_pictures(given, catalogue.card(model))
        self.save(
            update_fields=[
                "prompt", "negative_prompt", "camera", "camera_path", "duration_seconds", "width", "height", "model",
                "given", "follows",
            ]
        )  # fmt: skip

    @transaction.atomic
    def lay_in(self, generation, *, parent=None, origin=""):
        """The Take that a generation becomes; it gets the next number."""
        type(self).objects.select_for_update().get(pk=self.pk)  # numbers are given one after the other
        last = self.takes.aggregate(last=Max("number"))["last"] or 0
        asked = self.asked()
        return self.takes.create(number=last + 1, generation=generation, parent=parent, origin=origin, asked=asked)

    @transaction.atomic
    def request_take(self, *, by, model=None, seed=None):
        """Ask for one take of it as it is planned. Raises Refused, InvalidRequest, ModelNotFound."""
        card = catalogue.card(model or self.model or default_card().id)
        asked, inputs = self._request(card, secrets.randbelow(NEW_SEEDS) if seed is None else seed)
        return self.lay_in(Generation.request_run(asked, card=card, project=self.project, by=by, inputs=inputs))

    @transaction.atomic
    def request_seeds(self, count, *, by):
        """Ask for `count` takes that differ by their seeds alone: all of them, or none.

        They are like the newest take that came straight from the shot, where that is not stale: so it keeps the
        pictures that it was given; else they are as the shot is planned. Raises as `request_take` does.
        """
        like = self._newest_of_the_plan()
        seed = secrets.randbelow(NEW_SEEDS)
        if like is None:
            return [self.request_take(by=by, seed=seed + number) for number in range(count)]
        return [like.again(by=by, seed=seed + number) for number in range(count)]

    @property
    def credits_for_a_seed(self):
        """What each of `request_seeds` costs. Raises ModelNotFound."""
        like = self._newest_of_the_plan()
        model = like.generation.model if like else self.model or default_card().id
        return pricing.credits_for_seconds(catalogue.card(model), self.duration_seconds)

    def quote_seeds(self, count, wallet):
        """What `request_seeds` would cost and take if it were said now: pricing.Quote. Raises ModelNotFound,
        InvalidRequest."""
        like = self._newest_of_the_plan()
        card = catalogue.card(like.generation.model if like else self.model or default_card().id)
        asked = like.generation.asked() if like else self._request(card, 0)[0]
        return pricing.quote([asked] * count, card, wallet)

    def _newest_of_the_plan(self):
        straight = self.takes.live().filter(origin__in=("", "branch")).select_related("generation")
        newest = straight.order_by("-number").first()
        if newest is None or not newest.generation.is_to_be_seen:
            return None
        newest.shot = self
        return None if newest.stale_because else newest

    def _request(self, card, seed):
        """A VideoRequest for what it is planned as, and the inputs that go with it."""
        num_frames = 1 if self.is_still else max(1, round(self.duration_seconds * card.fps))
        given = self.inputs_for(card, fps=card.fps, num_frames=num_frames)
        called = [row.tag for row in given if row.role == Input.Role.REFERENCE]
        # Whom this engine cannot be shown it is told, by the names they have.
        unseen = [one["tag"] for one in self.given if one.get("tag") and one["tag"] not in called]
        roles = {row.role for row in given}
        spoken = spoken_in(self.project, self.prompt, card, given=roles, called=[*called, *unseen], first=len(called))
        return VideoRequest(
            prompt=self.prompt,
            negative_prompt=self.negative_prompt,
            width=self.width,
            height=self.height,
            num_frames=num_frames,
            fps=card.fps,
            seed=seed,
            camera=None if self.camera_path else self.camera or None,
            camera_path=tuple(self.camera_path),
            reference_tags=(*called, *(row.tag for row in spoken.inputs)),
            names=(*spoken.names, *((name, name.rstrip("0123456789").replace("_", " ")) for name in unseen)),
        ), [*given, *spoken.inputs]

    def choose(self, take):
        """Let this take stand in the film; True if another one, or none, did before."""
        changed = type(self).objects.filter(pk=self.pk).exclude(chosen=take).update(chosen=take)
        self.refresh_from_db(fields=["chosen"])
        return bool(changed)

    def choose_first(self, take):
        """The same where none is chosen yet; True if this call did it."""
        return bool(type(self).objects.filter(pk=self.pk, chosen=None).update(chosen=take))


def default_card():
    """The engine that draws where nobody chose another."""
    return next(card for card in catalogue.cards() if card.draws)


def why_stale(then, now):
    """What of a shot changed since a take was asked for, in words; [] where nothing did.

    then, now: what `Shooting.asked` gave; of what was not asked about then, nothing is said.
    """
    if not then:
        return []
    words = {
        "prompt": _("the words"),
        "negative_prompt": _("what is left out"),
        "camera": _("the camera"),
        "camera_path": _("the camera"),
        "duration_seconds": _("the length"),
        "size": _("the size"),
        "model": _("the engine"),
        "given": _("the pictures"),
        "follows": _("the shot before it"),
    }
    changed = [word for name, word in words.items() if name in then and then[name] != now[name]]
    before, today = then.get("cast", {}), now["cast"]
    return list(dict.fromkeys(changed)) + [f"@{tag}" for tag in before if tag in today and before[tag] != today[tag]]
