"""Taking a take once more, with the cast as it is today."""

import secrets

from django.db import transaction
from django.utils.translation import gettext_noop

from generation.engine import catalogue
from generation.engine.request import InvalidRequest, VideoRequest
from generation.engine.tags import written_out
from generation.models import Generation, Input
from projects.references import spoken_in

NEW_SEEDS = 10**6


class TakenAgain:
    """What of a Take makes another of it."""

    @transaction.atomic
    def again(self, *, by, seed=None):
        """A new take of the same shot that asks for what this one did, of everybody as they are today.

        `seed` None: a new one. Raises Refused, InvalidRequest, ModelNotFound.
        """
        card = catalogue.card(self.generation.model)
        kept, asked, inputs = self._asked_today(card, secrets.randbelow(NEW_SEEDS) if seed is None else seed)
        shot = self.shot
        made = Generation.request_run(
            asked,
            card=card,
            project=shot.project,
            by=by,
            inputs=[*kept, *inputs],
            blocking_of=self.generation.blocking_of,
            joins=self.generation.joins,
            delivery=self.generation.handed_over,
        )
        return shot.lay_in(made, parent=self)

    def _asked_today(self, card, seed):
        """What is kept of its inputs, the request, and the inputs of today's cast."""
        project = self.shot.project
        if not self.generation.is_to_be_seen:
            raise InvalidRequest("task", gettext_noop("A sound cannot be taken again here."))
        cast = {entity.tag.lower() for entity in project.cast}
        # References without a name are more views of those who have one.
        kept = [
            given
            for given in self.generation.inputs.select_related("asset")
            if given.role != Input.Role.REFERENCE or (given.tag and self.today(given.tag) not in cast)
        ]
        called = [given.tag for given in kept if given.role == Input.Role.REFERENCE]
        for position, given in enumerate(given for given in kept if given.role == Input.Role.REFERENCE):
            given.position = position
        request = {name: value for name, value in self.generation.request.items() if name != "names"} | {"seed": seed}
        today = {name: f"@{tag}" for name, tag in self.called.items()}
        request["prompt"] = written_out(request["prompt"], today)
        given = {row.role for row in kept} | ({"blocking"} if self.generation.blocking_of_id else set())
        spoken = spoken_in(project, request["prompt"], card, given=given, called=called, first=len(called))
        tags = (*called, *(row.tag for row in spoken.inputs))
        return kept, VideoRequest(**request, reference_tags=tags, names=spoken.names), spoken.inputs
