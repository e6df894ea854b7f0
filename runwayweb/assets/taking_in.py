"""What a media worker does with an upload: fetch it, look whether it is there, prepare it, lay it into storage."""

import json
import logging
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from runwayweb.assets import sandbox
from runwayweb.assets.decoding import CHANNELS, SIDES
from runwayweb.assets.fetching import Fetcher
from runwayweb.assets.guarded import Address, Unfetchable
from runwayweb.assets.kinds import KINDS, PICTURE
from runwayweb.assets.lease import LEASE, Lease
from runwayweb.assets.models.asset import Asset, State
from runwayweb.assets.models.upload import Refused, Status, Upload, disk_full
from runwayweb.assets.storage import StorageAway, bring, bucket, discard, sha256_of, take_in
from runwayweb.assets.upload import why_not

logger = logging.getLogger(__name__)
PREPARER = Path(__file__).with_name("preparing.py")
LONGEST_SIDE = 4096  # pixels of a picture in the library: what a frame of a film may have
PATIENCE = (120, 12)  # seconds a preparation may take: to begin with, and for each second that is allowed
AGAIN_IN = timedelta(seconds=10)  # after the storage did not answer
RENEW_SECONDS = 1.0  # how often the row hears how far it is
TELLS = (
    *("media_type", "width", "height", "duration_seconds", "fps", "frame_count"),
    *("has_sound", "peaks", "sprite_columns", "sprite_count"),
)
WRITTEN = {
    "proxy.mp4": "proxy",
    "proxy.m4a": "proxy",
    "poster.webp": "poster",
    "sprite.webp": "sprite",
    "waveform.json": "waveform",
}


class Stopped(Exception):
    """This worker is to end, or nobody wants the file any more, or another one is at it."""


