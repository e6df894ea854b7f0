"""A whole studio for the journeys: web, one GPU worker, one media worker, the dispatcher; started once."""

import pytest

# Models are imported inside: pytest may read this file before Django is set up.


@pytest.fixture(scope="session")
def running_studio(django_db_setup, tmp_path_factory):
    """The processes, with tiny saved pipelines: of words alone, of pictures, and of pictures and blocking."""
    import os

    from tests.engine.tiny_pipelines import save_tiny_painter, save_tiny_vace, save_tiny_wan
    from tests.servers.site import Site, url_of_test_database

    site = Site(url_of_test_database(), tmp_path_factory.mktemp("studio"))
    models = tmp_path_factory.mktemp("models")
    wan, vace = save_tiny_wan(models / "tiny-wan"), save_tiny_vace(models / "tiny-vace")
    painter = save_tiny_painter(models / "tiny-painter")
    os.environ["RUNWAYWEB_MODELS"] = f"tiny-wan={wan},tiny-vace={vace},tiny-painter={painter}"
    quick = {"LEASE_SECONDS": "6", "DISPATCH_SECONDS": "0.5", "BEAT_SECONDS": "1", "MODEL_AWAY_SECONDS": "1"}
    for process in ("web", "gpu", "media", "dispatcher"):
        site.start(process, env=quick)
    yield site
    os.environ.pop("RUNWAYWEB_MODELS")
    site.stop_all()


@pytest.fixture
def studio(running_studio, transactional_db):
    """The running studio with an empty database."""
    return running_studio


def is_a_complaint(message):
    """An error in the console; but a request that is cut short says so there, too: one because the page is left, or one
    for a quote because the next has been asked for."""
    cut_short = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
    icon = message.location["url"].endswith("/favicon.ico")  # pages name theirs; of a part alone one is looked for
    return message.type == "error" and not icon and not message.text.startswith(cut_short)


@pytest.fixture
def complaints(page):
    """What the browser complains of: errors of scripts, refused by the policy, missing files."""
    heard = []
    page.on("console", lambda message: heard.append(message.text) if is_a_complaint(message) else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("response", lambda answer: heard.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
    return heard


@pytest.fixture
def ada(transactional_db):
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def stripe():
    from tests.servers.stripe.running import PracticeStripe

    server = PracticeStripe().start()
    yield server
    server.stop()


@pytest.fixture
def selling(site, stripe, mail):
    """A studio that sells plans, where a new workspace has credits for one clip."""
    import os
    import subprocess
    import sys

    env = {
        "STRIPE_SECRET_KEY": stripe.KEY,
        "STRIPE_WEBHOOK_SECRET": f"whsec_of_last_year,{stripe.SECRET}",
        "STRIPE_API_BASE": stripe.url,
        "EMAIL_URL": mail.url,
        "SIGNUP_CREDITS": "6",
        "DISPATCH_SECONDS": "0.5",
        "BEAT_SECONDS": "1",
    }
    database = {"DATABASE_URL": site.database_url}
    for process in ("web", "gpu", "media", "dispatcher"):
        site.start(process, env=env)
    stripe.control("webhook", url=f"{site.url}/billing/webhook")
    subprocess.run([sys.executable, "manage.py", "stripe_sync"], env=os.environ | env | database, check=True)
    return site


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """A journey that fails tells what stood on the page and what the studio's processes wrote."""
    report = yield
    if report.failed and report.when == "call":
        if (page := item.funcargs.get("page")) and not page.is_closed():
            report.sections.append(("On the page", page.locator("body").inner_text(timeout=2000)))
        if site := item.funcargs.get("studio"):
            report.sections.append(("The studio's logs", site.logs(lines=40)))
    return report
