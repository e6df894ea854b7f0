"""How soon the API answers on this machine while its workers are busy: a studio of its own on SQLite, then one on
PostgreSQL, and an open loop, which sends at its rate whether or not what it sent before was answered.

Posted are clips that the animatic draws, 20 a second; asked for are tasks, 40 a second; then both at once, then 50
posted a second. What waits grows meanwhile by what the workers cannot draw in time. The client is nice (10), for it
shares the cores. Goals: p95 of a POST 300 ms, of a GET 150 ms, no error; good would be 50 POSTs a second, on PostgreSQL
within 150 ms.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

import httpx  # noqa: E402

from bench.loading.databases import on_each, told_by  # noqa: E402
from tests.servers.studio import Studio  # noqa: E402

SECONDS = float(os.environ.get("SECONDS", "60"))
WARM_UP_SECONDS = 10.0
ROUNDS = int(os.environ.get("ROUNDS", "3"))
# DEBUG, which is on by default, notes every query.
PRODUCTION = {"DEBUG": "off", "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "off"}
POSTS, MANY_POSTS, GETS = 20, 50, 40  # a second
GOALS = {"post_p95_ms": 300, "get_p95_ms": 150, "errors": 0}
GOOD = {"many_posts_p95_ms": {"sqlite": 300, "postgresql": 150}}
FOX = {"model": "animatic", "promptText": "a red fox in a forest", "ratio": "256:144", "duration": 2, "seed": 7}
ISSUE = """
from runwayweb.accounts.models import User
from runwayweb.api.models import Key
from runwayweb.subscriptions.models import Wallet
ada = User.objects.create_user("ada@example.org", None, name="Ada")
Wallet.objects.of(ada.open_workspace()).grant(10**9, reference="bench")
print(Key.objects.issue(ada.open_workspace(), by=ada, name="Bench")[1])
"""


def main():
    figures = {
        "what": "milliseconds until an answer, one web process, workers busy; medians of rounds",
        "cores": os.cpu_count(),
        "goals": GOALS,
        "good": GOOD,
        "n": ROUNDS,
        "seconds": SECONDS,
    } | on_each(lambda database_url: told_by(__file__, database_url))
    (ROOT / "bench" / "api.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


def one():
    """The figures of one database, in a process which can be nice by itself."""
    given = PRODUCTION | {"RUNWAYWEB_DEFAULT_MODEL": "animatic"}
    given |= {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder) / "data", times={}, **given)
        studio.start().ready()
        os.nice(10)  # now: what it started before would be nice too
        try:
            asked = [sys.executable, "manage.py", "shell", "-v", "0", "-c", ISSUE]
            told = subprocess.run(asked, cwd=ROOT, env=studio.env, capture_output=True, text=True, check=True)
            rounds, loads = [], []
            for _round in range(ROUNDS):
                rounds.append(asyncio.run(round_of(studio.port, told.stdout.split()[-1])))
                loads.append(round(os.getloadavg()[0], 2))
        finally:
            studio.stop()
    print(json.dumps({"load": loads} | {name: median_of([each[name] for each in rounds]) for name in rounds[0]}))


async def round_of(port, key):
    headers = {"Authorization": f"Bearer {key}", "X-Runway-Version": "2024-11-06"}
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=base, headers=headers, limits=limits, timeout=30) as client:
        ids = [(await client.post("/v1/text_to_video", json=FOX)).json()["id"] for _task in range(20)]

        async def post():
            return await client.post("/v1/text_to_video", json=FOX, headers={"Idempotency-Key": os.urandom(8).hex()})

        async def get():
            return await client.get(f"/v1/tasks/{random.choice(ids)}")

        await driven({"warm_up_post": (post, POSTS), "warm_up_get": (get, GETS)}, WARM_UP_SECONDS)
        alone = await driven({"post": (post, POSTS)}, SECONDS) | await driven({"get": (get, GETS)}, SECONDS)
        both = await driven({"post_beside_get": (post, POSTS), "get_beside_post": (get, GETS)}, SECONDS)
        many = await driven({"many_posts": (post, MANY_POSTS)}, SECONDS)
    return alone | both | many


async def driven(calls, seconds):
    """Each call at its rate for so many seconds, and what came of it."""
    told = await asyncio.gather(*(at_rate(call, rate, seconds) for call, rate in calls.values()))
    return dict(zip(calls, told, strict=True))


async def at_rate(call, rate, seconds):
    began, sent, times, errors = time.monotonic(), [], [], []

    async def one(due):
        try:
            answer = await call()
            if answer.status_code != 200:
                errors.append(answer.status_code)
        except httpx.HTTPError as error:
            errors.append(type(error).__name__)
        times.append(1000 * (time.monotonic() - due))  # from when it was due: waiting to be sent is waiting

    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        sent.append(asyncio.create_task(one(due)))
    await asyncio.gather(*sent)
    if errors:
        print(f"{len(errors)} errors: {sorted(set(map(str, errors)))}", file=sys.stderr)
    centiles = statistics.quantiles(times, n=100, method="inclusive")
    return {
        "calls": len(times),
        "errors": len(errors),
        "median_ms": centiles[49],
        "p95_ms": centiles[94],
        "p99_ms": centiles[98],
        "worst_ms": max(times),
    }


def median_of(rounds):
    return {name: round(statistics.median(one[name] for one in rounds), 1) for name in rounds[0]}


if __name__ == "__main__":
    one() if sys.argv[1:] == ["one"] else main()
