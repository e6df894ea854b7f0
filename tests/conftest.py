"""What every test stands on: a data folder of its own, a real Valkey, a database other processes can open.

The environment is set before Django reads its settings, so that processes started by a test inherit the same.
`DATABASE_URL=postgres://…` runs the tests on PostgreSQL; without it they use an SQLite file.
"""

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

FOLDER = Path(tempfile.mkdtemp(prefix="runwayweb-tests-"))
# What the shell of whoever runs the tests may hold must not change what they find.
SETTINGS = {"ALLOWED_HOSTS", "DEBUG", "EMAIL_URL", "BIND", "HTTPS", "PORT", "SECRET_KEY"}
OF_SETTINGS = ("FAULT_", "GITHUB_", "GOOGLE_", "OIDC_", "RUNWAYWEB_", "STRIPE_", "SUGGESTIONS_")
for name in [name for name in os.environ if name in SETTINGS or name.startswith(OF_SETTINGS)]:
    del os.environ[name]
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"
# Workers begin drawing at once, without a model to load; who tells of the built-in model asks for it.
os.environ["RUNWAYWEB_DEFAULT_MODEL"] = "animatic"
os.environ["MODERATION"] = "off"  # whatever is installed; who tells of it asks for it
os.environ["RUNWAYWEB_DATA"] = str(FOLDER)
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # groups side by side would wait for each other's threads
os.environ["VALKEY_URL"] = f"unix://{FOLDER / 'valkey.sock'}?db=0"

from django.conf import settings  # noqa: E402
from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone, translation  # noqa: E402

from tests.servers.valkey import Valkey  # noqa: E402

VALKEY = Valkey(FOLDER / "valkey.sock")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_CHROMIUM = "Chromium is missing: install it with `apt-get install chromium`"
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, where Django would take memory: the processes a test starts must see the same rows.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(FOLDER / "test.sqlite3")
# As many rounds as a test needs, which is none; the number rides in the hash, so real servers can read it.
PBKDF2PasswordHasher.iterations = 1


def pytest_configure(config):
    if getattr(config.option, "numprocesses", None):
        # Processes side by side (pytest-xdist) read this file anew, and each makes an environment of its own: there,
        # Django must not be set up before it has.
        del os.environ["DJANGO_SETTINGS_MODULE"]
    else:
        VALKEY.start()


def pytest_unconfigure(config):
    VALKEY.stop()
    shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Mark by folder, and put journeys last: Playwright keeps an event loop running in this thread from its first.

    Two groups may run side by side: the journeys and those who kill what they started, one by one; and the rest.
    pytest-django sorts too, by use of the database: journeys come last only when it has.
    """
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in ("browser", "faults"):
            item.add_marker(folder)
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("processes" if folder in ("browser", "faults") else "rest"))
    result = yield
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    return result


def pytest_runtest_setup(item):
    if item.get_closest_marker("browser") and not CHROMIUM:
        if IN_CI:
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)


def pytest_report_teststatus(report):
    """Count journeys without Chromium by themselves, so that the closing line says so."""
    if report.skipped and NO_CHROMIUM in str(report.longrepr):
        return "journeys skipped because Chromium is missing", "s", "SKIPPED"


@pytest.fixture(autouse=True)
def _empty_valkey():
    from generation import circuit

    VALKEY.ready()
    circuit.valkey.reset()


@pytest.fixture(autouse=True)
def _at_home():
    """A request leaves its thread with the language and the time zone it was answered in."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture
def valkey():
    """The Valkey server, for tests that freeze, kill or flush it."""
    return VALKEY


@pytest.fixture
def database_url(transactional_db):
    """Where processes started by this test find its database."""
    from tests.servers.site import url_of_test_database

    return url_of_test_database()


@pytest.fixture
def site(database_url, tmp_path):
    """The studio's processes, to be started one by one: `site.start("web")`."""
    from tests.servers.site import Site

    site = Site(database_url, tmp_path)
    yield site
    site.stop_all()


@pytest.fixture
def mail(settings):
    """A mail server that keeps what it is given; processes send there with `EMAIL_URL=mail.url`, this one at once."""
    from tests.servers.mail import Mail

    server = Mail().start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    yield server
    server.stop()


@pytest.fixture
def backstage():
    """Calls a function in a thread of its own: `backstage(generation.cancel)`.

    For what sends hints or otherwise waits on asyncio during a journey: in the test's thread Playwright's loop runs.
    """

    def call(function, *arguments, **named):
        def and_disconnect():
            try:
                return function(*arguments, **named)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(max_workers=1) as threads:
            return threads.submit(and_disconnect).result()

    return call


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium, quiet and without a sandbox (tests often run as root)."""
    # Playwright runs its own event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    flags = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": flags.split()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """Without a GPU, moving ornaments would take the processor from whoever draws the clip."""
    return browser_context_args | {"reduced_motion": "reduce"}
