import pytest

# Models are imported inside: pytest may read this file before Django is set up.


@pytest.fixture
def ada(db):
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def mallory(db):
    from tests.factories import make_user

    return make_user("mallory")


@pytest.fixture
def project(ada):
    from tests.factories import make_project

    return make_project(ada)


@pytest.fixture
def studio(client, ada):
    """Ada's browser, signed in."""
    client.force_login(ada)
    return client


@pytest.fixture
def pulse_worker(db):
    """A GPU worker's row, to claim generations in a test's own process."""
    from generation.pulse import Pulse

    return Pulse("gpu").worker
