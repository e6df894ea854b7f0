"""A clip made larger or smoother, and which engine does it here."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from generation import pricing
from generation.engine import catalogue
from generation.engine.card import ModelCard
from generation.engine.request import FPS, NUM_FRAMES, SIDE_PIXELS, VideoRequest
from generation.engine.tags import without_signs

TIMES = 2  # as large, as many frames a second


@dataclass(frozen=True)
class Finish:
    """One way to go on with a clip: its engine and what it is asked for."""

    task: str
    card: ModelCard
    request: VideoRequest

    @property
    def label(self):
        """What a menu says: “Enlarge to 1024×576”."""
        if self.task == "upscale":
            return _("Enlarge to %(width)d×%(height)d") % {"width": self.request.width, "height": self.request.height}
        return _("Smoother: %(fps)d fps") % {"fps": self.request.fps}

    @property
    def credits(self):
        return pricing.credits_for(self.card, self.request)


def finish_of(clip, task):
    """How a clip is made larger ("upscale") or smoother ("interpolate"); None where no engine does it."""
    card = catalogue.serving(task)
    if card is None or clip.asset is None or clip.asset.is_still:
        return None
    values = {name: clip.request[name] for name in ("prompt", "seed", "width", "height", "num_frames", "fps")}
    values["prompt"] = without_signs(values["prompt"])  # what finishes a clip is shown no references
    for name in ("width", "height") if task == "upscale" else ("num_frames", "fps"):
        values[name] *= TIMES
    limits = {"width": SIDE_PIXELS, "height": SIDE_PIXELS, "num_frames": NUM_FRAMES, "fps": FPS}
    beyond = any(values[name] > most for name, (_least, most) in limits.items())
    if beyond or values["width"] * values["height"] > card.max_pixels:
        return None
    if values["num_frames"] / values["fps"] > card.max_seconds:
        return None
    return Finish(task, card, VideoRequest(**values))


def finishes_of(clip):
    """Every way there is here, in the order of a menu."""
    return [found for found in (finish_of(clip, task) for task in ("upscale", "interpolate")) if found]
