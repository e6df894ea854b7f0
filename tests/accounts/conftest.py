import pytest


@pytest.fixture
def ada(db):
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def studio(ada):
    """Her workspace."""
    return ada.open_workspace()