class TakingIn:
    """One attempt at an upload. `stopping()` says whether the process is asked to end: then it is handed back.

    `meanwhile()` is called about every second while a closed process works and this one has nothing to do.

    What it writes carries its number, and so do its folders: an attempt whose lease ended, and which another one
    followed, changes nothing of the row and takes no file away but its own.
    """

    def __init__(self, upload, stopping=lambda: False, meanwhile=lambda: None, fetcher=None):
        self.upload = upload
        self.stopping = stopping
        self.meanwhile = meanwhile
        self.fetcher = fetcher or Fetcher()
        self.attempt = 0  # none yet
        self.lease = Lease(self._renew)
        self._laid = []  # names in the storage
        self._renewed_at = 0.0

    def run(self):
        """True if this call ended it, well or with a sentence; False where another is at it, or it was stopped."""
        if not self._claim():
            return False
        with self.lease:
            try:
                self._work()
            except Refused as why:
                return self.upload.refuse(str(why), attempt=self.attempt)
            except (Stopped, sandbox.Interrupted):
                self._hand_back()
                return False
            except StorageAway as error:
                logger.warning("Upload %s waits, its storage is away: %s", self.upload.pk, error)
                self._hand_back(again_in=AGAIN_IN)
                return False
        self.upload.discard()
        return True

    @property
    def folder(self):
        """Where this attempt works, and nobody else."""
        return settings.ARRIVING_DIR / f"{self.upload.pk}.{self.attempt}"

    @property
    def came(self):
        """The file as it came, by a name that is this attempt's."""
        return self.folder / "came"

    def _work(self):
        """It ended well, and the row says so. Raises Refused, Stopped, Interrupted, StorageAway."""
        working = self.folder / "work"
        working.mkdir(parents=True, exist_ok=True)
        try:
            self._fetch()
            self._bring()
            self._take_in(working)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _claim(self):
        waiting = Upload.objects.waiting().filter(pk=self.upload.pk, attempts=self.upload.attempts)
        claimed = waiting.update(attempts=self.upload.attempts + 1, lease_until=Now() + LEASE)
        self.upload.refresh_from_db()
        self.attempt = self.upload.attempts
        return bool(claimed)

    def _mine(self):
        return Upload.objects.filter(pk=self.upload.pk, status=Status.WAITING, attempts=self.attempt)

    def _renew(self, **told):
        return bool(self._mine().update(lease_until=Now() + LEASE, **told))

    def _hand_back(self, again_in=None):
        """Its number is given to the next one, so nothing may be left to do by this."""
        self._mine().update(attempts=self.attempt - 1, lease_until=Now() + again_in if again_in else None)

    def _go_on(self):
        """Whether there is a reason to. Renews the lease; one query a second."""
        if time.monotonic() - self._renewed_at < RENEW_SECONDS:
            return True
        self._renewed_at = time.monotonic()
        self.lease.alive()
        return self._renew(touched_at=timezone.now(), percent=self.upload.percent) and not self.stopping()

    def _wait(self):
        self.meanwhile()
        return self._go_on()

    def _fetch(self):
        """Bring the file of an address here, if it is not yet. Raises Refused, Stopped."""
        upload = self.upload
        if not upload.url or (not bucket() and upload.size_bytes and upload.path.exists()):
            return
        room = min(settings.UPLOAD_LIMIT_BYTES, Upload.objects.room(upload.workspace))

        def told(came, expected):
            upload.percent = round(100 * came / expected) if expected else 0
            if not self._go_on():
                raise Stopped

        try:
            size_bytes = self.fetcher.fetch(Address(upload.url), self.came, room, told)
        except Unfetchable as why:
            raise Refused(str(why)) from why
        upload.size_bytes = upload.offset_bytes = size_bytes
        upload.percent = 0
        if not self._renew(size_bytes=size_bytes, offset_bytes=size_bytes, percent=0):
            raise Stopped
        if not bucket():
            self.came.replace(upload.path)  # an attempt after this one finds it there
        fetched = Asset.objects.filter(pk=upload.asset_id, state=State.ARRIVING)
        fetched.update(state=State.PREPARING, size_bytes=size_bytes)

    def _bring(self):
        """Have the file in this attempt's folder, from the bucket or as it lies here. Raises Refused where it is not
        what was announced, StorageAway."""
        upload = self.upload
        if self.came.exists():
            return
        try:
            if bucket():
                bring(upload.stored, self.came)
            else:
                self._name_anew()
        except FileNotFoundError:
            raise Refused(why_refused({"refused": "cut_off"})) from None
        except StorageAway:
            raise
        except OSError as error:
            raise Refused(disk_full()) from error
        if self.came.stat().st_size != upload.size_bytes:
            raise Refused(why_refused({"refused": "cut_off"}))

    def _name_anew(self):
        """By another name: where this process ends before the row is written, the next one finds the file as it was."""
        try:
            os.link(self.upload.path, self.came)
        except FileNotFoundError:
            raise
        except OSError:  # of a disk that knows no second names
            shutil.copyfile(self.upload.path, self.came)

    def _take_in(self, working):
        sha256 = sha256_of(self.came)
        if self._is_there_already(sha256):
            return
        told = self._prepared(working)
        if told["media_type"] == PICTURE:
            sha256 = sha256_of(working / "picture.webp")
            if self._is_there_already(sha256):
                return
        try:
            self._lay_in(working, told, sha256)
        except IntegrityError:  # the same picture came twice at once, and the other was first
            if not self._is_there_already(sha256):
                raise

    def _end(self, **stamps):
        """The row says that it is here. Raises Stopped where it is not this attempt's any more: nothing comes of it."""
        if not self.upload._move(Status.WAITING, to=Status.ENDED, attempt=self.attempt, percent=100, **stamps):
            raise Stopped

    def _is_there_already(self, sha256):
        """Whether the workspace has the file; then that is what became of the upload, out of the trash if need be.

        Of a picture that came without credentials before, those it has now are kept. Raises Stopped.
        """
        same = Asset.objects.filter(workspace=self.upload.workspace_id, sha256=sha256, state=State.READY)
        there = same.order_by("deleted_at").first()
        if there is None:
            return False
        if there.is_picture and self._keep_original(there):
            there.save(update_fields=["original"])
        with transaction.atomic():
            came = self.upload.asset
            there.be_brought(came.origin)
            back = Asset.objects.filter(pk=there.pk).exclude(deleted_at=None).update(deleted_at=None)
            sentence = (
                _("This is “%(name)s”, which was in the trash and is back.")
                if back
                else _("You have this already: “%(name)s”.")
            )
            self._end(asset=there, told=sentence % {"name": there.name[:100]})
            came.delete()
        return True

    def _prepared(self, working):
        """What the closed process tells of the file. Raises Refused with the sentence for what it does not believe."""
        limits = json.dumps({"most_seconds": settings.UPLOAD_MINUTES * 60, "longest_side": LONGEST_SIDE})

        def progress(share):
            self.upload.percent = round(100 * share)

        try:
            told = sandbox.told(
                PREPARER,
                str(self.came),
                str(working),
                limits,
                seconds=most_seconds(),
                turn=sandbox.AT_ONCE,
                on_progress=progress,
                go_on=self._wait,
            )
        except sandbox.Broken:
            raise Refused(why_refused({"refused": "memory"})) from None
        except OSError as error:
            raise Refused(disk_full()) from error
        if "refused" in told:
            raise Refused(why_refused(told))
        # Whoever got hold of that process must not get hold of the row.
        told = {name: value for name, value in told.items() if name in TELLS}
        if told.get("media_type") not in KINDS:
            raise Refused(why_refused({"refused": "damaged"}))
        return told

    def _lay_in(self, working, told, sha256):
        """Everything into storage, then the row in one step; nothing stays where nobody wants it any more."""
        asset = self.upload.asset
        for name, value in told.items():
            setattr(asset, name, value)
        try:
            for name, field in WRITTEN.items():
                if (working / name).exists():
                    setattr(asset, field, self._lay(working / name, name))
            asset.file = self._lay_in_file(working, asset)
            if asset.is_picture and self._keep_original(asset):
                self._laid.append(asset.original.name)
        except StorageAway:
            discard(*self._laid)
            raise
        except OSError as error:
            discard(*self._laid)
            raise Refused(disk_full()) from error
        asset.sha256 = sha256
        asset.state, asset.prepared_at = State.READY, timezone.now()
        kept = [
            "file",
            "original",
            "proxy",
            "poster",
            "sprite",
            "waveform",
            "sha256",
            "size_bytes",
            "state",
            "prepared_at",
        ]
        try:
            with transaction.atomic():
                self._end()
                asset.save(update_fields=[*kept, *told])
                asset.tell("")
        except (IntegrityError, Stopped):
            discard(*self._laid)
            raise

    def _lay(self, path, name):
        """Into storage, in a folder of this attempt's own: another one may be at the same."""
        pk = str(self.upload.pk)
        name = f"uploads/{pk[:2]}/{pk}/{self.attempt}/{name}"
        self._laid.append(name)
        return take_in(path, name)

    def _lay_in_file(self, working, asset):
        """Of a picture its pixels, of all else the file as it came."""
        path = working / "picture.webp" if asset.media_type == PICTURE else self.came
        asset.size_bytes = path.stat().st_size
        return self._lay(path, KINDS[asset.media_type].file_name)

    def _keep_original(self, asset):
        with self.came.open("rb") as file:
            return asset.keep_original(file)


