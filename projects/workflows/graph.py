"""A workflow's graph as JSON: read, and everything wrong with it said in sentences that name the node.

{"version": 1,
 "nodes": [{"id": "clip", "kind": "text_to_video", "title": "Clip", "params": {"prompt": "a red fox", "length": 2}}],
 "edges": [{"from": {"node": "clip", "output": "video"}, "to": {"node": "result", "input": "value"}}]}
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from projects.workflows.kinds import KINDS, TYPE_LABELS, Kind, Param, Port, fits, is_text, params_of

FORMAT = 1
NODE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
MOST_NODES, MOST_EDGES = 60, 240
TITLE_LETTERS = 60
EMPTY = {"version": FORMAT, "nodes": [], "edges": []}


@dataclass(frozen=True)
class Fault:
    """What is wrong: a sentence, the node it is about ("" for the graph) and where in the JSON it stands."""

    sentence: str
    node: str = ""
    path: tuple[str | int, ...] = ()

    def __str__(self):
        return self.sentence


class BadGraph(ValueError):
    """A graph that cannot be run. `faults`: each a sentence."""

    def __init__(self, faults: list[Fault]):
        self.faults = faults
        super().__init__(" ".join(fault.sentence for fault in faults))


@dataclass(frozen=True)
class Edge:
    """What one node gives, into a place of another."""

    node: str
    output: str
    to: str
    input: str

    def as_json(self) -> dict[str, Any]:
        return {"from": {"node": self.node, "output": self.output}, "to": {"node": self.to, "input": self.input}}


@dataclass
class Node:
    """`params`: what is set on it, by name; what is not is as its kind has it. `position`: (x, y), where it was put."""

    id: str
    kind: Kind
    title: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    position: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.title or str(self.kind.label)

    def value(self, name: str) -> Any:
        """What a param is set to, or what it is by itself."""
        param = next((param for param in params_of(self.kind) if param.name == name), None)
        given = self.params.get(name)
        return given if given not in (None, "") else param and param.default

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"id": self.id, "kind": self.kind.id, "title": self.title, "params": self.params}
        if self.position:
            told["position"] = {"x": self.position[0], "y": self.position[1]}
        return told


@dataclass
class Graph:
    """Nodes by id, in the order in which they were made, and the edges between them."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def into(self, id: str) -> dict[str, Edge]:
        """The edges that come into a node, by the name of their place."""
        return {edge.input: edge for edge in self.edges if edge.to == id}

    def out_of(self, id: str) -> list[Edge]:
        return [edge for edge in self.edges if edge.node == id]

    @property
    def inputs(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.kind.is_input]

    @property
    def outputs(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.kind.id == "output"]

    def in_order(self) -> list[Node]:
        """Every node after those that it takes from; of a circle, those that can be reached."""
        done: list[Node] = []
        known: set[str] = set()
        waiting = list(self.nodes.values())
        while ready := [node for node in waiting if all(edge.node in known for edge in self.into(node.id).values())]:
            done += ready
            known |= {node.id for node in ready}
            waiting = [node for node in waiting if node.id not in known]
        return done

    def sources_of(self, id: str, port: Port) -> list[Node]:
        """The nodes whose output may go into a place of node `id`, without making a circle."""
        below = self.below(id)
        return [
            node
            for node in self.nodes.values()
            if node.id not in below and node.kind.output and fits(node.kind.output, port.types)
        ]

    def below(self, id: str) -> set[str]:
        """The node itself, and all that take from it."""
        found, new = {id}, [id]
        while new:
            new = [edge.to for edge in self.edges if edge.node in new and edge.to not in found]
            found |= set(new)
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "version": FORMAT,
            "nodes": [node.as_json() for node in self.nodes.values()],
            "edges": [edge.as_json() for edge in self.edges],
        }

    # Verbs of whoever draws it

    def add(self, kind: Kind, *, title: str = "", params: dict[str, Any] | None = None) -> Node:
        """A new node, called after its kind."""
        word = kind.id.replace("_", "-")
        id = next(id for id in (word, *(f"{word}-{n}" for n in range(2, MOST_NODES + 3))) if id not in self.nodes)
        self.nodes[id] = Node(id, kind, title, params or {})
        return self.nodes[id]

    def remove(self, id: str) -> None:
        del self.nodes[id]
        self.edges = [edge for edge in self.edges if id not in (edge.node, edge.to)]

    def connect(self, source: str, to: str, input: str) -> None:
        """Let what a node gives go into a place of another, instead of what came there before."""
        self.disconnect(to, input)
        self.edges.append(Edge(source, self.nodes[source].kind.output, to, input))

    def disconnect(self, to: str, input: str) -> None:
        self.edges = [edge for edge in self.edges if (edge.to, edge.input) != (to, input)]


