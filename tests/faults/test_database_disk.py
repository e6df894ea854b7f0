"""The disk on which everything of a studio lies, its database first of all, is full: nothing is half there."""

import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import closing

import pytest

from tests.faults.lanes import report, spread, times
from tests.faults.null_studio import NullStudio
from tests.small_disk import small_disk

RECOVERY_SECONDS = 60
RUNS = "generation_generation"
ENOUGH = 6  # calls that found no room, each time
KEY = """
import django
django.setup()
from runwayweb.api.models import Key
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_user
ada = make_user("ada")
workspace = ada.open_workspace()
Wallet.objects.of(workspace).grant(100_000, reference="for the story")
print(Key.objects.issue(workspace, by=ada, name="Faults")[1])
"""


class Filler:
    """Takes all the room that there is, and whatever becomes free, until `stop()` gives it back."""

    def __init__(self, folder):
        self.path, self._ended = folder / "filler", threading.Event()
        self._thread = threading.Thread(target=self._fill, daemon=True)
        self._thread.start()

    def _fill(self):
        with open(self.path, "wb", buffering=0) as filler:
            while not self._ended.wait(0.02):
                for size in (2**20, 2**12):
                    try:
                        while filler.write(bytes(size)) == size:
                            pass
                    except OSError:
                        continue

    def stop(self):
        self._ended.set()
        self._thread.join(10)
        self.path.unlink()


class Program:
    """Asks a studio for runs, how far they are, and for a page. `answers`: how often each was given, by what was asked;
    `nonsense`: what no program can make anything of."""

    def __init__(self, studio, plain):
        self.url, self.answers, self.nonsense, self.made = f"http://127.0.0.1:{studio.port}", {}, [], []
        self.headers = {"Authorization": f"Bearer {plain}", "X-Runway-Version": "2024-11-06",
                        "Content-Type": "application/json"}  # fmt: skip

    def ask_for_a_run(self):
        body = {"model": "null", "promptText": "null 0.1 s " + "x" * 900, "ratio": "64:64", "duration": 0.25}
        status, told = self._call("run", "/v1/text_to_video", body)
        if status == 200:
            self.made.append(json.loads(told)["id"])
        return status

    def look(self):
        self._call("task", f"/v1/tasks/{self.made[-1]}")
        self._call("page", "/accounts/login/")

    def _call(self, what, path, body=None):
        request = urllib.request.Request(
            self.url + path, data=json.dumps(body).encode() if body else None, headers=self.headers
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, told, pause = answer.status, answer.read(), None
        except urllib.error.HTTPError as answer:
            status, told, pause = answer.code, answer.read(), answer.headers["Retry-After"]
        self.answers.setdefault(what, Counter())[status] += 1
        if status != 200 and not (status in (503, 507) and pause and self._is_a_sentence(what, told)):
            self.nonsense.append((what, status, told[:300]))
        return status, told

    def _is_a_sentence(self, what, told):
        return b"<h1" in told if what == "page" else json.loads(told)["error"].endswith(".")


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_studio_whose_disk_is_full_loses_nothing_and_goes_on(tmp_path):
    """All of it: database, media, what is on its way. Whoever asks is told so, or what they asked for is kept."""
    full, again = times(1, 5), []
    with small_disk(tmp_path / "data", "256m") as disk:
        studio = NullStudio(tmp_path).start()
        try:
            studio.ready(300)
            program = Program(studio, studio._run("-c", KEY).strip())
            assert program.ask_for_a_run() == 200
            studio.wait(lambda: how_many(studio, "status = 'succeeded'"), 60)
            for _ in range(full):
                filler, refused = Filler(disk), 0
                began = time.monotonic()
                while refused < ENOUGH:
                    refused += program.ask_for_a_run() != 200
                    program.look()
                    assert time.monotonic() < began + 120, "the disk never was full"
                before = how_many(studio, "status = 'succeeded'")
                filler.stop()
                room_at = time.monotonic()
                studio.wait(lambda: program.ask_for_a_run() == 200, RECOVERY_SECONDS)
                studio.wait(lambda: how_many(studio, "status = 'succeeded'") > before, RECOVERY_SECONDS)  # noqa: B023
                again.append(time.monotonic() - room_at)
                studio.wait(lambda: not how_many(studio, "finished_at IS NULL"), 300)
            found = studio.findings()
            outcomes = dict(select(studio, f"SELECT status, count(*) FROM {RUNS} GROUP BY status"))
            kept = [select(studio, f"SELECT count(*) FROM {table}")[0][0] for table in ("api_task", RUNS)]
            whole = select(studio, "PRAGMA integrity_check")
        finally:
            studio.stop()
    report(
        "disk of a whole studio full",
        faults=full,
        answers={what: dict(sorted(answers.items())) for what, answers in program.answers.items()},
        seconds_until_runs_succeed_again=spread(again),
        workers_replaced=len(studio.said_at("has been silent for too long")),
        ended=outcomes,
        findings=found,
    )
    assert program.nonsense == []
    assert whole == [("ok",)] and found == []
    assert kept == [len(program.made)] * 2, "what was said to be made is there, and nothing else"
    assert set(outcomes) <= {"succeeded", "failed"}
    assert max(again) <= RECOVERY_SECONDS


def select(studio, query):
    with closing(sqlite3.connect(f"file:{studio.database}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


def how_many(studio, condition):
    """The runs of which that is true."""
    return select(studio, f"SELECT count(*) FROM {RUNS} WHERE {condition}")[0][0]
