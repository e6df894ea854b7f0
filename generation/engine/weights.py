"""Where a model's files come from, and why they are safe to open: safetensors only, and nobody else's code.

A pickle runs whatever its author wrote the moment it is opened, `weights_only=True` or not (CVE-2025-32434), so a
folder that holds one is refused by its name before anything in it is read.
"""

import hashlib
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from generation.engine.card import PIPELINE_CLASSES
from generation.engine.clip import EngineError
from generation.engine.memory import Needs

PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pt2", ".pickle"})
DOWNLOADED = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")  # the last: how a chat is written down
LIBRARIES = ("diffusers", "transformers")  # the only ones whose classes a folder may name, beside our own
# Of diffusers.pipelines: parts that belong to one pipeline are named by its folder.
FOLDERS = ("ltx2", "ace_step", "stable_audio_3")
OURS = tuple(f"generation.engine.painter.{part}" for part in ("codec", "network", "relief"))
BLOCKS = 20  # the fewest blocks a large transformer is made of
WORKING = 8.0  # GB a clip may take besides weights
KEPT_BESIDE = ".runwayweb"  # the folder in a model's own for what this studio found out about it: no part of it
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


class ModelRefused(EngineError):
    """The model's files are missing, unsafe, or of a kind this studio does not drive. The message says which."""

    def __init__(self, message: str, **values: Any):
        super().__init__(message, code="INTERNAL.MODEL_REFUSED", **values)


def model_folder(location: str) -> Path:
    """The folder of a model, checked: `location` is a folder, or a repository that is fetched (or found) first.

    Raises ModelRefused. Only the kinds of file in DOWNLOADED are ever fetched.
    """
    folder = Path(location).expanduser()
    if folder.is_dir():
        refuse_pickles(folder, called=model_name(location))
        return folder
    folder = _fetched(location)
    refuse_pickles(folder, called=location)
    return folder


def model_name(location: str) -> str:
    """What people call a model: its folder's own name, or its repository."""
    folder = Path(location).expanduser()
    return folder.resolve().name if folder.is_dir() else location


def is_repository(location: str) -> bool:
    """Whether `location` is written like `owner/name`."""
    return REPOSITORY.fullmatch(location) is not None


def refuse_pickles(folder: Path, called: str) -> None:
    """Raise ModelRefused naming the first pickle anywhere in `folder`, linked folders included."""
    for file in sorted(_files(folder)):
        if file.suffix.lower() in PICKLES:
            raise ModelRefused(
                f"{called} holds {file.relative_to(folder).as_posix()}, a pickle, which could run code on this "
                "machine. Save the model as safetensors (save_pretrained does) and remove that file."
            )


def pipeline_class(folder: Path, called: str) -> str:
    """The pipeline class that model_index.json names. Raises ModelRefused unless this studio drives it."""
    index = _index(folder, called)
    name = index.get("_class_name")
    if not isinstance(name, str) or name not in PIPELINE_CLASSES:
        found = name or "pipeline without a class"
        raise ModelRefused(f"{called} is a {found}; supported here: {', '.join(sorted(PIPELINE_CLASSES))}.")
    for component, source in index.items():
        if isinstance(source, list) and source and source[0] not in (None, *LIBRARIES, *FOLDERS, *OURS):
            raise ModelRefused(
                f"{called} brings code of its own for its {component} ({source[0]}); only the classes of "
                f"{' and '.join(LIBRARIES)} are run."
            )
    return name


@cache
def sha256_of(file: str) -> str:
    """The SHA-256 of a file of a model, read once a process."""
    with open(file, "rb") as weights:
        return hashlib.file_digest(weights, "sha256").hexdigest()


@cache
def weights_sha256(folder: Path) -> str:
    """One SHA-256 for all weights: over the sorted lines `name SHA-256` of every safetensors file.

    Reads every file whole, once a process: seconds to half a minute for a large model.
    """
    lines = []
    for file in _weight_files(folder):
        with open(file, "rb") as weights:
            lines.append(
                f"{file.relative_to(folder).as_posix()} {hashlib.file_digest(weights, 'sha256').hexdigest()}\n"
            )
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def sha256_of_part(folder: Path, part: str) -> str:
    """One SHA-256 over everything that makes a part of a model: its configuration and its weights. Reads it whole."""
    files = sorted(file for file in (folder / part).iterdir() if file.is_file())
    return hashlib.sha256("".join(f"{file.name} {sha256_of(str(file))}\n" for file in files).encode()).hexdigest()


def needs_of(folder: Path) -> Needs:
    """What a saved pipeline needs, guessed from the sizes of its files: a model that no card describes."""
    sizes = {"transformer": 0, "vae": 0, "encoders": 0}
    for file in _weight_files(folder):
        part = file.relative_to(folder).parts[0]
        kind = next((kind for kind in ("transformer", "vae") if part.startswith(kind)), "encoders")
        sizes[kind] += file.stat().st_size
    denoiser, autoencoder, encoders = (sizes[kind] / 1e9 for kind in ("transformer", "vae", "encoders"))
    return Needs(denoiser, denoiser / BLOCKS, encoders, 2 * autoencoder, WORKING)


def _weight_files(folder):
    return [
        file
        for file in _files(folder)
        if file.suffix == ".safetensors" and KEPT_BESIDE not in file.relative_to(folder).parts
    ]


def _files(folder):
    """Every file under `folder`. Linked folders are entered too, since from_pretrained reads through them."""
    seen = set()
    for place, subfolders, names in os.walk(folder, followlinks=True):
        if os.path.realpath(place) in seen:  # a link that leads back up
            subfolders.clear()
            continue
        seen.add(os.path.realpath(place))
        yield from (Path(place) / name for name in names)


def _fetched(location):
    """The local copy of a repository; only what is missing is downloaded."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

    if not is_repository(location):
        raise ModelRefused(f"There is no folder called {Path(location).name}.")
    try:
        # At its newest, as whoever named it would; no pickle is among what is fetched.
        return Path(snapshot_download(location, allow_patterns=list(DOWNLOADED)))  # nosec B615  # an operator's choice
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise ModelRefused(f"There is no folder and no public repository called {location}.") from error
    except (LocalEntryNotFoundError, OSError) as error:
        raise ModelRefused(
            f"{location} could not be fetched: check the network, or download it to a folder."
        ) from error


def _index(folder, called) -> dict[str, Any]:
    try:
        index = json.loads((folder / "model_index.json").read_text())
    except FileNotFoundError:
        raise ModelRefused(f"{called} is no saved pipeline: it has no model_index.json.") from None
    except ValueError as error:
        raise ModelRefused(f"The model_index.json of {called} cannot be read.") from error
    if not isinstance(index, dict):
        raise ModelRefused(f"The model_index.json of {called} cannot be read.")
    return index
