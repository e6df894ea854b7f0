"""Addresses that mean this machine, by the dozen, at every door that takes one: each has its sentence there, and nobody
who listens on this machine hears anything.

The guard is the product's own and so is what it connects with. Names mean this machine here, all of them, and port 443
leads to the canary's: nothing is between them but the guard.
"""

import socket
import ssl

import pytest
from django.urls import reverse

from runwayweb.api import media
from runwayweb.api.caller import Caller
from runwayweb.api.errors import Invalid
from runwayweb.api.models import Key
from runwayweb.api.webhooks import addresses as webhooks
from runwayweb.api.webhooks.sending import Why, send
from runwayweb.assets import guarded
from runwayweb.assets.fetching import Fetcher
from runwayweb.assets.guarded import Guard
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.taking_in import TakingIn
from runwayweb.subscriptions.models import Plan
from tests.factories import make_user
from tests.hostile_addresses import hostile_addresses
from tests.servers.canary import Canary

pytestmark = pytest.mark.django_db
PUBLIC = "files.example.org"
NO_URL = "Must be an HTTPS URL with a domain name, a runway:// upload URI or a data: URI."
NO_ADDRESS = "It must be an HTTPS address with a domain name, like https://example.org/clip.mp4."
NO_HOOK = "It must be an HTTPS address with a domain name, like https://example.org/webhooks."
SENTENCES = {  # to programs, in the library, where a webhook is saved
    "shape": (NO_URL, NO_ADDRESS, NO_HOOK),
    "number": ("URL cannot be reached.", NO_ADDRESS, NO_HOOK),
    "name": (
        "URL cannot be reached.",
        "This address cannot be reached.",
        "This address is not on the open internet, or its name is not known.",
    ),
}
OTHERWISE = {"data:,x": ("A data: URI must hold base64: data:image/png;base64,…", NO_ADDRESS, NO_HOOK)}


@pytest.fixture(scope="module")
def canary():
    listening = Canary()
    assert listening.sings("127.0.0.1", "::1") if socket.has_dualstack_ipv6() else listening.sings("127.0.0.1")
    yield listening
    listening.stop()


class House:
    """The edge to the network of a guard, where every name stands for another (CNAME) that means one of `meanings`, one
    after the other.

    What is an IP address in whatever dress is itself; `asked` counts names.
    """

    def __init__(self, canary, *meanings):
        self.canary = canary
        self.meanings = meanings
        self.asked = 0
        self.edge = {"resolve": self.resolve, "connect": self.connect, "trust": ssl.create_default_context()}

    def resolve(self, host, port, **named):
        try:
            return socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST, **named)
        except OSError:
            pass
        means = self.meanings[self.asked % len(self.meanings)]
        self.asked += 1
        if isinstance(means, Exception):
            raise means
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "db.internal", (one, port)) for one in means.split()]

    def connect(self, address, timeout):
        host, port = address
        return socket.create_connection((host, self.canary.port if port == guarded.PORT else port), timeout)


class Doors:
    """Everybody in the product who goes to an address that somebody wrote."""

    def __init__(self, client, ada, house):
        self.client = client
        self.house = house
        workspace = ada.open_workspace()
        key = Key.objects.issue(workspace, by=ada, name="Tests")[0]
        self.caller = Caller(key, workspace, ada, Plan.objects.of(workspace))
        client.force_login(ada)

    def api(self, url):
        with pytest.raises(Invalid) as told:
            self.caller.picture(url, "promptImage")
        return told.value.issues[0].message

    def library(self, url):
        page = self.client.post(reverse("assets:import"), {"url": url}, headers={"HX-Request": "true"})
        if page.status_code == 422:
            return page.context["why"].args[0]
        upload = Upload.objects.latest("created_at")
        assert TakingIn(upload, fetcher=Fetcher(**self.house.edge)).run()
        upload.refresh_from_db()
        upload.delete()  # there is a number of them that one may have a day
        return upload.told

    def saved(self, url):
        with pytest.raises(webhooks.AddressRefused) as told:
            webhooks.check(url)
        return str(told.value)

    def sent(self, url):
        outcome = send(webhooks.guard, url, {}, b"{}")
        return outcome.why, outcome.code, outcome.seconds


