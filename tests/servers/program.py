"""The program without its tests, copied to where it is to be closed, or another version."""

import shutil

from django.conf import settings

PROGRAM = ("manage.py", "generation", "projects", "runwayweb", "templates", "static", "locale")


def copy_of_program(folder):
    """A new folder that holds it."""
    folder.mkdir()
    for here in (settings.BASE_DIR / name for name in PROGRAM):
        if here.is_dir():
            shutil.copytree(here, folder / here.name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy(here, folder)
    return folder
