"""A film that moves to another installation in one file."""

import hashlib
import json
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone
from PIL import Image

from generation.attempt import Attempt
from generation.models import Generation
from generation.pulse import Pulse
from projects.cut import read_cut
from projects.export.bundle import FILM, BadBundle, read_bundle, write_bundle
from projects.models import Entity, Project, Scene, Script, Shot, Take, Timeline
from runwayweb.assets.models import Asset
from tests.factories import make_entity, make_generation, make_picture, make_project, make_shot, make_user
from tests.pictures import two_colors

pytestmark = pytest.mark.django_db(transaction=True)


def drawn(generation):
    """The same after a worker drew it."""
    Attempt.run_next(Pulse("gpu"))
    generation.refresh_from_db()
    assert generation.status == Generation.Status.SUCCEEDED, generation.failure
    return generation


@pytest.fixture
def film(db):
    """One scene of two shots, the second the same shot with other words; a fox with a sheet; a cut of both."""
    ada = make_user("ada")
    project = make_project(ada, name="The Fox Who Waited")
    Script.objects.create(project=project, text="EXT. WOOD - DUSK\n\nA fox waits.")
    scene = Scene.objects.create(project=project, position=0, heading="EXT. WOOD - DUSK")
    fox = Entity.objects.create(project=project, tag="nova", name="Nova", description="a red fox")
    fox.views.create(asset=make_picture(project.workspace))
    takes = []
    for number in range(2):
        shot = Shot.objects.create(project=project, scene=scene, position=number, prompt="a red fox in a forest")
        generation = drawn(make_generation(project, ada))
        if takes:  # as an engine leaves it that can keep to another shot
            Generation.objects.filter(pk=generation.pk).update(blocking_of=takes[0].generation)
        shot.chosen = Take.objects.create(shot=shot, number=1, generation=generation, rating=4)
        shot.save()
        takes.append(shot.chosen)
    timeline = Timeline.objects.of(project)
    document = timeline.document
    document["tracks"][0]["clips"] = [
        {"id": "a", "at": 0, "frames": 4, "source": {"kind": "shot", "id": str(takes[0].shot_id)}},
        {"id": "b", "at": 4, "frames": 4, "source": {"kind": "take", "id": str(takes[1].pk)}},
    ]
    timeline.save_cut(document, version=0, by=ada)
    return project


@pytest.mark.parametrize("number", [0, 1])
def test_what_the_operator_took_down_stays_behind(film, tmp_path, number):
    """The second keeps to the blocking of the first, and is in the cut as a take."""
    clip = film.shots.all()[number].chosen.generation.asset
    Asset.objects.filter(pk=clip.pk).update(taken_down_at=timezone.now())
    write_bundle(film, tmp_path / "fox.zip")
    with zipfile.ZipFile(tmp_path / "fox.zip") as bundle:
        assert f"media/{clip.sha256}" not in bundle.namelist()
    copy = read_bundle(tmp_path / "fox.zip", workspace=make_user("grace").open_workspace())
    assert [shot.chosen is None for shot in copy.shots.all()] == [number == 0, number == 1]
    sources = [one.source.kind for one in Timeline.objects.of(copy).cut.clips()]
    assert sources == (["shot", "take"] if number == 0 else ["shot"])
    assert Generation.objects.filter(project=copy, blocking_of=None).count() == 1


def test_a_film_comes_whole_into_another_workspace(film, tmp_path):
    write_bundle(film, tmp_path / "fox.zip")
    grace = make_user("grace")
    copy = read_bundle(tmp_path / "fox.zip", workspace=grace.open_workspace(), by=grace)
    assert copy.pk != film.pk and copy.name == "The Fox Who Waited"
    assert copy.script.text == film.script.text
    assert [str(shot) for shot in copy.shots.all()] == [str(shot) for shot in film.shots.all()]
    mine, theirs = film.shots.last().chosen, copy.shots.last().chosen
    assert theirs.rating == 4 and theirs.generation.cost == 0
    assert theirs.generation.request == mine.generation.request and theirs.generation.recipe == mine.generation.recipe
    assert theirs.generation.blocking_of == copy.shots.first().chosen.generation
    assert theirs.generation.asset.pk != mine.generation.asset.pk
    assert (theirs.generation.asset.frames() == mine.generation.asset.frames()).all()
    assert copy.entities.get().views.get().asset.open_picture().size == (64, 48)
    clips = list(Timeline.objects.of(copy).cut.clips())
    assert [clip.source.id for clip in clips] == [str(copy.shots.first().pk), str(theirs.pk)]
    assert set(Asset.objects.filter(generations__project=copy).values_list("workspace", flat=True)) == {
        copy.workspace_id
    }


