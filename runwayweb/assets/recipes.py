"""What a file says of how it was made, read in a closed process. It may say anything: nothing here believes it."""

import json
import re
import shutil
import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from runwayweb.assets import sandbox

READER = Path(__file__).with_name("recipe_reading.py")
MOST_BYTES = 100 * 1024**2  # of a file
RECIPE_BYTES = 512 * 1024  # of what it says
READING_SECONDS = 20
CAPTIONS = re.compile(rb"(?:\xef\xbb\xbf)?(?:WEBVTT\b|\d+\r?\n\d\d:\d\d:\d\d,)")


class NoRecipe(ValueError):
    """A file that does not say how it was made. The message is a sentence for whoever chose it."""


def recipe_in(file):
    """The recipe in an open binary file, as JSON that nobody has looked at: a dict, with what was asked for ("request")
    or, of a film that was cut, what it was cut from ("film"). Raises NoRecipe, Busy."""
    if file.size > MOST_BYTES:
        most = MOST_BYTES // 1024**2
        raise NoRecipe(_("This file is larger than %(most)d MB. Recipes are read from smaller ones.") % {"most": most})
    if CAPTIONS.match(file.read(64)):
        raise NoRecipe(_("Captions do not say how they were made. They are brought into a film on its timeline."))
    file.seek(0)
    with tempfile.TemporaryDirectory(prefix="recipe-") as folder:
        given = Path(folder) / "given"
        with given.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        told = _told(str(given))
    if told.get("refused") == "long":
        raise NoRecipe(_("What this file says of itself is longer than any recipe. Choose another file."))
    if "comment" not in told:
        raise NoRecipe(_("This is no MP4, M4A or PNG, or it is damaged. Choose a file that the studio made."))
    try:
        recipe = json.loads(told["comment"], parse_constant=_refuse)
    except (ValueError, RecursionError):
        recipe = None
    if not isinstance(recipe, dict) or not any(isinstance(recipe.get(name), dict) for name in ("request", "film")):
        raise NoRecipe(_("This file does not say how it was made. Choose one as it was downloaded here."))
    return recipe


def _told(given):
    try:
        return sandbox.told(READER, given, str(RECIPE_BYTES), seconds=READING_SECONDS)
    except sandbox.Broken:  # too slow, or killed where it took too much
        return {"refused": "damaged"}


def _refuse(constant):
    raise ValueError(f"{constant} is no number of JSON.")
