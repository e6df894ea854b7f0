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
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from runwayweb.assets import sandbox
from runwayweb.assets.decoding import CHANNELS, SIDES
from runwayweb.assets.fetching import Fetcher
from runwayweb.assets.guarded import Address, Unfetchable
from runwayweb.assets.kinds import KINDS, PICTURE
from runwayweb.assets.models.asset import Asset, State
from runwayweb.assets.models.upload import LEASE, Refused, Status, Upload, disk_full
from runwayweb.assets.storage import StorageAway, bring, bucket, sha256_of, take_in
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
    """This worker is to end, or nobody wants the file any more."""


class TakingIn:
    """One attempt at an upload. `stopping()` says whether the process is asked to end: then it is handed back.

    `meanwhile()` is called about every second while a closed process works and this one has nothing to do.
    """

    def __init__(self, upload, stopping=lambda: False, meanwhile=lambda: None, fetcher=None):
        self.upload = upload
        self.stopping = stopping
        self.meanwhile = meanwhile
        self.fetcher = fetcher or Fetcher()
        self._renewed_at = 0.0

    def run(self):
        """True if this call ended it, well or with a sentence; False where another is at it, or it was stopped."""
        if not self._claim():
            return False
        working = settings.ARRIVING_DIR / f"{self.upload.pk}.work"
        shutil.rmtree(working, ignore_errors=True)
        working.mkdir(parents=True)
        try:
            self._fetch()
            self._bring()
            self._take_in(working)
        except Refused as why:
            self.upload.refuse(str(why))
        except (Stopped, sandbox.Interrupted):
            self._hand_back()
            return False
        except StorageAway as error:
            logger.warning("Upload %s waits, its storage is away: %s", self.upload.pk, error)
            self._hand_back(again_in=AGAIN_IN)
            return False
        finally:
            shutil.rmtree(working, ignore_errors=True)
            if bucket():
                self.upload.path.unlink(missing_ok=True)  # another machine may go on with it, and that was a copy
        self.upload.discard()
        return True

    def _claim(self):
        waiting = Upload.objects.waiting().filter(pk=self.upload.pk)
        claimed = waiting.update(attempts=F("attempts") + 1, lease_until=timezone.now() + LEASE)
        self.upload.refresh_from_db()
        return bool(claimed)

    def _hand_back(self, again_in=None):
        mine = Upload.objects.filter(pk=self.upload.pk, status=Status.WAITING)
        mine.update(attempts=F("attempts") - 1, lease_until=again_in and timezone.now() + again_in)

    def _go_on(self):
        """Whether there is a reason to. Renews the lease; one query a second."""
        if time.monotonic() - self._renewed_at < RENEW_SECONDS:
            return True
        self._renewed_at = time.monotonic()
        mine = Upload.objects.filter(pk=self.upload.pk, status=Status.WAITING)
        wanted = mine.update(lease_until=timezone.now() + LEASE, touched_at=timezone.now(), percent=self.upload.percent)
        return bool(wanted) and not self.stopping()

    def _wait(self):
        self.meanwhile()
        return self._go_on()

    def _fetch(self):
        """Bring the file of an address here, if it is not yet. Raises Refused, Stopped."""
        upload = self.upload
        if not upload.url or (upload.size_bytes and upload.path.exists()):
            return
        room = min(settings.UPLOAD_LIMIT_BYTES, Upload.objects.room(upload.workspace))

        def told(came, expected):
            upload.percent = round(100 * came / expected) if expected else 0
            if not self._go_on():
                raise Stopped

        try:
            size_bytes = self.fetcher.fetch(Address(upload.url), upload.path, room, told)
        except Unfetchable as why:
            raise Refused(str(why)) from why
        upload.size_bytes = upload.offset_bytes = size_bytes
        upload.percent = 0
        upload.save(update_fields=["size_bytes", "offset_bytes", "percent"])
        fetched = Asset.objects.filter(pk=upload.asset_id, state=State.ARRIVING)
        fetched.update(state=State.PREPARING, size_bytes=size_bytes)

    def _bring(self):
        """Bring here what lies in the bucket. Raises Refused where that is not what was announced, StorageAway."""
        upload = self.upload
        if upload.url or not bucket():
            return
        try:
            bring(upload.stored, upload.path)
        except FileNotFoundError:
            raise Refused(why_refused({"refused": "cut_off"})) from None
        except StorageAway:
            raise
        except OSError as error:
            raise Refused(disk_full()) from error
        if upload.path.stat().st_size != upload.size_bytes:
            raise Refused(why_refused({"refused": "cut_off"}))

    def _take_in(self, working):
        sha256 = sha256_of(self.upload.path)
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
            self._is_there_already(sha256)

    def _is_there_already(self, sha256):
        """Whether the workspace has the file; then that is what became of the upload, out of the trash if need be.

        Of a picture that came without credentials before, those it has now are kept.
        """
        same = Asset.objects.filter(workspace=self.upload.workspace_id, sha256=sha256, state=State.READY)
        there = same.order_by("deleted_at").first()
        if there is None:
            return False
        if there.is_picture and self._keep_original(there):
            there.save(update_fields=["original"])
        there.be_brought(self.upload.asset.origin)
        back = Asset.objects.filter(pk=there.pk).exclude(deleted_at=None).update(deleted_at=None)
        sentence = (
            _("This is “%(name)s”, which was in the trash and is back.")
            if back
            else _("You have this already: “%(name)s”.")
        )
        with transaction.atomic():
            came = self.upload.asset
            if self.upload._move(
                Status.WAITING, to=Status.ENDED, asset=there, told=sentence % {"name": there.name[:100]}, percent=100
            ):
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
                str(self.upload.path),
                str(working),
                limits,
                seconds=most_seconds(),
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
        folder = f"uploads/{str(asset.pk)[:2]}/{asset.pk}"
        for name, value in told.items():
            setattr(asset, name, value)
        try:
            for name, field in WRITTEN.items():
                if (working / name).exists():
                    setattr(asset, field, take_in(working / name, f"{folder}/{name}"))
            asset.file = self._lay_in_file(working, asset, f"{folder}/{KINDS[asset.media_type].file_name}")
            if asset.is_picture:
                self._keep_original(asset)
        except StorageAway:
            asset.discard_files()
            raise
        except OSError as error:
            asset.discard_files()
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
                wanted = self.upload._move(Status.WAITING, to=Status.ENDED, percent=100)
                if wanted:
                    asset.save(update_fields=[*kept, *told])
                    asset.tell("")
        except IntegrityError:
            asset.discard_files()
            raise
        if not wanted:
            asset.discard_files()

    def _lay_in_file(self, working, asset, name):
        """Of a picture its pixels, of all else the file as it came."""
        if asset.media_type != PICTURE:
            asset.size_bytes = self.upload.path.stat().st_size
            # By another name: where this process ends before the row is written, the next one finds the file as it was.
            whole = working / "whole"
            try:
                os.link(self.upload.path, whole)
            except OSError:  # of a disk that knows no second names
                shutil.copyfile(self.upload.path, whole)
            return take_in(whole, name)
        asset.size_bytes = (working / "picture.webp").stat().st_size
        return take_in(working / "picture.webp", name)

    def _keep_original(self, asset):
        with self.upload.path.open("rb") as file:
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
