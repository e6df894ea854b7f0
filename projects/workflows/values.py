"""What goes from one node to another, as JSON: {"type": "text", "text"}, {"type": "number", "number"}, or a file:
{"type": "video", "asset", "sha256", "seconds"} with the "generation" that made it; of captions also the "text"."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from generation.models import Generation
from projects.workflows.graph import Fault, Graph
from projects.workflows.kinds import AUDIO, CAPTIONS, IMAGE, NUMBER, TEXT, TYPE_LABELS, VIDEO, fits
from runwayweb.assets.models import Asset

Value = dict[str, Any]
Overrides = dict[str, dict[str, Value]]


class BadOverride(ValueError):
    """What was given for a run does not fit its graph. `fault`: a sentence, and where it stands."""

    def __init__(self, sentence: str, node: str, name: str = ""):
        self.fault = Fault(sentence, node, (node, name) if name else (node,))
        super().__init__(sentence)


def of_text(text: str) -> Value:
    return {"type": TEXT, "text": text}


def of_number(number: float) -> Value:
    return {"type": NUMBER, "number": number}


def of_asset(asset: Asset, generation: Generation | None = None) -> Value:
    """A file, with what is said in it where it is captions."""
    value: Value = {
        "type": type_of(asset),
        "asset": str(asset.pk),
        "sha256": asset.sha256,
        "seconds": asset.duration_seconds,
    }
    if generation:
        value["generation"] = str(generation.pk)
    if asset.is_captions:
        value["text"] = (generation.understood.get("said") if generation else None) or ""
    return value


def type_of(asset: Asset) -> str:
    """Which of the types a file is; "" for none, such as a film."""
    if asset.is_clip:
        return VIDEO
    if asset.is_sound:
        return AUDIO
    if asset.is_captions:
        return CAPTIONS
    return IMAGE if asset.is_picture or asset.is_still else ""


def asset_of(value: Value | None, workspace: Any) -> Asset | None:
    """The file of a value, if it is still there."""
    found = Asset.objects.ready().filter(workspace=workspace, pk=value["asset"]) if value else Asset.objects.none()
    return found.select_related("workspace").first()


def types_taken(graph: Graph, node: str, name: str) -> tuple[str, ...]:
    """What may be given for a run as `name` of a node: what it gives itself, or what comes into one of its places.

    Raises BadOverride.
    """
    found = graph.nodes.get(node)
    if found is None:
        raise BadOverride(_("There is no node “%(node)s” in this workflow.") % {"node": node[:64]}, node)
    if found.kind.output and name == found.kind.output:
        return (found.kind.output,)
    if name in found.kind.inputs and found.kind.id != "output":
        return found.kind.inputs[name].types
    known = [*filter(None, [found.kind.output]), *found.kind.inputs]
    what = {"node": found.name, "name": name[:60], "known": ", ".join(known)}
    why = _("“%(node)s” has nothing called “%(name)s” that could be given. It has: %(known)s.")
    raise BadOverride(why % what, node, name)


def checked(graph: Graph, overrides: Mapping[str, Mapping[str, Value]]) -> Overrides:
    """The overrides, each fit for its place. Raises BadOverride."""
    kept: Overrides = {}
    for node, given in overrides.items():
        for name, value in given.items():
            types = types_taken(graph, node, name)
            if not fits(value["type"], types):
                what = {
                    "node": graph.nodes[node].name,
                    "name": name,
                    "types": " / ".join(str(TYPE_LABELS[one]) for one in types),
                    "given": TYPE_LABELS[value["type"]],
                }
                why = _("“%(node)s”: “%(name)s” takes %(types)s, and was given %(given)s.")
                raise BadOverride(why % what, node, name)
            kind = graph.nodes[node].kind
            param = kind.param(name) or (kind.param("value") if kind.is_input else None)
            plain = value.get("text", value.get("number"))
            fault = param.fault(plain) if param and param.type != "asset" and plain not in (None, "") else ""
            if kind.id == "choice" and not fault and plain not in (graph.nodes[node].params.get("choices") or ()):
                fault = _("“%(value)s” is none of its choices.") % {"value": str(plain)[:60]}
            if fault:
                raise BadOverride(
                    _("“%(node)s”: %(fault)s") % {"node": graph.nodes[node].name, "fault": fault}, node, name
                )
            kept.setdefault(node, {})[name] = value
    return kept
