"""Content Credentials: what a made file says of how it came to be, signed, in the form of C2PA.

A manifest names the software, the model, the day and what it was made from; never the words that asked for it. Nothing
may be written into a file once it is signed: whoever reads it would call it changed.
"""

import io
import json
import logging
import os
import stat
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import c2pa

from runwayweb.assets import sandbox
from runwayweb.assets.certificate import certificate
from runwayweb.assets.credentials_gathering import SETTINGS
from runwayweb.assets.models import Asset
from runwayweb.assets.storage import local_copy

logger = logging.getLogger(__name__)
READER = Path(__file__).with_name("credentials_reading.py")
GATHERER = Path(__file__).with_name("credentials_gathering.py")
READING_SECONDS = 60
GATHERING_SECONDS = 120  # of all that a file was made from
# What can be signed, and read again: by the end of a file's name.
SIGNED = {".mp4": "video/mp4", ".mov": "video/quicktime", ".m4a": "audio/mp4", ".png": "image/png", ".wav": "audio/wav"}
READ = SIGNED | {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif", ".mp3": "audio/mpeg",
    ".flac": "audio/flac", ".m4v": "video/mp4", ".tif": "image/tiff", ".tiff": "image/tiff", ".heic": "image/heic",
}  # fmt: skip
# What a picture that was kept as it came begins with: its name does not say what it is.
HEADS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
UNKNOWN = "application/octet-stream"  # of which C2PA takes only what it is called
# Of these a look inside is worth it: they may have credentials of their own, which are kept.
LOOKED_INTO = set(READ.values())
LARGEST_INGREDIENT = 512 * 1024**2  # bytes; of a larger one only the name is told
MOST_SAID = 64 * 1024**2  # bytes that the ingredients of a file may say of themselves, together
MOST_INGREDIENTS = 100
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE, COMPOSITE = f"{SOURCE_TYPES}trainedAlgorithmicMedia", f"{SOURCE_TYPES}compositeWithTrainedAlgorithmicMedia"


class Unreadable(Exception):
    """The file cannot be looked into."""


@dataclass(frozen=True)
class Ingredient:
    """What a file was made from. `relation`: "parentOf" (it was changed), "componentOf" (it is in there) or "inputTo"
    (it was looked at)."""

    asset: Asset
    relation: str


@dataclass(frozen=True)
class Agent:
    """What made it: a model, or the studio itself."""

    name: str


def sign(path: Path, *, title: str, agent: Agent, ingredients: Sequence[Ingredient] = (), is_cut: bool = False) -> bool:
    """Sign a finished file in its place; False where its kind cannot be, or signing failed, which the log tells.

    What cost credits is not lost to a certificate that has run out: the file stays as it was.
    """
    if path.suffix not in SIGNED:
        return False
    signed = path.with_name(f"signed-{path.name}")
    try:
        with ExitStack() as stack:
            key = certificate()
            info = c2pa.C2paSignerInfo(
                alg=key.algorithm.encode(), sign_cert=key.chain, private_key=key.key, ta_url=None
            )
            signer = stack.enter_context(c2pa.Signer.from_info(info))
            told = list(ingredients)[:MOST_INGREDIENTS]
            context = stack.enter_context(c2pa.Context(c2pa.Settings.from_dict(SETTINGS)))
            builder = stack.enter_context(c2pa.Builder(_manifest(title, agent, told, is_cut), context))
            looked_into = {n: one for n, one in enumerate(told) if _is_looked_into(one.asset)}
            for number, archive in _looked_into(looked_into):
                _add(builder, number, looked_into[number], archive)
            builder.sign_file(str(path), str(signed), signer)
        os.replace(signed, path)
    except (c2pa.C2paError, OSError, ValueError):
        logger.exception("%s could not be signed", title)
        signed.unlink(missing_ok=True)
        return False
    return True


def read(path: Path, suffix: str) -> dict[str, Any]:
    """What a file says: {"state": "valid", "trusted", "changed", "none" or "elsewhere" (at an address that is not
    asked), "manifests": …} as credentials_reading.py.

    It is read in a closed process, of which anybody may ask for one. Raises Unreadable, Busy.
    """
    try:
        told = sandbox.told(READER, str(path), READ[suffix], seconds=READING_SECONDS, turn=sandbox.VISITORS_IN_TURN)
    except sandbox.Broken as error:
        raise Unreadable from error
    if "refused" in told:
        raise Unreadable(told["refused"])
    return told


