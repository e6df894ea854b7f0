import json

import pytest

# Models are imported inside: pytest may read this file before Django is set up.

HEADERS = {"X-Runway-Version": "2024-11-06"}


class Program:
    """Somebody's code that calls the API with a key, as Django's test client carries it."""

    def __init__(self, client, plain):
        self.client, self.plain = client, plain

    def call(self, method, path, body=None, **headers):
        sent = {"Authorization": f"Bearer {self.plain}"} | HEADERS
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        told = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, path, headers={k: v for k, v in sent.items() if v is not None}, **told)

    def get(self, path, **headers):
        return self.call("GET", path, **headers)

    def post(self, path, body, **headers):
        return self.call("POST", path, body, **headers)

    def delete(self, path, **headers):
        return self.call("DELETE", path, **headers)


@pytest.fixture
def ada(db):
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def program(client, ada):
    """Ada's code, with a key that may do everything."""
    from runwayweb.api.models import Key

    return Program(client, Key.objects.issue(ada.open_workspace(), by=ada, name="Tests")[1])


@pytest.fixture
def stranger(client):
    """Mallory's code, with a key of another workspace."""
    from runwayweb.api.models import Key
    from tests.factories import make_user

    mallory = make_user("mallory")
    return Program(client, Key.objects.issue(mallory.open_workspace(), by=mallory, name="Tests")[1])


@pytest.fixture
def pulse(db):
    """This process as a GPU worker, its thread not started: nothing beats unless a test says so."""
    from generation.pulse import Pulse

    return Pulse("gpu")


@pytest.fixture
def fox():
    """The smallest clip that can be asked for."""
    return {
        "model": "animatic",
        "promptText": "a red fox in a forest",
        "ratio": "64:64",
        "duration": 0.25,
        "seed": 7,
    }


@pytest.fixture
def hibari(monkeypatch):
    """An engine that speaks is installed; nobody here asks it to."""
    from generation.engine.cards import offline_sound
    from runwayweb.api.v1 import voices

    monkeypatch.setattr(offline_sound, "installed", lambda: (offline_sound.HIBARI,))
    monkeypatch.setattr(voices, "PREVIEW_SECONDS", 0)


@pytest.fixture(scope="session")
def live(tmp_path_factory):
    """A whole studio in processes of its own, for programs in theirs."""
    from tests.servers.live import LiveStudio

    studio = LiveStudio(tmp_path_factory.mktemp("live"))
    studio.start().ready(120)
    yield studio
    studio.stop()


@pytest.fixture(scope="session")
def live_key(live):
    return live.new_key("--name", "stories", "--credits", "100000")


@pytest.fixture(scope="session")
def limited_keys(live):
    """A key without access by API, and one that may ask twice a minute."""
    return live.keys_on_plans({"api_access": False}, {"requests_a_minute": 2})


@pytest.fixture(scope="session")
def runway(live, live_key):
    """Runway's client for Python. It asks once, so that a refusal is told at once."""
    from runwayml import RunwayML

    with RunwayML(base_url=live.url, api_key=live_key, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_runway(live, live_key):
    from runwayml import AsyncRunwayML

    async with AsyncRunwayML(base_url=live.url, api_key=live_key, max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def without_database(tmp_path_factory):
    """The address of a web server whose database is away."""
    from tests.servers.site import Site

    site = Site("postgres://nobody:nothing@127.0.0.1:1/nowhere", tmp_path_factory.mktemp("without_database"))
    site.start("web")
    yield site.url
    site.stop_all()


@pytest.fixture(scope="session")
def hook_server():
    """Somebody's server elsewhere that webhooks reach; slow to start, so one for all."""
    from tests.api.receiver import Receiver

    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def elsewhere(hook_server, monkeypatch):
    """The same, of which nobody asked anything yet. What it says is for each story to tell."""
    https = hook_server.https
    for kept in (https.answers, https.posted, https.reached):
        kept.clear()
    https.resolves = ["93.184.216.34"]
    hook_server.reach(monkeypatch)
    return hook_server
