"""Static files in development, where their names carry no hash: their addresses say when any of them was last changed.

A browser keeps `/static/~<stamp>/css/app.css` for good, and with it all that the file brings in by addresses relative
to its own; the next edit gives each of them another. Without it every page would ask after some hundred files.
"""

import os
import time
from collections.abc import Iterator

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware

LOOKED_AGAIN_SECONDS = 0.25  # a page asks for a hundred addresses
MARK = "~"

_seen = (float("-inf"), "")


def stamp() -> str:
    """When the newest of the studio's own static files was changed. A walk through their folders, now and then."""
    global _seen
    at, known = _seen
    if time.monotonic() - at > LOOKED_AGAIN_SECONDS:
        known = f"{max(changed_at for folder in settings.STATICFILES_DIRS for changed_at in _changes(folder)):x}"
        _seen = time.monotonic(), known
    return known


def _changes(folder: str | os.PathLike) -> Iterator[int]:
    yield os.stat(folder).st_mtime_ns  # what was taken away changes its folder alone
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _changes(entry)
            else:
                yield entry.stat().st_mtime_ns


class StampedStaticFilesStorage(StaticFilesStorage):
    def url(self, name: str | None, force: bool = False) -> str:
        return super().url(f"{MARK}{stamp()}/{name}")


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, which finds a file by an address with a stamp, too, and then says that it stays as it is."""

    def candidate_paths_for_url(self, url):
        return super().candidate_paths_for_url(self._bare(url))

    def immutable_file_test(self, path, url):
        return url != self._bare(url) or super().immutable_file_test(path, url)

    def _bare(self, url):
        if not url.startswith(self.static_prefix + MARK):
            return url
        return self.static_prefix + url.removeprefix(self.static_prefix + MARK).partition("/")[2]
