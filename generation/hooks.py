"""News that travels upwards: rooms above add their handlers in `AppConfig.ready()`, and the verbs here call them.

A handler takes the Generation, after the commit of what it tells of, in the process where that happened: a GPU worker,
the dispatcher or the web process. It must be quick (longer work goes to the media queue); one that raises is logged
and keeps nobody else from hearing the news.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)  # the database: whoever goes over many rows or jobs stops, and raises it

ended: list[Callable[[Any], None]] = []  # it succeeded, failed or was cancelled
swept: list[Callable[[], None]] = []  # a media worker clears away what nobody comes back for, every few minutes
# The dispatcher made its round: for what lost its job. Where one raises what is not AWAY, the others go on.
looked: list[Callable[[], None]] = []
# Called with the id of a workspace: the ids, as text, of its files that are shown elsewhere than on cards.
shown: list[Callable[[Any], set[str]]] = []
# Called with a Generation and the credits that it is charged, in the transaction in which its hold ends, so that what
# is counted elsewhere ends with it; these must not raise.
settled: list[Callable[[Any, int], None]] = []
# Called with a blocked Generation and the one that is made after all, in the transaction in which an operator lets it
# pass.
released: list[Callable[[Any, Any], None]] = []


def tell_ended(generation):
    """Call the handlers once the transaction is through."""
    for handler in ended:
        transaction.on_commit(lambda handler=handler: handler(generation), robust=True)


def look_after_each(rows: Iterable[Any], act: Callable[[Any], Any]) -> int:
    """Do something for each of some rows; for how many it said that it did. One that breaks is logged, and those behind
    it go on, for it would break on every round. Raises what AWAY has."""
    return sum(bool(_looked_after(row, act)) for row in rows)


def _looked_after(row, act):
    try:
        return act(row)
    except AWAY:
        raise
    except Exception:
        logger.exception("%s %s cannot go on", type(row).__name__, row.pk)
        return False
