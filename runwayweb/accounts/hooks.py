"""Where rooms above hear of what happens to workspaces. They add to these lists in `AppConfig.ready()`."""

from collections.abc import Callable


class NotJoining(Exception):
    """Why nobody more may come into a workspace: a sentence for whoever reads it."""


# Each is called as handler(workspace, seats), inside the transaction, before somebody is invited or comes in: `seats`
# is how many people would then be in the workspace or invited to it. It raises NotJoining where that is too many.
joining: list[Callable] = []


def ask_for_seats(workspace, seats):
    """Raises NotJoining where one of the handlers does."""
    for handler in joining:
        handler(workspace, seats)
