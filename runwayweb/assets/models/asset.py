"""A media file of a workspace, with what the studio needs to show it: a poster, a sprite, its cast, a sound's peaks."""

import hashlib
import io
import uuid
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from runwayweb.assets import pictures, sounds
from runwayweb.assets.storage import store
from runwayweb.assets.upload import BadPicture, lossless, read_picture, thumbnail

from .shelf import OnAShelf, Shelved

PREPARATIONS = 3  # a file that breaks its preparation this often is left as it is
PICTURE = "image/webp"  # how every picture is kept, whatever it came as
CLIP, STILL, SOUND, CAPTIONS = "video/mp4", "image/png", "audio/mp4", "text/vtt"  # what the studio makes
RECORDING = "audio/flac"  # how every sound from outside is kept, whatever it came as
SOUNDS = (SOUND, RECORDING)
PICTURES_A_DAY = 300  # new ones of a workspace
FILE_NAMES = {
    CLIP: "clip.mp4",
    STILL: "still.png",
    PICTURE: "picture.webp",
    SOUND: "sound.m4a",
    RECORDING: "recording.flac",
    CAPTIONS: "captions.vtt",
}


class AssetQuerySet(Shelved, models.QuerySet):
    def live(self):
        """Those that were not deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, user):
        """The live assets of `user`'s workspaces."""
        if not user.is_authenticated:
            return self.none()
        return self.live().filter(workspace__memberships__user=user)

    def pictures(self):
        """Those that can be given to a run: stills, not clips."""
        return self.filter(media_type=PICTURE)

    def keep_picture(self, picture, *, workspace, name):
        """The asset of a PIL image (RGB) in a workspace: the one with the same pixels if there is one, else a new one.

        Raises BadPicture when a workspace brings more in a day than PICTURES_A_DAY.
        """
        data = lossless(picture)
        same = self.pictures().filter(workspace=workspace, sha256=hashlib.sha256(data).hexdigest())
        return same._brought_back() or self._new_picture(picture, data, same, workspace=workspace, name=name)

    def _new_picture(self, picture, data, same, *, workspace, name):
        since_yesterday = self.pictures().filter(workspace=workspace, created_at__gt=timezone.now() - timedelta(days=1))
        if since_yesterday.count() >= PICTURES_A_DAY:
            raise BadPicture(
                _("%(most)d new pictures came within a day; more cannot be kept. Use one of them, or come back later.")
                % {"most": PICTURES_A_DAY}
            )
        asset = Asset(
            workspace=workspace,
            name=name[-200:] or "picture.webp",
            media_type=PICTURE,
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            width=picture.width,
            height=picture.height,
            prepared_at=timezone.now(),
        )
        folder = f"pictures/{str(asset.pk)[:2]}/{asset.pk}"
        asset.file = store(data, f"{folder}/picture.webp")
        asset.poster = store(thumbnail(picture), f"{folder}/poster.webp")
        try:
            with transaction.atomic():
                asset.save(force_insert=True)
                asset.tell("")
        except IntegrityError:  # the same picture came twice at once, and the other was first
            asset.discard_files()
            return same.get()
        return asset

    def keep_recording(self, recording, *, workspace, name):
        """The asset of a Recording in a workspace, a new one each time."""
        asset = Asset(
            workspace=workspace,
            name=name[-200:] or "recording.flac",
            media_type=RECORDING,
            sha256=hashlib.sha256(recording.data).hexdigest(),
            size_bytes=len(recording.data),
            width=0,
            height=0,
            duration_seconds=recording.duration_seconds,
            has_sound=True,
            peaks=recording.peaks,
            prepared_at=timezone.now(),
        )
        asset.file = store(recording.data, f"recordings/{str(asset.pk)[:2]}/{asset.pk}/recording.flac")
        asset.save(force_insert=True)
        asset.tell("")
        return asset

    def keep_footage(self, footage, *, workspace, name):
        """The asset of a Footage in a workspace, a new one each time. Its poster is still to be made."""
        asset = Asset(
            workspace=workspace,
            name=name[-200:] or "footage.mp4",
            media_type=CLIP,
            sha256=hashlib.sha256(footage.data).hexdigest(),
            size_bytes=len(footage.data),
            width=footage.width,
            height=footage.height,
            duration_seconds=footage.duration_seconds,
            fps=footage.fps,
        )
        asset.file = store(footage.data, f"footage/{str(asset.pk)[:2]}/{asset.pk}/clip.mp4")
        asset.save(force_insert=True)
        asset.tell("")
        return asset

    def _brought_back(self):
        """The one of these, in sight again if it was deleted; None where there is none."""
        self.in_trash().update(deleted_at=None, trashed_at=None)
        return self.first()

    def unprepared(self):
        """The assets that still want their poster and sprite."""
        return self.filter(prepared_at=None, preparations__lt=PREPARATIONS)


