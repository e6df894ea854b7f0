"""A film leaves the studio: frozen as it stood, for whoever may, and a stop loses nothing."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from generation.engine.encode import read_recipe, write_mp4
from generation.engine.likeness import psnr
from projects.cut import Source
from projects.export import run
from projects.export.bundle import read_bundle
from projects.export.formats import LEAVES_AS
from projects.export.run import Rendering
from projects.jobs import run_export
from projects.models import Conflict, Export, Report, Scene, Share, Shot, Take, Timeline
from projects.models.export import ATTEMPTS
from runwayweb.assets import lease
from runwayweb.assets.credentials import Agent, sign
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.storage import sha256_of, take_in
from runwayweb.subscriptions.limits import LimitReached
from tests.factories import finish_generation, make_asset, make_generation, make_project
from tests.media import media_file
from tests.pictures import frames_of
from tests.screening import decoded, read_elsewhere
from tests.small_disk import full


@pytest.fixture
def film(db, project, ada, tmp_path):
    """A storyboard of two shots with chosen takes of 1 s each, assembled."""
    scene = Scene.objects.create(project=project, position=0, heading="INT. DEN")
    for seed in (1, 2):
        path = tmp_path / f"{seed}.mp4"
        write_mp4(frames_of(seed, 12), 12, path, metadata={})
        assert sign(path, title="clip.mp4", agent=Agent("animatic"))
        asset = Asset(
            workspace=project.workspace, name="clip.mp4", media_type="video/mp4", sha256=sha256_of(path), fps=12,
            size_bytes=path.stat().st_size, width=64, height=48, duration_seconds=1,
        )  # fmt: skip
        asset.file = take_in(path, f"clips/test/{asset.pk}/clip.mp4")
        asset.save()
        shot = Shot(scene=scene).add()
        generation = make_generation(project, ada)
        generation.asset, generation.status = asset, "succeeded"
        generation.save()
        shot.choose(Take.objects.create(shot=shot, number=1, generation=generation))
    Timeline.objects.of(project).assemble(by=ada)
    return project


def test_the_chosen_takes_become_a_film_that_can_be_fetched(studio, film):
    page = studio.get(reverse("projects:exports", args=[film.pk])).content.decode()
    assert "2.0 seconds" in page
    answer = studio.post(
        reverse("projects:exports", args=[film.pk]), {"format": "mp4", "height": 288, "fps": 24, "loudness": -14}
    )
    assert answer.status_code == 302
    export = Export.objects.get()
    Rendering(export).run()
    export.refresh_from_db()
    assert (export.status, export.done, export.asset.duration_seconds) == ("succeeded", 48, 2.0)
    assert not export.folder.exists()
    row = studio.get(reverse("projects:export", args=[export.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "Download" in row and "every 2s" not in row
    shown = decoded(Path(export.asset.file.path))
    assert shown.shape == (48, 288, 512, 3)


def made_by_a_worker(studio, film, **order):
    """Ask for an export on its page, and let a media worker make it."""
    answer = studio.post(reverse("projects:exports", args=[film.pk]), {"height": 288, "fps": 24, **order})
    assert answer.status_code == 302
    export = Export.objects.get()
    Rendering(export).run()
    export.refresh_from_db()
    return export


@pytest.mark.parametrize("kind", ["mp4", "otio"])
def test_a_full_disk_is_told_and_the_film_can_be_asked_for_again(studio, film, settings, kind):
    with full(Path(settings.DATA_DIR) / "exports", but=8192) as mend:
        export = made_by_a_worker(studio, film, format=kind)
        assert export.status == "failed" and export.failure.startswith("The studio's disk is full.")
        mend()
        export.delete()
        assert made_by_a_worker(studio, film, format=kind).status == "succeeded"


def row_of(studio, export):
    return studio.get(reverse("projects:export", args=[export.pk]), headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize("kind", ["mp4", "prores"])
def test_a_film_shows_its_poster_and_gives_pictures_of_itself(studio, film, kind):
    export = made_by_a_worker(studio, film, format=kind)
    assert "every 5s" in row_of(studio, export), "the row waits for its poster"
    assert export.asset.prepare()
    row = row_of(studio, export)
    assert "poster.webp" in row and 'value="0.67"' in row and "every" not in row
    shown = decoded(Path(export.asset.file.path))
    address = reverse("projects:export-poster", args=[export.pk])
    for asked, frame in {"": 16, "?at=0": 0, "?at=1.26": 30, "?at=2": 47}.items():
        answer = studio.get(f"{address}{asked}")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer["Content-Disposition"] == 'attachment; filename="the-fox-who-waited.jpg"'
        picture = np.asarray(Image.open(io.BytesIO(answer.content)))
        assert picture.shape == (288, 512, 3)
        assert psnr(picture[None], shown[frame][None]) > 30, asked


def test_a_picture_of_a_moment_that_is_not_there_gets_a_sentence(client, studio, mallory, film):
    export = made_by_a_worker(studio, film, format="mp4")
    address = reverse("projects:export-poster", args=[export.pk])
    for asked, sentence in {"7.5": "2.0 seconds long: there is nothing at 7.5", "nan": "number", "x": "number"}.items():
        assert sentence in studio.get(address, {"at": asked}, follow=True).content.decode(), asked
    Path(export.asset.file.path).write_bytes(b"no film")
    assert "file cannot be read" in studio.get(address, follow=True).content.decode()
    sound = Export.request_export(film, by=export.requested_by, format="wav")
    Rendering(sound).run()
    assert studio.get(reverse("projects:export-poster", args=[sound.pk])).status_code == 404
    client.force_login(mallory)
    assert client.get(address).status_code == 404


def box(data, kind):
    """(first byte, last byte) of an MP4's outer box of this kind."""
    at = 0
    while data[at + 4 : at + 8] != kind:
        at += int.from_bytes(data[at : at + 4])
    return at + 8, at + int.from_bytes(data[at : at + 4])


