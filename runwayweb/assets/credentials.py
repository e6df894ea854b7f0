"""Content Credentials: what a made file says of how it came to be, signed, in the form of C2PA.

A manifest names the software, the model, the day and what it was made from; never the words that asked for it. Nothing
may be written into a file once it is signed: whoever reads it would call it changed.
"""

import io
import json
import logging
import os
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
from runwayweb.assets.sources import LARGEST, UNKNOWN, Source, said_by

logger = logging.getLogger(__name__)
READER = Path(__file__).with_name("credentials_reading.py")
READING_SECONDS = 60
# What can be signed, and read again: by the end of a file's name.
SIGNED = {".mp4": "video/mp4", ".mov": "video/quicktime", ".m4a": "audio/mp4", ".png": "image/png", ".wav": "audio/wav"}
READ = SIGNED | {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif", ".mp3": "audio/mpeg",
    ".flac": "audio/flac", ".m4v": "video/mp4", ".tif": "image/tiff", ".tiff": "image/tiff", ".heic": "image/heic",
}  # fmt: skip
# Of these a look inside is worth it: they may have credentials of their own, which are kept.
LOOKED_INTO = set(READ.values())
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
            sources = {n: _source(n, one) for n, one in enumerate(told) if _is_looked_into(one.asset)}
            for number, archive in said_by(sources):
                _add(builder, number, told[number], archive)
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


def _source(number, ingredient):
    asset = ingredient.asset
    kept = asset.original or asset.file  # a picture is written anew, without what it said of itself
    kind = "" if asset.original else asset.media_type
    return Source(_named(number, ingredient), kind, kept.name, asset.size_bytes)


def _add(builder, number, ingredient, archive):
    """What one was made from, with its own credentials; by its name alone where they, or the file, cannot be read."""
    try:
        if archive:
            builder.add_ingredient_from_archive(io.BytesIO(archive))
            return
    except c2pa.C2paError:
        logger.warning("The credentials of asset %s could not be read", ingredient.asset.pk, exc_info=True)
    builder.add_ingredient(json.dumps(_named(number, ingredient)), UNKNOWN, io.BytesIO(b"-"))


def _named(number, ingredient):
    asset = ingredient.asset
    return {
        "title": Path(asset.file_name).name or "file",  # names are made of prompts
        "format": asset.media_type,
        "relationship": ingredient.relation,
        "instance_id": _id(number),
        "label": _id(number),
    }


def _id(number):
    return f"ingredient-{number}"


def _is_looked_into(asset):
    return asset.media_type in LOOKED_INTO and asset.size_bytes <= LARGEST
