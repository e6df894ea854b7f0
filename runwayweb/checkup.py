"""What a run needs, looked at part by part: `manage.py doctor` prints it."""

import importlib.metadata
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from generation import moderation
from generation.engine import catalogue, weights
from generation.engine.card import HOW_TO_ADD_EXTRAS
from generation.engine.clip import EngineError
from generation.engine.world import minilm
from runwayweb.assets import sandbox
from runwayweb.assets.storage import store
from runwayweb.subscriptions.models import Plan
from runwayweb.supervisor.door import DoorClosed, open_door, public_address
from runwayweb.supervisor.gpus import visible_gpus
from runwayweb.supervisor.readiness import missing_parts
from runwayweb.upgrading import TooNew, refuse_newer, waiting_migrations
from runwayweb.valkey import ValkeyMissing, valkey_answers, valkey_binary

ENOUGH_DISK_BYTES = 2 * 1024**3
REACHING = Path(sandbox.__file__).with_name("reaching.py")
PINNED = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)")


@dataclass(frozen=True)
class Finding:
    """One line of a check-up. `mark` is "ok", "!!" (a run needs this) or "--" (worth knowing)."""

    mark: str
    what: str
    to_do: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.what}" + (f" — {self.to_do}" if self.to_do else "")


def well(what: str) -> Finding:
    return Finding("ok", what)


def missing(what: str, to_do: str) -> Finding:
    return Finding("!!", what, to_do)


def note(what: str, to_do: str = "") -> Finding:
    return Finding("--", what, to_do)


def check_up() -> Iterator[Finding]:
    """Every finding, the quick ones first. Imports torch on the way."""
    for part in (
        python,
        packages,
        data_folder,
        database,
        plans,
        valkey,
        files,
        closed_processes,
        port,
        safety,
        what_is_shown,
        mail,
        encoder,
        torch_build,
        models,
        extras,
    ):
        yield from part()


def python() -> Iterator[Finding]:
    version = f"Python {sys.version.split()[0]}"
    if sys.prefix == sys.base_prefix:
        yield note(f"{version}, outside a virtual environment", "`make run` makes one in .venv")
    else:
        yield well(f"{version} in {sys.prefix}")


def packages() -> Iterator[Finding]:
    """Every pinned package against what is installed; a build tag such as +cpu is as good as none."""
    pins = [found for line in requirements() if (found := PINNED.match(line))]
    wrong = 0
    for name, wanted in (pin.groups() for pin in pins):
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong += 1
            yield missing(f"{name} is not installed", "`make install`")
            continue
        if installed.partition("+")[0] != wanted:
            wrong += 1
            yield note(f"{name} is {installed}, tested with {wanted}", "`make install`")
    if not wrong:
        yield well(f"all {len(pins)} packages are as requirements.txt names them")


def requirements() -> list[str]:
    return (Path(settings.BASE_DIR) / "requirements.txt").read_text().splitlines()


def data_folder() -> Iterator[Finding]:
    try:
        with tempfile.TemporaryFile(dir=settings.DATA_DIR):
            pass
    except OSError as error:
        yield missing(
            f"the data folder {settings.DATA_DIR} cannot be written ({error.strerror})",
            "set RUNWAYWEB_DATA to a folder that can",
        )
        return
    free = shutil.disk_usage(settings.DATA_DIR).free
    line = f"data folder {settings.DATA_DIR}, {free / 1024**3:.1f} GiB free"
    yield well(line) if free >= ENOUGH_DISK_BYTES else note(line, "make room: clips need it soon")


def database() -> Iterator[Finding]:
    kind = connection.vendor
    try:
        waiting = waiting_migrations()
        refuse_newer()
    except TooNew as reason:
        yield missing(f"{kind} is too new", str(reason))
        return
    except DatabaseError as error:
        yield missing(f"{kind} cannot be reached ({str(error).strip().splitlines()[0]})", "check DATABASE_URL")
        return
    if waiting:
        yield note(f"{kind} answers; {len(waiting)} migrations are waiting", "`make run` applies them")
    else:
        yield well(f"{kind} answers and is up to date")


def plans() -> Iterator[Finding]:
    try:
        yield well(f"whoever has no subscription is on the plan {Plan.objects.default()}")
    except ImproperlyConfigured as error:
        yield missing("DEFAULT_PLAN names no plan", str(error))
    except DatabaseError:
        return  # said already


def valkey() -> Iterator[Finding]:
    answers = valkey_answers(settings.VALKEY_URL)
    if not settings.EMBEDDED_VALKEY:
        yield well("Valkey answers") if answers else missing("Valkey does not answer", "check VALKEY_URL, or unset it")
        return
    try:
        server = valkey_binary()
    except ValkeyMissing as reason:
        yield missing("there is no embedded Valkey", str(reason))
        return
    if not os.access(server, os.X_OK):
        yield missing(f"{server} may not be run", "`chmod +x` it, or set VALKEY_URL")
    else:
        yield well("the embedded Valkey answers" if answers else "the embedded Valkey starts with `make run`")


def files() -> Iterator[Finding]:
    """Where they are kept, if that is no folder: one is laid there, and taken away."""
    there = settings.S3
    if there is None:
        return
    name = f"arriving/doctor-{secrets.token_hex(8)}"
    try:
        store(b"hello", name)
        with default_storage.open(name) as file:
            came_back = file.read() == b"hello"
        default_storage.delete(name)
    except OSError as error:
        yield missing(f"the bucket {there.name} cannot be used ({error})", "check the S3_ variables")
        return
    if came_back:
        yield well(f"files are kept in the bucket {there.name}; browsers reach it at {there.origin}")
    else:
        yield missing(f"the bucket {there.name} gave back something else than was laid there", "ask who runs it")


