"""An installation out of a backup: the database, the keys, the files, and what has to be put right after the gap."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from generation.models import Worker
from runwayweb.assets.named import named
from runwayweb.assets.storage import take_in
from runwayweb.backups import databases
from runwayweb.backups.folder import KEYS, MEDIA, About, BackupRefused, listed_files, read
from runwayweb.upgrading import waiting_migrations, written_migrations


def restore(folder: Path, *, files: bool, say: Callable[[str], None]) -> list[str]:
    """Make this installation, which must be empty, the one in the backup. With `files`, its media and keys too.

    Returns the names of files that the database speaks of and the storage has not. Raises BackupRefused, before
    anything was changed here.
    """
    about = read(folder)
    refuse_if_it_does_not_fit(about)
    if files and about.has_keys:
        _put_keys(folder / KEYS)
    if files and about.has_media:
        _put_media(folder, say)
    databases.load(folder / about.database)  # last: until then it is empty, and all of this can be done again
    say(f"The database of {about.made_at} is in place: {sum(about.rows.values())} rows.")
    if waiting := waiting_migrations():
        call_command("migrate", interactive=False, verbosity=0)
        say(f"{len(waiting)} migrations brought it up to this version.")
    Worker.objects.all().delete()  # processes of back then; what they were at goes back to the queue when leases end
    return missing_files()


def refuse_if_it_does_not_fit(about: About) -> None:
    """Raises BackupRefused where this installation is in use, speaks another database, or is older than the backup."""
    if connection.vendor != about.vendor:
        raise BackupRefused(
            f"The backup is of {about.vendor}, and DATABASE_URL names a database of {connection.vendor}. "
            "It can be put back into the same kind only."
        )
    if unknown := sorted(set(about.migrations) - written_migrations()):
        raise BackupRefused(
            f"The backup was made by a newer version, {about.version}: this one does not know {unknown[-1]}. "
            "Install that version, or a later one."
        )
    if not databases.is_empty():
        raise BackupRefused(
            "There is something in the database already, and a restore never overwrites. Name an empty one in "
            "DATABASE_URL, or an empty folder in RUNWAYWEB_DATA."
        )


def missing_files() -> list[str]:
    """Which files the database names and the storage does not have. Not by the backup's own list: versions before this
    one left some out."""
    names = {file.name for row, file in named() if row.has_its_files}
    return [name for name in sorted(names) if not default_storage.exists(name)]


def _put_media(folder, say):
    count = 0
    draft = Path(settings.DATA_DIR) / "arriving.restored"  # the storage may move what it takes; the backup stays whole
    for one in listed_files(folder):
        path = folder / MEDIA / one["name"]
        if path.is_file() and not default_storage.exists(one["name"]):
            shutil.copyfile(path, draft)
            take_in(draft, one["name"])
            count += 1
    draft.unlink(missing_ok=True)
    say(f"{count} files are in the storage.")


def _put_keys(folder):
    """The keys of back then, where the environment names none. Raises BackupRefused where it names another one."""
    kept = (folder / "secret_key").read_text()
    if os.environ.get("SECRET_KEY"):
        if kept not in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            raise BackupRefused(
                "SECRET_KEY is not the one of the backup: what was sealed with that would stay shut. "
                f"Set SECRET_KEY_FALLBACKS to what is in {folder / 'secret_key'}."
            )
    else:
        _put(folder / "secret_key", Path(settings.DATA_DIR) / "secret_key")
    if not settings.CREDENTIALS_CHAIN:
        for name in ("chain.pem", "key.pem"):
            _put(folder / name, Path(settings.DATA_DIR) / "credentials" / name)


def _put(source, target):
    target.parent.mkdir(exist_ok=True)
    draft = target.with_name(f"{target.name}.arriving")
    shutil.copyfile(source, draft)
    os.chmod(draft, 0o600)
    os.replace(draft, target)
