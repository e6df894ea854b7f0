"""Something that many stories ask and none changes: whatever one of them did is rolled back."""

from contextlib import contextmanager

import pytest
from django.db import connection, transaction


@contextmanager
def made_once(blocker, make):
    """What `make` made in the database, for a whole file of stories. `blocker`: pytest-django's."""
    with blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        # Who sends a file lets go of the connection first: here that would end the transaction it all stands in.
        patch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
        yield make()
        transaction.set_rollback(True)
