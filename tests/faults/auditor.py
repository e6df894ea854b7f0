"""What must be true after any fault, of every generation and every credit: what `manage.py audit` looks at, at once."""

import os
from datetime import timedelta
from unittest import mock

from generation import jobs
from generation.models import Generation
from runwayweb.proof.proof import Proof
from tests.servers.site import url_of_test_database


def ended():
    """Whether every generation has come to an end."""
    return not Generation.objects.in_progress().exists()


def findings(hashes=True):
    """What is off where nothing should be on its way any more, after the sweep that comes every five minutes."""
    jobs.sweep()
    # Processes are known by what they were told.
    with mock.patch.dict(os.environ, {"DATABASE_URL": url_of_test_database()}):
        return [str(finding) for finding in Proof(within=timedelta(0), hashes=hashes).findings()]


def audit():
    """Assert that every run ended once, was settled once, and shows a whole file exactly when it succeeded."""
    found = findings()
    assert not found, "\n".join(found)
