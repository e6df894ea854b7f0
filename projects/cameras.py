"""What the moves of the camera are called on a page; the engine's own names for them are words of a prompt."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from generation.engine.request import OWN_PATH

CAMERA_LABELS = {
    "static": _("Static"),
    "pan left": _("Pan left"),
    "pan right": _("Pan right"),
    "tilt up": _("Tilt up"),
    "tilt down": _("Tilt down"),
    "dolly in": _("Dolly in"),
    "dolly out": _("Dolly out"),
    "truck left": _("Truck left"),
    "truck right": _("Truck right"),
    "crane up": _("Crane up"),
    "crane down": _("Crane down"),
    "orbit left": _("Orbit left"),
    "orbit right": _("Orbit right"),
    "zoom in": _("Zoom in"),
    "zoom out": _("Zoom out"),
    OWN_PATH: _("Own path"),
}


def camera_label(move: str) -> Any:
    """Its name on a page; of a move that is not known here any more, the engine's."""
    return CAMERA_LABELS.get(move, move)
