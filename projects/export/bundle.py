"""A film as one file that another installation imports whole: its rows as JSON, its media by their SHA-256.

A bundle comes from anybody: nothing in it is a path, every value goes through its column's own checks, every file must
hash to its name, and rows are tied together by ids that are made anew here.
"""

import hashlib
import io
import json
import tempfile
import uuid
import zipfile
import zlib
from pathlib import Path

from django.core import serializers
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils.translation import gettext as _

from generation import queues
from generation.models import Generation, Input
from projects.cut import BadCut, read_cut
from projects.export.media import film_media
from projects.export.package import Packing
from projects.models import Entity, Measurement, Project, Scene, Script, Shot, Take, Timeline, View
from projects.models.pictured import checked_given
from runwayweb.assets.kinds import KINDS
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.storage import discard_folder, take_in

FORMAT = 1
FILM = "film.json"
FILM_BYTES = 200_000_000
FILE_BYTES = 20_000_000_000
ROWS = 200_000
ENTRIES = 100_000  # files in the zip
DIRECTORY_BYTES = 16 * 1024**2  # of what tells where they are: zipfile takes it into memory at once
PIECE_BYTES = 1 << 20

# In an order in which each stands on those before it; what points ahead is tied at the end.
TABLES = (Asset, Generation, Input, Script, Entity, View, Scene, Shot, Take, Timeline)
# Columns that mean something only where they were written; the rest goes along, also what later versions add.
STAYS = {
    Asset: {
        "workspace", "file", "poster", "sprite", "sprite_columns", "sprite_count", "preparations", "prepared_at",
        "folder", "trashed_at", "purged_at", "deleted_at",
    },
    Generation: {
        "workspace", "project", "requested_by", "worker", "lease_until", "copied_from", "cost", "deleted_at",
    },
    Script: {"project"},
    Entity: {"project"},
    Scene: {"project"},
    Shot: {"project"},
    Timeline: {"project", "saved_by"},
}  # fmt: skip
# Files beside the one that an asset is, and what they are called here; posters and sprites are made again.
BESIDE = {"proxy": "proxy.mp4", "waveform": "waveform.json", "original": "original"}
SOUND_PROXY = "proxy.m4a"
AHEAD = {
    Asset: ("made_of",), Shot: ("follows", "chosen"), Take: ("parent",), Generation: ("blocking_of",),
}  # fmt: skip


# What a zip that is damaged, locked or packed in an unusual way makes Python say.
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, zlib.error)


class BadBundle(ValueError):
    """What is no bundle, or not whole. The message is a sentence."""


