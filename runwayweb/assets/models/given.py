"""What programs give to runs: pictures, clips and sounds, each kept once as a run can be given it."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from PIL import Image

from runwayweb.assets import sandbox
from runwayweb.assets.footage import Footage, Recording
from runwayweb.assets.models.asset import Asset, Origin, State
from runwayweb.assets.models.retention import Retention
from runwayweb.assets.models.upload import Refused, Upload, plain_name, storage_full
from runwayweb.assets.sounds import peaks_of
from runwayweb.assets.storage import sha256_of

FITTER = Path(__file__).parent.parent / "fitting.py"
LONGEST_SIDE = 4096  # pixels of a picture, as of those in the library
FITTING_SECONDS = 30  # whoever asks waits for it


class Unfit(Exception):
    """A file that no run can be given. `why` says so in a word, `values` holds what there is to say of it."""

    def __init__(self, why, **values):
        super().__init__(why)
        self.why = why
        self.values = values


@dataclass(frozen=True)
class Picture:
    """As a picture is kept: its pixels, at most so many to its longer side."""

    longest_side: int = LONGEST_SIDE


@dataclass(frozen=True)
class Clip:
    """As a clip is kept: so many frames a second, at most so many pixels each, and of its length so many seconds.

    0: as it came. It may last `longest_seconds`.
    """

    fps: int = 0
    most_pixels: int = 0
    most_seconds: float = 0
    longest_seconds: float = 60


@dataclass(frozen=True)
class Sound:
    """As a sound is kept: all of it. It may last `longest_seconds`."""

    longest_seconds: float = 600


class GivenQuerySet(models.QuerySet):
    def keep(self, path, shape, *, workspace, name):
        """The Given of the local file at `path`: the one there is where the workspace was given it before.

        Looks through the file in a process of its own, and waits for that. Raises Unfit, Busy, Refused where there is
        no room.
        """
        sha256, kept_as = sha256_of(path), _told(shape)
        known = self._known(workspace, sha256, kept_as)
        if known:
            return known
        if os.path.getsize(path) > Upload.objects.room(workspace):
            raise Refused(storage_full(workspace), 413)
        with tempfile.TemporaryDirectory(prefix="given-") as folder:
            told = _fitted(path, Path(folder), shape)
            asset = _keep(shape, told, Path(folder), path, workspace=workspace, name=plain_name(name))
        try:
            with transaction.atomic():
                lost = self.filter(workspace=workspace, sha256=sha256, kept_as=kept_as)
                lost.exclude(asset__state=State.READY).delete()  # deleted for good, while its row is still told of
                return self.create(
                    workspace=workspace, sha256=sha256, kept_as=kept_as, asset=asset, came_as=told["came"]
                )
        except IntegrityError:  # the same file came twice at once, and the other was first
            if not asset.is_picture:  # those are one already
                asset.purge()
            return self._known(workspace, sha256, kept_as)

    def _known(self, workspace, sha256, kept_as):
        """The one there is, wanted from now on for as long as any; or None."""
        same = self.filter(workspace=workspace, sha256=sha256, kept_as=kept_as, asset__state=State.READY)
        if not same.update(wanted_at=timezone.now()):
            return None
        given = same.select_related("asset").first()
        if given and (given.asset.deleted_at or given.asset.trashed_at):
            Asset.objects.filter(pk=given.asset_id).bring_back()
            given.asset.refresh_from_db()
        return given

    def forgotten(self):
        """Those that nobody gave again for as long as they are kept."""
        return self.filter(wanted_at__lt=timezone.now() - timedelta(days=Retention.objects.days("given")))


class Given(models.Model):
    """`sha256`: of the file as it came; `came_as`: what that was, as fitting.py tells. `kept_as`: the shape in which
    `asset` keeps it. `wanted_at`: when it was given last."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="given")
    sha256 = models.CharField(max_length=64)
    kept_as = models.CharField(max_length=200)
    asset = models.ForeignKey("assets.Asset", on_delete=models.CASCADE, related_name="given")
    came_as = models.JSONField(default=dict)
    wanted_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = GivenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "sha256", "kept_as"], name="given_once_in_a_shape"),
        ]

    def __str__(self):
        return f"{self.asset} ({self.kept_as})"

    @transaction.atomic
    def forget(self, in_use):
        """Its asset goes, unless `in_use(asset)` or somebody else brought it too; True if it went."""
        mine = Given.objects.select_for_update().filter(pk=self.pk, wanted_at=self.wanted_at).first()
        if mine is None:
            return False
        if mine.asset.origin == Origin.API and in_use(mine.asset):
            mine.wanted_at = timezone.now()  # to be asked about another time
            mine.save(update_fields=["wanted_at"])
            return False
        mine.delete()
        return mine.asset.origin == Origin.API and mine.asset.purge()


def _told(shape):
    """How a row names it: two shapes alike are called alike, 60 and 60.0 too."""
    numbers = (str(int(value) if float(value).is_integer() else value) for value in asdict(shape).values())
    return " ".join([type(shape).__name__.lower(), *numbers])


def _fitted(path, folder, shape):
    """What the closed process tells. Raises Unfit, Busy."""
    try:
        kind = type(shape).__name__.lower()
        told = sandbox.told(FITTER, kind, str(path), str(folder), json.dumps(asdict(shape)), seconds=FITTING_SECONDS)
    except sandbox.Broken:  # too slow, or killed where it took too much
        raise Unfit("memory") from None
    if told.get("refused") == "picture":
        raise Unfit(told["why"], **told["values"])
    if "refused" in told:
        raise Unfit(told["refused"])
    return told


def _keep(shape, told, folder, path, *, workspace, name):
    """The asset of what was written into the folder."""
    kept = {"workspace": workspace, "name": name, "origin": Origin.API}
    if isinstance(shape, Picture):
        data = (folder / "picture.webp").read_bytes()
        with Image.open(folder / "picture.webp", formats=["WEBP"]) as picture, open(path, "rb") as came_as:
            return Asset.objects.keep_picture(picture.convert("RGB"), data=data, came_as=came_as, **kept)
    if isinstance(shape, Clip):
        names = ("width", "height", "num_frames", "fps")
        footage = Footage((folder / "clip.mp4").read_bytes(), **{name: int(told[name]) for name in names})
        return Asset.objects.keep_footage(footage, **kept)
    peaks = peaks_of(np.array(told["loudest"])[:, None])
    data = (folder / "recording.flac").read_bytes()
    return Asset.objects.keep_recording(Recording(data, float(told["duration_seconds"]), peaks), **kept)
