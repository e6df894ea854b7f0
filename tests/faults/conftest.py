import shutil

import pytest
from django.conf import settings

# Quick leases, so that recovery takes seconds here; the proportions are those of production.
QUICK = {"LEASE_SECONDS": "3", "LEASE_RENEWAL_SECONDS": "1", "DISPATCH_SECONDS": "0.3", "BEAT_SECONDS": "1"}


@pytest.fixture
def quick():
    return QUICK


@pytest.fixture(autouse=True)
def _no_files():
    """An empty media folder: these stories account for every file."""
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture
def project(transactional_db):
    from tests.factories import make_project, make_user

    return make_project(make_user("ada"))
