"""A version is brought up beside workers of the one before: they finish what they draw, and go on until replaced."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from tests.faults.lanes import report, times
from tests.faults.null_studio import NullStudio
from tests.servers.program import copy_of_program

NEXT = '''
import time
from django.db import migrations, models
from django.db.models import Value

def told_of_all(apps, schema_editor):
    """Every row is written, and writers wait for it."""
    apps.get_model("generation", "Generation").objects.update(mood="calm")
    time.sleep({seconds})

class Migration(migrations.Migration):
    dependencies = [("generation", "{latest}")]
    operations = [
        migrations.AddField("generation", "mood", models.CharField(max_length=20, db_default=Value(""))),
        migrations.AddField("generation", "seen_at", models.DateTimeField(null=True)),
        migrations.CreateModel("Mood", [("id", models.BigAutoField(primary_key=True)),
            ("generation", models.OneToOneField("generation.Generation", models.CASCADE))]),
        migrations.AddIndex("generation", models.Index(fields=["mood", "created_at"], name="runs_by_mood")),
        migrations.RunPython(told_of_all, migrations.RunPython.noop),
    ]
'''


def next_version(folder, seconds):
    """A copy of the program with one migration more: a table, columns and an index of what is written all the time."""
    copy_of_program(folder)
    [latest] = [name for app, name in MigrationLoader(None).graph.leaf_nodes("generation")]
    (folder / "generation" / "migrations" / "9999_next.py").write_text(NEXT.format(latest=latest, seconds=seconds))
    return folder


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="has an SQLite file of its own")
def test_old_workers_finish_beside_a_migration_and_go_on_after_it(tmp_path):
    held = 3
    newer = next_version(tmp_path / "newer", held)
    studio = NullStudio(tmp_path, GPU_WORKERS="2").start()
    try:
        studio.ready(300)
        runs = studio.ask("ada", *["null 3 s"] * times(10, 40))
        studio.wait(lambda: "running" in {studio.told(run)[0] for run in runs}, 60)

        def upgrade(folder):
            return subprocess.run(
                [sys.executable, "manage.py", "upgrade"],
                env=studio.env | {"VALKEY_URL": "", "DATABASE_URL": f"sqlite:///{studio.database}"},
                cwd=folder,
                capture_output=True,
                text=True,
            )

        began = time.monotonic()
        brought_up = upgrade(newer)
        took = time.monotonic() - began
        assert {studio.told(run)[0] for run in runs} > {"running"}, "it came while they drew"
        assert brought_up.returncode == 0 and "generation.9999_next" in brought_up.stdout, brought_up.stderr
        later = studio.ask("grace", *["null 0.2 s"] * times(5, 20))
        for run in runs + later:
            studio.wait(lambda: studio.told(run)[0] in ("succeeded", "failed"), 300)  # noqa: B023
        told = [studio.told(run) for run in runs + later]
        back = upgrade(settings.BASE_DIR)
        found = studio.findings()
    finally:
        studio.stop()
    assert {(status, code) for status, _attempt, code in told} == {("succeeded", "")}
    assert took > held and max(attempt for _status, attempt, _code in told) <= 2
    assert back.returncode != 0 and "a newer version of Runwayweb" in back.stderr
    assert found == []
    drawn_again = sum(attempt > 1 for _status, attempt, _code in told)
    report("old workers beside a migration", runs=len(told), drawn_again=drawn_again, findings=found)
