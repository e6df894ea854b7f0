"""The library: finding files, putting them in order, throwing them away and taking them back."""

import io
import re
import uuid
import zipfile
from datetime import timedelta
from html import unescape

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone

from generation.engine.offline.captions import Caption
from generation.models import Generation
from generation.models.status import Status
from generation.output import Output
from generation.pulse import Pulse
from projects.cut import Cut
from projects.export.bundle import read_bundle, write_bundle
from projects.models import Scene, Shot, Take, Timeline
from runwayweb.assets.models import Asset, Favourite, Folder, Tag
from tests.factories import make_asset, make_generation, make_picture, make_project, make_user

pytestmark = pytest.mark.django_db
TICK = re.compile(r'name="asset" value="([\w-]+)"')
MORE = re.compile(r'class="tiles__more"><a class="button" href="([^"]+)"')


@pytest.fixture
def workspace(ada):
    return ada.open_workspace()


def make_clip(project, by, prompt="a red fox in a forest", **fields):
    """A finished generation whose clip is not a playable one."""
    run = make_generation(project, by, prompt=prompt, **fields)
    asset = make_asset(project.workspace, name=f"{prompt.replace(' ', '-')}.mp4")
    asset.tell(prompt)
    Generation.objects.filter(pk=run.pk).update(status=Status.SUCCEEDED, asset=asset)
    run.refresh_from_db()
    return run


def shown(client, **asked):
    """The names of the files on the library's page."""
    answer = client.get(reverse("projects:library"), asked)
    assert answer.status_code == 200
    return [tile.asset.name for tile in answer.context["shelf"].tiles]


def do(client, act, *assets, **more):
    values = {"act": act, "asset": [str(asset.pk) for asset in assets]} | more
    return client.post(reverse("projects:library-selection"), values, follow=True)


