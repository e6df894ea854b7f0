"""One frame into a PNG that says itself how it was made."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generation.engine.encode import DIGITAL_SOURCE_TYPE, XMP

COMMENT = "Comment"  # the keyword that PNG's specification has for it


def write_png(frame: np.ndarray, path: Path | str, *, metadata: dict[str, Any]) -> None:
    """Write a frame, uint8 (H, W, 3), to a PNG at `path` that carries `metadata` (the recipe, JSON-able).

    Equal input gives equal bytes. Marked as made by a trained algorithm, as a clip is (`encode.write_mp4`), and written
    beside `path` and moved in when whole. Raises OSError where the folder cannot be written.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(beside, "wb") as file:
            Image.fromarray(frame).save(file, "PNG", pnginfo=told_in_png(metadata))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def told_in_png(metadata: dict[str, Any]) -> PngInfo:
    """What a PNG says of itself: the recipe, and that a trained algorithm made it."""
    recipe = {**metadata, "digital_source_type": DIGITAL_SOURCE_TYPE}
    told = PngInfo()
    told.add_itxt(COMMENT, json.dumps(recipe, ensure_ascii=False, sort_keys=True))
    told.add_itxt("XML:com.adobe.xmp", XMP)
    return told


def recipe_of_png(path: Path | str) -> dict[str, Any]:
    """The recipe `write_png` put into the file; {} where there is none. Raises ValueError if it is no PNG."""
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            recipe = json.loads(getattr(picture, "text", {}).get(COMMENT, ""))
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{Path(path).name} is not a PNG.") from error
    except ValueError:
        return {}  # somebody else's file
    return recipe if isinstance(recipe, dict) else {}
