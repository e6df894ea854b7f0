"""News of a film that travels upwards: rooms above add their handlers in `AppConfig.ready()`.

A handler takes the Export, after the commit of what it tells of; one that raises keeps nobody else from hearing it.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

exported: list[Callable[[Any], None]] = []  # it succeeded, failed or was stopped


def tell_exported(export):
    """Call the handlers once the transaction is through."""
    for handler in exported:
        transaction.on_commit(lambda handler=handler: handler(export), robust=True)
