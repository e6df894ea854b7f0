import pytest


@pytest.fixture
def ada(db):
    """Whose films are made here."""
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def olga(db):
    """The operator."""
    from tests.factories import make_user

    return make_user("olga", is_staff=True)


@pytest.fixture
def console(client, olga):
    """Her browser."""
    client.force_login(olga)
    return client


@pytest.fixture
def told():
    """What the log tells of operators, the newest first: (action, about, details)."""
    from runwayweb.accounts.models import AuditEntry

    def deeds():
        entries = AuditEntry.objects.filter(action__startswith="operator.")
        return [(entry.action.removeprefix("operator."), entry.about, entry.details) for entry in entries]

    return deeds
