"""Making a backup: first the database, then the files it names, then the keys that open what it holds."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

import runwayweb
from runwayweb.assets.certificate import certificate
from runwayweb.assets.storage import sha256_of
from runwayweb.backups import databases
from runwayweb.backups.folder import ABOUT, FILES, KEYS, MEDIA, UNFINISHED, About, listed_files

BLOCK_BYTES = 1024 * 1024


def write(into: Path, *, media: bool, keys: bool, say: Callable[[str], None]) -> tuple[Path, list[str]]:
    """A new backup in the folder `into`, named after the moment (UTC): where it lies, and which files it lacks because
    the storage holds something else under their names than what was laid there.

    While it is written its name ends in ".unfinished". With `media` the files themselves too; those that the backup
    before has alike are linked to it and take no room. Raises BackupRefused and OSError.
    """
    made_at = datetime.now(UTC)
    folder = into / made_at.strftime("runwayweb-%Y-%m-%dT%H-%M-%SZ")
    draft = folder.with_name(folder.name + UNFINISHED)
    before = next(iter(reversed(backups_in(into))), None)
    into.mkdir(parents=True, exist_ok=True)
    draft.mkdir(mode=0o700)
    try:
        with databases.dumped(draft) as (database, ask):
            rows, migrations = databases.counted(ask), databases.migrations_run(ask)
            files = list(databases.stored_files(ask))
        _write_list(draft / FILES, files)
        damaged = _copy_media(files, draft, before, say) if media else []
        if keys:
            _write_keys(draft / KEYS)
        parts = [database, FILES, *(f"{KEYS}/{path.name}" for path in sorted((draft / KEYS).glob("*")))]
        About(
            version=runwayweb.__version__,
            made_at=made_at.isoformat(timespec="seconds"),
            vendor=connection.vendor,
            database=database,
            migrations=migrations,
            rows=rows,
            parts={name: sha256_of(draft / name) for name in parts},
            has_media=media,
            has_keys=keys,
        ).write(draft)
        os.sync()  # a name without ".unfinished" promises that all of it is on the disk
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder, damaged


def backups_in(folder: Path) -> list[Path]:
    """The finished backups there, the oldest first."""
    return sorted(path.parent for path in folder.glob(f"runwayweb-*/{ABOUT}") if path.parent.suffix != UNFINISHED)


def keep_only(newest: int, folder: Path) -> list[Path]:
    """Remove all backups there but so many of the newest; those removed."""
    old = backups_in(folder)[:-newest]
    for path in old:
        shutil.rmtree(path)
    return old


def _write_list(path, files):
    with open(path, "w") as lines:
        for name, sha256 in files:
            lines.write(json.dumps({"name": name, "sha256": sha256}) + "\n")


def _copy_media(files, draft, before, say):
    """Copy what the database names; those that are damaged. One that was thrown away meanwhile is said, no more."""
    known, damaged = {}, []
    if before is not None and (before / MEDIA).is_dir():
        known = {one["name"]: one["sha256"] for one in listed_files(before)}
    for name, sha256 in files:
        target, old = draft / MEDIA / name, before and before / MEDIA / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Only a file whose content some row vouches for: posters and proxies may be made anew under the same name.
            if sha256 and known.get(name) == sha256 and old.is_file():
                os.link(old, target)
                continue
            with default_storage.open(name, "rb") as source, open(target, "xb") as copy:
                shutil.copyfileobj(source, copy, BLOCK_BYTES)
        except FileNotFoundError:
            say(f"{name} is gone meanwhile.")
            target.unlink(missing_ok=True)
            continue
        if sha256 and sha256_of(target) != sha256:
            target.unlink()
            damaged.append(name)
    return damaged


def _write_keys(folder):
    folder.mkdir(mode=0o700)
    signing = certificate()
    fallbacks = "\n".join(settings.SECRET_KEY_FALLBACKS)
    for name, content in {
        "secret_key": settings.SECRET_KEY.encode(),
        **({"secret_key_fallbacks": fallbacks.encode()} if fallbacks else {}),
        "chain.pem": signing.chain,
        "key.pem": signing.key,
    }.items():
        with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
