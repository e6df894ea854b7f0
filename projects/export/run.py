"""One export in a media worker, from the claim to the file in the library."""

import logging
import time
from pathlib import Path

import av
from django.utils.text import slugify
from django.utils.translation import gettext as _

from projects.export.bundle import write_bundle
from projects.export.formats import BUNDLE, LEAVES_AS
from projects.export.package import write_package
from projects.export.pictures import Footage
from projects.export.render import Order, render
from projects.film_recipes import film_recipe
from projects.models import Timeline
from projects.models.export import ATTEMPTS, Export
from runwayweb.assets.credentials import Agent, Ingredient, sign
from runwayweb.assets.kinds import KINDS
from runwayweb.assets.lease import Lease
from runwayweb.assets.models import Asset
from runwayweb.assets.storage import StorageAway, bring, path_of, sha256_of, take_in
from runwayweb.disks import is_full

logger = logging.getLogger(__name__)
RENEWED_EVERY = 2  # seconds
MEGABYTE = 1_000_000


class Stopped(Exception):
    """The export is not this worker's any more, or the worker stops."""


class CannotBeWritten(Exception):
    """A format refuses the cut; the message is a sentence."""


class Rendering:
    """Renders or packs one export. `stopping()` says if the worker is to stop.

    `meanwhile(alive)` is called every other second, for what must not wait until a long film is done; it calls
    `alive()` now and then where that takes long itself.
    """

    def __init__(self, export: Export, *, stopping=lambda: False, meanwhile=lambda alive: None):
        self.export, self.stopping, self.meanwhile = export, stopping, meanwhile
        self.lease = Lease(export.renew)
        self._renewed_at = 0.0

    def run(self):
        """Whatever happens, the row ends in a state that says so, or goes back to the queue."""
        export = self.export
        if export.attempt >= ATTEMPTS:
            export.give_up(
                _("The worker that rendered this stopped %(n)d times. Try a smaller size.") % {"n": ATTEMPTS}
            )
        elif export.claim():
            with self.lease:
                self._work()

    def _work(self):
        export = self.export
        try:
            if export.is_package:
                self._pack()
            else:
                told = (export.cut, self._footage(), self._order(), export.folder, self._progress)
                path = render(*told, making=export.making)
                self._sign(path)
                self._lay_in(path)
        except Stopped:
            if self.stopping():
                export.hand_back()
        except CannotBeWritten as error:
            export.fail(str(error))
        except FileNotFoundError:
            export.fail(_("A file of the film is not there any more. Look at its clips."))
        except StorageAway:
            logger.exception("Export %s could not reach the storage", export.pk)
            export.fail(_("The studio's storage cannot be reached just now. Try again in a few minutes."))
        except (av.FFmpegError, OSError) as error:
            logger.exception("Export %s could not read or write a file", export.pk)
            export.fail(_sentence_of(error))
        except Exception:
            logger.exception("Export %s broke", export.pk)
            export.fail(_("The export stopped with an error that the studio's operator can read in the log."))

    def _order(self):
        export = self.export
        name = slugify(export.project.name) or "film"
        recipe = film_recipe(export)
        told = (export.format, export.height, export.fps, export.loudness, export.captions, name, recipe)
        return Order(*told, marked=export.marked)

    def _footage(self):
        """What the clips show, as local files: those of a storage elsewhere are fetched first."""
        local: dict[str, Footage] = {}
        found = {}
        for source, asset in self.export.assets().items():
            if asset.file.name not in local:
                local[asset.file.name] = _footage_of(asset, self.export.folder)
            found[source] = local[asset.file.name]
        return found

    def _progress(self, done, frames):
        if time.monotonic() - self._renewed_at < RENEWED_EVERY:
            return
        self._renewed_at = time.monotonic()
        self.lease.alive()
        if self.stopping() or not self.export.renew(done=done, frames=frames):
            raise Stopped
        self.meanwhile(self.lease.alive)

    def _pack(self):
        """A zip for other programs: of the cut and what it showed when it was asked for, or of the film as it is."""
        export = self.export
        export.making.mkdir(parents=True, exist_ok=True)
        path = export.making / "film.zip"

        def copied(done, total):
            self._progress(done // MEGABYTE, total // MEGABYTE)

        if export.format == BUNDLE:
            write_bundle(export.project, path, copied)
            return self._lay_in(path)
        timeline = Timeline.objects.of(export.project)
        timeline.document = export.document
        try:
            left_out = write_package(timeline, export.format, path, copied, export.assets())
        except ValueError as error:
            raise CannotBeWritten(error) from error
        return self._lay_in(path, left_out)

    def _sign(self, path):
        used = {asset.pk: Ingredient(asset, "componentOf") for asset in self.export.assets().values()}
        agent = Agent("Runwayweb")
        sign(path, title=f"film{path.suffix}", agent=agent, ingredients=list(used.values()), is_cut=True)

    def _lay_in(self, path, left_out=()):
        export, form = self.export, path.suffix
        # Each attempt's own: one that another followed must not take that one's film away.
        folder = f"exports/{str(export.pk)[:2]}/{export.pk}/{export.attempt}"
        cut = export.cut
        media_type = LEAVES_AS[export.format].media_type
        name = slugify(export.project.name) or "film"
        is_seen = media_type.startswith("video/")
        asset = Asset(
            workspace_id=export.project.workspace_id,
            name=f"{name}-{export.format}{form}" if export.is_package else f"{name}{form}",
            media_type=media_type,
            sha256=sha256_of(path),
            size_bytes=path.stat().st_size,
            width=self._order().width_of(cut) if is_seen else 0,
            height=export.height if is_seen else 0,
            duration_seconds=cut.duration_seconds,
            fps=export.fps if is_seen else 0,
            has_sound=media_type != "application/zip",
        )
        asset.file = take_in(path, f"{folder}/{KINDS[media_type].file_name}")
        try:
            if not export.succeed(asset, [*export.lacks(), *left_out]):
                asset.discard_files()
        except BaseException:
            asset.discard_files()
            raise


def _footage_of(asset, folder):
    container = "" if asset.is_picture or asset.is_still else KINDS[asset.media_type].container
    path = path_of(asset.file.name)
    if path is None:  # kept beside the pieces until the film is done: a worker that goes on needs it again
        path = folder / f"source-{asset.pk}{Path(asset.file.name).suffix}"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            bring(asset.file.name, path)
    seen = not asset.is_sound
    return Footage(path, container, asset.fps or 0.0, asset.has_sound or asset.is_sound, seen)


def _sentence_of(error):
    if is_full(error):
        return _("The studio's disk is full. Ask its operator to make room, then try again.")
    if isinstance(error, av.FFmpegError):
        return _("A file of the film cannot be read: %(why)s") % {"why": error.strerror}
    return _("The film could not be stored. Ask the studio's operator to look at the disk.")
