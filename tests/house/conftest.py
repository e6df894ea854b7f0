import pytest

from tests.servers.studio import Studio


@pytest.fixture
def studio(tmp_path):
    """A whole studio in a folder of its own, not started yet."""
    studio = Studio(tmp_path / "data")
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One studio for the tests of a module, started and ready."""
    studio = Studio(tmp_path_factory.mktemp("studio") / "data").start()
    studio.ready()
    yield studio
    studio.stop()