def test_a_film_says_elsewhere_what_it_was_made_from_until_one_byte_of_it_changes(studio, film, tmp_path):
    export = made_by_a_worker(studio, film, format="mp4")
    told = read_elsewhere(export.asset.file.path)
    assert told["ours"] == []
    assert (told["state"], set(told["codes"])) == ("Valid", {"signingCredential.untrusted"})
    assert told["agent"] == "Runwayweb" and told["from"] == [["componentOf", "animatic"]] * 2
    data = bytearray(Path(export.asset.file.path).read_bytes())
    begins, ends = box(data, b"mdat")
    data[(begins + ends) // 2] ^= 1
    (tmp_path / "film.mp4").write_bytes(data)
    changed = read_elsewhere(tmp_path / "film.mp4")
    assert changed["state"] == "Invalid" and "assertion.bmffHash.mismatch" in changed["codes"]


@pytest.mark.parametrize("kind", ["mp4", "prores", "wav", "png"])
def test_a_film_that_is_brought_back_is_known(client, studio, mallory, film, kind):
    export = made_by_a_worker(studio, film, format=kind)
    data = Path(export.asset.file.path).read_bytes()
    back = SimpleUploadedFile(f"holidays{export.asset.file_name[-4:]}", data)
    page = studio.post(reverse("projects:recipe"), {"file": back}).content.decode()
    assert f"This is your film “{film.name}”" in page and reverse("projects:timeline", args=[film.pk]) in page
    assert "as it was rendered" in studio.get(reverse("projects:recipe"), {"asset": export.asset.pk}).content.decode()
    client.force_login(mallory)
    back.seek(0)
    answer = client.post(reverse("projects:recipe"), {"file": back})
    assert answer.status_code == 422 and film.name not in answer.content.decode()
    if kind == "mp4":
        assert "cut from 2 files, but none of yours" in answer.content.decode()


def test_a_film_that_was_tagged_anew_still_says_which_it_is(studio, film, tmp_path):
    export = made_by_a_worker(studio, film, format="mp4")
    told = read_recipe(export.asset.file.path)["film"]
    shown = {take.generation.asset for take in Take.objects.all()}
    assert told == {
        "id": str(film.pk),
        "made_from": sorted(({"id": str(one.pk), "sha256": one.sha256} for one in shown), key=lambda one: one["id"]),
    }
    other = tmp_path / "other.mp4"
    write_mp4(frames_of(1, 4), 12, other, metadata={"film": told})
    answer = studio.post(reverse("projects:recipe"), {"file": SimpleUploadedFile("a.mp4", other.read_bytes())})
    assert f"This is your film “{film.name}”" in answer.content.decode()


@pytest.mark.parametrize("kind", ["otio", "fcpxml", "xml", "edl", "aaf"])
def test_a_cut_leaves_for_another_program_from_its_page(studio, film, kind):
    export = made_by_a_worker(studio, film, format=kind)
    assert (export.status, export.asset.name) == ("succeeded", f"the-fox-who-waited-{kind}.zip")
    with zipfile.ZipFile(export.asset.file.path) as package:
        names = package.namelist()
    assert names[0] == f"The-Fox-Who-Waited.{kind}" and sum(name.startswith("media/") for name in names) == 2
    page = studio.get(reverse("projects:exports", args=[film.pk])).content.decode()
    assert all(sentence in page for sentence in export.left_out)


@pytest.mark.parametrize("kind", ["otio", "fcpxml", "xml", "edl", "aaf"])
def test_captions_and_what_is_known_of_each_file_lie_beside_every_cut(studio, ada, film, kind):
    timeline = Timeline.objects.of(film)
    document = timeline.document
    words = {"title": "The Fox Who Waited", "caption": "She had waited."}
    for track in document["tracks"]:
        if text := words.get(track["kind"]):
            track["clips"] = [{"id": track["id"], "at": 6, "frames": 24, "text": text}]
    timeline.save_cut(document, version=timeline.version, by=ada)
    export = made_by_a_worker(studio, film, format=kind)
    with zipfile.ZipFile(export.asset.file.path) as package:
        names = set(package.namelist())
        srt, vtt = (package.read(f"film.{ending}").decode() for ending in ("srt", "vtt"))
        recipes = json.loads(package.read("recipes.json"))
        digests = {
            name.removeprefix("media/"): sha256(package.read(name)).hexdigest()
            for name in names
            if name.startswith("media/")
        }
    assert "She had waited." in srt and vtt.startswith("WEBVTT") and "00:00:00.250 --> 00:00:01.250" in vtt
    assert {name: told["sha256"] for name, told in recipes.items()} == digests and len(digests) == 2
    run = film.shots.first().chosen.generation
    told = next(told for told in recipes.values() if told["request"] == run.request)
    assert (told["take"], told["model"], told["recipe"]) == (1, "animatic", run.recipe)
    assert any("The Fox Who Waited" in sentence for sentence in export.left_out) == (kind != "otio")
    assert any("film.srt" in sentence for sentence in export.left_out) == (kind != "otio")


def test_without_captions_there_is_no_file_of_them(studio, film):
    export = made_by_a_worker(studio, film, format="edl")
    with zipfile.ZipFile(export.asset.file.path) as package:
        assert not {"film.srt", "film.vtt"} & set(package.namelist())


def test_what_is_chosen_or_deleted_after_a_package_was_asked_for_changes_it_not(studio, ada, film):
    answer = studio.post(reverse("projects:exports", args=[film.pk]), {"height": 288, "fps": 24, "format": "otio"})
    assert answer.status_code == 302
    first, second = film.shots.all()
    shown = [shot.chosen.generation.asset for shot in (first, second)]
    other = make_generation(film, ada)
    finish_generation(other)
    studio.post(reverse("projects:take-choice", args=[first.takes.create(number=2, generation=other).pk]))
    studio.post(reverse("projects:shot-deletion", args=[second.pk]))
    export = Export.objects.get()
    Rendering(export).run()
    with zipfile.ZipFile(Export.objects.get().asset.file.path) as package:
        names = sorted(name for name in package.namelist() if name.startswith("media/"))
        packed = [sha256(package.read(name)).hexdigest() for name in names]
        cut = otio.adapters.read_from_string(package.read("The-Fox-Who-Waited.otio").decode(), "otio_json")
    assert packed == [asset.sha256 for asset in shown]
    assert all("-take-1-" in name for name in names)
    assert not any(clip.media_reference.is_missing_reference for clip in cut.find_clips())


def test_what_a_format_cannot_hold_is_said_on_its_row(studio, ada, film):
    timeline = Timeline.objects.of(film)
    document = timeline.document
    document["tracks"][0]["clips"][1]["transition"] = {"kind": "dissolve", "frames": 6}
    timeline.save_cut(document, version=timeline.version, by=ada)
    export = made_by_a_worker(studio, film, format="fcpxml")
    assert "Dissolves are not in it: it cuts there." in export.left_out
    row = studio.get(reverse("projects:export", args=[export.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "Dissolves are not in it" in row


def test_the_whole_film_leaves_for_another_studio_even_without_a_cut(studio, ada, project):
    make_generation(project, ada)
    assert "the whole film can leave" in studio.get(reverse("projects:exports", args=[project.pk])).content.decode()
    export = made_by_a_worker(studio, project, format="bundle")
    assert export.asset.name == "the-fox-who-waited-bundle.zip"
    copy = read_bundle(export.asset.file.path, workspace=project.workspace, by=ada)
    assert copy.name == project.name


@pytest.mark.slow
@pytest.mark.parametrize("name", LEAVES_AS)
def test_a_film_leaves_by_the_command_line_as_everything_there_is(film, tmp_path, capsys, name):
    out = tmp_path / f"fox{LEAVES_AS[name].ending}"
    call_command("export_project", film.pk, format=name, height=288, out=out)
    assert f"{out}: {out.stat().st_size / 1e6:.1f} MB" in capsys.readouterr().out
    if out.suffix != ".zip":
        with av.open(str(out)) as container:
            assert float(container.duration / av.time_base) == pytest.approx(2, abs=0.1)
            assert bool(container.streams.video) == (name != "wav")
        return
    with zipfile.ZipFile(out) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
    holds = {"png": "000047.png", "bundle": "film.json"}.get(name, f"The-Fox-Who-Waited.{name}")
    assert any(one.endswith(holds) for one in names), names
    if name != "png":
        assert sum(one.startswith("media/") for one in names) == 2


def test_packing_stops_when_it_is_told_to_and_tells_how_far_it_is(ada, film, monkeypatch):
    export = Export.request_export(film, by=ada, format="bundle")
    told = []
    monkeypatch.setattr(Rendering, "_progress", lambda self, done, total: told.append((done, total)))
    monkeypatch.setattr("projects.export.run.MEGABYTE", 1)
    Rendering(export).run()
    (last, total) = told[-1]
    assert last == total > 0 and [done for done, _total in told] == sorted(done for done, _total in told)
    monkeypatch.undo()
    other = Export.request_export(film, by=ada, format="bundle")
    Rendering(other, stopping=lambda: True).run()
    other.refresh_from_db()
    assert other.status == "queued"


def test_a_plan_says_how_large_a_film_may_leave_and_marks_it(studio, ada, film, settings):
    settings.DEFAULT_PLAN, settings.EXPORTS_AT_ONCE = "free", 0
    with pytest.raises(LimitReached, match="Frames are 1280 × 720 at most on the plan Free. Standard lifts"):
        Export.request_export(film, by=ada, format="mp4", height=1080)
    assert Export.request_export(film, by=ada, format="mp4", height=720).marked
    Export.request_export(film, by=ada, format="wav", height=1080)
    settings.DEFAULT_PLAN = "house"
    assert not Export.request_export(film, by=ada, format="mp4", height=1080).marked


def test_a_workspace_has_so_many_exports_at_once(studio, ada, film):
    address, asked = reverse("projects:exports", args=[film.pk]), {"format": "wav", "height": 288, "fps": 24}
    other = make_project(ada, "Another film")
    Export.request_export(other, by=ada, format="bundle")
    assert studio.post(address, asked).status_code == 302
    answer = studio.post(address, asked)
    assert answer.status_code == 422 and Export.objects.count() == 2
    assert "2 exports are being made already." in answer.content.decode()
    Export.request_export(film, by=ada, bounded=False, format="wav").cancel()
    Export.objects.get(project=other).cancel()
    assert studio.post(address, asked).status_code == 302


def test_no_film_leaves_into_a_storage_that_is_full(studio, ada, film, settings):
    settings.DEFAULT_PLAN = "free"
    make_asset(film.workspace, size_bytes=5 * 1024**3)
    answer = studio.post(reverse("projects:exports", args=[film.pk]), {"format": "wav", "height": 288, "fps": 24})
    assert answer.status_code == 422 and not Export.objects.exists()
    assert "The plan Free keeps 5" in answer.content.decode()


def test_a_film_of_forty_hours_of_black_is_not_rendered(studio, ada, film, settings):
    timeline = Timeline.objects.of(film)
    document = timeline.document | {"fps": 12}
    titles = next(track for track in document["tracks"] if track["kind"] == "title")
    titles["clips"] = [{"id": "far", "at": 864_000, "frames": 864_000, "text": "The end"}]
    timeline.save_cut(document, version=timeline.version, by=ada)
    address, asked = reverse("projects:exports", args=[film.pk]), {"height": 288, "fps": 24}
    for name in ("mp4", "wav"):
        answer = studio.post(address, asked | {"format": name})
        assert answer.status_code == 422 and "This film is 40.0 hours long" in answer.content.decode()
    assert studio.post(address, asked | {"format": "otio"}).status_code == 302, "a package copies what there is"
    settings.EXPORT_HOURS = 40
    assert studio.post(address, asked | {"format": "mp4"}).status_code == 302


def test_what_somebody_brings_does_not_wait_for_the_end_of_a_long_film(ada, film, monkeypatch):
    monkeypatch.setattr(run, "RENEWED_EVERY", 0)
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    clip = make_asset(film.workspace, media_file(frames=4))
    data = media_file("flac", codec=None, sound="flac", frames=6)
    upload = Upload.objects.begin(workspace=film.workspace, by=ada, name="tone.flac", size_bytes=len(data))
    upload.receive(0, io.BytesIO(data))
    ready = []

    def laid_in(*given):
        ready.extend(Asset.objects.exclude(prepared_at=None).filter(pk__in=[clip.pk, upload.pk]))
        return take_in(*given)

    monkeypatch.setattr(run, "take_in", laid_in)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.status == "succeeded" and {asset.pk for asset in ready} == {clip.pk, upload.pk}


def test_a_changed_choice_changes_the_cut_and_not_what_was_asked_for(studio, ada, film):
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    shot = film.shots.first()
    other = Take.objects.create(shot=shot, number=2, generation=make_generation(film, ada))
    shot.choose(other)
    source = Source("shot", str(shot.pk))
    assert export.assets()[source] == shot.takes.get(number=1).generation.asset
    assert Timeline.objects.of(film).assets_of({source}) == {source: None}


def test_an_empty_cut_and_nonsense_get_a_sentence(studio, project):
    address = reverse("projects:exports", args=[project.pk])
    assert "nothing in the cut" in studio.get(address).content.decode()
    answer = studio.post(address, {"format": "mp4", "height": 288, "fps": 24})
    assert answer.status_code == 422 and not Export.objects.exists()
    assert studio.post(address, {"format": "exe", "height": 7, "fps": 1000}).status_code == 422
    answer = studio.post(reverse("projects:assembly", args=[project.pk]), follow=True)
    assert "No shot has a chosen take yet." in answer.content.decode()


def test_a_file_that_is_gone_is_said_and_nothing_stays_behind(ada, film):
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    Path(film.shots.first().chosen.generation.asset.file.path).unlink()
    Rendering(export).run()
    export.refresh_from_db()
    assert export.status == "failed" and "not there any more" in export.failure
    assert not export.folder.exists() and export.asset is None


def test_one_that_was_stopped_ends_and_only_its_own_worker_writes(studio, ada, film):
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    mine, theirs = Export.objects.get(), Export.objects.get()
    assert mine.claim() and not theirs.claim()
    studio.post(reverse("projects:export-cancellation", args=[export.pk]))
    assert not mine.renew(done=5, frames=48) and not mine.fail("no")
    export.refresh_from_db()
    assert export.status == "cancelled" and not export.cancel()


def test_a_worker_that_stops_hands_it_back(ada, film):
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    Rendering(export, stopping=lambda: True).run()
    export.refresh_from_db()
    assert (export.status, export.attempt) == ("queued", 0)
    Rendering(export).run()
    export.refresh_from_db()
    assert export.status == "succeeded"


KILLED = """
import django; django.setup()
import os, sys
from projects.export import render
from projects.export.run import Rendering
from projects.models import Export
render.PIECE_SECONDS = 1
class Killed(Rendering):
    def _progress(self, done, frames):
        super()._progress(done, frames)
        if done >= 30:
            os.kill(os.getpid(), 9)
Killed(Export.objects.get()).run()
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_costs_a_piece_and_not_the_film(ada, film, database_url, monkeypatch):
    monkeypatch.setattr("projects.export.render.PIECE_SECONDS", 1)
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    environment = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "runwayweb.settings"}
    killed = subprocess.run([sys.executable, "-c", KILLED], env=environment, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    export.refresh_from_db()
    assert export.status == "running" and (export.folder / "piece-00000.mp4").exists()
    assert not Export.objects.waiting().exists(), "its lease still runs"
    Export.objects.update(lease_until=export.created_at)
    Rendering(Export.objects.waiting().get()).run()
    export.refresh_from_db()
    assert (export.status, export.attempt, export.done) == ("succeeded", 2, 48)


def taken_up_by_another():
    """The lease of whoever is at it ended: another worker's Rendering, which is at it from now on."""
    export = Export.objects.get()
    Export.objects.update(lease_until=export.created_at)
    return Rendering(export)


@pytest.mark.parametrize("moment", ["render", "sha256_of", "take_in"])
@pytest.mark.parametrize("machine", ["its own", "another"])
def test_a_worker_that_was_too_slow_takes_no_film_from_the_one_that_was_not(
    ada, film, monkeypatch, tmp_path, settings, moment, machine
):
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    step = getattr(run, moment)

    def met(*given, **named):
        """While the one is at this step, its lease ends and the other does everything."""
        monkeypatch.setattr(run, moment, step)
        with override_settings(DATA_DIR=settings.DATA_DIR if machine == "its own" else tmp_path):
            taken_up_by_another().run()
        return step(*given, **named)

    monkeypatch.setattr(run, moment, met)
    Rendering(export).run()
    export.refresh_from_db()
    assert (export.status, export.attempt) == ("succeeded", 2)
    assert sha256(Path(export.asset.file.path).read_bytes()).hexdigest() == export.asset.sha256
    assert Asset.objects.filter(media_type="video/mp4", name__startswith="the-fox").count() == 1
    lying = [path for path in Path(export.asset.file.path).parents[1].rglob("*") if path.is_file()]
    assert lying == [Path(export.asset.file.path)], "what the slow one laid in is away"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["_footage_of", "sign", "sha256_of", "take_in"])
def test_a_film_that_takes_long_to_fetch_to_sign_or_to_send_stays_with_its_worker(ada, film, monkeypatch, moment):
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.05)
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    step = getattr(run, moment)

    def slow(*given, **named):
        Export.objects.update(lease_until=export.created_at)
        until = time.monotonic() + 5
        while Export.objects.waiting():
            assert time.monotonic() < until, "nobody renewed the lease"
            time.sleep(0.02)
        return step(*given, **named)

    monkeypatch.setattr(run, moment, slow)
    Rendering(export).run()
    export.refresh_from_db()
    assert (export.status, export.attempt) == ("succeeded", 1), export.failure


def test_a_third_attempt_is_given_up_when_it_is_lost_and_not_before(ada, film):
    export = Export.request_export(film, by=ada, format="mp4", height=288)
    soon = timezone.now() + timedelta(seconds=60)
    Export.objects.update(status="running", attempt=ATTEMPTS, lease_until=soon)
    piece = export.folder / "piece-00000.mp4"
    piece.parent.mkdir(parents=True)
    piece.write_bytes(b"ten seconds")
    Rendering(Export.objects.get()).run()
    export.refresh_from_db()
    assert export.status == "running" and piece.exists(), "a second job for what somebody is at"
    taken_up_by_another().run()
    export.refresh_from_db()
    assert export.status == "failed" and "stopped 3 times" in export.failure
    assert export.finished_at and not export.folder.exists()


def test_two_windows_assemble_at_once(ada, film):
    one, other = Timeline.objects.of(film), Timeline.objects.of(film)
    one.assemble(by=ada)
    with pytest.raises(Conflict):
        other.assemble(by=ada)


@pytest.mark.parametrize("name", ["exports", "assembly", "subtitles"])
def test_a_strangers_film_is_not_there(client, mallory, film, name):
    client.force_login(mallory)
    arguments = [film.pk, "srt"] if name == "subtitles" else [film.pk]
    address = reverse(f"projects:{name}", args=arguments)
    answer = client.get(address) if name == "subtitles" else client.post(address)
    assert answer.status_code == 404


def test_a_strangers_export_is_not_there(client, mallory, ada, film):
    export = Export.request_export(film, by=ada, format="mp4")
    client.force_login(mallory)
    assert client.get(reverse("projects:export", args=[export.pk])).status_code == 404
    assert client.post(reverse("projects:export-cancellation", args=[export.pk])).status_code == 404


def taken_down(film, clip):
    """Hide one clip of a film, as a report about a link that shows it alone does."""
    Shot.objects.filter(project=film).exclude(chosen__generation__asset=clip).update(chosen=None)
    share = Share.objects.make(film, by=None, expires_at=timezone.now() + timedelta(days=1))
    report = Report.objects.create(share=share, category="likeness", words="That is my face.")
    assert report.take_down("She asked us to.", by=None)
    for take in Take.objects.filter(shot__project=film):
        take.shot.choose(take)
    return report


def test_a_film_that_is_taken_down_takes_along_what_it_was_made_of(studio, ada, film):
    workspace = film.workspace
    brought, music = (
        make_asset(workspace, name=name, media_type=kind)
        for name, kind in (("a.mp4", "video/mp4"), ("b.wav", "audio/wav"))
    )
    sources = {f"asset:{one.pk}": str(one.pk) for one in (brought, music)}
    earlier = Take.objects.filter(shot__project=film).first()
    sources[f"take:{earlier.pk}"] = str(earlier.generation.asset_id)
    shown = made_by_a_worker(studio, film, format="mp4")
    Export.objects.filter(pk=shown.pk).update(sources=sources)
    Shot.objects.filter(project=film).update(chosen=None)
    other = Timeline.objects.of(make_project(ada, "Another film"))
    clip = {"id": "a", "at": 0, "frames": 9, "source": {"kind": "asset", "id": str(music.pk)}}
    other.save_cut(
        {"fps": 24, "tracks": [{"id": "s", "kind": "audio", "name": "S", "clips": [clip]}]},
        version=other.version,
        by=ada,
    )
    share = Share.objects.make(film, by=ada, expires_at=timezone.now() + timedelta(days=1))
    report = Report.objects.create(share=share, category="likeness", words="That is my face.")
    assert report.take_down("She asked us to.", by=None)
    hidden = {*Asset.objects.exclude(taken_down_at=None)}
    assert hidden == {shown.asset, brought, earlier.generation.asset}, "not the music, which another film has too"
    report.reverse("She changed her mind.", by=None)
    assert not Asset.objects.exclude(taken_down_at=None).exists()


def test_what_the_operator_took_down_is_in_no_film_that_is_made_afterwards(studio, film, settings):
    settings.EXPORTS_AT_ONCE = 0
    first, second = (shot.chosen.generation.asset for shot in film.shots.all())
    timeline = Timeline.objects.of(film)
    whole = timeline.document
    timeline.save_cut(
        whole | {"tracks": [whole["tracks"][0] | {"clips": whole["tracks"][0]["clips"][:1]}]},
        version=timeline.version,
        by=None,
    )
    before = made_by_a_worker(studio, film, format="mp4")
    timeline.save_cut(whole, version=timeline.version, by=None)
    waiting, packed = (Export.request_export(film, by=None, format=form, height=288) for form in ("wav", "bundle"))
    Rendering(packed).run()
    asked_before = Export.request_export(film, by=None, format="h265", height=288)
    Export.objects.filter(pk=asked_before.pk).update(status="failed", failure="It is asked for again.")
    elsewhere = Export.objects.create(project=film, format="mp4", document={}, sources={"asset:1": str(second.pk)})
    report = taken_down(film, first)

    for export in (waiting, before, packed, elsewhere):
        export.refresh_from_db()
    assert (waiting.status, elsewhere.status) == ("cancelled", "queued")
    for export in (before, packed):
        address = reverse("assets:file", args=[export.asset.pk, export.asset.file_name])
        assert studio.head(address).status_code == 404
        assert "took this film down" in row_of(studio, export) and "Download" not in row_of(studio, export)

    Export.objects.filter(pk=asked_before.pk).update(status="queued", failure="")
    for export in (asked_before, Export.request_export(film, by=None, format="mp4", height=288)):
        Rendering(export).run()
        export.refresh_from_db()
        assert (export.status, export.left_out) == (
            "succeeded",
            ["1 clip that the operator took down is not in it."],
        ), export.failure
        shown = decoded(Path(export.asset.file.path))
        assert shown[:20].max() < 24 and shown[28:].mean() > 40, "black where it was"
    cut, whole = (Export.request_export(film, by=None, format=form) for form in ("otio", "bundle"))
    for export in (cut, whole):
        Rendering(export).run()
        export.refresh_from_db()
        assert export.status == "succeeded", export.failure
        with zipfile.ZipFile(export.asset.file.path) as package:
            held = {sha256(package.read(name)).hexdigest() for name in package.namelist()}
        assert second.sha256 in held and first.sha256 not in held, export.format

    report.reverse("She changed her mind.", by=None)
    assert "Download" in row_of(studio, Export.objects.get(pk=before.pk))
    again = Export.request_export(film, by=None, format="mp4", height=288)
    Rendering(again).run()
    again.refresh_from_db()
    assert again.left_out == [] and decoded(Path(again.asset.file.path))[:20].mean() > 40