def write_bundle(project, path, on_progress=lambda copied, total: None):
    """Write a film with all that it needs to a zip at `path`. Raises OSError for a file that is not there.

    `on_progress`: see Packing.
    """
    rows = _rows_of(project)
    film = told_film(project, rows)
    _leave_behind(film["rows"], rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as bundle:
        written = set()
        packing = Packing(bundle, sum(asset.size_bytes for asset in rows[Asset]), on_progress)
        for told, asset in zip(film["rows"][Asset._meta.label], rows[Asset], strict=True):
            _add(packing, asset.sha256, asset.file.name, written)
            told["beside"] = {}
            for name in BESIDE:
                if stored := getattr(asset, name).name:
                    told["beside"][name] = _sha256(stored)
                    _add(packing, told["beside"][name], stored, written)
            for one, member in zip(told["cast"], asset.cast, strict=True):
                one["file"] = _sha256(member["file"])
                _add(packing, one["file"], member["file"], written)
        bundle.writestr(FILM, json.dumps(film, ensure_ascii=False), zipfile.ZIP_DEFLATED)


def told_film(project, rows=None):
    """A film as JSON holds it, without its media."""
    rows = rows or _rows_of(project)
    told = {model._meta.label: [_told(row) for row in rows[model]] for model in TABLES}
    return {"format": FORMAT, "name": project.name, "rows": told}


def _rows_of(project):
    """{model: rows} of all that a film is made of."""
    takes = list(Take.objects.live().filter(shot__project=project))
    generations = _with_what_they_stand_on(
        _whole(project.generations.filter(deleted_at=None)) | _whole(Generation.objects.filter(take__in=takes))
    )
    done = {generation.pk for generation in generations}
    takes = [take for take in takes if take.generation_id in done]
    inputs = list(Input.objects.filter(generation__in=done, asset__taken_down_at=None))
    views = list(View.objects.filter(entity__project=project, entity__deleted_at=None, asset__taken_down_at=None))
    timelines = list(Timeline.objects.filter(project=project))
    shots = list(project.shots.live().select_related("follows__chosen__generation"))
    assets = {generation.asset_id for generation in generations}
    assets |= {given.asset_id for given in inputs} | {view.asset_id for view in views}
    assets |= {one["asset"] for shot in shots for one in shot.given}
    for timeline in timelines:
        assets |= {pair[0].pk for pair in film_media(timeline).values() if pair}
    return {
        Asset: list(Asset.objects.filter(pk__in=assets, taken_down_at=None)),
        Generation: generations,
        Input: inputs,
        Script: list(Script.objects.filter(project=project)),
        Entity: list(project.entities.live()),
        View: views,
        Scene: list(project.scenes.all()),
        Shot: shots,
        Take: takes,
        Timeline: timelines,
    }


def _whole(generations):
    """Those of some runs that made something, without what the operator took down."""
    return generations.filter(status=Generation.Status.SUCCEEDED, asset__taken_down_at=None)


def _with_what_they_stand_on(generations):
    """These and all whose blocking they keep, the oldest first."""
    known = {generation.pk: generation for generation in generations}
    wanted = {generation.blocking_of_id for generation in known.values()} - set(known) - {None}
    while wanted:
        found = list(_whole(Generation.objects.filter(pk__in=wanted)))
        known |= {generation.pk: generation for generation in found}
        wanted = {generation.blocking_of_id for generation in found} - set(known) - {None}
    return sorted(known.values(), key=lambda generation: generation.created_at)


def _told(row):
    """A row as JSON: its id and the columns that go along."""
    (told,) = serializers.serialize("python", [row])
    stays = STAYS.get(type(row), set())
    files = {field.name for field in row._meta.concrete_fields if isinstance(field, models.FileField)}
    values = {name: value for name, value in told["fields"].items() if name not in stays | files}
    return json.loads(json.dumps({"id": str(told["pk"])} | values, cls=serializers.json.DjangoJSONEncoder))


def _leave_behind(told, rows):
    """Let the rows of a bundle point at nothing that is not in it: a shot that was deleted, a take that is still made,
    a clip that the operator took down.

    A take that was asked for what would then be missing is not stale for that.
    """
    ids = {model: {row["id"] for row in told[model._meta.label]} for model in TABLES}
    for model, names in AHEAD.items():
        for row in told[model._meta.label]:
            for name in names:
                if row[name] not in ids[model._meta.get_field(name).related_model]:
                    row[name] = None
    for run in told[Generation._meta.label]:
        run["joins"] = run["joins"] if run["blocking_of"] else ""
    kinds = {model._meta.model_name: ids[model] for model in (Shot, Take, Asset)}
    for timeline in told[Timeline._meta.label]:
        for track in timeline["document"].get("tracks", []):
            track["clips"] = [
                clip
                for clip in track["clips"]
                if not clip.get("source") or clip["source"]["id"] in kinds[clip["source"]["kind"]]
            ]
    shots = {row["id"]: row for row in told[Shot._meta.label]}
    lost = {}  # id of a shot → the clip it follows and in the bundle does not
    for shot in rows[Shot]:
        before = shots.get(shots[str(shot.pk)]["follows"])
        if shot.follows and shot.follows.chosen and not (before and before["chosen"]):
            lost[str(shot.pk)] = str(shot.follows.chosen.generation.asset_id)
    for take in told[Take._meta.label]:
        if take["asked"].get("follows") and take["asked"]["follows"] == lost.get(take["shot"]):
            take["asked"]["follows"] = ""


def _sha256(stored):
    with default_storage.open(stored) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add(packing, sha256, stored, written):
    if sha256 not in written:
        packing.add(f"media/{sha256}", stored)
        written.add(sha256)


def read_bundle(path, *, workspace, by=None):
    """The Project made of a bundle, in a workspace that has the room for it. Nothing stays of one that cannot be read
    whole.

    Raises BadBundle, OSError when the disk is full.
    """
    try:
        bundle = zipfile.ZipFile(_InPieces(path))
    except (zipfile.BadZipFile, OSError) as error:
        raise BadBundle(_("This is no bundle of a film: it cannot be opened as a zip.")) from error
    with bundle, tempfile.TemporaryDirectory() as folder:
        if len(bundle.infolist()) > ENTRIES:
            raise BadBundle(_too_many_files())
        return _Importer(bundle, Path(folder), workspace, by).project()


class _InPieces(io.FileIO):
    """A file that nobody takes into memory whole: not the endless list of files of a zip that is none of ours."""

    def read(self, size=-1, /):
        if size > DIRECTORY_BYTES:
            raise BadBundle(_too_many_files())
        return super().read(size)


def _too_many_files():
    return _("This zip holds more than %(most)d files, which no bundle of a film does.") % {"most": ENTRIES}


class _Importer:
    """Makes the rows of a bundle anew, under ids of their own."""

    def __init__(self, bundle, folder, workspace, by):
        self.bundle = bundle
        self.folder = folder
        self.workspace = workspace
        self.by = by
        self.room = Upload.objects.room(workspace)  # bytes that it may still bring
        self.ids: dict[tuple[type, str], models.Model] = {}
        self.stored: list[str] = []

    def project(self):
        film = self._film()
        try:
            with transaction.atomic():
                return self._made(film)
        except BaseException:
            for folder in self.stored:
                discard_folder(folder)
            raise

    def _film(self):
        try:
            entry = self.bundle.getinfo(FILM)
            if entry.file_size > FILM_BYTES:
                raise BadBundle(_("The film in this bundle is larger than any film."))
            with self.bundle.open(entry) as packed:
                film = json.loads(b"".join(iter(lambda: packed.read(PIECE_BYTES), b"")))
        except (KeyError, ValueError, RecursionError, *UNREADABLE) as error:
            if isinstance(error, BadBundle):
                raise
            raise BadBundle(
                _("This zip is no bundle of a film: there is no film.json in it that can be read.")
            ) from error
        if not isinstance(film, dict) or not isinstance(film.get("rows"), dict):
            raise BadBundle(_("This zip is no bundle of a film: there is no film.json in it that can be read."))
        if film.get("format") != FORMAT:
            raise BadBundle(_("This bundle was written by another version, which this one cannot read."))
        return film

    def _made(self, film):
        project = Project(workspace=self.workspace, name=str(film.get("name", ""))[:100] or _("Imported film"))
        self._checked(project)
        project.save()
        self.base = project
        for model in TABLES:
            rows = film["rows"].get(model._meta.label, [])
            if not isinstance(rows, list) or len(rows) > ROWS:
                raise BadBundle(_("The bundle cannot be read: its %(table)s are no list.") % {"table": model.__name__})
            for told in rows:
                self._make(model, told)
        for model, names in AHEAD.items():
            for told in film["rows"].get(model._meta.label, []):
                row = self.ids[model, told["id"]]
                for name in names:
                    if getattr(row, name) is None:  # a picture that was here before is what it was
                        setattr(row, name, self._row(model._meta.get_field(name), told.get(name)))
                row.save(update_fields=names)
        for (model, _id), row in self.ids.items():
            if model is Asset:
                transaction.on_commit(lambda row=row: queues.wake_media_worker(row.pk))
        return project

    def _make(self, model, told):
        if not isinstance(told, dict) or not isinstance(told.get("id"), str) or (model, told["id"]) in self.ids:
            raise BadBundle(_("The bundle cannot be read: one of its %(table)s is no row.") % {"table": model.__name__})
        values = {}
        for name, value in told.items():
            if name == "id" or name in STAYS.get(model, ()):
                continue
            try:
                column = model._meta.get_field(name)
            except FieldDoesNotExist:
                continue  # of a later version
            if not column.concrete or isinstance(column, models.FileField) or name in AHEAD.get(model, ()):
                continue
            values[name] = self._row(column, value) if column.is_relation else value
        row = model(**values, **self._here(model))
        if model is Timeline:
            row.document = self._cut(row.document)
        if model is Shot:
            row.given = self._given(row.given)
        if model is Take:
            row.asked = self._asked(row.asked)
        self._checked(row)
        if model is Generation and row.status != Generation.Status.SUCCEEDED:
            raise BadBundle(_("The bundle cannot be read: a run in it never came to an end."))
        self.ids[model, told["id"]] = self._taken_in(row, told.get("beside")) if model is Asset else row
        if model is not Asset:
            row.save(force_insert=True)
        if model is Generation:
            row.asset.tell(row.told)
        if model is Take:
            Measurement.objects.create(take=row)  # scores are given here, by this studio's own measure

    def _here(self, model):
        """What a row has from here and not from the bundle."""
        here = {}
        if isinstance(model._meta.pk, models.UUIDField):
            here["id"] = uuid.uuid4()
        if model in (Asset, Generation):
            here["workspace"] = self.workspace
        if "project" in STAYS.get(model, ()):
            here["project"] = self.base
        if model is Generation:
            here |= {"cost": 0, "requested_by": self.by}
        return here

    def _row(self, column, value):
        if value is None:
            return None
        row = self.ids.get((column.related_model, str(value)))
        if row is None:
            raise BadBundle(_("The bundle is not whole: something it speaks of is not in it."))
        return row

    def _checked(self, row):
        try:
            row.clean_fields(exclude=set(_unchecked(row)))
        except ValidationError as error:
            raise BadBundle(
                _("The bundle cannot be read: %(table)s %(problem)s")
                % {"table": type(row).__name__, "problem": "; ".join(error.messages)[:300]}
            ) from error

    def _cut(self, document):
        """The cut with the ids of here."""
        try:
            told = read_cut(document).as_document()
        except BadCut as error:
            raise BadBundle(str(error)) from error
        kinds = {"shot": Shot, "take": Take, "asset": Asset}
        for track in told["tracks"]:
            for clip in track["clips"]:
                if source := clip["source"]:
                    row = self.ids.get((kinds[source["kind"]], source["id"]))
                    if row is None:
                        raise BadBundle(_("The bundle is not whole: something it speaks of is not in it."))
                    source["id"] = str(row.pk)
        return told

    def _asked(self, asked):
        """What a take was asked for with the ids of here, so that it is no staler than it was; of pictures that had
        left their sheet, and the bundle, those of there."""
        cast, called = (asked.get(name, {}) if isinstance(asked, dict) else None for name in ("cast", "called"))
        known = isinstance(cast, dict) and all(isinstance(one, dict) for one in cast.values())
        if not known or not isinstance(called, dict) or not all(isinstance(tag, str) for tag in called.values()):
            raise BadBundle(_("The bundle cannot be read: what a take in it was asked for is nothing of ours."))
        if asked.get("follows"):
            asked["follows"] = self._id_of_asset(asked["follows"])
        for one in cast.values():
            views = one.get("views")
            one["views"] = [self._id_of_asset(view) for view in views] if isinstance(views, list) else []
        if "given" in asked:
            asked["given"] = self._given(asked["given"])
        return asked

    def _id_of_asset(self, id):
        row = self.ids.get((Asset, str(id)))
        return str(row.pk) if row else str(id)

    def _given(self, told):
        """The pictures of a shot with the ids of here; those that are not in the bundle are left out."""
        given = []
        for one in checked_given(told):
            ids = {name: self.ids.get((Asset, one[name])) for name in ("asset", "of") if name in one}
            if all(ids.values()):
                given.append(one | {name: str(asset.pk) for name, asset in ids.items()})
        return given

    def _taken_in(self, asset, beside):
        """The asset with its file and its cast's pictures in the storage; a picture that is there is taken as it is."""
        if asset.media_type not in KINDS or asset.state != Asset.State.READY:
            raise BadBundle(_("The bundle holds a kind of file that is none of ours."))
        there = Asset.objects.pictures().filter(workspace=self.workspace, sha256=asset.sha256)
        if asset.is_picture and (same := there._brought_back()):
            return same
        folder = f"bundles/{str(asset.pk)[:2]}/{asset.pk}"
        self.stored.append(folder)
        asset.file = self._stored(asset.sha256, f"{folder}/{asset.file_name}")
        asset.size_bytes = default_storage.size(asset.file.name)
        asset.cast = [
            {
                "name": str(one["name"])[:100],
                "role": str(one["role"])[:20],
                "file": self._stored(one["file"], f"{folder}/cast-{number}.webp"),
            }
            | ({"tag": str(one["tag"])[:16]} if one.get("tag") else {})
            for number, one in enumerate(_members(asset.cast), 1)
        ]
        for name in BESIDE:
            if isinstance(beside, dict) and name in beside:
                called = SOUND_PROXY if name == "proxy" and asset.is_sound else BESIDE[name]
                setattr(asset, name, self._stored(beside[name], f"{folder}/{called}"))
        asset.save(force_insert=True)
        asset.tell("")
        return asset

    def _stored(self, sha256, name):
        try:
            entry = self.bundle.getinfo(f"media/{sha256}")
        except KeyError:
            raise BadBundle(_("The bundle is not whole: a file of it is missing.")) from None
        if entry.file_size > FILE_BYTES:
            raise BadBundle(_("The bundle holds a file that is too large."))
        # A few bytes of a zip can stand for gigabytes, and one file of it for many of the film's.
        self.room -= entry.file_size
        if self.room < 0:
            raise BadBundle(
                _("This film does not fit into the workspace: its storage would be full. Delete something for good.")
            )
        digest, path = hashlib.sha256(), self.folder / uuid.uuid4().hex
        try:
            with self.bundle.open(entry) as packed, open(path, "wb") as file:
                while piece := packed.read(PIECE_BYTES):
                    digest.update(piece)
                    file.write(piece)
        except UNREADABLE as error:
            raise BadBundle(_("The bundle is not whole: a file of it is damaged.")) from error
        if digest.hexdigest() != sha256:
            raise BadBundle(_("The bundle is not whole: a file of it is damaged."))
        return take_in(path, name)


def _unchecked(row):
    """The columns that are set from here and not from the bundle, and those that may be empty and are."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        tied = isinstance(column, models.FileField | models.ForeignKey)
        nothing = value is None and column.null
        empty = value == "" and isinstance(column, models.CharField | models.TextField)
        if tied or nothing or empty or (value in ({}, []) and isinstance(column, models.JSONField)):
            yield column.name


def _members(cast):
    if not isinstance(cast, list) or not all(
        isinstance(one, dict) and {"name", "role", "file"} <= set(one) for one in cast
    ):
        raise BadBundle(_("The bundle cannot be read: a cast in it is none."))
    return cast