def most_seconds():
    """How long the preparation of a file may take."""
    return PATIENCE[0] + PATIENCE[1] * settings.UPLOAD_MINUTES * 60


def why_refused(told):
    """The sentence for what the closed process refused."""
    why = told["refused"]
    if why == "picture":
        return why_not(told["why"], told["values"])
    return {
        "empty": _("This file is empty. Choose another."),
        "unknown": _(
            "This is no picture, video or sound that can be used here, or it is damaged. Choose another file."
        ),
        "phone_picture": _("Pictures in HEIC or AVIF cannot be used. Save it as JPEG or PNG."),
        "streams": _("This file holds too many tracks. Save it with one video and one sound."),
        "sound_format": _("Its sound has more than %(most)d channels or an unusual sample rate. Save it as stereo.")
        % {"most": CHANNELS},
        "sides": _(
            "This video is too small or too large: each side needs %(least)d to %(most)d pixels, at most 8K in all."
        )
        % {"least": SIDES[0], "most": SIDES[1]},
        "long": _("This is longer than %(most)d minutes. Cut it into parts.") % {"most": settings.UPLOAD_MINUTES},
        "cut_off": _("This file is not whole: its end is missing. Copy it once more and try again."),
        "rate": _("This video has more than 240 frames a second. Save it with fewer."),
        "codec": _(
            "This file is encoded in a way that cannot be read here. Save it as H.264, H.265, VP9, AV1 or ProRes."
        ),
        "locked": _("This file is encrypted: nothing in it can be seen or heard here. Save it without its lock."),
        "blind": _("There is no picture in this file that can be read. Choose another."),
        "memory": _("This file takes more than one file may. Save it smaller or in another format."),
    }.get(why, _("This file is damaged. Save it again or choose another."))
