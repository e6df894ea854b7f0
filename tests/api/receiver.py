"""A receiver of webhooks: a real server of HTTPS, and who brings it messages through the guard."""

import json
import time

from django.utils import timezone
from standardwebhooks import Webhook

from runwayweb.api.models import Delivery
from runwayweb.api.webhooks import addresses
from runwayweb.api.webhooks.deliverer import Deliverer
from runwayweb.assets.guarded import Guard
from tests.servers.https import HOST, Https, answer

URL = f"https://{HOST}/hook"


class Receiver:
    """`https` is the server, `answers` what it says; `bring()` lets the loop bring all that is due."""

    def __init__(self):
        self.https = Https()
        self.url = URL
        self.says(answer(status=204))

    def says(self, *answers, path="/hook"):
        """Answer so from now on; of several each once, and the last of them for ever."""
        waiting = list(answers)

        def send(handler):
            (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)

        self.https.answers[path] = send

    def guard(self, **edge):
        return Guard(**self.https.edge() | edge)

    def reach(self, monkeypatch):
        """Let addresses that are saved be looked up here too."""
        monkeypatch.setattr(addresses, "guard", self.guard())

    def bring(self, seconds=10, **edge):
        """What happened is written, and everything whose time has come is sent and settled."""
        deliverer = Deliverer(self.guard(**edge))
        deliverer.look()
        while deliverer.under_way:
            deliverer.finish(seconds)
            assert not deliverer.under_way
            deliverer.look()
        return deliverer

    @property
    def posted(self):
        return self.https.posted

    @property
    def told(self):
        """The bodies that came, in their order."""
        return [json.loads(post.body) for post in self.posted]

    def verified(self, secret, at=-1):
        """The body of one that came, as the reference library believes it with this secret."""
        post = self.posted[at]
        return Webhook(secret).verify(post.body, post.headers)

    def stop(self):
        self.https.stop()


def hour_strikes(**of):
    """The time of every waiting message has come."""
    return Delivery.objects.waiting().filter(**of).update(next_attempt_at=timezone.now(), claimed_until=None)


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)
