"""What the nodes of a run made, as a page shows it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from projects.models import Invocation, NodeRun
from projects.workflows.graph import Node
from runwayweb.assets.models import Asset


@dataclass(frozen=True)
class Result:
    """A node of a run. `asset`: the file that it made, None for words, or where it is not there yet or any more."""

    node: Node
    run: NodeRun
    asset: Asset | None = None

    @property
    def status(self) -> str:
        return self.run.status

    @property
    def percent(self) -> int:
        return round(100 * self.run.progress)

    @property
    def text(self) -> str:
        """What it says, where that is words or a number."""
        value: dict[str, Any] = self.run.output or {}
        return str(value.get("text") or value.get("number") or "")

    @property
    def poster_url(self) -> str:
        return reverse("assets:file", args=[self.asset.pk, "poster.webp"]) if self.asset and self.asset.poster else ""

    @property
    def file_url(self) -> str:
        return reverse("assets:file", args=[self.asset.pk, self.asset.playing]) if self.asset else ""


def results_of(invocation: Invocation) -> dict[str, Result]:
    """{id of a node: Result}; three queries."""
    graph = invocation.version.read
    runs = invocation.nodes_by_id
    ids = {run.output["asset"] for run in runs.values() if run.output and "asset" in run.output}
    assets = {str(asset.pk): asset for asset in Asset.objects.ready().filter(pk__in=ids)}
    return {
        id: Result(graph.nodes[id], run, assets.get((run.output or {}).get("asset", "")))
        for id, run in runs.items()
        if id in graph.nodes
    }
