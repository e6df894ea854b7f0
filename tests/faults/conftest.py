import pytest

from tests.faults import lanes

# Quick leases, so that recovery takes seconds here; the proportions are those of production.
QUICK = {"LEASE_SECONDS": "3", "LEASE_RENEWAL_SECONDS": "1", "DISPATCH_SECONDS": "0.3", "BEAT_SECONDS": "1"}


def pytest_collection_modifyitems(config, items):
    """In `make test-faults` the stories of a part of it and nothing else; elsewhere none that is of it alone."""
    if lanes.FULL:
        kept = [item for item in items if (part := item.get_closest_marker("part")) and part.args[0] in lanes.PARTS]
    else:
        kept = [item for item in items if lanes.LITTLE or not item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture
def quick():
    return QUICK


@pytest.fixture(autouse=True)
def _account_for_files(no_files):
    pass


@pytest.fixture
def project(transactional_db):
    from tests.factories import make_project, make_user

    return make_project(make_user("ada"))


@pytest.fixture
def receiver(monkeypatch):
    """Where messages are sent to, and where addresses are looked up."""
    from tests.api.receiver import Receiver

    receiver = Receiver()
    receiver.reach(monkeypatch)
    yield receiver
    receiver.stop()


@pytest.fixture
def cluster(database_url, quick, tmp_path):
    """Processes that are started again at once, on the null engine."""
    from tests.faults.cluster import Cluster

    cluster = Cluster(database_url, tmp_path, quick)
    yield cluster
    cluster.stop()
