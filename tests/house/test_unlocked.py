"""The language of a page and the root of its addresses are read by many threads, none of which waits for another."""

import ast
import subprocess
import sys

from django.conf import settings

# In a process of its own, as the site is loaded: one thread stops in the middle of all that it may hold.
PROGRAM = """
import os, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"
import runwayweb.asgi
from django.urls import base, reverse
from django.utils import translation
from django.utils.translation import trans_real

held = [lock for one in (trans_real._active, base._prefixes, base._urlconfs) if (lock := getattr(one, "_lock", None))]
for lock in held:
    lock.acquire()

def read(language):
    translation.activate(language)
    told[language] = translation.get_language(), translation.gettext("Cancel"), reverse("projects:project-list")
    translation.deactivate()
    told[language] += (translation.get_language(),)

told = {}
threads = [threading.Thread(target=read, args=[language], daemon=True) for language in ("fr", "en")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(20)
print(told)
"""


def test_no_thread_waits_for_another_to_know_its_language(tmp_path):
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=settings.BASE_DIR,
        env={"RUNWAYWEB_DATA": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    assert ast.literal_eval(said.stdout) == {
        "fr": ("fr", "Annuler", "/projects/", "en"),
        "en": ("en", "Cancel", "/projects/", "en"),
    }