def test_its_pictures_are_seen_in_small_too(film, tmp_path):
    write_bundle(film, tmp_path / "fox.zip")
    copy = read_bundle(tmp_path / "fox.zip", workspace=make_user("grace").open_workspace())
    view = copy.entities.get().views.get()
    assert view.asset in Asset.objects.unprepared() and view.asset.prepare()
    with default_storage.open(view.asset.poster.name) as poster:
        assert Image.open(poster).size == (64, 48)


def test_takes_stand_or_are_stale_as_they_were(film, tmp_path):
    """What they were asked for tells of pictures by their ids, which are others here."""
    first, second = (shot.chosen for shot in film.shots.all())
    for take in (first, second):
        take.shot.prompt = "@nova waits in a forest"
        take.shot.save()
        take.asked = take.shot.asked()
    second.asked["cast"]["nova"]["description"] = "a blue fox"
    Take.objects.bulk_update([first, second], ["asked"])
    write_bundle(film, tmp_path / "fox.zip")
    copy = read_bundle(tmp_path / "fox.zip", workspace=make_user("grace").open_workspace())
    assert [shot.chosen.stale_because for shot in copy.shots.all()] == [[], ["@nova"]]


def test_it_can_come_twice_and_into_the_workspace_it_is_from(film, tmp_path):
    write_bundle(film, tmp_path / "fox.zip")
    copies = [read_bundle(tmp_path / "fox.zip", workspace=film.workspace) for _ in range(2)]
    assert Project.objects.count() == 3
    assert len({copy.shots.first().chosen.generation.asset_id for copy in copies}) == 2


@pytest.fixture
def cast_film(db):
    """Three shots of @nova: the second begins where the first ends, the third where one ended that is deleted."""
    ada = make_user("ada")
    project = make_project(ada)
    make_entity(project, "nova", description="a red fox").add_view(make_picture(project.workspace))
    first, second, third, deleted = (make_shot(project, prompt="@nova waits") for _ in range(4))
    second.follows, third.follows = first, deleted
    for shot in (first, deleted, second, third):
        shot.save()
        shot.choose(shot.lay_in(drawn(make_generation(project, ada, prompt="a red fox waits", seed=shot.position))))
    deleted.delete_softly()
    return project


def stale(project):
    return [take.stale_because for take in Take.objects.live().filter(shot__project=project).order_by("shot__position")]


@pytest.mark.slow
def test_a_take_is_no_staler_for_having_moved(cast_film, tmp_path):
    running = make_generation(cast_film, cast_film.workspace.memberships.get().user)
    alone = make_shot(cast_film)
    alone.choose(alone.lay_in(running))
    assert stale(cast_film) == [[], [], [], []]
    write_bundle(cast_film, tmp_path / "fox.zip")
    for workspace in (make_user("grace").open_workspace(), cast_film.workspace):
        copy = read_bundle(tmp_path / "fox.zip", workspace=workspace)
        assert stale(copy) == [[], [], []], "the take that is still made stays behind"
        first, second, third, alone = copy.shots.all()
        assert second.follows == first and not third.follows and not alone.chosen
        nova = copy.entities.get()
        nova.description = "a green frog"
        nova.save()
        assert stale(copy) == [["@nova"]] * 3, "and it is as stale as it becomes"


@pytest.mark.slow
def test_what_was_stale_is_stale_for_the_same_reasons(cast_film, tmp_path):
    nova = cast_film.entities.get()
    nova.views.get().delete()
    nova.add_view(make_picture(cast_film.workspace, two_colors((0, 200, 0))))
    first = Shot.objects.get(project=cast_film, position=0)
    other = first.lay_in(drawn(make_generation(cast_film, nova.project.workspace.memberships.get().user, seed=99)))
    first.choose(other)
    before = stale(cast_film)
    assert before == [["@nova"], [], ["the shot before it", "@nova"], ["@nova"]]
    write_bundle(cast_film, tmp_path / "fox.zip")
    assert stale(read_bundle(tmp_path / "fox.zip", workspace=make_user("grace").open_workspace())) == before


def test_who_is_in_a_clip_is_known_by_name_after_it_moved(cast_film, tmp_path):
    clip = cast_film.shots.first().chosen.generation.asset
    clip.store_cast([("red fox", "character", two_colors(size=(40, 40)), "nova")])
    clip.save()
    frame = clip.keep_frame(1)
    cast_film.entities.get().add_view(frame)
    write_bundle(cast_film, tmp_path / "fox.zip")
    copy = read_bundle(tmp_path / "fox.zip", workspace=make_user("grace").open_workspace())
    moved = copy.shots.first().chosen.generation.asset
    assert [one["tag"] for one in moved.cast] == ["nova"]
    assert copy.entities.get().sheet[1].asset.made_of == moved