@pytest.fixture
def doors(canary, client, settings, monkeypatch):
    """Made for a House: `doors(House(canary, "127.0.0.1"))`."""

    def made(house):
        class OfHouse(Fetcher):
            def __init__(self, **limits):
                super().__init__(**limits, **house.edge)

        monkeypatch.setattr(OfHouse, "__module__", __name__)
        monkeypatch.setitem(globals(), "OfHouse", OfHouse)
        settings.MEDIA_FETCHER = f"{__name__}.OfHouse"
        monkeypatch.setattr(media, "EVEN_SECONDS", 0)  # tests/assets/test_fetching.py tells of that
        monkeypatch.setattr(webhooks, "guard", Guard(**house.edge))
        return Doors(client, make_user("ada"), house)

    return made


@pytest.mark.slow
def test_no_address_leads_into_the_house_by_any_door_and_each_has_its_sentence(canary, doors):
    house = House(canary, "127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1")
    known = hostile_addresses(PUBLIC) | {f"https://{PUBLIC}/{kind}.mp4": "name" for kind in ("a", "b", "c", "d")}
    known |= {f"https://127.0.0.1:{port}/": "shape" for port in canary.ports - {guarded.PORT}}
    assert len(known) >= 120
    by = doors(house)
    wrong = []
    for url, kind in known.items():
        told = by.api(url), by.library(url), by.saved(url)
        if told != OTHERWISE.get(url, SENTENCES[kind]):
            wrong.append((url[:99], kind, told))
        if by.sent(url) != (Why.UNREACHABLE, None, None):
            wrong.append((url[:99], "sent"))
    assert not wrong
    assert canary.heard == [] and not Asset.objects.filter(state=Asset.State.READY).exists()


@pytest.mark.parametrize(
    "meanings",
    [
        ["93.184.216.34 127.0.0.1"],
        ["127.0.0.1 2606:2800:220:1::1"],
        ["93.184.216.34 ::1"],
        [OSError("no such name")],
        [OSError("no such name"), "127.0.0.1"],
        [""],
    ],
    ids=["one inside", "IPv4 inside", "IPv6 inside", "unknown", "unknown first", "nothing"],
)
def test_a_name_that_means_several_places_or_none_is_told_like_one_inside(canary, doors, meanings):
    house = House(canary, *meanings)
    by = doors(house)
    url = f"https://{PUBLIC}/film.mp4"
    for _ in range(3):
        assert (by.api(url), by.library(url), by.saved(url)) == SENTENCES["name"]
        assert by.sent(url) == (Why.UNREACHABLE, None, None)
    assert house.asked == 12 and canary.heard == []


@pytest.mark.slow
def test_a_name_that_is_public_when_it_is_looked_at_and_inside_a_moment_later_is_refused_100_times(canary, doors):
    """Public when a webhook is saved and inside when something is sent; and between a look and the way there, where
    whoever asked twice would be led in."""
    house = House(canary, "93.184.216.34", "127.0.0.1")
    by = doors(house)
    url, refused = f"https://{PUBLIC}/hook", 0
    for _ in range(100):
        assert webhooks.check(url) == url
        refused += by.sent(url) == (Why.UNREACHABLE, None, None)
    assert (refused, house.asked, canary.heard) == (100, 200, [])
    went = []

    def pinned(address, timeout):
        went.append(address)
        raise ConnectionRefusedError

    for _ in range(100):
        house.asked = 0
        house.edge["connect"] = pinned
        with pytest.raises(guarded.Unfetchable):
            Fetcher(**house.edge).fetch(guarded.Address(url), "/nowhere", 100)
        assert house.asked == 1
    assert went == [("93.184.216.34", 443)] * 100


def test_the_canary_would_hear_whoever_were_let_in(canary, doors, monkeypatch):
    """What the stories above rest on: without the guard's look at addresses every door leads to the canary."""
    monkeypatch.setattr(guarded, "is_public", lambda address: True)
    by = doors(House(canary, "127.0.0.1", "::1"))
    url = f"https://{PUBLIC}/film.mp4"
    assert by.api(url) == "URL cannot be reached." and by.library(url) and by.sent(url)
    assert len(canary.heard) == 3
    canary.heard.clear()