def told(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def captioned(project, by, folder, *sentences):
    """The file of captions that a run wrote of these."""
    run = make_generation(project, by)
    Generation.objects.filter(pk=run.pk).update(task="captions", request={"duration_seconds": 4.0})
    run = Generation.objects.claim_next(Pulse("gpu").worker)
    output = Output(run, folder)
    output.write(Caption(2.0 * number, 2.0 * number + 1, text) for number, text in enumerate(sentences))
    assert run.succeed(run.attempt, asset=output.take_in(f"clips/{run.pk}"), clip=output.finished)
    run.refresh_from_db()
    return run.asset


def test_what_is_said_in_captions_is_found_here_and_where_the_film_goes(client, studio, project, ada, tmp_path):
    captions = captioned(project, ada, tmp_path / "run", "She had waited all winter.", "Then she did not have to.")
    make_clip(make_project(ada, "Harbour"), ada, "a red fox in the snow")
    assert shown(studio, q="WAITED winter") == [captions.name] == shown(studio, q="waited", kind="captions")
    write_bundle(project, tmp_path / "fox.zip")
    grace = make_user("grace")
    read_bundle(tmp_path / "fox.zip", workspace=grace.open_workspace(), by=grace)
    client.force_login(grace)
    assert shown(client, q="winter") == [captions.name]


def test_everything_of_the_workspace_is_there_and_nothing_of_strangers(studio, project, ada, mallory):
    clip = make_clip(project, ada)
    make_picture(project.workspace)
    make_clip(make_project(mallory), mallory, "a green frog")
    assert set(shown(studio)) == {clip.asset.name, "fox.png"}
    page = studio.get(reverse("projects:library")).content.decode()
    assert "a red fox in a forest" in page and "2 files" in page and "frog" not in page
    assert 'aria-current="page"' in page and reverse("projects:library-asset", args=[clip.asset.pk]) in page


def test_files_are_filtered_by_kind_project_engine_day_folder_tag_and_words(studio, project, ada, workspace):
    fox = make_clip(project, ada).asset
    other = make_project(ada, "Harbour")
    frog = make_clip(other, ada, "a green frog in a meadow").asset
    sound = make_asset(workspace, name="rain.m4a", media_type="audio/mp4")
    sound.tell("heavy rain")
    picture = make_picture(workspace)
    make_generation(other, ada, inputs=()).inputs.create(role="first_frame", asset=picture)
    long_ago = timezone.now() - timedelta(days=40)
    Asset.objects.filter(pk=sound.pk).update(created_at=long_ago)
    folder = Folder.objects.make("Scene one", workspace=workspace)
    within = Folder.objects.make("Forest", workspace=workspace, parent=folder)
    do(studio, "move", fox, folder=within.pk)
    do(studio, "tag", frog, sound, tags="night, Second unit")
    do(studio, "favourite", frog)
    assert set(shown(studio, kind="clip")) == {fox.name, frog.name}
    assert shown(studio, kind="picture") == [picture.name] and shown(studio, kind="sound") == [sound.name]
    assert set(shown(studio, project=other.pk)) == {frog.name, picture.name}
    assert set(shown(studio, model="animatic")) == {fox.name, frog.name}
    assert shown(studio, until=f"{long_ago:%Y-%m-%d}") == [sound.name]
    assert sound.name not in shown(studio, since=f"{timezone.now() - timedelta(days=1):%Y-%m-%d}")
    assert shown(studio, folder=folder.pk) == [fox.name] == shown(studio, folder=within.pk), (
        "with what is in its folders"
    )
    assert len(shown(studio, folder="none")) == 3
    assert set(shown(studio, tag="night")) == {frog.name, sound.name}
    assert shown(studio, favourite=1) == [frog.name]
    assert shown(studio, q="fox fores") == [fox.name] and shown(studio, q="second unit meadow") == [frog.name]
    assert (
        shown(studio, q="fox", kind="sound") == []
        and "Nothing fits" in studio.get("/library/?q=zebra").content.decode()
    )


@pytest.mark.parametrize(
    "asked",
    [{"kind": "x"}, {"project": "x"}, {"project": uuid.uuid4()}, {"since": "yesterday"}, {"before": "x_y"},
     {"folder": "x"}, {"before": "2026-01-01T00:00_"}, {"source": "x"}, {"tag": "x" * 300}, {"q": "a\x00b"},
     {"q": '"' * 100_000}, {"trash": "1"}],
)  # fmt: skip
def test_nonsense_in_an_address_is_harmless(studio, asked):
    assert studio.get(reverse("projects:library"), asked).status_code == 200


def test_pages_follow_each_other_without_gaps_and_cost_few_queries(studio, workspace, django_assert_max_num_queries):
    for number in range(65):
        make_asset(workspace, b"x", name=f"{number}.mp4")
    now = timezone.now()
    Asset.objects.update(created_at=now)  # all at one moment: the id decides
    studio.get(reverse("projects:library"))  # the first page of a month also brings its credits
    with django_assert_max_num_queries(30):
        page = studio.get(reverse("projects:library")).content.decode()
    assert "65 files" in page
    seen = TICK.findall(page)
    while address := MORE.search(page):
        page = studio.get(unescape(address[1]), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        seen += TICK.findall(page)
    assert len(seen) == len(set(seen)) == 65


def test_one_file_with_all_that_is_known_of_it(studio, project, ada, mallory, client):
    clip = make_clip(project, ada)
    picture = make_picture(project.workspace)
    clip.inputs.create(role="first_frame", asset=picture)
    page = studio.get(reverse("projects:library-asset", args=[clip.asset.pk])).content.decode()
    assert "<html" in page and "<video" in page and "64 × 64" in page and "Animatic" in page and ">7</td>" in page
    assert "Made from" in page and reverse("projects:library-asset", args=[picture.pk]) in page
    partial = studio.get(reverse("projects:library-asset", args=[picture.pk]), headers={"HX-Request": "true"})
    sheet = partial.content.decode()
    assert "<html" not in sheet and "Made from this" in sheet and "In use" in sheet
    assert "was made from it" in sheet and str(clip.asset.pk) in sheet
    assert shown(studio, source=picture.pk) == [clip.asset.name]
    client.force_login(mallory)
    for name in ("asset", "name", "tags", "favourite"):
        address = reverse(f"projects:library-{name}", args=[clip.asset.pk])
        assert client.get(address).status_code in (404, 405) and client.post(address).status_code in (404, 405)


def test_a_picture_that_was_taken_from_a_clip_leads_back_to_it(studio, project, ada):
    clip = make_clip(project, ada)
    frame = make_picture(project.workspace)
    Asset.objects.filter(pk=frame.pk).update(made_of=clip.asset)
    there = {one: reverse("projects:library-asset", args=[one.pk]) for one in (clip.asset, frame)}
    page = studio.get(there[frame], headers={"HX-Request": "true"}).content.decode()
    assert "Made from<" in page and there[clip.asset] in page, "no run made the frame"
    page = studio.get(there[clip.asset], headers={"HX-Request": "true"}).content.decode()
    assert "Made from this" in page and there[frame] in page
    assert shown(studio, source=clip.asset.pk) == [frame.name]


def test_name_tags_and_favourite_are_kept_from_the_sheet(studio, project, ada):
    asset = make_clip(project, ada).asset
    htmx = {"headers": {"HX-Request": "true"}}
    answer = studio.post(reverse("projects:library-name", args=[asset.pk]), {"name": " Hero   shot "}, **htmx)
    assert answer.status_code == 200 and "Hero shot" in answer.content.decode()
    assert studio.post(reverse("projects:library-name", args=[asset.pk]), {"name": " "}, **htmx).status_code == 422
    plain = studio.post(reverse("projects:library-tags", args=[asset.pk]), {"tags": "Night, night, #hero,"})
    assert plain.status_code == 302 and [tag.name for tag in asset.tags.all()] == ["hero", "Night"]
    refused = studio.post(reverse("projects:library-tags", args=[asset.pk]), {"tags": "x" * 41}, **htmx)
    assert refused.status_code == 422 and "too long for a tag" in refused.content.decode()
    for on, count in (("1", 1), ("1", 1), ("0", 0)):
        studio.post(reverse("projects:library-favourite", args=[asset.pk]), {"on": on}, **htmx)
        assert Favourite.objects.count() == count
    assert shown(studio, q="hero shot night") == ["Hero shot"]


def test_a_favourite_is_one_persons_own(studio, project, ada, mallory, client):
    asset = make_clip(project, ada).asset
    project.workspace.memberships.create(user=mallory)
    do(studio, "favourite", asset)
    assert [one.user for one in Favourite.objects.all()] == [ada]


def test_folders_make_a_tree_and_nothing_in_them_is_ever_lost(studio, workspace, ada):
    new = reverse("projects:folder-new")
    studio.post(new, {"name": "Film"})
    film = Folder.objects.get()
    studio.post(new, {"name": "Scene", "parent": film.pk})
    scene = Folder.objects.get(name="Scene")
    assert scene.parent == film
    taken = studio.post(new, {"name": "scene", "parent": film.pk}, follow=True)
    assert "There is a folder called “scene” already." in told(taken)
    circle = studio.post(reverse("projects:folder-parent", args=[film.pk]), {"parent": scene.pk}, follow=True)
    assert "cannot be put into itself" in told(circle)
    studio.post(reverse("projects:folder-name", args=[scene.pk]), {"name": "Film"})
    deep = scene
    for number in range(4):
        studio.post(new, {"name": f"Deep {number}", "parent": deep.pk})
        deep = Folder.objects.order_by("-created_at").first()
    assert Folder.objects.filter(name__startswith="Deep").count() == 3, "five deep and no deeper"
    asset = make_asset(workspace)
    do(studio, "move", asset, folder=film.pk)
    other = Folder.objects.make("Deep 0", workspace=workspace)
    studio.post(reverse("projects:folder-deletion", args=[film.pk]))  # holds a folder of its own name, and a file
    asset.refresh_from_db()
    assert asset.folder is None and Folder.objects.get(pk=scene.pk).parent is None
    assert Folder.objects.get(pk=scene.pk).name == "Film"
    studio.post(reverse("projects:folder-deletion", args=[scene.pk]))
    assert {folder.name for folder in Folder.objects.filter(parent=None)} == {"Deep 0", "Deep 0 2"}
    assert Folder.objects.get(pk=other.pk).name == "Deep 0"


def test_a_strangers_folders_and_files_are_as_good_as_none(studio, workspace, mallory, ada):
    strange = Folder.objects.make("Mine", workspace=mallory.open_workspace())
    theirs = make_asset(mallory.open_workspace())
    mine = make_asset(workspace)
    for name in ("name", "parent", "deletion"):
        assert studio.post(reverse(f"projects:folder-{name}", args=[strange.pk])).status_code == 404
    assert studio.post(reverse("projects:folder-new"), {"name": "x", "parent": strange.pk}).status_code == 404
    assert "Choose a folder" in told(do(studio, "move", mine, folder=strange.pk))
    assert "Nothing is selected" in told(do(studio, "trash", theirs))
    theirs.refresh_from_db()
    assert theirs.trashed_at is None and studio.post(reverse("projects:library-selection")).status_code == 400


def test_many_files_are_thrown_away_together_and_brought_back_together(studio, workspace):
    files = [make_asset(workspace, name=f"{number}.mp4") for number in range(5)]
    answer = do(studio, "trash", *files[:3], next="/library/?kind=clip")
    assert "3 files are in the trash" in answer.content.decode() and shown(studio) == ["4.mp4", "3.mp4"]
    assert len(shown(studio, trash=1)) == 3
    studio.post(reverse("projects:library-undo"), {"at": answer.context["undo"]["at"]})
    assert len(shown(studio)) == 5
    do(studio, "trash", files[0])
    do(studio, "restore", files[0])
    assert len(shown(studio)) == 5
    assert do(studio, "trash", files[0], next="https://evil.example/").redirect_chain[0][0].startswith("/library/")


def film_with_a_take(project, ada):
    """A clip that is the chosen take of a shot."""
    clip = make_clip(project, ada)
    scene = Scene.objects.create(project=project, position=0, heading="INT. KITCHEN")
    shot = Shot.objects.create(project=project, scene=scene, position=0)
    shot.chosen = Take.objects.create(shot=shot, number=1, generation=clip)
    shot.save()
    return clip


def test_what_is_in_use_says_where_and_goes_on_playing_from_the_trash(studio, project, ada):
    clip = film_with_a_take(project, ada)
    answer = do(studio, "trash", clip.asset)
    assert "is in use: the chosen take of shot 1.1 in “The Fox Who Waited”" in told(answer)
    assert "nothing is lost" in told(answer) and shown(studio) == []
    assert studio.head(reverse("assets:file", args=[clip.asset.pk, "clip.mp4"])).status_code == 200
    assert "<take-player" in studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    kept = do(studio, "delete", clip.asset)
    assert "is in use" in told(kept) and "Take it out there first" in told(kept)
    assert studio.head(reverse("assets:file", args=[clip.asset.pk, "clip.mp4"])).status_code == 200


def lay_in(project, asset, kind):
    document = Cut().as_document()
    track = {"id": "t1", "kind": kind, "name": "", "clips": []}
    track["clips"] = [{"id": "c1", "at": 0, "frames": 24, "source": {"kind": "asset", "id": str(asset.pk)}}]
    Timeline.objects.create(project=project, document=document | {"tracks": [track]})


@pytest.mark.parametrize("deletes", ["the card", "the film"])
def test_a_clip_of_another_films_cut_stays_when_its_own_card_or_film_goes(studio, project, ada, deletes):
    clip, gone = make_clip(project, ada), make_clip(project, ada, "a grey crow")
    other = make_project(ada, name="The Crow")
    lay_in(other, clip.asset, "video")
    (clip if deletes == "the card" else project).delete_softly()
    gone.delete_softly()
    files = {run: reverse("assets:file", args=[run.asset.pk, "clip.mp4"]) for run in (clip, gone)}
    assert studio.head(files[clip]).status_code == 200, "the cut of The Crow plays it"
    assert studio.head(files[gone]).status_code == 404
    assert shown(studio) == ["a-red-fox-in-a-forest.mp4"]
    other.delete_softly()
    (clip if deletes == "the card" else project).restore()
    clip.delete_softly()
    assert studio.head(files[clip]).status_code == 404, "no film that is left has it"


def test_a_clip_of_the_cut_is_in_use(studio, project, ada, workspace):
    music = make_asset(workspace, name="music.m4a", media_type="audio/mp4")
    lay_in(project, music, "audio")
    assert "the cut of “The Fox Who Waited”" in told(do(studio, "trash", music))
    do(studio, "delete", music)
    assert Asset.objects.filter(pk=music.pk, purged_at=None).exists()


def test_what_nobody_uses_is_deleted_for_good_with_its_card(studio, project, ada, workspace):
    clip, loose = make_clip(project, ada), make_asset(workspace)
    assert "deleted for good" not in told(do(studio, "delete", clip.asset, loose)), "only out of the trash"
    do(studio, "trash", clip.asset, loose)
    assert "2 files are deleted for good." in told(do(studio, "delete", clip.asset, loose))
    clip.refresh_from_db()
    assert clip.deleted_at and not Asset.objects.filter(pk=loose.pk).exists()
    kept = Asset.objects.get(pk=clip.asset_id)
    assert kept.purged_at and not kept.file.storage.exists(kept.file.name) and not kept.purge()
    assert shown(studio, trash=1) == [] and shown(studio, q="fox") == []
    clip.restore()
    clip.refresh_from_db()
    assert clip.deleted_at, "there is nothing to bring back"


def test_a_picture_that_was_deleted_for_good_can_come_again(project, ada):
    picture = make_picture(project.workspace)
    make_generation(project, ada).inputs.create(role="first_frame", asset=picture)
    picture.purge()
    again = make_picture(project.workspace)
    assert again.pk != picture.pk and again.open_picture()
    Asset.objects.filter(pk=again.pk).trash()
    assert make_picture(project.workspace).trashed_at is None, "what comes again comes out of the trash"


def test_a_clip_that_went_with_its_card_comes_back_with_it(studio, project, ada):
    clip = make_clip(project, ada)
    clip.delete_softly()
    assert shown(studio) == [] and shown(studio, trash=1) == [clip.asset.name]
    do(studio, "restore", clip.asset)
    clip.refresh_from_db()
    assert clip.deleted_at is None and shown(studio) == [clip.asset.name]


def test_tags_have_their_limits(studio, workspace):
    asset = make_asset(workspace)
    do(studio, "tag", asset, tags=",".join(f"t{n}" for n in range(30)))
    assert "30 tags, not more" in told(do(studio, "tag", asset, tags="one more")) and Tag.objects.count() == 30
    assert "Write one or more tags" in told(do(studio, "tag", asset, tags=" , "))
    do(studio, "untag", asset, tags="t1, T2")
    assert asset.tags.count() == 28


@pytest.mark.django_db(transaction=True)
async def test_many_files_are_downloaded_as_one_zip_with_safe_names(ada, mallory):
    browser = AsyncClient()
    await browser.aforce_login(ada)
    workspace = await sync_to_async(ada.open_workspace)()
    names = ["fox.mp4", "FOX.mp4", "../../etc/passwd", "CON.mp4", "a/b\\c:d.mp4", "...", "‮gpj.mp4", "fox (2).mp4"]
    files = [await sync_to_async(make_asset)(workspace, name.encode() * 50, name=name) for name in names]
    stranger = await sync_to_async(lambda: make_asset(mallory.open_workspace(), b"secret"))()
    lost = await sync_to_async(make_asset)(workspace, b"gone", name="lost.mp4")
    await sync_to_async(lost.file.storage.delete)(lost.file.name)
    address = reverse("projects:library-archive")
    answer = await browser.post(address, {"asset": [str(one.pk) for one in [*files, stranger, lost]]})
    assert answer["Content-Type"] == "application/zip" and "attachment" in answer["Content-Disposition"]
    whole = zipfile.ZipFile(io.BytesIO(b"".join([piece async for piece in answer.streaming_content])))
    assert whole.testzip() is None
    inside = [name for name in whole.namelist() if name.endswith(".mp4")]
    assert sorted(whole.read(name) for name in inside) == sorted(name.encode() * 50 for name in names)
    assert len({name.lower() for name in inside}) == len(names)
    assert not any(set(name) & set('/\\:‮"') or name.startswith((".", "CON.")) for name in inside)
    assert b"lost.mp4" in whole.read("missing files.txt")
    assert (await browser.post(address, {"asset": [str(stranger.pk)]})).status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_a_zip_is_sent_piece_by_piece(ada):
    from runwayweb.assets import archive

    workspace = await sync_to_async(ada.open_workspace)()
    large = await sync_to_async(make_asset)(workspace, b"\x07" * 4 * 1024**2, name="large.mp4")
    sizes = [len(piece) async for piece in archive.pieces([large])]
    assert sum(sizes) > 4 * 1024**2 and max(sizes) < archive.PIECE_BYTES + 4096


def test_a_run_gives_its_words_to_what_it_made(studio, project, ada, pulse_worker):
    run = make_generation(project, ada, prompt="a lighthouse in the fog")
    run = Generation.objects.claim_next(pulse_worker)
    asset = Asset(
        workspace=project.workspace, name="clip.mp4", file="x/clip.mp4", media_type="video/mp4", sha256="1" * 64
    )
    asset.size_bytes, asset.width, asset.height = 1, 64, 64

    class Made:
        recipe, understood, duration_seconds = {}, {}, 1

    assert run.succeed(run.attempt, asset=asset, clip=Made)
    assert shown(studio, q="lighthouse") == ["clip.mp4"]


def test_what_was_there_before_the_library_was_told_of_is_found(studio, project, ada):
    from importlib import import_module

    from django.apps import apps

    from runwayweb.assets.models import AssetWords

    clip = make_clip(project, ada)
    AssetWords.objects.all().delete()
    assert shown(studio, q="red fox") == []
    import_module("generation.migrations.0010_words_of_assets").tell_words(apps, None)
    assert shown(studio, q="red fox") == [clip.asset.name]
