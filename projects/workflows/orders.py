"""What is asked of an engine for a node: the same forms are filled that a creator fills in the studio."""

from dataclasses import dataclass, field
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _

from generation.engine.card import ModelCard
from generation.models import Generation, Input
from generation.models.requested import Joins
from projects.finishes import TIMES, finish_of
from projects.footage import CHARACTER, FootageForm
from projects.forms import GenerationForm
from projects.models import Voice
from projects.sizes import SIZES, sides_of
from projects.sounds import SoundForm
from projects.workflows.graph import Node
from projects.workflows.kinds import IMAGE
from projects.workflows.plan import NO_VOICE, chosen_voice, settings_of, voice_of, why_no_engine
from projects.workflows.values import Value, asset_of
from runwayweb.assets.footage import read_footage
from runwayweb.assets.models import Asset

WITHOUT_WORDS = "the same, going on"  # what a clip from elsewhere goes on with where nobody says


class Unfit(ValueError):
    """What comes into a node will not do. The message is a sentence."""


@dataclass(frozen=True)
class Order:
    """The parts of `Generation.request_run`."""

    asked: Any
    card: ModelCard
    task: str = ""
    inputs: list[Input] = field(default_factory=list)
    blocking_of: Generation | None = None
    joins: str = ""

    def request(self, *, project, by, slow_lane=False):
        """The generation. Raises Refused."""
        return Generation.request_run(
            self.asked,
            card=self.card,
            project=project,
            by=by,
            task=self.task,
            inputs=self.inputs,
            blocking_of=self.blocking_of,
            joins=self.joins,
            slow_lane=slow_lane,
        )


@dataclass(frozen=True)
class GivenClip:
    """A clip that no generation here made, as a finish takes it."""

    asset: Asset
    request: dict[str, Any]


