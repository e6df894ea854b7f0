"""Where models lie on this machine: pulled from their repositories, or put beside them by the operator.

A model is pulled into a folder of its own under another name, and moved to its place when all of it is there, so a
model is either whole or absent. What its files were when they were first looked at is kept beside it, and told again.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from generation.engine.card import ModelCard
from generation.engine.weights import DOWNLOADED, KEPT_BESIDE, ModelRefused, pipeline_class, refuse_pickles

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # before huggingface_hub is first imported
ROOT = Path(__file__).parent.parent.parent
ROOM = 2 * 10**9  # bytes that stay free on the disk
PULLING = ".pulling"
LORAS = "loras"  # the folder of a model for those of its files that come from elsewhere
PINS, ADDED = "pins.json", "added.json"


@dataclass(frozen=True)
class Published:
    """What a repository holds of a model: its revision, and of each file to be fetched size and SHA-256 (if told)."""

    revision: str
    files: dict[str, tuple[int, str | None]]
    loras: dict[str, int] = field(default_factory=dict)  # bytes of each file that comes from elsewhere

    @property
    def size_bytes(self) -> int:
        return sum(size for size, _ in self.files.values()) + sum(self.loras.values())


@dataclass(frozen=True)
class Verified:
    """How a model's files compare with what they were: names of files, and whether this was the first look."""

    first: bool
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not (self.changed or self.missing or self.unknown)


def models_folder() -> Path:
    """The folder of all models: RUNWAYWEB_MODELS_FOLDER, or `models` in the data folder."""
    folder = os.environ.get("RUNWAYWEB_MODELS_FOLDER")
    return Path(folder) if folder else Path(os.environ.get("RUNWAYWEB_DATA", ROOT / "var")) / "models"


def folder_of(model_id: str) -> Path:
    return models_folder() / model_id


def folders() -> frozenset[str]:
    """The names of what lies in the folder of all models."""
    try:
        return frozenset(os.listdir(models_folder()))
    except OSError:
        return frozenset()


def is_pulled(card: ModelCard) -> bool:
    """Whether all of a published model lies here."""
    return card.repository is not None and (folder_of(card.id) / "model_index.json").is_file()


def look_up(card: ModelCard) -> Published:
    """What the card's repository holds, and its LoRAs. Raises ModelRefused with what to do about it."""
    assert card.repository
    revision, found = _holdings(card, card.repository, card.revision)
    files = {
        name: told
        for name, told in found.items()
        if any(fnmatch(name, pattern) for pattern in DOWNLOADED)
        and (not card.files or any(fnmatch(name, pattern) for pattern in card.files))
    }
    if not any(name.endswith(".safetensors") for name in files):
        raise ModelRefused(f"{card.repository} holds no safetensors, and nothing else is opened here.")
    if "model_index.json" not in files:
        raise ModelRefused(
            f"{card.repository} is not published in the format of diffusers (it holds no model_index.json). Convert "
            f"it, then say: manage.py models add FOLDER. {card.name}: {card.summary}."
        )
    loras = {}
    for lora in card.loras:
        _, found = _holdings(card, lora.repository, None)
        if lora.file not in found:
            raise ModelRefused(f"{lora.repository} does not hold {lora.file} any more, which {card.name} needs.")
        loras[lora.file] = found[lora.file][0]
    return Published(revision, files, loras)


def _holdings(card, repository, revision):
    """The revision and {name: (bytes, SHA-256 or None)} of a repository. Raises ModelRefused."""
    from httpx2 import TransportError
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        told = HfApi(endpoint=_hub()).model_info(repository, revision=revision, files_metadata=True, timeout=20)
    except GatedRepoError as error:
        raise ModelRefused(
            f"{repository} asks for consent first: accept its terms on its page, then set HF_TOKEN to a token "
            "of that account."
        ) from error
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise ModelRefused(f"There is no {repository} in revision {revision or 'main'} any more.") from error
    except (TransportError, OSError) as error:  # an answer that is an error is an OSError there
        raise ModelRefused(_unreachable(card)) from error
    files = {file.rfilename: (file.size or 0, file.lfs.sha256 if file.lfs else None) for file in told.siblings or ()}
    return told.sha or revision or "main", files


def pull(card: ModelCard, published: Published, on_bytes: Callable[[int], None]) -> Path:
    """Fetch what is missing of a model and compare it with what was published; the folder it lies in now.

    Goes on where an earlier pull stopped. `on_bytes(count)` hears how many bytes of files are there. Raises
    ModelRefused: no room, no network, a file that is not what was published.
    """
    assert card.repository
    folder = folder_of(card.id)
    beside = folder.with_name(folder.name + PULLING)
    beside.mkdir(parents=True, exist_ok=True)
    here = sum(size for name, (size, _) in published.files.items() if (beside / name).is_file())
    free = shutil.disk_usage(beside).free
    if (wanted := published.size_bytes - here) + ROOM > free:
        raise ModelRefused(
            f"{card.name} takes {gigabytes(wanted)} more and 2 GB stay free, but the disk of {models_folder()} has "
            f"only {gigabytes(free)} left."
        )
    done = 0
    for name, (size, sha256) in sorted(published.files.items()):
        _fetch(card, card.repository, name, published.revision, beside, sha256)
        done += size
        on_bytes(done)
    for lora in card.loras:
        _fetch(card, lora.repository, lora.file, None, beside / LORAS, lora.sha256)
        done += published.loras.get(lora.file, 0)
        on_bytes(done)
    for cache_folder in (beside / ".cache", beside / LORAS / ".cache"):
        shutil.rmtree(cache_folder, ignore_errors=True)
    refuse_pickles(beside, called=card.name)
    pipeline_class(beside, called=card.name)
    if folder.exists():
        shutil.rmtree(folder)
    beside.rename(folder)
    pins = {name: sha256 or _sha256(folder / name) for name, (_, sha256) in published.files.items()}
    pins |= {f"{LORAS}/{lora.file}": _sha256(folder / LORAS / lora.file) for lora in card.loras}
    _keep(PINS, card.id, {"revision": published.revision, "files": pins})
    return folder


