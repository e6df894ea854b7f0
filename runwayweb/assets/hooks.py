"""News that travels upwards: rooms above add their handlers in `AppConfig.ready()`, and the verbs here call them."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

arrived: list[Callable[[Any], None]] = []  # an Upload whose file is to be fetched or taken in by a media worker


def tell_arrived(upload):
    """Call the handlers once the transaction is through. They may be lost: a look at the database finds the upload."""
    for handler in arrived:
        transaction.on_commit(lambda handler=handler: handler(upload), robust=True)
