import pytest

# Models are imported inside: pytest may read this file before Django is set up.


@pytest.fixture
def ada(db):
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def asset(ada):
    from tests.factories import make_asset

    return make_asset(ada.open_workspace(), bytes(range(256)) * 40, sha256="ab" * 32, name='The "Fox".mp4')
