"""What a run was asked for: as its row keeps it, and as engines take it."""

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.delivery import Delivery
from generation.engine.clip import Audio
from generation.engine.request import Blocking, Keyframe, VideoRequest
from generation.engine.sound_request import Listening, SoundRequest, SpeechRequest, VideoSoundRequest

from .input import LostInput, Role

# What a row keeps of a request: everything but pictures, which are assets of their own (see Input), and blocking, which
# is another row's.
REQUEST_FIELDS = (
    "prompt", "negative_prompt", "width", "height", "num_frames", "fps", "seed", "num_inference_steps",
    "guidance_scale", "camera", "camera_path", "subject", "placed", "mask_at",
)  # fmt: skip


# What is asked for by the task of a row of which nothing will be seen.
ASKED = {
    "text_to_sound": SoundRequest,
    "text_to_music": SoundRequest,
    "text_to_speech": SpeechRequest,
    "voice_isolation": Listening,
    "captions": Listening,
    "translation": Listening,
}
WRITES = ("captions", "translation")
LISTENS = ("voice_isolation", *WRITES)  # works on a sound that it was given


class Joins(models.TextChoices):
    """Where a run is joined to the shot whose blocking it keeps; one that is not takes the shot once more."""

    BEFORE = "before", gettext_lazy("Leads up to its first frame")
    AFTER = "after", gettext_lazy("Goes on from its last frame")


class Requested:
    """The questions that a run answers about its request and what was given with it."""

    def video_request(self):
        """The frozen request an engine takes, with its pictures read from storage.

        Raises InvalidRequest for a row written under other limits, LostInput for what cannot be read any more.
        """
        references = self.given_as(Role.REFERENCE)
        keyframes = self.given_as(Role.KEYFRAME)
        # A sound beside pictures is not looked at: it goes on with what is made.
        alone = [given for given in self.given if given.role not in (Role.REFERENCE, Role.KEYFRAME, Role.SOUND)]
        return VideoRequest(
            **self.request,
            **{given.role: given.pixels() for given in alone},
            keyframes=tuple(Keyframe(given.pixels(), given.position) for given in keyframes),
            references=tuple(given.pixels() for given in references),
            reference_roles=tuple(given.reference_role for given in references),
            reference_tags=tuple(given.tag for given in references),
            reference_words=tuple(given.words for given in references),
            blocking=self._kept_blocking(),
        ).in_words()

    def sound_request(self):
        """What an engine of sounds takes: a frozen request, or the Audio of what it works on.

        Raises InvalidRequest, LostInput as `video_request` does.
        """
        if self.task in LISTENS:
            (given,) = self.given_as(Role.SOUND, Role.VIDEO)
            return Audio(*given.samples())
        if self.task == "video_to_sound":
            told = {name: self.request[name] for name in ("prompt", "num_frames", "fps", "seed", "width", "height")}
            return VideoSoundRequest(blocking=self._heard_blocking(), **told)
        return self.asked()

    def asked(self, **more):
        """What was asked for, without what it was given: of its references only the names, which the prompt may say.

        One query for what is seen. Raises InvalidRequest for a row of other limits.
        """
        if not self.is_to_be_seen:
            return ASKED[self.task](**self.request | more)
        tags = tuple(given.tag for given in self.given_as(Role.REFERENCE))
        return VideoRequest(**self.request | {"reference_tags": tags} | more)

    @cached_property
    def given(self):
        """Its inputs with their assets and what those were made of. Read once: none comes to a run later."""
        return tuple(self.inputs.select_related("asset__made_of"))

    def given_as(self, *roles):
        """Those of its inputs that have one of these roles."""
        return [given for given in self.given if given.role in roles]

    def asset_given_as(self, role):
        """The asset of the first input of this role, or None."""
        return next((given.asset for given in self.given_as(role)), None)

    @property
    def handed_over(self):
        """Its Delivery, or None where it is handed over as it is drawn."""
        return Delivery.from_json(self.delivery)

    def _kept_blocking(self):
        if self.blocking_of is None:
            return None
        kept = Blocking.of_recipe(
            self.blocking_of.recipe,
            continuing=self.joins == Joins.AFTER,
            leading_up=self.request["num_frames"] if self.joins == Joins.BEFORE else None,
        )
        if kept is None:
            raise LostInput(_("The shot whose blocking was to be kept does not tell it any more. Choose another one."))
        return kept

    def _heard_blocking(self):
        """The shot of the clip that is to be heard; None where only its words say what that is."""
        if not (self.blocking_of and self.blocking_of.tells_its_shot):
            return None
        kept = self._kept_blocking()
        return kept if kept.start >= 0 else None  # before its shot began, nobody's steps are known to the sound stage


def extent(task, asked, delivery):
    """How long and how large what is asked for will be; nothing for work on a sound that is there already."""
    if task in LISTENS:
        return {"seconds": 0}
    sides = {side: getattr(delivery or asked, side, 0) for side in ("width", "height")}
    return {"seconds": asked.duration_seconds} | sides


def row_of(asked):
    if isinstance(asked, VideoRequest):
        told = asked.as_recipe()
        seldom = {name: told[name] for name in ("names", "exact") if told[name]}
        return {name: told[name] for name in REQUEST_FIELDS} | seldom
    return asked.as_recipe()
