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
    from django.db import connection, transaction

    from tests.accounts.test_matrix import World

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        # Who sends a file lets go of the connection first: here that would end the transaction the world stands in.
        patch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
        yield World()
        transaction.set_rollback(True)
