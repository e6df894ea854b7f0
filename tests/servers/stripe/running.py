"""The practice Stripe as a process of a test, and what a test does with it."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from runwayweb.supervisor.tether import tethered
from tests.servers.ports import free_port

ROOT = Path(__file__).parents[3]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_browser = urllib.request.build_opener(_Stay)


class PracticeStripe:
    """`url` is what STRIPE_API_BASE takes."""

    KEY = "sk_test_practice"
    SECRET = "whsec_practice"

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self, webhook=""):
        command = [sys.executable, "-m", "tests.servers.stripe", "--port", str(self.port), "--secret", self.SECRET]
        command += ["--webhook", webhook] if webhook else []
        self.process = subprocess.Popen(tethered(command), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()  # it says when it is there
        return self

    def stop(self):
        """From now on the connection is refused."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    @property
    def v1(self):
        """Everything the official library can ask."""
        import stripe

        return stripe.StripeClient(self.KEY, base_addresses={"api": self.url}, max_network_retries=0).v1

    def control(self, path, /, **fields):
        """What `/_control/…` answers."""
        body = urlencode(fields, doseq=True).encode()
        with urllib.request.urlopen(f"{self.url}/_control/{path}", data=body) as answer:
            return json.load(answer)

    def forget(self):
        self.control("forget")

    def fault(self, kind, path="", times=1, seconds=30):
        self.control("faults", kind=kind, path=path, times=times, seconds=seconds)

    def requests(self, path=""):
        """What was asked so far: method, path, key, fault, status of each."""
        return [one for one in self.control("requests") if path in f"{one['method']} {one['path']}"]

    def events(self, *types):
        """What happened so far, as it was told, oldest first: all, or of these types."""
        return [event for event in self.control("events") if not types or event["type"] in types]

    def press(self, address, **fields):
        """Press a page's button: where it sends the browser, or "" when a page is shown again."""
        try:
            with _browser.open(address, data=urlencode(fields).encode()):
                return ""
        except urllib.error.HTTPError as answer:
            if answer.code == 303:
                return answer.headers["Location"]
            raise

    def new_clock(self):
        """A test clock on which every customer made from here on lives. It starts on the first of July to come.

        So its months are as long, and the sums of a story the same, whenever it is told.
        """
        now = datetime.now(UTC)
        start = datetime(now.year + (now.month > 6), 7, 1, 12, tzinfo=UTC)
        clock = self.v1.test_helpers.test_clocks.create({"frozen_time": int(start.timestamp())})
        self.control("clock", clock=clock.id)
        return clock.id

    def pass_days(self, clock, days):
        """Let so many days go by on a test clock."""
        clocks = self.v1.test_helpers.test_clocks
        clocks.advance(clock, {"frozen_time": clocks.retrieve(clock).frozen_time + int(days * 86400)})
