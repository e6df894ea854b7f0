"""Workflows that are ready to be run, to begin with."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.workflows.graph import Graph
from projects.workflows.kinds import KINDS


@dataclass(frozen=True)
class Example:
    """`nodes`: (kind, title or None, params) each; `edges`: (number of a node, number of a node, place) each.

    Prompts are in English, which every engine reads.
    """

    id: str
    name: Any
    description: Any
    nodes: tuple[tuple[str, Any, dict[str, Any]], ...]
    edges: tuple[tuple[int, int, str], ...]

    @property
    def graph(self) -> dict[str, Any]:
        """The graph as JSON, in the language of the page."""
        graph = Graph()
        made = []
        for kind, title, params in self.nodes:
            made.append(graph.add(KINDS[kind], title=str(title or ""), params=dict(params)))
        for source, to, place in self.edges:
            graph.connect(made[source].id, made[to].id, place)
        return graph.as_json()

    @property
    def lacking(self) -> str:
        """What it would need that is not here, the names of its nodes; "" where all of it can be made."""
        kinds = {kind: KINDS[kind] for kind, _title, _params in self.nodes}
        lacking = [str(kind.label) for kind in kinds.values() if kind.is_task and not kind.cards()]
        return _("Not installed here: %(kinds)s.") % {"kinds": ", ".join(lacking)} if lacking else ""


RESULT: tuple[str, Any, dict[str, Any]] = ("output", None, {})
EXAMPLES = (
    Example(
        "heard",
        gettext_lazy("Words → clip → its sound"),
        gettext_lazy("One sentence becomes a clip, and the clip is heard."),
        (
            ("text", None, {"value": "a red fox runs through a snowy forest at dusk"}),
            ("text_to_video", None, {"length": 2, "seed": 7}),
            ("video_to_sound", None, {}),
            RESULT,
        ),
        ((0, 1, "prompt"), (1, 2, "clip"), (2, 3, "value")),
    ),
    Example(
        "larger",
        gettext_lazy("Still → clip → larger"),
        gettext_lazy("A still is drawn first; once it is good, it moves, and is enlarged."),
        (
            ("text", None, {"value": "a lighthouse on a cliff above a stormy sea"}),
            ("text_to_image", None, {"seed": 7}),
            ("image_to_video", None, {"length": 2, "seed": 7}),
            ("upscale", None, {}),
            RESULT,
        ),
        ((0, 1, "prompt"), (0, 2, "prompt"), (1, 2, "first_frame"), (2, 3, "clip"), (3, 4, "value")),
    ),
    Example(
        "on",
        gettext_lazy("One shot, twice as long"),
        gettext_lazy("A clip goes on with its last frame; both parts come out."),
        (
            ("text", None, {"value": "a white rabbit walks across a meadow"}),
            ("text_to_video", None, {"length": 2, "seed": 7}),
            ("extend", None, {"length": 2, "seed": 8}),
            ("output", gettext_lazy("First part"), {}),
            ("output", gettext_lazy("Second part"), {}),
        ),
        ((0, 1, "prompt"), (1, 2, "clip"), (1, 3, "value"), (2, 4, "value")),
    ),
)


def example(id: str) -> Example | None:
    return next((one for one in EXAMPLES if one.id == id), None)
