"""What every test stands on: a data folder of its own, a real Valkey, a database other processes can open.

The environment is set before Django reads its settings, so that processes started by a test inherit the same.
`DATABASE_URL=postgres://…` runs the tests on PostgreSQL; without it they use an SQLite file.
"""

import hashlib
import os
import shutil
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

FOLDER = Path(tempfile.mkdtemp(prefix="runwayweb-tests-"))
# What the shell of whoever runs the tests may hold must not change what they find.
SETTINGS = {"ALLOWED_HOSTS", "DEBUG", "EMAIL_URL", "BIND", "HTTPS", "PORT", "SECRET_KEY", "LOG_FORMAT", "METRICS_TOKEN"}
OF_SETTINGS = ("AWS_", "FAULT_", "GITHUB_", "GOOGLE_", "OIDC_", "RUNWAYWEB_", "S3_", "STRIPE_", "SUGGESTIONS_")
OF_SETTINGS += ("OTEL_", "SENTRY_", "X_ACCEL")
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
from django.contrib.contenttypes.management import create_contenttypes  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.models.signals import post_migrate  # noqa: E402
from django.utils import timezone, translation  # noqa: E402
from pytest_django import fixtures  # noqa: E402

from tests import node  # noqa: E402
from tests.groups import in_order, pytest_xdist_make_scheduler  # noqa: E402, F401
from tests.servers.valkey import Valkey  # noqa: E402

VALKEY = Valkey(FOLDER / "valkey.sock")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_CHROMIUM = "Chromium is missing: install it with `apt-get install chromium`"
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

if settings.DATABASES["default"]["ENGINE"] == "runwayweb.sqlite":
    # A file, where Django would take memory: the processes a test starts must see the same rows.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(FOLDER / "test.sqlite3")
# The database is made for whoever asks for it, also by a fixture of a module, of which pytest-django does not know:
# where only such stories were told, they found the one of no test.
fixtures._get_databases_for_setup = lambda items: ({"default"}, set())
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
    """Mark by folder, and put journeys behind what their event loop would disturb, see groups.py.

    pytest-django sorts too, by use of the database: this comes when it has.
    """
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in ("browser", "faults"):
            item.add_marker(folder)
    result = yield
    in_order(items)
    return result


def pytest_runtest_setup(item):
    if item.get_closest_marker("browser") and not CHROMIUM:
        if IN_CI:
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)
    if item.get_closest_marker("node") and (why := node.missing()):
        if IN_CI:
            pytest.fail(why, pytrace=False)
        pytest.skip(why)


def pytest_report_teststatus(report):
    """Count what was skipped for want of Chromium or Node by itself, so that the closing line says so."""
    if report.skipped and NO_CHROMIUM in str(report.longrepr):
        return "journeys skipped because Chromium is missing", "s", "SKIPPED"
    if report.skipped and any(why in str(report.longrepr) for why in (node.NO_NODE, node.NO_CLIENT)):
        return "stories skipped because Node or what it runs is missing", "s", "SKIPPED"


@pytest.fixture(scope="session")
def migrated(request, django_db_modify_db_settings):
    """An empty database with these very migrations, as an earlier run left it; None on PostgreSQL, or with --create-db.

    Making one takes as long as dozens of stories.
    """
    if settings.DATABASES["default"]["ENGINE"] != "runwayweb.sqlite" or request.config.getvalue("create_db"):
        return None
    told = hashlib.sha256((request.config.rootpath / "requirements.txt").read_bytes())
    for path in sorted(request.config.rootpath.glob("*/**/migrations/*.py")):
        if ".venv" not in path.parts:
            told.update(path.name.encode() + path.read_bytes())
    return request.config.cache.mkdir("databases") / f"{told.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_keepdb(migrated):
    """Whether what is there is kept. Migrations are looked at all the same: there are none left to run."""
    if migrated is None or not migrated.exists():
        return False
    shutil.copyfile(migrated, connections["default"].settings_dict["TEST"]["NAME"])
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_keepdb, migrated):
    if migrated is not None and not django_db_keepdb:
        draft = migrated.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(connections["default"].settings_dict["NAME"])) as made:
            made.execute("VACUUM INTO ?", [str(draft)])
        for old in migrated.parent.glob("*.sqlite3"):
            old.unlink(missing_ok=True)
        draft.rename(migrated)
    # A database is emptied after each story that commits. Most of that time went into making permissions anew, which
    # nobody here asks for, and kinds of rows, which are made when they are asked for.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture(autouse=True)
def _empty_valkey():
    from generation import circuit

    VALKEY.ready()
    circuit.valkey.reset()


@pytest.fixture(autouse=True)
def _at_home():
    """A request leaves its thread with the language and the time zone it was answered in, and a process keeps what it
    read of flags and of kinds of rows."""
    from django.contrib.contenttypes.models import ContentType

    from generation import history
    from runwayweb.accounts import flags
    from runwayweb.api import known_keys

    translation.deactivate()
    timezone.deactivate()
    ContentType.objects.clear_cache()
    flags.keep({}, since=float("inf"))  # nothing is switched, and nobody asks until somebody switches
    known_keys.KEPT_SECONDS = 0.0  # what a story revokes is so at its next line; who tells of it asks for it
    history.KEPT_SECONDS = 0.0  # what just ended counts at once


@pytest.fixture
def no_files():
    """An empty media folder, for stories that account for every file."""
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


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


@pytest.fixture(scope="session")
def s3_server():
    from tests.servers.s3 import S3

    server = S3()
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server, settings):
    """A server of S3, and a studio (this process) that keeps its files there; `s3.env` is for processes it starts."""
    import environ

    from runwayweb import neighbours

    s3_server.well()
    s3_server.env = s3_server.new_bucket()
    s3_server.bucket = s3_server.env["S3_BUCKET"]
    environment = environ.Env()
    environment.ENVIRON = s3_server.env
    settings.S3 = neighbours.bucket(environment)
    settings.SECRET_KEY = s3_server.env["SECRET_KEY"]
    kept = {"BACKEND": "runwayweb.assets.s3.S3Storage", "OPTIONS": settings.S3.options}
    settings.STORAGES = settings.STORAGES | {"default": kept}
    yield s3_server
    s3_server.well()


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