def read_graph(document: Any) -> Graph:
    """The graph that a JSON document tells, fit to be published. Raises BadGraph with all that is wrong."""
    graph, found = read_draft(document)
    found += list(faults(graph))
    if found:
        raise BadGraph(found)
    return graph


def read_draft(document: Any) -> tuple[Graph, list[Fault]]:
    """(the graph as far as it can be read, what could not be)."""
    graph = Graph()
    found: list[Fault] = []
    if not isinstance(document, dict) or document.get("version", FORMAT) != FORMAT:
        return graph, [Fault(_("This is no graph of version %(version)d.") % {"version": FORMAT})]
    nodes, edges = document.get("nodes"), document.get("edges", [])
    if not isinstance(nodes, list) or not isinstance(edges, list):
        return graph, [Fault(_("A graph has a list of nodes and a list of edges."))]
    if len(nodes) > MOST_NODES or len(edges) > MOST_EDGES:
        most = {"nodes": MOST_NODES, "edges": MOST_EDGES}
        return graph, [Fault(_("A graph has at most %(nodes)d nodes and %(edges)d edges.") % most)]
    for number, told in enumerate(nodes):
        node, fault = _node(told, number, graph)
        if node:
            graph.nodes[node.id] = node
        if fault:
            found.append(fault)
    for number, told in enumerate(edges):
        edge, fault = _edge(told, number, graph)
        if edge:
            graph.edges.append(edge)
        if fault:
            found.append(fault)
    return graph, found


def faults(graph: Graph) -> Iterator[Fault]:
    """What keeps a graph from being run, but what its inputs are given."""
    if not graph.nodes:
        yield Fault(_("There is nothing in it yet. Add a node."))
        return
    order = graph.in_order()
    if circle := [node for node in graph.nodes.values() if node not in order]:
        names = ", ".join(f"“{node.name}”" for node in circle)
        yield Fault(_("These nodes wait for each other in a circle: %(nodes)s.") % {"nodes": names}, circle[0].id)
    for number, node in enumerate(graph.nodes.values()):
        path: tuple[str | int, ...] = ("nodes", number)
        into = graph.into(node.id)
        for param in params_of(node.kind):
            if fault := _fault_of(node, param, connected=param.name in into):
                yield Fault(_of(node, fault), node.id, (*path, "params", param.name))
        for port in node.kind.ports:
            if port.required and port.name not in into:
                what = {"place": port.label, "types": _types(port)}
                fault = _("nothing comes into “%(place)s”. Connect a node that gives %(types)s.") % what
                yield Fault(_of(node, fault), node.id, path)
    if not graph.outputs:
        yield Fault(_("Nothing comes out of it. Add a result, and connect what is to come out."))


def _fault_of(node: Node, param: Param, *, connected: bool) -> str:
    value = node.params.get(param.name)
    if connected:
        return ""
    if value in (None, "") or value == []:
        if param.required and not node.kind.is_input:
            return _("“%(param)s” is empty.") % {"param": param.label}
        if param.type == "texts":
            return _("“%(param)s” is empty.") % {"param": param.label}
        return ""
    if fault := param.fault(value):
        return fault
    if node.kind.id == "choice" and param.name == "value" and value not in (node.params.get("choices") or ()):
        return _("“%(value)s” is none of its choices.") % {"value": value[:60]}
    return ""


