"""Where rooms above hear of what happens to workspaces. They add to these lists in `AppConfig.ready()`."""

from collections.abc import Callable


class NotYet(Exception):
    """Something of a workspace elsewhere could not be ended just now; it can be tried again later."""


class NotJoining(Exception):
    """Why nobody more may come into a workspace: a sentence for whoever reads it."""


# Each is called as handler(workspace, seats), inside the transaction, before somebody is invited or comes in: `seats`
# is how many people would then be in the workspace or invited to it. It raises NotJoining where that is too many.
joining: list[Callable] = []

# Each is called as handler(user), inside the transaction in which somebody signs up.
joined: list[Callable] = []

# Each is called as handler(workspace), when somebody asks to leave for good and it is theirs alone; it raises
# NotClosing where something has to end first.
closing: list[Callable] = []
# Each is called as handler(workspace), inside the transaction, and takes away what its room keeps there. Rooms are
# added from the lowest up and called from the highest down: what stands on something goes before it.
erasing: list[Callable] = []


class NotClosing(Exception):
    """Why an account cannot be given up yet: a sentence."""


def ask_to_close(workspaces):
    """Raises NotClosing where one of the handlers does."""
    for workspace in workspaces:
        for handler in closing:
            handler(workspace)


def ask_for_seats(workspace, seats):
    """Raises NotJoining where one of the handlers does."""
    for handler in joining:
        handler(workspace, seats)


# Each is called as handler(workspace), outside of any transaction, before a workspace is deleted for good: what it has
# elsewhere ends, like a subscription that is paid for. It raises NotYet, and the workspace stays until it worked.
ending: list[Callable] = []


def end_elsewhere(workspace):
    """Raises NotYet where one of the handlers does."""
    for handler in ending:
        handler(workspace)


# Each is called as handler(workspace, user), inside the transaction, after somebody lost the right to make films there:
# they left, were taken out, or have another role. What they began and is not made yet ends.
made_no_more: list[Callable] = []


def end_work_of(workspace, user):
    for handler in made_no_more:
        handler(workspace, user)


# Each is called as handler(user), inside the transaction, after somebody showed that an address is theirs.
shown_address: list[Callable] = []


def tell_of_a_shown_address(user):
    for handler in shown_address:
        handler(user)


# Each is called as handler(workspace, user), inside the transaction, when the operator stops a workspace or somebody in
# it: all that is being made there ends now, by `user`, or by everybody where that is None.
stopped: list[Callable] = []


def stop_work_of(workspace, user):
    for handler in stopped:
        handler(workspace, user)