def _manifest(title, agent, ingredients, is_cut):
    parents = [number for number, one in enumerate(ingredients) if one.relation == "parentOf"]
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    software = asdict(agent)
    actions: list[dict[str, Any]] = []
    if parents:
        opened = {"ingredientIds": [_id(number) for number in parents[:1]]}
        actions.append({"action": "c2pa.opened", "when": when, "parameters": opened})
        actions.append(
            {"action": "c2pa.edited", "when": when, "softwareAgent": software, "digitalSourceType": COMPOSITE}
        )
    else:
        source = COMPOSITE if is_cut else MADE
        actions.append({"action": "c2pa.created", "when": when, "softwareAgent": software, "digitalSourceType": source})
    for number, one in enumerate(ingredients):
        if one.relation == "componentOf":
            actions.append({"action": "c2pa.placed", "parameters": {"ingredientIds": [_id(number)]}})
    named = [_named(n, one) for n, one in enumerate(ingredients) if not _is_looked_into(one.asset)]
    return {
        "claim_generator_info": [{"name": "Runwayweb"}],
        "title": title,
        "ingredients": named,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def _looked_into(ingredients):
    """(number, what it says of itself or nothing) of each, read in closed processes: one for as many files as fit, and
    one for each where such a process was ended. Once that took GATHERING_SECONDS the rest says nothing."""
    until, room = time.monotonic() + GATHERING_SECONDS, MOST_SAID
    for batch in _batches(ingredients):
        archives = _gathered(batch, until, room)
        if archives is None:
            archives = {}
            for number, ingredient in batch.items():
                archives |= _gathered({number: ingredient}, until, room - _size(archives)) or {}
        room -= _size(archives)
        yield from ((number, archives.get(number)) for number in batch)


def _size(archives):
    return sum(map(len, archives.values()))


def _batches(ingredients):
    batch, size = {}, 0
    for number, ingredient in ingredients.items():
        if batch and size + ingredient.asset.size_bytes > LARGEST_INGREDIENT:
            yield batch
            batch, size = {}, 0
        batch[number] = ingredient
        size += ingredient.asset.size_bytes
    if batch:
        yield batch


def _gathered(batch, until, room):
    """{number: what it says of itself}, at most `room` bytes in all; None where the process was ended."""
    if time.monotonic() > until:
        return {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="credentials-")))
        asked, numbers = [], []
        for number, ingredient in batch.items():
            try:
                asked.append(_asked(stack, number, ingredient))
            except OSError:
                logger.warning("The file of asset %s could not be read", ingredient.asset.pk, exc_info=True)
            else:
                numbers.append(number)
        (folder / "asked.json").write_text(json.dumps(asked))
        try:
            told = sandbox.told(GATHERER, str(folder), seconds=READING_SECONDS, turn=sandbox.AT_ONCE)
        except sandbox.Broken:
            return None
        gathered, archives = told.get("gathered"), {}
        for place, number in enumerate(numbers):
            if isinstance(gathered, list) and place in gathered:
                archives[number] = _archive(folder / str(place), room - _size(archives))
        return archives


def _archive(path, room):
    """What a closed process left there: a file of at most `room` bytes. Nothing for whatever else it may have put."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                archive = file.read(room + 1)
                return archive if len(archive) <= room else b""
    except OSError:
        pass
    return b""


def _asked(stack, number, ingredient):
    """What the closed process is asked of one: its place in the manifest, its kind, and where it lies."""
    asset = ingredient.asset
    kept = asset.original or asset.file  # a picture is written anew, without what it said of itself
    path = stack.enter_context(local_copy(kept.name))
    kind = _kind_of(path) if asset.original else asset.media_type
    return _named(number, ingredient, kind), kind, str(path)


def _add(builder, number, ingredient, archive):
    """What one was made from, with its own credentials; by its name alone where they, or the file, cannot be read."""
    try:
        if archive:
            builder.add_ingredient_from_archive(io.BytesIO(archive))
            return
    except c2pa.C2paError:
        logger.warning("The credentials of asset %s could not be read", ingredient.asset.pk, exc_info=True)
    builder.add_ingredient(json.dumps(_named(number, ingredient)), UNKNOWN, io.BytesIO(b"-"))


def _kind_of(path: Path) -> str:
    """The media type of a picture by its first bytes."""
    with open(path, "rb") as file:
        head = file.read(4)
    return next((kind for begins, kind in HEADS.items() if head.startswith(begins)), UNKNOWN)


def _named(number, ingredient, kind=""):
    asset = ingredient.asset
    return {
        "title": Path(asset.file_name).name or "file",  # names are made of prompts
        "format": kind or asset.media_type,
        "relationship": ingredient.relation,
        "instance_id": _id(number),
        "label": _id(number),
    }


def _id(number):
    return f"ingredient-{number}"


def _is_looked_into(asset):
    return asset.media_type in LOOKED_INTO and asset.size_bytes <= LARGEST_INGREDIENT
