"""A backup is a folder: what lies where in it, and whether it is as it was written."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from runwayweb.assets.storage import sha256_of

FORMAT = 1
ABOUT = "backup.json"
FILES = "files.jsonl"  # one line for each stored file: {"name", "sha256"}; sha256 is null where no row tells it
MEDIA = "media"
KEYS = "keys"
UNFINISHED = ".unfinished"  # how the name of a folder ends until all of it is written


class BackupRefused(RuntimeError):
    """A backup that cannot be made, read or used here. The message says why and what to do."""


@dataclass(frozen=True)
class About:
    """`parts`: the SHA-256 of each file of the backup but the media. `migrations`: "app.name" of all that had run."""

    version: str
    made_at: str  # ISO 8601, UTC
    vendor: str  # "sqlite" or "postgresql"
    database: str  # the name of its file in the folder
    migrations: tuple[str, ...]
    rows: dict[str, int]  # by table
    parts: dict[str, str]
    has_media: bool
    has_keys: bool
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        (folder / ABOUT).write_text(json.dumps(asdict(self), indent=2) + "\n")


def read(folder: Path) -> About:
    """What the backup at `folder` says of itself, once its parts were found to be whole. Raises BackupRefused."""
    try:
        told = json.loads((folder / ABOUT).read_text())
    except FileNotFoundError:
        raise BackupRefused(f"{folder} is no backup: there is no {ABOUT} in it.") from None
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{folder / ABOUT} cannot be read ({error}).") from None
    if told.get("format") != FORMAT:
        raise BackupRefused(f"{folder} was made by a version of Runwayweb that keeps backups in another form.")
    about = About(**told | {"migrations": tuple(told["migrations"])})
    for name, sha256 in about.parts.items():
        if not (folder / name).is_file():
            raise BackupRefused(f"{folder} is not whole: {name} is missing.")
        if sha256_of(folder / name) != sha256:
            raise BackupRefused(f"{folder} is damaged: {name} is not what was written. Use another backup.")
    return about


def listed_files(folder: Path) -> list[dict]:
    """The stored files that the backup's database names."""
    return [json.loads(line) for line in (folder / FILES).read_text().splitlines()]