def closed_processes() -> Iterator[Finding]:
    """Whether what looks into files from outside reaches anybody: one of them tries to call us."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        try:
            told = sandbox.told(REACHING, str(listening.getsockname()[1]), seconds=20)
        except sandbox.Broken:
            yield missing(
                "files from outside are refused: the processes that look into them cannot shut their network",
                "let them filter calls (seccomp) or have namespaces of their own, docs/media.md, “Looked through”",
            )
            return
    if not told["reached"]:
        yield well("what looks into files from outside reaches nobody")
    elif sys.platform == "linux":
        yield missing("what looks into files from outside reaches the network", "take no files in; this is a defect")
    else:
        yield note("what looks into files from outside reaches the network", "for others than you, run it on Linux")


def port() -> Iterator[Finding]:
    try:
        open_door(settings.BIND, settings.PORT).close()
    except DoorClosed as reason:
        parts = missing_parts()
        if "web" in parts:  # whoever listens there is not this site
            yield missing(f"port {settings.PORT} cannot be used", str(reason))
        elif parts:
            down = ", ".join(f"{name} ({state})" for name, state in parts.items())
            yield missing(f"Runwayweb runs on port {settings.PORT}, without {down}", "see what `make run` printed")
        else:
            yield well(f"Runwayweb runs: {public_address(settings.BIND, settings.PORT)}")
    else:
        yield well(f"port {settings.PORT} is free")


def safety() -> Iterator[Finding]:
    """Whether strangers can come in, and what they would see. Worse combinations do not even start."""
    if settings.DEBUG:
        yield note("DEBUG is on: for this machine only", "to let others in: DEBUG=off ALLOWED_HOSTS=name BIND=0.0.0.0")
    elif not settings.HTTPS:
        yield note("HTTPS is off: passwords travel in the clear", "put a proxy with TLS in front and unset HTTPS")
    else:
        yield well(f"DEBUG is off; people reach this site as {', '.join(settings.ALLOWED_HOSTS)}, by HTTPS")


def what_is_shown() -> Iterator[Finding]:
    """Who looks at words and pictures before they are used and shown."""
    if not moderation.is_on():
        yield note(f"pictures are unchecked: {moderation.why_unchecked()}", "docs/install.md, MODERATION, if you mind")
    else:
        yield well(f"pictures are {moderation.state()}")


def mail() -> Iterator[Finding]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield note("mail is printed by the server, not sent", "set EMAIL_URL=smtp://user:password@host:587")
        return
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=3).close()
        yield well(f"mail goes to {server}")
    except OSError as error:
        yield note(f"the mail server {server} cannot be reached ({error})", "check EMAIL_URL")


def encoder() -> Iterator[Finding]:
    import av

    try:
        av.codec.Codec("libx264", "w")
        yield well(f"PyAV {av.__version__} writes H.264")
    except ValueError:
        yield missing("this PyAV cannot write H.264", "`.venv/bin/pip install --force-reinstall` the pinned `av` wheel")


def torch_build() -> Iterator[Finding]:
    try:
        import torch
    except ImportError as error:
        yield missing(f"torch cannot be imported ({error})", "`make install`")
        return
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count()))
        yield well(f"torch {torch.__version__} on {names}")
    elif visible_gpus():
        yield note(f"there is a GPU, and torch {torch.__version__} cannot use it", "see docs/install.md, “A GPU”")
    else:
        yield well(f"torch {torch.__version__} on the CPU, {torch.get_num_threads()} threads")
    try:
        yield missing(
            f"torchvision {importlib.metadata.version('torchvision')} is installed and can keep models from loading",
            "`.venv/bin/pip uninstall torchvision`",
        )
    except importlib.metadata.PackageNotFoundError:
        pass


def models() -> Iterator[Finding]:
    """Every card of the catalogue: its files are there, safe and of a kind we drive. Downloads nothing."""
    cards = catalogue.installed()
    default = os.environ.get("RUNWAYWEB_DEFAULT_MODEL")
    if default and default != cards[0].id:
        names = ", ".join(card.id for card in cards)
        yield missing(f"RUNWAYWEB_DEFAULT_MODEL is {default!r}, which is not installed", f"set it to one of {names}")
    for card in cards:
        if card.lacks:
            yield missing(f"model {card.id} lacks {', '.join(card.lacks)}", f"`{HOW_TO_ADD_EXTRAS}`")
        if card.location is None:
            yield well(f"model {card.id}, built in")
        elif Path(card.location).expanduser().is_dir():
            folder = Path(card.location).expanduser()
            try:
                weights.refuse_pickles(folder, called=card.id)
                yield well(f"model {card.id}, {weights.pipeline_class(folder, called=card.id)} in {folder}")
            except EngineError as reason:
                yield missing(f"model {card.id} cannot be used", str(reason))
        elif weights.is_repository(card.location):
            yield note(f"model {card.id} is {card.location}", "fetched when it is first used")
        else:
            yield missing(f"model {card.id}: there is no folder {card.location}", "correct RUNWAYWEB_MODELS")


def extras() -> Iterator[Finding]:
    """What may be installed and need not be."""
    if minilm.model_folder() is not None:
        yield well("word model: unknown words of a prompt are taken for the nearest known ones")
    else:
        yield note("no word model: unknown words of a prompt are ignored", "docs/install.md, “Extras”, if you mind")
