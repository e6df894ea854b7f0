"""The sizes of frame that a creator chooses from, and how long a clip may be."""

from django.utils.translation import gettext_lazy as _

LENGTH_SECONDS = (0.5, 10)
SIZES = {
    "512x288": _("Wide 16:9 · 512×288"),
    "768x432": _("Wide 16:9 · 768×432"),
    "1024x576": _("Wide 16:9 · 1024×576"),
    "288x512": _("Tall 9:16 · 288×512"),
    "432x768": _("Tall 9:16 · 432×768"),
    "384x384": _("Square 1:1 · 384×384"),
    "576x576": _("Square 1:1 · 576×576"),
}


def sides_of(size):
    """Width and height in pixels of a size like "512x288"."""
    width, height = size.split("x")
    return int(width), int(height)
