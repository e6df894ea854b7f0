"""Where the nodes of a graph stand on a page, and the lines between them: CSS pixels, the origin at the top left."""

from dataclasses import dataclass, field
from typing import Any

from projects.workflows.graph import Edge, Graph, Node
from projects.workflows.kinds import Port, params_of

WIDTH, HEAD, ROW, PICTURE, FOOT = 188, 52, 24, 112, 10
COLUMN_GAP, ROW_GAP, MARGIN = 40, 24, 16


@dataclass
class Placed:
    """A node on the page. `picture`: whether there is room for one. `ports`: what can be connected, each with its y."""

    node: Node
    x: float = 0
    y: float = 0
    picture: bool = False
    ports: list[tuple[Port, float, bool]] = field(default_factory=list)

    width = WIDTH

    @property
    def height(self) -> float:
        return HEAD + (PICTURE if self.picture else 0) + ROW * max(1, len(self.ports)) + FOOT

    @property
    def output_y(self) -> float:
        return HEAD + ROW / 2

    @property
    def picture_y(self) -> float:
        return HEAD + ROW * max(1, len(self.ports)) + FOOT

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + WIDTH / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Line:
    """An edge on the page: `path` as SVG draws it."""

    edge: Edge
    type: str
    path: str


@dataclass(frozen=True)
class Drawing:
    """A graph on a page. `columns`: where nobody put its nodes, from left to right as they take from each other."""

    placed: list[Placed]
    lines: list[Line]
    width: float
    height: float


def draw(graph: Graph, pictures: Any = ()) -> Drawing:
    """`pictures`: the ids of the nodes that show what they made."""
    placed = {id: _placed(node, graph, id in pictures) for id, node in graph.nodes.items()}
    _in_columns(placed, graph)
    for one in placed.values():
        if one.node.position:
            one.x, one.y = one.node.position
    left = min((one.x for one in placed.values()), default=0)
    top = min((one.y for one in placed.values()), default=0)
    for one in placed.values():
        one.x, one.y = round(one.x - left + MARGIN, 1), round(one.y - top + MARGIN, 1)
    lines = [_line(edge, placed, graph) for edge in graph.edges if edge.node in placed and edge.to in placed]
    width = max((one.x + WIDTH for one in placed.values()), default=0) + MARGIN
    height = max((one.y + one.height for one in placed.values()), default=0) + MARGIN
    return Drawing(list(placed.values()), lines, width, height)


def _placed(node, graph, picture):
    one = Placed(node, picture=picture)
    into = graph.into(node.id)
    needed = {param.name for param in params_of(node.kind) if param.required}
    shown = [
        port
        for port in node.kind.inputs.values()
        if port in node.kind.ports or port.name in into or (port.name in needed and not node.kind.is_input)
    ]
    for number, port in enumerate(shown):
        y = HEAD + ROW * number + ROW / 2
        one.ports.append((port, y, port.name in into))
    return one


def _in_columns(placed, graph):
    column: dict[str, int] = {}
    for node in graph.in_order():
        column[node.id] = 1 + max((column[edge.node] for edge in graph.into(node.id).values()), default=-1)
    last = max(column.values(), default=-1)
    below: dict[int, float] = {}
    for id, one in placed.items():
        at = column.get(id, last + 1)  # those that wait for each other in a circle
        one.x = at * (WIDTH + COLUMN_GAP)
        one.y = below.get(at, 0)
        below[at] = one.y + one.height + ROW_GAP


def _line(edge, placed, graph):
    source, to = placed[edge.node], placed[edge.to]
    x1, y1 = source.x + WIDTH, source.y + source.output_y
    x2, y2 = to.x, to.y + next((y for port, y, _on in to.ports if port.name == edge.input), HEAD)
    pull = max(36, abs(x2 - x1) / 2)
    path = f"M{x1:g} {y1:g}C{x1 + pull:g} {y1:g} {x2 - pull:g} {y2:g} {x2:g} {y2:g}"
    return Line(edge, graph.nodes[edge.node].kind.output, path)