class Ordering:
    """Puts an order together for one node, in a film, of what comes into its places. Reads and decodes files."""

    def __init__(self, node: Node, given: dict[str, Value | None], *, project: Any):
        self.node, self.given, self.project = node, given, project
        self.settings = settings_of(node, given)
        self.voice = voice_of(node, project.workspace)
        if self.voice is None and chosen_voice(node):
            raise Unfit(str(NO_VOICE))
        card = self.voice.card if self.voice else node.kind.card(node.value("model"))
        if card is None and node.kind.is_task:
            raise Unfit(why_no_engine(node))
        self.card: ModelCard = card  # type: ignore[assignment]

    def order(self) -> Order:
        """Raises Unfit, Refused, and what reading a file raises."""
        match self.node.kind.room:
            case "draw":
                return self._going_on() if self.node.kind.id == "extend" else self._drawn(self._pictures())
            case "footage":
                return self._over_footage()
            case "finish":
                return self._finished()
            case _:
                return self._heard()

    def frame(self) -> Asset:
        """The frame of a clip that is asked for, as a picture."""
        clip = self._asset("clip")
        frames = clip.frame_count or max(1, round(clip.duration_seconds * clip.fps))
        number = {"first": 0, "middle": frames // 2, "last": frames - 1}[self.settings["at"]]
        return clip.keep_frame(number)

    def _drawn(self, more: dict[str, Any]) -> Order:
        names = ("prompt", "size", "length", "camera", "negative_prompt")
        told = {name: self.settings[name] for name in names if self.settings.get(name) is not None}
        told |= {"model": self.card.id, "variations": 1, "seed": self._seed()} | more
        if self.node.kind.output == IMAGE:
            told |= {"still": "on", "length": 1}
        form = GenerationForm(told, workspace=self.project.workspace, project=self.project)
        _check(form)
        (asked,) = form.cleaned_data["requests"]
        return Order(asked, form.card, inputs=form.inputs(), blocking_of=form.shot, joins=form.joined)

    def _pictures(self):
        """The fields of the form that hold pictures."""
        told = {}
        for port in self.node.kind.ports:
            if self.given.get(port.name):
                told[port.name] = str(self._picture(port.name).pk)
                if tag := self.settings.get(f"{port.name}_tag"):
                    told[f"{port.name}_tag"] = tag
        return told

    def _going_on(self):
        """A clip goes on with its last frame: its very shot, where an engine can."""
        run, asset = self._generation("clip"), self._asset("clip")
        shot = bool(run and run.tells_its_shot)
        if not self.node.value("model"):
            self.card = self._card_to_go_on(run, shot)
        told: dict[str, Any] = {"size": _size_like(asset), "camera": ""}
        if run:
            told["size"] = f"{run.request['width']}x{run.request['height']}"
            told["first_frame"] = str(run.still("last").pk)
        else:
            frames = asset.frame_count or max(1, round(asset.duration_seconds * asset.fps))
            told["first_frame"] = str(asset.keep_frame(frames - 1).pk)
        if run and shot and "blocking" in self.card.inputs:
            told |= {"blocking": str(run.pk), "joins": Joins.AFTER.value}
        told["prompt"] = self.settings["prompt"] or (run.words if run else WITHOUT_WORDS)
        return self._drawn(told)

    def _card_to_go_on(self, run, shot):
        able = self.node.kind.cards()
        if shot:
            able = [card for card in able if "blocking" in card.inputs] or able
        return next((card for card in able if run and card.id == run.model), able[0])

    def _over_footage(self):
        told = {"prompt": self.settings["prompt"], "seed": self._seed(), "model": self.card.id}
        if self.given.get("character"):
            told[CHARACTER] = str(self._picture("character").pk)
        form_of = {"task": self.node.kind.task, "workspace": self.project.workspace}
        if run := self._generation("clip"):
            form = FootageForm(told | {"clip": str(run.pk)}, **form_of)
            _check(form)
        else:
            asset = self._asset("clip")
            with (asset.proxy or asset.file).open() as file:
                form = FootageForm(told, {"video": File(file, name=asset.name)}, **form_of)
                _check(form)
        return Order(form.cleaned_data["asked"], form.card, inputs=form.inputs())

    def _finished(self):
        clip: Any = self._generation("clip")
        if clip is None:
            clip = self._given_clip()
        finish = finish_of(clip, self.node.kind.task, self.card)
        if finish is None:
            raise Unfit(_("%(model)s cannot do this to a clip of that size or length.") % {"model": self.card.name})
        return Order(finish.request, **finish.run_of(clip))

    def _given_clip(self):
        """A clip from elsewhere, as engines read clips: decoded in a process of its own, within the engine's limits."""
        asset = self._asset("clip")
        times = TIMES**2 if self.node.kind.task == "upscale" else 1
        fps = min(60 // TIMES, max(1, round(asset.fps)))
        limits = {"fps": fps, "most_pixels": self.card.max_pixels // times, "most_seconds": self.card.max_seconds}
        with (asset.proxy or asset.file).open() as file:
            footage = read_footage(file, **limits)
        kept = Asset.objects.keep_footage(footage, workspace=self.project.workspace, name=asset.name)
        shape = {name: getattr(footage, name) for name in ("width", "height", "num_frames", "fps")}
        return GivenClip(kept, shape | {"prompt": asset.name, "seed": self.settings.get("seed") or 0})

    def _heard(self):
        names = ("prompt", "lyrics", "seconds", "text", "speed")
        told = {name: self.settings[name] for name in names if self.settings.get(name) is not None}
        told |= {"model": self.card.id, "seed": self._seed()}
        if isinstance(self.voice, Voice):  # an engine's own is chosen with the engine
            told["voice"] = self.voice.key
        if self.given.get("sound"):
            told["asset"] = str(self._asset("sound").pk)
        form = SoundForm(told, task=self.node.kind.task, workspace=self.project.workspace)
        _check(form)
        return Order(form.cleaned_data["asked"], form.card, self.node.kind.task, form.inputs())

    def _seed(self):
        seed = self.settings.get("seed")
        return "" if seed is None else int(seed)

    def _asset(self, place):
        asset = asset_of(self.given.get(place), self.project.workspace)
        if asset is None:
            raise Unfit(_("A file that goes into it is not there any more."))
        return asset

    def _picture(self, place):
        """A picture as engines take them: a still that was made here is one frame of itself."""
        asset = self._asset(place)
        return asset if asset.is_picture else asset.keep_frame(0)

    def _generation(self, place):
        """The generation that made what comes in, if it can still be seen."""
        value = self.given.get(place) or {}
        runs = Generation.objects.finished_well().filter(
            workspace=self.project.workspace, project__deleted_at=None, asset__deleted_at=None
        )
        found = runs.select_related("asset", "project") if "generation" in value else runs.none()
        return found.filter(pk=value.get("generation")).first()


def _check(form):
    """Raise Unfit with the first of a form's errors."""
    if form.is_valid():
        return
    (name, errors), *_more = form.errors.items()
    label = form.fields[name].label if name in form.fields else ""
    raise Unfit(f"{label}: {errors[0]}" if label else errors[0])


def _size_like(asset):
    """The size to choose from that is most like a file's."""
    ratio = asset.width / asset.height if asset.height else 1
    return min(SIZES, key=lambda size: abs(sides_of(size)[0] / sides_of(size)[1] - ratio))