def _node(told: Any, number: int, graph: Graph) -> tuple[Node | None, Fault | None]:
    path = ("nodes", number)
    what: dict[str, Any]
    id = told.get("id") if isinstance(told, dict) else None
    if not isinstance(id, str) or not NODE_ID.fullmatch(id):
        what = {"number": number + 1}
        why = _("Node %(number)d has no id of 1 to 64 letters, digits, - and _.") % what
        return None, Fault(why, path=(*path, "id"))
    if id in graph.nodes:
        return None, Fault(_("Two nodes have the id “%(id)s”.") % {"id": id}, id, (*path, "id"))
    kind = KINDS.get(told["kind"]) if isinstance(told.get("kind"), str) else None
    if kind is None:
        what = {"id": id, "kind": str(told.get("kind"))[:60], "known": ", ".join(KINDS)}
        why = _("“%(id)s” is of the kind “%(kind)s”, which there is not. There are: %(known)s.") % what
        return None, Fault(why, id, (*path, "kind"))
    title, params = (
        default if told.get(name) is None else told[name] for name, default in (("title", ""), ("params", {}))
    )
    if not is_text(title) or len(title) > TITLE_LETTERS:
        what = {"id": id, "most": TITLE_LETTERS}
        return None, Fault(_("The title of “%(id)s” must be at most %(most)d letters.") % what, id, (*path, "title"))
    if not isinstance(params, dict):
        return None, Fault(_("The params of “%(id)s” are no object.") % {"id": id}, id, (*path, "params"))
    node = Node(id, kind, title, {}, _position(told.get("position")))
    known = {param.name: param for param in params_of(kind)}
    node.params = {name: value for name, value in params.items() if name in known and known[name].holds(value)}
    if strange := [name for name in params if name not in known]:
        what = {"params": ", ".join(f"“{name[:40]}”" for name in strange), "known": ", ".join(sorted(known)) or "–"}
        why = _of(node, _("there is nothing called %(params)s to be set on it. There is: %(known)s.") % what)
        return node, Fault(why, id, (*path, "params"))
    for name in [name for name in params if name not in node.params]:
        return node, Fault(_of(node, known[name].fault(params[name])), id, (*path, "params", name))
    return node, None


def _edge(told: Any, number: int, graph: Graph) -> tuple[Edge | None, Fault | None]:
    path = ("edges", number)
    what: dict[str, Any]
    ends: list[Any] = [told.get(end) for end in ("from", "to")] if isinstance(told, dict) else [None]
    if not all(isinstance(end, dict) for end in ends):
        why = _("Edge %(number)d does not say which node it comes from and which it goes to.") % {"number": number + 1}
        return None, Fault(why, path=path)
    source, to = (graph.nodes.get(end["node"]) if isinstance(end.get("node"), str) else None for end in ends)
    if source is None or to is None:
        what = {"number": number + 1, "node": str(ends[0 if source is None else 1].get("node"))[:64]}
        why = _("Edge %(number)d speaks of the node “%(node)s”, which there is not.") % what
        return None, Fault(why, path=path)
    output, place = ends[0].get("output") or source.kind.output, ends[1].get("input")
    if not source.kind.output or output != source.kind.output:
        what = {"output": str(output)[:60]}
        return None, Fault(_of(source, _("it gives nothing called “%(output)s”.") % what), source.id, path)
    port = to.kind.inputs.get(place) if isinstance(place, str) else None
    if port is None:
        what = {"input": str(place)[:60], "known": ", ".join(to.kind.inputs) or "–"}
        why = _("there is no place called “%(input)s”. There is: %(known)s.") % what
        return None, Fault(_of(to, why), to.id, path)
    if not fits(source.kind.output, port.types):
        what = {"place": port.label, "types": _types(port), "node": source.name, "gives": TYPE_LABELS[output]}
        why = _("“%(place)s” takes %(types)s, and “%(node)s” gives %(gives)s.") % what
        return None, Fault(_of(to, why), to.id, path)
    if place in graph.into(to.id):
        why = _("two edges come into “%(place)s”.") % {"place": port.label}
        return None, Fault(_of(to, why), to.id, path)
    return Edge(source.id, output, to.id, port.name), None


def _position(told: Any) -> tuple[float, float] | None:
    if not isinstance(told, dict):
        return None
    x, y = told.get("x"), told.get("y")
    sound = all(isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 100_000 for one in (x, y))
    return (float(x), float(y)) if sound else None  # type: ignore[arg-type]


def _of(node: Node, fault: str) -> str:
    return _("“%(node)s”: %(fault)s") % {"node": node.name, "fault": fault}


def _types(port: Port) -> str:
    return " / ".join(str(TYPE_LABELS[type]) for type in port.types)
