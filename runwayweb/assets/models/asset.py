"""A media file of a workspace, with what the studio needs to show it: a poster, a sprite, its cast, a sound's peaks."""

import hashlib
import io
import uuid
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.core.files.storage import default_storage
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from runwayweb.accounts.models import Belonging
from runwayweb.assets import pictures, sounds
from runwayweb.assets.kinds import CAPTIONS, CLIP, CLIPS, KINDS, PICTURE, RECORDING, SOUNDS, STILL
from runwayweb.assets.named import NamedFile, NamesFiles
from runwayweb.assets.storage import StorageAway, discard, store
from runwayweb.assets.upload import LONGEST_SIDE, BadPicture, kept_picture, lossless, thumbnail

from .retention import Retention
from .shelf import OnAShelf, Shelved

PREPARATIONS = 3  # a file that breaks its preparation this often is left as it is
PICTURES_A_DAY = 300  # new ones of a workspace
FILES = ("file", "original", "master", "master_sound", "proxy", "poster", "sprite", "waveform")  # columns of names
CREDENTIALS = (b"jumb", b"c2pa")  # in the bytes of a picture that carries Content Credentials


class State(models.TextChoices):
    ARRIVING = "arriving", gettext_lazy("Arriving")  # its file is being fetched
    PREPARING = "preparing", gettext_lazy("Preparing")  # its file is here and looked through
    READY = "ready", gettext_lazy("Ready")
    REFUSED = "refused", gettext_lazy("Refused")  # `refusal` says why; it has no file
    GONE = "gone", gettext_lazy("Deleted for good")  # something still tells of it, but its files are away


class Origin(models.TextChoices):
    MADE = "made", gettext_lazy("Made here")
    UPLOADED = "uploaded", gettext_lazy("Uploaded")
    IMPORTED = "imported", gettext_lazy("Imported")
    API = "api", gettext_lazy("By API")  # given to a run by a program; the library shows it to who asks for it


class AssetQuerySet(Shelved, Belonging, models.QuerySet):
    def live(self):
        """Those that were not deleted, nor taken down by the operator."""
        return self.filter(deleted_at=None, taken_down_at=None)

    def in_sight(self):
        return self.live()

    def for_bearers(self):
        """Those that the bearer of a signed address may have: the live ones of workspaces that are not suspended."""
        return self.live().filter(workspace__suspended_at=None)

    def pictures(self):
        """Those that can be given to a run: stills, not clips."""
        return self.filter(media_type=PICTURE)

    def ready(self):
        """The live ones whose file is there, whole and looked through."""
        return self.live().filter(state=State.READY)

    def on_their_way(self):
        """Those whose file is not there yet."""
        return self.live().filter(state__in=[State.ARRIVING, State.PREPARING])

    def stored_bytes(self):
        """How much their files take, what is in the trash too."""
        files = Sum(F("size_bytes") + F("master_bytes"))
        return self.filter(state=State.READY).aggregate(total=files)["total"] or 0

    def thrown_away(self):
        """Those that were in the trash for its whole time."""
        return self.filter(deleted_at__lt=timezone.now() - timedelta(days=Retention.objects.days("trash"))).exclude(
            state=State.GONE
        )

    def keep_picture(self, picture, *, workspace, name, origin=Origin.MADE, came_as=None, made_of=None, data=None):
        """The asset of a PIL image (RGB) in a workspace: the one with the same pixels if there is one, else a new one.

        `came_as`: the file it was read from, an open one, where it is from outside; see `Asset.keep_original`.
        `made_of`: the asset it was taken from, where it was. `data`: the bytes that `lossless` makes of it, where they
        are known. Raises BadPicture when the people of a workspace bring more in a day than PICTURES_A_DAY.
        """
        data = data or lossless(picture)
        same = self.pictures().filter(workspace=workspace, sha256=hashlib.sha256(data).hexdigest(), state=State.READY)
        asset = same._brought_back() or self._new_picture(
            picture, data, same, workspace=workspace, name=name, origin=origin
        )
        if came_as and asset.keep_original(came_as):
            asset.save(update_fields=["original"])
        asset.be_brought(origin)
        # What came from outside is no frame, though one that was taken later may look like it.
        if made_of and asset.made_of_id is None and asset.origin == Origin.MADE and asset != made_of:
            asset.made_of = made_of
            asset.save(update_fields=["made_of"])
        return asset

    def _new_picture(self, picture, data, same, *, workspace, name, origin):
        since_yesterday = self.pictures().filter(workspace=workspace, created_at__gt=timezone.now() - timedelta(days=1))
        by_people = since_yesterday.exclude(origin=Origin.API)
        if origin != Origin.API and by_people.count() >= PICTURES_A_DAY:
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
            origin=origin,
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

    def keep_recording(self, recording, *, workspace, name, origin=Origin.UPLOADED):
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
            origin=origin,
            original_name=name[-200:],
        )
        asset.file = store(recording.data, f"recordings/{str(asset.pk)[:2]}/{asset.pk}/recording.flac")
        asset.save(force_insert=True)
        asset.tell("")
        return asset

    def keep_footage(self, footage, *, workspace, name, origin=Origin.UPLOADED):
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
            frame_count=footage.num_frames,
            origin=origin,
            original_name=name[-200:],
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
        return self.filter(state=State.READY, prepared_at=None, preparations__lt=PREPARATIONS)


