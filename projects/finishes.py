"""What is done to a clip or a sound that is there: made larger, smoother, heard; and which engine does it here."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from generation import pricing
from generation.engine import catalogue
from generation.engine.card import ModelCard
from generation.engine.request import FPS, NUM_FRAMES, SIDE_PIXELS, VideoRequest
from generation.engine.sound_request import Listening
from generation.engine.tags import without_signs
from generation.engine.tasks import FINISHES, SOUNDS
from generation.models import Generation, Input

TIMES = 2  # as large, as many frames a second
LABELS = {
    "upscale": _("Enlarge to %(width)d×%(height)d"),
    "interpolate": _("Smoother: %(fps)d fps"),
    "video_to_sound": _("Let it be heard"),
    "voice_isolation": _("Clean the voice"),
    "captions": _("Write down what is said"),
}
ICONS = {
    "upscale": "scaling",
    "interpolate": "waves",
    "video_to_sound": "volume-2",
    "voice_isolation": "mic",
    "captions": "captions",
}
KEPT = ("prompt", "seed", "width", "height", "num_frames", "fps")


@dataclass(frozen=True)
class Finish:
    """One way to go on with a clip or a sound: its engine and what it is asked for."""

    task: str
    card: ModelCard
    request: VideoRequest | Listening

    @property
    def label(self):
        """What a menu says: “Enlarge to 1024×576”."""
        return LABELS[self.task] % vars(self.request)

    @property
    def icon(self):
        return ICONS[self.task]

    @property
    def credits(self):
        return pricing.credits_for(self.card, self.request)

    def queue(self, clip, by):
        """The generation that does it to `clip`, a generation. Raises Refused."""
        return Generation.request_run(self.request, project=clip.project, by=by, **self.run_of(clip))

    def run_of(self, clip):
        """What the run is given: of a generation, or of whatever else has an `asset`."""
        role = Input.Role.VIDEO if clip.asset.is_clip else Input.Role.SOUND
        sounds = self.task in SOUNDS
        heard = sounds and isinstance(self.request, VideoRequest) and isinstance(clip, Generation)
        return {
            "card": self.card,
            "task": self.task if sounds else "",
            "inputs": [Input(role=role, asset=clip.asset)],
            "blocking_of": clip if heard else None,
        }


def finish_of(clip, task, card=None):
    """How something is done to a clip or a sound; None where no engine does it, or it cannot be done.

    `clip`: a generation, or whatever else has an `asset` and, of a clip, a `request` with all of KEPT. `card`: the
    engine, else the best there is.
    """
    card = card or (catalogue.serving(task) if task in ICONS else None)
    if card is None or clip.asset is None:
        return None
    request = _with_sound(clip, task) if task in SOUNDS else _larger_or_smoother(clip, task, card)
    if request is None or request.duration_seconds > card.max_seconds:
        return None
    return Finish(task, card, request)


def finishes_of(clip):
    """Every way there is here, in the order of a menu."""
    return [found for found in (finish_of(clip, task) for task in ICONS) if found]


def _larger_or_smoother(clip, task, card):
    if not clip.asset.is_clip or task not in FINISHES:
        return None
    values = _kept(clip)
    for name in ("width", "height") if task == "upscale" else ("num_frames", "fps"):
        values[name] *= TIMES
    limits = {"width": SIDE_PIXELS, "height": SIDE_PIXELS, "num_frames": NUM_FRAMES, "fps": FPS}
    beyond = any(values[name] > most for name, (_least, most) in limits.items())
    if beyond or values["width"] * values["height"] > card.max_pixels:
        return None
    return VideoRequest(**values)


def _with_sound(clip, task):
    asset = clip.asset
    if task == "video_to_sound":
        return VideoRequest(**_kept(clip)) if asset.is_clip else None
    if not asset.has_sound:
        return None
    if asset.is_clip and task == "voice_isolation":
        return VideoRequest(**_kept(clip))
    return Listening(asset.duration_seconds)


def _kept(clip):
    kept = {name: clip.request[name] for name in KEPT}
    return kept | {"prompt": without_signs(kept["prompt"])}  # what finishes a clip is shown no references
