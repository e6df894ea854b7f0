"""What one process of two takes as a whole when stories run side by side: `-n 2 --dist loadgroup`, as `make test` does.

A file is taken as a whole, so that what it sets up is set up once. Those about processes go together and first: they
share a live studio, and nobody freezes or kills beside somebody who watches the clock. Journeys go together and late:
they leave an event loop running in their thread, so that nothing may follow but files about the engine, which knows no
loop. Whoever is done takes what is next; there are enough of those files for both to end at the same time.

pytest-xdist knows groups by what its mark adds to an id, which with pytest 9.2 has no effect. Here the path of a story
tells: ids stay as they are, and `--last-failed` finds a story again whoever ran it.
"""

from xdist.scheduler import LoadScopeScheduling

ABOUT_PROCESSES = (
    "tests/api/test_live_door.py",
    "tests/api/test_node_sdk.py",
    "tests/api/test_python_sdk.py",
    "tests/api/test_python_sdk_rooms.py",
    "tests/api/test_quick_start.py",
    "tests/deploy/test_closed_root.py",
    "tests/deploy/test_cluster.py",
    "tests/faults/",
    "tests/house/test_up.py",
)
WITHOUT_A_CLOCK = ("tests/faults/test_postgresql.py", "tests/faults/test_races.py")


def group(nodeid):
    """Its place among others, and what it is taken with."""
    path = nodeid.partition("::")[0]
    if path.startswith(ABOUT_PROCESSES) and path not in WITHOUT_A_CLOCK:
        return 0, "processes"
    if path.startswith("tests/browser/"):
        return 2, "journeys"
    if path.startswith("tests/engine/") and not path.endswith("_command.py"):
        return 3, path
    return 1, path


def in_order(items):
    """Put those first that are to be taken first; who goes beside whom stays."""
    items.sort(key=lambda item: group(item.nodeid)[0])


class Groups(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        return group(nodeid)[1]


def pytest_xdist_make_scheduler(config, log):
    """None, which leaves it to pytest-xdist, where somebody asked to share in another way: `-n 8`."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False  # in order, not by how many there are
    return Groups(config, log)
