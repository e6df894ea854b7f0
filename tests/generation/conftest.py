import pytest

# Models are imported inside: pytest may read this file before Django is set up.


@pytest.fixture
def ada(db):
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def project(ada):
    from tests.factories import make_project

    return make_project(ada)


@pytest.fixture
def pulse(db):
    """This process as a GPU worker, its thread not started: nothing beats unless a test says so."""
    from generation.pulse import Pulse

    return Pulse("gpu")
