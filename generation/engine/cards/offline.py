"""Small networks whose weights come inside pip packages (requirements-offline.txt): no download, no GPU."""

from dataclasses import replace
from functools import cache

from generation.engine.card import APACHE, Licence, ModelCard
from generation.engine.offline import packaged
from generation.engine.request import gettext_noop

MIT = Licence("MIT", "https://opensource.org/license/mit")
MAX_PIXELS = 3840 * 2160  # of the result
SECONDS = 20.0
ENLARGED_PIXELS = 1280 * 720  # of a frame that is given to be enlarged: about 4 GB meanwhile

RIFE = ModelCard(
    id="rife",
    name="RIFE",
    summary=gettext_noop("Smooths a clip with new frames between its own, on any machine"),
    pipeline_class="Rife",
    inputs=frozenset({"video"}),
    required=frozenset({"video"}),
    tasks=frozenset({"interpolate"}),
    licence=MIT,
    parameters_billion=0.005,
    rank=10,
    credits_per_second=1,
    max_pixels=MAX_PIXELS,
    max_seconds=SECONDS,
    fps=24,
    seconds_per_megapixel=0.5,
    stall_seconds=300,
    timeout_seconds=4 * 3600,
)
ANIMESR = replace(
    RIFE,
    id="animesr",
    name="AnimeSR",
    summary=gettext_noop("Enlarges drawn and animated clips up to four times, with clean lines, on any machine"),
    pipeline_class="AnimeSR",
    tasks=frozenset({"upscale"}),
    licence=APACHE,
    parameters_billion=0.0015,
    seconds_per_megapixel=2.5,
)
PACKAGES = {RIFE: packaged.RIFE, ANIMESR: packaged.ANIMESR}


@cache
def installed() -> tuple[ModelCard, ...]:
    """The cards of those whose package is installed; looked for once a process. Imports neither them nor torch."""
    return tuple(card for card, package in PACKAGES.items() if packaged.folder_of(package))