class Asset(NamesFiles, OnAShelf):
    """`file` and what was made of it are names in the default storage. Sizes in pixels and bytes, times in seconds.

    What is made here is READY from its first moment. What comes from outside is PREPARING until a media worker has
    looked through it (ARRIVING before that where it is fetched from an address); until then its kind and sizes are not
    known.

    `file`: of a picture its pixels written anew, of all else the file as it came, byte for byte, so that a cut is made
    from its full quality. `proxy`: what a browser plays in its place, "" where that is the file itself (see `playing`);
    frame n of it is what is to be seen at n / `fps` seconds, and there are `frame_count` of them. `original`: a picture
    as it came, kept where it carries Content Credentials, never shown. `original_name`: what it was called where it
    came from. `master`: a clip made here for editing programs, as ProRes (.mov) or as pictures (.zip), with
    `master_sound` (.wav) beside the pictures; both take `master_bytes`. `made_of`: what a picture was taken from, whole
    or in part: the clip that a frame is of.

    `peaks`: how loud a sound is from its beginning to its end, 0 to 100 each, to be drawn; `waveform`: the same in
    fine, of what came from outside, JSON of {"rate": how many a second, "peaks"}. `cast` says who can be seen in
    a clip: {"name", "role", "file", "tag"} each, the file that of a picture of them alone, the tag what the prompt
    called them (left out for who has none).
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
    frame_count = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.READY)
    refusal = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.MADE)
    original_name = models.CharField(max_length=200, blank=True)
    original = models.FileField(max_length=200, blank=True)
    made_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="pictures")
    master = models.FileField(max_length=200, blank=True)
    master_sound = models.FileField(max_length=200, blank=True)
    master_bytes = models.PositiveBigIntegerField(default=0)
    proxy = models.FileField(max_length=200, blank=True)
    poster = models.FileField(max_length=200, blank=True)
    sprite = models.FileField(max_length=200, blank=True)
    waveform = models.FileField(max_length=200, blank=True)
    sprite_columns = models.PositiveSmallIntegerField(default=0)
    sprite_count = models.PositiveSmallIntegerField(default=0)
    cast = models.JSONField(default=list, blank=True)
    has_sound = models.BooleanField(default=False)
    peaks = models.JSONField(default=list, blank=True)
    preparations = models.PositiveSmallIntegerField(default=0)
    prepared_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)  # out of sight; the file stays until it is purged
    taken_down_at = models.DateTimeField(null=True, blank=True)  # hidden everywhere by the operator

    NAMED_IN = ("state", "sha256", "cast", *FILES)
    State = State
    Origin = Origin
    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "sha256"],
                condition=Q(media_type=PICTURE) & ~Q(state=State.GONE),
                name="picture_once_in_a_workspace",
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "-created_at", "-id"],
                condition=Q(deleted_at=None, trashed_at=None),
                name="library_newest_first",
            ),
            models.Index(fields=["state", "created_at"], condition=Q(prepared_at=None), name="assets_to_prepare"),
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
        """What its file is called in an address; "" while that is not known."""
        return KINDS[self.media_type].file_name if self.media_type else ""

    @property
    def playing(self):
        """What a player plays of it: the name in its address."""
        if not self.proxy:
            return self.file_name
        return "proxy.m4a" if self.is_sound else "proxy.mp4"

    @property
    def handed_over(self):
        """The names in an address of what whoever asked for it is given: its masters where it has some, else its
        file."""
        masters = [f"master{Path(stored.name).suffix}" for stored in (self.master, self.master_sound) if stored]
        return masters or [self.file_name]

    @property
    def is_prepared(self):
        """Whether its poster and sprite are there, or never will be."""
        return self.prepared_at is not None or self.preparations >= PREPARATIONS

    @property
    def is_ready(self):
        return self.state == State.READY

    @property
    def has_its_files(self):
        return self.is_ready

    def named_files(self):
        """Each file of the storage that it tells of."""
        for column in FILES:
            if stored := getattr(self, column):
                yield NamedFile(column.replace("_", " "), stored.name, self.sha256 if column == "file" else None)
        for number, one in enumerate(self.cast, 1):
            yield NamedFile(f"cast picture {number}", one["file"])

    @property
    def on_its_way(self):
        return self.state in (State.ARRIVING, State.PREPARING)

    @property
    def is_clip(self):
        return self.media_type in CLIPS

    @property
    def is_sound(self):
        """Whether there is nothing to see, only to hear."""
        return self.media_type in SOUNDS

    @property
    def is_captions(self):
        return self.media_type == CAPTIONS

    def open_picture(self):
        """The PIL image (RGB) of a picture, at most as large as engines see.

        Raises OSError or ValueError when the file is not what was once kept.
        """
        with default_storage.open(self.file.name) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise ValueError(f"{self.file.name} is not the file that was kept.")
        picture = Image.open(io.BytesIO(data), formats=["WEBP", "PNG"]).convert("RGB")
        if self.is_picture:
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        return picture

    def frames(self):
        """The frames of a clip the studio made, uint8 (F, H, W, 3); of a picture the one. Raises OSError, ValueError,
        UnreadableVideo."""
        if self.is_picture or self.is_still:
            return np.asarray(self.open_picture())[None]
        with self._opened() as file:
            return pictures.frames_of(file)

    def keep_frame(self, number):
        """The frame of a clip of this number, counted from 0, as a picture of the workspace; of a picture itself.

        Decodes the file up to there. Raises UnreadableVideo or OSError for a file that cannot be read, BadPicture when
        too many came in a day.
        """
        if not self.is_clip:
            frame = self.open_picture()
        else:
            with default_storage.open(self.proxy.name or self.file.name) as clip:
                frame = pictures.still_of_video(clip, number)
        name = f"{Path(self.name).stem}-{number}.webp"
        return Asset.objects.keep_picture(frame, workspace=self.workspace, name=name, made_of=self)

    def keep_original(self, came_as):
        """Keep a picture as it came, an open file, where that carries Content Credentials and no other is kept.

        True if this call did it: then the row is to be saved.
        """
        came_as.seek(0)
        data = came_as.read()
        if self.original or not all(mark in data for mark in CREDENTIALS):
            return False
        self.original = store(data, str(Path(self.file.name).with_name("original")))
        return True

    def be_brought(self, origin):
        """Somebody brings what a program gave before: from now on the library shows it. True if it did not."""
        shown = self.origin == Origin.API != origin
        if shown:
            self.origin = origin
            self.save(update_fields=["origin"])
        return shown

    def frame_seen_at(self, seconds):
        """The frame of a clip that is seen at a moment, as a PIL image in its full size; the last one after its end.

        Raises UnreadableVideo or OSError for a file that cannot be read.
        """
        with default_storage.open(self.file.name) as clip:
            return pictures.frame_seen_at(clip, seconds, KINDS[self.media_type].container)

    @property
    def poster_seconds(self):
        """The moment of a clip that its poster shows."""
        return pictures.poster_frame(round(self.duration_seconds * self.fps)) / self.fps if self.fps else 0.0

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
            return kept_picture(file)

    def store_cast(self, pictures):
        """Store pictures, (name, role, PIL image) and perhaps a tag each, beside its file; `cast` tells of them once it
        is saved."""
        folder = Path(self.file.name).parent
        self.cast = [
            {"name": name, "role": role, "file": store(lossless(picture), f"{folder}/cast-{number}.webp")}
            | ({"tag": tag[0]} if any(tag) else {})
            for number, (name, role, picture, *tag) in enumerate(pictures, 1)
        ]

    def discard_files(self):
        """Remove its files from storage; for an asset that never came to be, or is deleted for good. True if they are
        gone."""
        return discard(*(file.name for file in self.named_files()))

    def prepare(self):
        """Make the poster and the sprite; True if this call did. Reads the whole file; safe to repeat."""
        claimed = Asset.objects.unprepared().filter(pk=self.pk).update(preparations=models.F("preparations") + 1)
        if not claimed:
            return False
        try:
            self._make_pictures(str(Path(self.file.name).parent))
        except StorageAway:  # which says nothing against the file
            Asset.objects.filter(pk=self.pk).update(preparations=models.F("preparations") - 1)
            raise
        self.prepared_at = timezone.now()
        self.save(update_fields=["poster", "sprite", "sprite_columns", "sprite_count", "prepared_at"])
        return True

    def _make_pictures(self, folder):
        if self.is_still or self.is_picture:  # a picture that was not imported has its own from the beginning
            self.poster = store(pictures.poster_of(self.open_picture()), f"{folder}/poster.webp")
        elif self.is_clip:
            with default_storage.open(self.file.name) as video:
                poster, sprite = pictures.of_video(video)
            self.poster = store(poster, f"{folder}/poster.webp")
            self.sprite = store(sprite.webp, f"{folder}/sprite.webp")
            self.sprite_columns, self.sprite_count = sprite.columns, sprite.count
