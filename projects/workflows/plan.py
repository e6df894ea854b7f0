"""What a run of a workflow would do and cost, before it begins: what is there already is not made again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation import machines, pricing
from generation.engine import catalogue
from generation.engine.card import ModelCard
from generation.engine.request import InvalidRequest
from generation.engine.sound_request import SpeechRequest
from generation.engine.tags import mentioned
from projects.models import BudgetReached, NodeRun, Voice
from projects.sizes import sides_of
from projects.voices import Preset, voice_called
from projects.workflows.graph import Fault, Graph, Node, faults
from projects.workflows.kinds import CAPTIONS, IMAGE, NUMBER, params_of
from projects.workflows.values import Overrides, Value, asset_of, of_asset, of_number, of_text
from runwayweb.assets.models import Asset, Upload
from runwayweb.subscriptions import limits
from runwayweb.subscriptions import models as subscriptions
from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.models.wallet import InsufficientCredits

NO_VOICE = gettext_lazy("its voice is not there any more. Choose another.")
SPOKEN_ANEW = 3  # times as long as it was, at most, a voice of the studio takes for what somebody said


@dataclass
class Step:
    """What becomes of one node. `given`: what comes into its places, None for what is not there yet.

    `seconds`: how long what it makes will be, at most. `output`: what it gives, where that is known already; `kept`:
    the earlier run of a node that made it.
    """

    node: Node
    given: dict[str, Value | None] = field(default_factory=dict)
    card: ModelCard | None = None
    seconds: float = 0.0
    credits: int = 0
    output: Value | None = None
    kept: NodeRun | None = None

    @property
    def is_to_be_made(self) -> bool:
        return self.node.kind.is_task and self.output is None


class Plan:
    """The steps of a run, each after those it takes from. `faults`: why it cannot begin; then `credits` say little."""

    def __init__(
        self, graph: Graph, *, workspace: Any, workflow: Any, project: Any = None, overrides: Overrides | None = None
    ):
        self.graph, self.workspace, self.workflow, self.project = graph, workspace, workflow, project
        self.overrides = overrides or {}
        self.faults = list(faults(graph))
        self.steps: dict[str, Step] = {}
        if not self.faults:
            for node in graph.in_order():
                self.steps[node.id] = self._step(node)

    @property
    def credits(self) -> int:
        return sum(step.credits for step in self.steps.values())

    @property
    def kept_count(self) -> int:
        return sum(step.kept is not None for step in self.steps.values())

    @property
    def made_count(self) -> int:
        return sum(step.is_to_be_made for step in self.steps.values())

    def check(self, *, slow_lane: bool = False) -> None:
        """Raise Refused where the workspace's plan, the film's budget, the machines or the wallet do not allow it."""
        to_be_made = [step for step in self.steps.values() if step.is_to_be_made and step.card]
        allowed = subscriptions.Plan.objects.of(self.workspace)
        for step in to_be_made:
            assert step.card is not None
            machines.check(step.card)
            size = step.node.value("size") if step.node.kind.param("size") else None
            width, height = sides_of(size) if size else (0, 0)
            limits.check_run(allowed, model=step.card.id, seconds=step.seconds, width=width, height=height)
        if not to_be_made:
            return
        Upload.objects.check_room(self.workspace, allowed)
        wallet = Wallet.objects.of(self.workspace)
        wallet.check_debt()
        if slow_lane:
            return
        budget = self.project.budget_or_none if self.project else None
        if budget and budget.left is not None and self.credits > budget.left:
            self.project.budget = budget
            raise BudgetReached(self.project, self.credits, budget.left)
        if self.credits > wallet.available:
            raise InsufficientCredits(self.credits, wallet.available)

    def _step(self, node):
        step = Step(node)
        own = self.overrides.get(node.id, {})
        if node.kind.output and node.kind.output in own:
            step.output = own[node.kind.output]
            step.seconds = step.output.get("seconds", 0)
            return step
        if node.kind.is_input:
            step.output = self._input(node)
            step.seconds = step.output.get("seconds", 0) if step.output else 0
            return step
        step.given = given_to(node, self.graph, {id: one.output for id, one in self.steps.items()}, self.overrides)
        self._check_texts(node, step)
        if node.kind.id == "output":
            (step.output,) = step.given.values()
            return step
        if node.kind.is_task:
            voice = voice_of(node, self.workspace)
            step.card = voice.card if voice else node.kind.card(node.value("model"))
            if step.card is None or (voice is None and chosen_voice(node)):
                self._fault(node, NO_VOICE if chosen_voice(node) else why_no_engine(node))
                return step
        if None not in step.given.values():
            step.kept = kept_result(self.key(step), self.workspace)
        if step.kept:
            step.output = step.kept.output
            step.seconds = step.output.get("seconds", 0)
        elif node.kind.is_task:
            self._price(node, step)
        return step

    def key(self, step: Step) -> str:
        return key_of(step.node, step.given, card=step.card, project=self.project, workflow=self.workflow)

    def _input(self, node):
        value, why = input_value(node, self.workspace)
        if why:
            self._fault(node, why)
        return value

    def _check_texts(self, node, step):
        """Words and numbers that come from elsewhere are held to what the param itself is held to."""
        for param in node.kind.params:
            value = step.given.get(param.name)
            if value is None or "asset" in value and value["type"] != CAPTIONS:
                continue
            plain = value.get("text", value.get("number"))
            if plain in (None, ""):
                if param.required and "text" in value and value["type"] != CAPTIONS:
                    self._fault(node, _("“%(param)s” is empty.") % {"param": param.label})
            elif fault := param.fault(plain):
                self._fault(node, fault)

    def _price(self, node, step):
        try:
            step.seconds = self._seconds(node, step)
        except InvalidRequest:  # of words that are too long, which is said already
            return
        if node.kind.room != "footage" and step.seconds > step.card.max_seconds:
            what = {"model": step.card.name, "seconds": f"{step.card.max_seconds:g}"}
            self._fault(node, _("%(model)s does up to %(seconds)s seconds at once. Make it shorter.") % what)
        step.credits = pricing.credits_for_seconds(step.card, step.seconds)

    def _seconds(self, node, step):
        settings = settings_of(node, step.given)
        fps = step.card.fps
        match node.kind.room:
            case "draw" if node.kind.output == IMAGE:
                return 1 / fps
            case "draw":
                return max(1, round(settings["length"] * fps)) / fps
            case "footage":
                return min(self._length(node, "clip"), step.card.max_seconds)
            case "finish":
                return self._length(node, "clip")
        if "text" in settings and settings["text"] is None:  # what will be heard in a sound, spoken anew
            return SPOKEN_ANEW * self._length(node, "text") / self._said(node, "so", settings["speed"]).speed
        if "text" in settings:
            return self._said(node, settings["text"], settings["speed"]).duration_seconds
        return settings["seconds"] if "seconds" in settings else self._length(node, "sound")

    def _said(self, node, text, speed):
        voice = voice_of(node, self.workspace)
        return voice.says(text, 0, speed=speed) if voice else SpeechRequest(text, 0, speed=speed)

    def _length(self, node, place):
        """How long what comes into a place is, at most."""
        value = self.steps_given(node).get(place)
        if value is not None:
            return value.get("seconds", 0)
        edge = self.graph.into(node.id).get(place)
        return self.steps[edge.node].seconds if edge else 0

    def steps_given(self, node):
        return given_to(node, self.graph, {id: one.output for id, one in self.steps.items()}, self.overrides)

    def _fault(self, node, why):
        self.faults.append(Fault(_("“%(node)s”: %(fault)s") % {"node": node.name, "fault": why}, node.id))


def input_value(node: Node, workspace: Any) -> tuple[Value | None, str]:
    """(what an input node gives by itself, what is wrong with that)."""
    param = "asset" if node.kind.param("asset") else "value"
    value = node.value(param)
    if value in (None, ""):
        what = {"output": node.kind.output}
        if param == "asset":
            return None, _("choose a file, or give one for the run as its “%(output)s”.") % what
        return None, _("it is empty. Fill it in, or give its “%(output)s” for the run.") % what
    if param == "value":
        return of_number(value) if node.kind.output == NUMBER else of_text(value), ""
    asset = library_file(value, workspace)
    if asset is None:
        return None, _("its file is not in the library any more. Choose another.")
    found = of_asset(asset)
    if found["type"] != node.kind.output:
        return None, _("its file is of another type. Choose another.")
    return found, ""


def given_to(
    node: Node, graph: Graph, outputs: Mapping[str, Value | None], overrides: Overrides
) -> dict[str, Value | None]:
    """What comes into the places of a node: for the run, else by its edges; None for what is not there yet."""
    given = {place: outputs.get(edge.node) for place, edge in graph.into(node.id).items()}
    own = overrides.get(node.id, {})
    return given | {place: value for place, value in own.items() if place in node.kind.inputs}


def settings_of(node: Node, given: Mapping[str, Value | None]) -> dict[str, Any]:
    """Everything set on a node, by itself or by what comes in."""
    settings = {param.name: node.value(param.name) for param in params_of(node.kind)}
    for name, value in given.items():
        if name in settings and value is not None:
            settings[name] = value.get("text", value.get("number"))
    return settings


def key_of(
    node: Node, given: Mapping[str, Value | None], *, card: ModelCard | None, project: Any, workflow: Any
) -> str:
    """A hash of all that decides what a node makes: kind, engine, what is set, what comes in, seed.

    Without a seed of its own it is the node's: two of a kind are two, and each is kept.
    """
    settings = settings_of(node, given)
    settings.pop("model", None)
    if not settings.get("voice"):  # so that what was spoken before there were voices is still kept
        settings.pop("voice", None)
    if "seed" in settings and settings["seed"] is None:
        settings["seed"] = f"{workflow.pk}:{node.id}"
    files = {
        name: value["sha256"] for name, value in given.items() if value and "sha256" in value and name not in settings
    }
    told = [node.kind.id, card and card.id, settings, files, _cast_of(settings.get("prompt"), node, project)]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def kept_result(key: str, workspace: Any) -> NodeRun | None:
    """An earlier run of a node with this key whose result is still there."""
    earlier = NodeRun.objects.filter(
        key=key, status=NodeRun.Status.SUCCEEDED, invocation__project__workspace=workspace
    ).select_related("generation")
    run = earlier.exclude(output=None).order_by("-pk").first()
    return run if run and asset_of(run.output, workspace) else None


def library_file(id: Any, workspace: Any) -> Asset | None:
    """The file of the library with this id."""
    try:
        return Asset.objects.in_library().filter(workspace=workspace, pk=id).first()
    except (ValueError, TypeError, ValidationError):
        return None


def chosen_voice(node: Node) -> str:
    """The key of the voice that a node was given; "" for the engine's own, and of what does not speak."""
    return node.value("voice") or "" if node.kind.param("voice") else ""


def voice_of(node: Node, workspace: Any) -> Preset | Voice | None:
    """That voice; None for the engine's own, and where it is gone. One query at most."""
    key = chosen_voice(node)
    return voice_called(workspace, key) if key else None


def why_no_engine(node: Node) -> str:
    """Why nothing here does what a node asks for."""
    if model := node.value("model"):
        return _("the engine “%(model)s” is not here, or does not do this. Choose another.") % {"model": model}
    command = {"command": catalogue.how_to_serve(node.kind.task)}
    return _("nothing that does this is installed here. Whoever runs this studio can add it: %(command)s") % command


def _cast_of(prompt, node, project):
    """What the prompt's names mean in the film: a hash changes with whoever is called."""
    called = {name.lower() for name in mentioned(prompt)} if prompt else set()
    called -= {str(value).lower() for name, value in node.params.items() if name.endswith("_tag")}
    if not called or project is None:
        return []
    cast = [entity for entity in project.cast if entity.tag.lower() in called]
    return [[entity.tag, entity.description, [view.asset.sha256 for view in entity.sheet]] for entity in cast]