class Asset(OnAShelf):
    """`file`, `poster` and `sprite` are names in the default storage. Sizes in pixels and bytes, times in seconds.

    `peaks`: how loud a sound is from its beginning to its end, 0 to 100 each, to be drawn. `cast` says who can be seen
    in a clip: {"name", "role", "file"} each, the file that of a picture of them alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.PROTECT, related_name="assets")
    name = models.CharField(gettext_lazy("name"), max_length=200)
    file = models.FileField(max_length=200, unique=True)
    media_type = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    duration_seconds = models.FloatField(default=0)  # a picture lasts no time
    fps = models.FloatField(default=0)
    poster = models.FileField(max_length=200, blank=True)
    sprite = models.FileField(max_length=200, blank=True)
    sprite_columns = models.PositiveSmallIntegerField(default=0)
    sprite_count = models.PositiveSmallIntegerField(default=0)
    cast = models.JSONField(default=list, blank=True)
    has_sound = models.BooleanField(default=False)
    peaks = models.JSONField(default=list, blank=True)
    preparations = models.PositiveSmallIntegerField(default=0)
    prepared_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)  # out of sight; the file stays until it is purged

    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "sha256"], condition=Q(media_type=PICTURE), name="picture_once_in_a_workspace"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "-created_at", "-id"],
                condition=Q(deleted_at=None, trashed_at=None),
                name="library_newest_first",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_picture(self):
        return self.media_type == PICTURE

    @property
    def is_still(self):
        """Whether it is a picture that the studio made."""
        return self.media_type == STILL

    @property
    def file_name(self):
        """What its file is called in an address."""
        return FILE_NAMES[self.media_type]

    @property
    def is_clip(self):
        return self.media_type == CLIP

    @property
    def is_sound(self):
        """Whether there is nothing to see, only to hear."""
        return self.media_type in SOUNDS

    @property
    def is_captions(self):
        return self.media_type == CAPTIONS

    def open_picture(self):
        """The PIL image (RGB) of a picture. Raises OSError or ValueError when the file is not what was once kept."""
        with default_storage.open(self.file.name) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise ValueError(f"{self.file.name} is not the file that was kept.")
        return Image.open(io.BytesIO(data), formats=["WEBP", "PNG"]).convert("RGB")

    def frames(self):
        """The frames of a clip the studio made, uint8 (F, H, W, 3). Raises OSError, ValueError, UnreadableVideo."""
        with self._opened() as file:
            return pictures.frames_of(file)

    def samples(self):
        """The sound of a clip or a recording: samples float32 (N, channels), and how many a second.

        Raises OSError, ValueError, UnreadableSound.
        """
        with self._opened() as file:
            return sounds.samples_of(file, self.media_type)

    @contextmanager
    def _opened(self):
        with default_storage.open(self.file.name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.sha256:
                raise ValueError(f"{self.file.name} is not the file that was kept.")
            file.seek(0)
            yield file

    def open_cast_picture(self, number):
        """The PIL image (RGB) of whoever is `number` in its cast, counted from 1.

        Raises OSError for a file that is not there, BadPicture for one that cannot be read.
        """
        with default_storage.open(self.cast[number - 1]["file"]) as file:
            return read_picture(file)

    def store_cast(self, pictures):
        """Store pictures, (name, role, PIL image) each, beside its file; `cast` tells of them once it is saved."""
        folder = Path(self.file.name).parent
        self.cast = [
            {"name": name, "role": role, "file": store(lossless(picture), f"{folder}/cast-{number}.webp")}
            for number, (name, role, picture) in enumerate(pictures, 1)
        ]

    def discard_files(self):
        """Remove its files from storage; for an asset that never came to be."""
        for stored in (self.file, self.poster, self.sprite):
            if stored:
                default_storage.delete(stored.name)

    def prepare(self):
        """Make the poster and the sprite; True if this call did. Reads the whole file; safe to repeat."""
        claimed = Asset.objects.unprepared().filter(pk=self.pk).update(preparations=models.F("preparations") + 1)
        if not claimed:
            return False
        folder = str(Path(self.file.name).parent)
        if self.is_still:
            self.poster = store(pictures.poster_of(self.open_picture()), f"{folder}/poster.webp")
        elif self.is_clip:
            with default_storage.open(self.file.name) as video:
                poster, sprite = pictures.of_video(video)
            self.poster = store(poster, f"{folder}/poster.webp")
            self.sprite = store(sprite.webp, f"{folder}/sprite.webp")
            self.sprite_columns, self.sprite_count = sprite.columns, sprite.count
        self.prepared_at = timezone.now()
        self.save(update_fields=["poster", "sprite", "sprite_columns", "sprite_count", "prepared_at"])
        return True