def rewritten(path, change):
    """The same bundle with its film changed."""
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as bundle, zipfile.ZipFile(other, "w") as changed:
        for entry in bundle.infolist():
            data = bundle.read(entry)
            if entry.filename == FILM:
                film = json.loads(data)
                change(film)
                data = json.dumps(film).encode()
            changed.writestr(entry.filename, data)
    return other


def rows(film, model):
    return film["rows"][model]


def clip(film):
    return next(row for row in rows(film, "assets.Asset") if row["media_type"] == "video/mp4")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda film: film.update(format=2), "another version"),
        (lambda film: film.update(rows=[]), "no film.json"),
        (lambda film: rows(film, "projects.Take")[0].update(generation="other"), "not whole"),
        (lambda film: clip(film).update(sha256="../../etc/passwd"), "a file of it is missing"),
        (lambda film: clip(film).update(media_type="text/html"), "none of ours"),
        (lambda film: clip(film).update(cast=[{"name": "x"}]), "a cast in it"),
        (lambda film: rows(film, "projects.Entity")[0].update(kind="demon"), "cannot be read: Entity"),
        (lambda film: rows(film, "generation.Generation")[0].update(status="running"), "never came to an end"),
        (lambda film: rows(film, "projects.Timeline")[0]["document"].update(fps=7), "frame rate"),
        (lambda film: rows(film, "projects.Take")[0].update(asked={"cast": [7]}), "asked for is nothing of ours"),
        (
            lambda film: rows(film, "projects.Take")[0].update(asked={"called": {"x": 7}}),
            "asked for is nothing of ours",
        ),
        (lambda film: rows(film, "projects.Take")[0].update(asked=7), "asked for is nothing of ours"),
        (lambda film: rows(film, "projects.Shot").append("x"), "no row"),
        (lambda film: film["rows"].update({"projects.Shot": {}}), "no list"),
    ],
)
def test_a_bundle_that_is_not_what_it_says_leaves_nothing_behind(film, tmp_path, change, sentence):
    write_bundle(film, tmp_path / "fox.zip")
    before = Project.objects.count(), Asset.objects.count(), Generation.objects.count()
    with pytest.raises(BadBundle, match=sentence):
        read_bundle(rewritten(tmp_path / "fox.zip", change), workspace=film.workspace)
    assert before == (Project.objects.count(), Asset.objects.count(), Generation.objects.count())


def test_a_damaged_file_and_no_zip_at_all_get_a_sentence(film, tmp_path):
    write_bundle(film, tmp_path / "fox.zip")
    with zipfile.ZipFile(tmp_path / "fox.zip") as bundle:
        entries = {entry.filename: bundle.read(entry) for entry in bundle.infolist()}
    name = next(name for name in entries if name.startswith("media/"))
    assert name == f"media/{hashlib.sha256(entries[name]).hexdigest()}"
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        for entry, data in entries.items():
            bad.writestr(entry, data[:-1] + b"x" if entry == name else data)
    elsewhere = make_user("grace").open_workspace()
    with pytest.raises(BadBundle, match="damaged"):
        read_bundle(tmp_path / "bad.zip", workspace=elsewhere)
    (tmp_path / "bad.zip").write_bytes(b"PK nonsense")
    with pytest.raises(BadBundle, match="cannot be opened as a zip"):
        read_bundle(tmp_path / "bad.zip", workspace=film.workspace)


def test_a_few_bytes_that_stand_for_more_than_there_is_room_for_are_refused(film, tmp_path):
    write_bundle(film, tmp_path / "fox.zip")
    swollen = bytes(3_000_000)

    def swell(told):
        """A clip of zeros, which many rows name."""
        row = clip(told)
        row["sha256"] = hashlib.sha256(swollen).hexdigest()
        rows(told, "assets.Asset").extend(row | {"id": str(number)} for number in range(1000))

    path = rewritten(tmp_path / "fox.zip", swell)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(f"media/{hashlib.sha256(swollen).hexdigest()}", swollen)
    there = Asset.objects.count(), files_of_bundles()
    assert path.stat().st_size < 1_000_000
    with override_settings(STORAGE_BYTES=20_000_000), pytest.raises(BadBundle, match="does not fit into the workspace"):
        read_bundle(path, workspace=make_user("grace").open_workspace())
    assert there == (Asset.objects.count(), files_of_bundles())


def files_of_bundles():
    return {path for path in Path(settings.MEDIA_ROOT, "bundles").rglob("*") if path.is_file()}