def _fetch(card, repository, name, revision, folder, sha256):
    """Fetch a file of a repository and compare it with its SHA-256, if that is known. Raises ModelRefused."""
    from httpx2 import TransportError
    from huggingface_hub import hf_hub_download

    try:
        file = Path(hf_hub_download(repository, name, revision=revision, local_dir=folder, endpoint=_hub()))
    except (TransportError, OSError) as error:
        raise ModelRefused(f"{_unreachable(card)} What was fetched is kept; pull again to go on.") from error
    if sha256 and _sha256(file) != sha256:
        file.unlink()
        raise ModelRefused(f"{name} of {repository} came damaged. Pull again to fetch it anew.")


def verify(model_id: str, folder: Path) -> Verified:
    """Compare every file of a model with what it was when it was pulled, or first verified. Reads all of it."""
    now = {name: _sha256(folder / name) for name in sorted(_files(folder)) if Path(name).parts[0] != KEPT_BESIDE}
    pinned = _kept(PINS).get(model_id)
    if pinned is None:
        _keep(PINS, model_id, {"revision": None, "files": now})
        return Verified(True, (), (), ())
    before = pinned["files"]
    return Verified(
        first=False,
        changed=tuple(name for name in now if name in before and before[name] != now[name]),
        missing=tuple(name for name in before if name not in now),
        unknown=tuple(name for name in now if name not in before),
    )


def revision_of(model_id: str) -> str | None:
    """The revision that was pulled, if it is known."""
    return _kept(PINS).get(model_id, {}).get("revision")


def is_pinned(model_id: str) -> bool:
    """Whether it is known here what the model's files should be."""
    return model_id in _kept(PINS)


def remove(model_id: str) -> int:
    """Delete a pulled model, an unfinished pull of it too, or forget one that was added; bytes that are free now."""
    freed = 0
    for folder in (folder_of(model_id), folder_of(model_id + PULLING)):
        if folder.is_dir():
            freed += sum((folder / name).stat().st_size for name in _files(folder))
            shutil.rmtree(folder)
    _keep(PINS, model_id, None)
    _keep(ADDED, model_id, None)
    return freed


def add(model_id: str, folder: Path) -> None:
    """Let a folder of the operator's own join the catalogue. Raises ModelRefused for one that is not driven here."""
    refuse_pickles(folder, called=folder.name)
    pipeline_class(folder, called=folder.name)
    _keep(ADDED, model_id, str(folder.resolve()))


def add_lora(model_id: str, base: str, file: Path, *, weight: float, trigger: str) -> None:
    """Let a model with low-rank weights of the operator's own join the catalogue. Raises ModelRefused."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt") as weights:
            names = list(weights.keys())
    except (OSError, SafetensorError) as error:
        raise ModelRefused(f"{file.name} is no safetensors file, and nothing else is opened here.") from error
    if not any("lora" in name.lower() for name in names):
        raise ModelRefused(f"{file.name} holds no low-rank weights (LoRA).")
    told = {"base": base, "file": str(file.resolve()), "weight": weight, "trigger": trigger}
    _keep(ADDED, model_id, told)


def added() -> dict[str, str]:
    """Folders of the operator's own, by the id they were given."""
    return {model_id: told for model_id, told in _kept(ADDED).items() if isinstance(told, str)}


def added_loras() -> dict[str, dict]:
    """LoRAs of the operator's own, by the id they were given: base, file, weight, trigger."""
    return {model_id: told for model_id, told in _kept(ADDED).items() if isinstance(told, dict)}


def gigabytes(size_bytes: float) -> str:
    return f"{size_bytes / 1e9:,.1f} GB"


def _hub():
    """Where repositories are asked for, if not at their usual home."""
    return os.environ.get("HF_ENDPOINT")


def _unreachable(card):
    return (
        f"The files of {card.name} could not be fetched: check the network. On a machine without one, copy the folder "
        f"of {card.repository} here and say: manage.py models add FOLDER."
    )


def _files(folder: Path) -> Iterator[str]:
    return (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def _sha256(file: Path) -> str:
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _kept(name):
    file = models_folder() / name
    try:
        return _read(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@cache
def _read(file, changed_at):
    return json.loads(file.read_text())


def _keep(name, model_id, value):
    """Write one entry of a table of models, or strike it out, in one move."""
    table = {key: entry for key, entry in _kept(name).items() if key != model_id}
    if value is not None:
        table[model_id] = value
    file = models_folder() / name
    if value is None and not file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".writing")
    beside.write_text(json.dumps(table, indent=1) + "\n")
    beside.replace(file)
