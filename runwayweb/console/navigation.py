"""The doors of the operator's console, in the order of its navigation.

A new page is a file in `pages/` with its `urlpatterns`, a line in `urls.py`, and a `Door` here.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Door:
    """`name`: the route without its namespace; pages whose names begin so are behind the same door."""

    name: str
    label: str | Promise
    icon: str

    @property
    def route(self) -> str:
        return f"console:{self.name}"

    def leads_to(self, route: str) -> bool:
        """Whether the page called `route` ("console:worker-wish") is behind this door."""
        stem = self.route.removesuffix("s")
        return route == self.route or route.startswith((f"{stem}-", f"{self.route}-")) or route == stem


STUDIO = [
    Door("overview", _("Overview"), "layout-grid"),
    Door("queue", _("Queue"), "list-tree"),
    Door("generations", _("Generations"), "film"),
    Door("workers", _("Workers"), "cpu"),
    Door("models", _("Models"), "box"),
    Door("storage", _("Storage"), "archive"),
    Door("webhooks", _("Webhooks"), "bell"),
    Door("flags", _("Flags"), "sliders-horizontal"),
    Door("log", _("Log"), "scroll-text"),
]
PEOPLE = [
    Door("users", _("Users"), "users"),
    Door("workspaces", _("Workspaces"), "layers"),
    Door("moderation", _("Moderation"), "shield-check"),
    Door("reports", _("Reports"), "triangle-alert"),
    Door("announcements", _("Announcements"), "bell"),
    Door("terms", _("Terms"), "type"),
]
GROUPS = [(_("The studio"), STUDIO), (_("People"), PEOPLE)]


def groups_at(route: str) -> list[tuple[str | Promise, list[tuple[Door, bool]]]]:
    """(name, [(door, whether it is the open one)]) of every group that has doors, for the page called `route`."""
    return [(name, [(door, door.leads_to(route)) for door in doors]) for name, doors in GROUPS if doors]