@pytest.mark.parametrize("count", [100_001, 400_000])
def test_a_zip_of_endless_files_is_no_bundle(ada, tmp_path, count):
    """Nothing but the list at its end, whose place for each file is taken from the format's specification."""
    entries = b"".join(
        struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0)
        + b"%05x" % number
        for number in range(count)
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, len(entries), 0, 0)
    (tmp_path / "endless.zip").write_bytes(entries + end)
    with pytest.raises(BadBundle, match="more than 100000 files"):
        read_bundle(tmp_path / "endless.zip", workspace=ada.open_workspace())


def test_what_a_stranger_made_of_it_names_no_file_of_ours(film, tmp_path):
    """Paths that a bundle brings for columns that hold files are not even looked at."""
    write_bundle(film, tmp_path / "fox.zip")
    change = lambda film: clip(film).update(file="secret_key", poster="../db.sqlite3")  # noqa: E731
    copy = read_bundle(rewritten(tmp_path / "fox.zip", change), workspace=film.workspace)
    for asset in Asset.objects.filter(generations__project=copy):
        assert asset.file.name.startswith("bundles/") and "secret" not in asset.file.name
        assert not asset.poster


def test_a_link_in_it_is_a_file_of_a_few_letters(film, tmp_path):
    """A zip may say of an entry that it is a link to elsewhere."""
    write_bundle(film, tmp_path / "fox.zip")
    target = str(settings.BASE_DIR / "manage.py").encode()
    digest = hashlib.sha256(target).hexdigest()
    path = rewritten(tmp_path / "fox.zip", lambda film: clip(film).update(sha256=digest))
    link = zipfile.ZipInfo(f"media/{digest}")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as bundle:
        bundle.writestr(link, target)
    copy = read_bundle(path, workspace=make_user("grace").open_workspace())
    brought = Asset.objects.get(generations__project=copy, sha256=digest)
    assert not Path(brought.file.path).is_symlink()
    assert Path(brought.file.path).read_bytes() == target, "where it leads to was not looked at"


def test_the_commands_say_what_they_did(film, tmp_path, capsys):
    call_command("export_project", film.pk, format="bundle", out=tmp_path / "fox.zip")
    call_command("export_project", film.pk, format="otio", out=tmp_path / "fox.otio.zip")
    with zipfile.ZipFile(tmp_path / "fox.otio.zip") as package:
        names = package.namelist()
        assert names[:2] == ["The-Fox-Who-Waited.otio", "recipes.json"] and len(names) == 4
        assert package.getinfo(names[2]).file_size == film.shots.first().chosen.generation.asset.size_bytes
    grace = make_user("grace")
    call_command("import_bundle", tmp_path / "fox.zip", workspace="grace@example.org")
    told = capsys.readouterr().out
    assert "“The Fox Who Waited” is in Grace" in told
    assert Project.objects.visible_to(grace).count() == 1
    with pytest.raises(CommandError, match="Nobody here has the address"):
        call_command("import_bundle", tmp_path / "fox.zip", workspace="nobody@example.org")
    with pytest.raises(CommandError, match="no bundle of a film"):
        call_command("import_bundle", __file__, workspace="grace@example.org")


def test_a_cut_of_the_film_is_read_from_its_bundle(film, tmp_path):
    write_bundle(film, tmp_path / "fox.zip")
    with zipfile.ZipFile(tmp_path / "fox.zip") as bundle:
        told = json.loads(bundle.read(FILM))
    assert read_cut(rows(told, "projects.Timeline")[0]["document"]).frames == 8
    assert "cost" not in rows(told, "generation.Generation")[0], "what it cost is nobody's business"


def test_a_film_that_moved_is_made_again_identically(film, tmp_path, capsys):
    write_bundle(film, tmp_path / "fox.zip")
    copy = read_bundle(tmp_path / "fox.zip", workspace=make_user("grace").open_workspace())
    Generation.objects.filter(project=copy).update(blocking_of=None)  # the animatic takes no other's
    call_command("rerender", copy.pk, verify=True)
    told = capsys.readouterr().out
    assert told.splitlines() == ["1.1 take 1: identical", "1.2 take 1: identical", "2 identical"], "and nothing differs"


def test_what_comes_out_differently_is_told_with_its_reason(film, capsys):
    """A row whose seed was changed stands for weights or versions that did."""
    Generation.objects.filter(project=film).update(blocking_of=None)
    other = film.shots.first().chosen.generation
    other.request["prompt"] = "a green frog on a beach"
    other.save()
    lost = film.shots.last().chosen.generation
    lost.model = "gone"
    lost.save()
    with pytest.raises(CommandError, match="Not every chosen take"):
        call_command("rerender", film.pk, verify=True)
    told = capsys.readouterr().out
    assert "1.1 take 1: different (PSNR" in told
    assert "request.prompt was a red fox in a forest and is a green frog on a beach." in told
    assert "1.2 take 1: cannot be made" in told
