import pytest


@pytest.fixture
def ada(db):
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def studio(ada):
    """Her workspace."""
    return ada.open_workspace()


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The World of the matrix: made once, and never changed, for whatever a request did is rolled back."""
    from tests.accounts.test_matrix import World
    from tests.made_once import made_once

    with made_once(django_db_blocker, World) as world:
        yield world
