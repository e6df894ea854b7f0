"""Who can speak in a workspace: the voices that installed engines have by themselves, and those it made of them.

A voice is named by its key: the id of its engine, or that of a Voice.
"""

from dataclasses import dataclass
from uuid import UUID

from generation.engine import catalogue
from generation.engine.card import ModelCard
from generation.engine.sound_request import SpeechRequest
from generation.models import Generation
from projects.models.voice import Voice
from runwayweb.assets.models import Asset

SAMPLE = "This is how I sound. Give me a line, and I will say it the way you hear me now."


@dataclass(frozen=True)
class Preset:
    """The voice that an engine has by itself."""

    card: ModelCard

    @property
    def key(self):
        return self.card.id

    @property
    def name(self):
        return self.card.name

    def says(self, text, seed, speed=1.0):
        """The SpeechRequest of a text in this voice. Raises InvalidRequest."""
        return SpeechRequest(text, seed, speed=speed)


def presets() -> list[Preset]:
    """Those of the installed engines, the best first."""
    able = (card for card in catalogue.cards() if "text_to_speech" in card.tasks)
    return [Preset(card) for card in sorted(able, key=lambda card: (bool(card.lacks), -card.rank))]


def voices_of(workspace) -> list[Preset | Voice]:
    """All that can speak: the presets, then those that the workspace made. One query."""
    return [*presets(), *(voice for voice in Voice.objects.live().filter(workspace=workspace) if voice.card)]


def voice_called(workspace, key) -> Preset | Voice | None:
    """The voice of this key that can speak here; None where there is none. One query at most."""
    if preset := next((preset for preset in presets() if preset.key == key), None):
        return preset
    try:
        voice = Voice.objects.live().filter(workspace=workspace, pk=UUID(str(key))).first()
    except ValueError:
        return None
    return voice if voice and voice.card else None


def spoken_sample(workspace, voice) -> Generation | None:
    """The newest run in which a voice said SAMPLE and that is there or still to come; None where none is. One query."""
    asked = voice.says(SAMPLE, 0).as_recipe()
    runs = Generation.objects.filter(workspace=workspace, task="text_to_speech", model=voice.card.id, deleted_at=None)
    runs = runs.filter(request__text=SAMPLE).exclude(status__in=(Generation.Status.FAILED, Generation.Status.CANCELLED))
    return next((run for run in runs.select_related("asset").order_by("-created_at") if run.request == asked), None)


def samples_of(workspace) -> dict[tuple[str, float], Asset]:
    """What SAMPLE sounds like, where it was spoken: by engine and speed. One query."""
    runs = Generation.objects.finished_well().filter(workspace=workspace, task="text_to_speech", request__text=SAMPLE)
    spoken = runs.filter(asset__purged_at=None).select_related("asset").order_by("created_at")
    return {(run.model, run.request["speed"]): run.asset for run in spoken}


def speak_sample(project, voice, *, by) -> Generation:
    """The run in which a voice says SAMPLE: one that is there already, or a new one. Raises Refused."""
    there = spoken_sample(project.workspace, voice)
    if there:
        return there
    run = {"card": voice.card, "project": project, "by": by, "task": "text_to_speech"}
    return Generation.request_run(voice.says(SAMPLE, 0), **run)
