"""The film's world: who is added to it, their reference sheets, their voices, and what becomes of the shots they are
in."""

import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import strip_tags
from PIL import Image

from generation.engine import catalogue
from generation.models import Generation
from generation.models.status import Status
from projects import news
from projects.models import Entity, Project, Sitting, Take
from projects.old_cast import takes_of_old_cast
from projects.sheets import sheet_from_picture, sheet_from_words
from projects.world_forms import tag_from
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Wallet
from tests.factories import (
    finish_generation,
    make_asset,
    make_entity,
    make_generation,
    make_picture,
    make_project,
    make_shot,
    make_take,
)
from tests.pictures import as_file, two_colors
from tests.signed import signed_picture

HTMX = {"HTTP_HX_REQUEST": "true"}


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split()).replace("&#x27;", "'").replace("&quot;", '"')


def upload(picture=None, name="nova.png"):
    return SimpleUploadedFile(name, as_file(picture or two_colors()).read(), "image/png")


def add(studio, project, **fields):
    told = {"kind": "character", "name": "Nova", "tag": "", "description": "a red fox", "voice": ""}
    return studio.post(reverse("projects:entity-new", args=[project.pk]), told | fields)


@pytest.fixture
def nova(project):
    return make_entity(project, "nova", description="a red fox")


def test_somebody_new_is_named_after_what_they_are_called(studio, project):
    answer = add(studio, project, name="Nova the Fox", pictures=upload())
    nova = Entity.objects.get()
    assert answer.url == reverse("projects:entity", args=[nova.pk])
    assert (nova.tag, len(nova.sheet)) == ("nova_the_fox", 1)
    add(studio, project, name="Nova the Fox")
    assert [entity.tag for entity in project.entities.order_by("position")] == ["nova_the_fox", "nova_the_fox2"]
    page = words(studio.get(reverse("projects:world", args=[project.pk])))
    assert "@nova_the_fox Nova the Fox a red fox" in page and "Characters 2" in page


@pytest.mark.parametrize(
    ("name", "tag"),
    [("Nova", "nova"), ("R2", "the_r2"), ("Größe & Co.", "groe_co"), ("李", "somebody"), ("", "somebody")],
)
def test_a_name_for_prompts_can_be_made_of_any_name(name, tag):
    assert tag_from(name) == tag


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("no", "“no” cannot be called in prompts: 3 to 16 letters, digits and _, a letter first."),
        ("@NOVA", "@NOVA is taken in this film. Choose another."),
        ("ein bär", "cannot be called in prompts"),
    ],
)
def test_a_name_that_cannot_be_is_told(studio, project, nova, tag, sentence):
    answer = add(studio, project, name="Rex", tag=tag)
    assert answer.status_code == 422 and sentence in words(answer)
    assert Entity.objects.count() == 1


def test_a_file_that_is_no_picture_does_not_lose_the_rest(studio, project):
    files = [upload(), SimpleUploadedFile("notes.png", b"not a picture", "image/png")]
    answer = add(studio, project, pictures=files)
    page = words(studio.get(answer.url))
    assert "notes.png: This is no picture in PNG, JPEG or WebP." in page
    assert len(Entity.objects.get().sheet) == 1


def test_pictures_of_any_size_that_is_allowed_come_in(project, nova):
    from runwayweb.asgi import FILES

    for name, of in (("entity-new", project), ("entity-sheet", nova)):
        assert FILES.path.fullmatch(reverse(f"projects:{name}", args=[of.pk])), name


def test_another_name_is_another_in_the_prompts_of_the_shots(studio, project, nova):
    shot = make_shot(project, prompt="@Nova waits; write to nova@example.org")
    told = {"kind": "character", "name": "Luna", "tag": "luna", "description": "a red fox", "voice": ""}
    studio.post(reverse("projects:entity", args=[nova.pk]), told)
    shot.refresh_from_db()
    assert shot.prompt == "@luna waits; write to nova@example.org"


def test_a_take_is_not_stale_because_somebody_is_called_otherwise(studio, ada, project, nova):
    nova.add_view(make_picture(project.workspace))
    shot = make_shot(project, prompt="@Nova waits", model="built-in")
    take = shot.request_take(by=ada)
    for tag in ("luna", "stella"):
        told = {"kind": "character", "name": nova.name, "tag": tag, "description": nova.description, "voice": ""}
        studio.post(reverse("projects:entity", args=[nova.pk]), told)
        take = Take.objects.get(pk=take.pk)
        assert take.stale_because == [] and list(take.asked["cast"]) == [tag]
    assert take.generation.request["prompt"] == "@Nova waits", "what it was made from stays as it was"
    make_entity(project, "nova")  # somebody else, who is not in it
    studio.post(reverse("projects:take-again", args=[take.pk]))
    again = shot.takes.get(parent=take).generation
    assert again.request["prompt"] == "@stella waits"
    assert [given.tag for given in again.inputs.all()] == ["stella"]
    nova.refresh_from_db()
    nova.description = "a green frog"
    nova.change("stella")
    assert Take.objects.get(pk=take.pk).stale_because == ["@stella"]
    finish_generation(take.generation)
    assert takes_of_old_cast(Project.objects.get(pk=project.pk)) == {nova: [take]}


def test_a_change_that_is_refused_leaves_the_page_as_it_was(studio, project, nova):
    make_entity(project, "rex")
    told = {"kind": "character", "name": "X", "tag": "rex", "description": "", "voice": ""}
    answer = studio.post(reverse("projects:entity", args=[nova.pk]), told)
    assert answer.status_code == 422 and "@rex is taken in this film" in words(answer)
    assert '<span class="cast-tag">@nova</span> Nova' in answer.content.decode()


def test_whoever_is_deleted_can_come_back_under_a_name_that_is_free(studio, project, nova):
    gone = studio.post(reverse("projects:entity-deletion", args=[nova.pk]))
    page = studio.get(gone.url)
    assert "“Nova” is deleted. Undo" in words(page) and "@nova" not in words(page)
    make_entity(project, "nova")
    studio.post(reverse("projects:entity-restoration", args=[nova.pk]))
    nova.refresh_from_db()
    assert (nova.deleted_at, nova.tag) == (None, "nova2")


def test_cards_and_views_are_put_in_order(studio, project, nova):
    rex = make_entity(project, "rex")
    studio.post(reverse("projects:entity-order", args=[project.pk]), {"id": [rex.pk, nova.pk]}, **HTMX)
    assert [entity.tag for entity in project.entities.all()] == ["rex", "nova"]
    views = [nova.add_view(make_picture(project.workspace, two_colors(left=(n, 0, 0)))) for n in (10, 200)]
    studio.post(reverse("projects:entity-view-order", args=[nova.pk]), {"id": [views[1].pk, "17", views[0].pk]}, **HTMX)
    assert [view.pk for view in nova.views.all()] == [views[1].pk, views[0].pk]
    label = reverse("projects:entity-view-label", args=[nova.pk, views[0].pk])
    assert 'value="from aside"' in studio.post(label, {"label": "from aside"}, **HTMX).content.decode()
    studio.post(reverse("projects:entity-view-deletion", args=[nova.pk, views[0].pk]), **HTMX)
    assert nova.views.count() == 1 and Asset.objects.pictures().count() == 2, "the picture stays in the library"


def test_views_come_from_files_pictures_and_clips(studio, project, nova):
    sheet = reverse("projects:entity-sheet", args=[nova.pk])
    answer = studio.post(sheet, {"pictures": [upload(), upload(name="again.png")]}, **HTMX)
    assert answer.status_code == 422 and "again.png is on the sheet already, or the sheet is full." in words(answer)
    clip = make_generation(project)
    asset = make_asset(project.workspace, poster="poster.webp")
    asset.store_cast([("red fox", "character", Image.new("RGB", (40, 40), "red"), "nova")])
    asset.save()
    Generation.objects.filter(pk=clip.pk).update(status=Status.SUCCEEDED, asset=asset)
    choice = reverse("projects:entity-view-choice", args=[nova.pk])
    page = studio.get(choice).content.decode()
    offered = re.findall(r'name="choice" value="([^"]+)"', page)
    picture = Asset.objects.pictures().get()
    assert offered == [f"{clip.pk}:1", str(picture.pk), f"{clip.pk}:0"]
    studio.post(choice, {"choice": f"{clip.pk}:1"})
    assert [view.label for view in nova.views.all()] == ["", "red fox"]
    for nonsense in ("", "x", f"{clip.pk}:7", f"{clip.pk}:x", f"{nova.pk}:1", str(nova.pk)):
        page = studio.post(choice, {"choice": nonsense}, follow=True)
        assert "This picture is not there any more." in words(page), nonsense
    assert nova.views.count() == 2


def test_a_view_from_a_file_keeps_the_credentials_it_came_with(studio, nova, tmp_path):
    signed = signed_picture(tmp_path / "nova.png")
    studio.post(
        reverse("projects:entity-sheet", args=[nova.pk]), {"pictures": [SimpleUploadedFile("nova.png", signed)]}
    )
    picture = nova.views.get().asset
    with default_storage.open(picture.original.name) as kept:
        assert kept.read() == signed
    assert picture.origin == Asset.Origin.UPLOADED


def test_a_sheet_is_drawn_from_words_and_paid_for_like_any_run(studio, project, nova):
    before = Wallet.objects.of(project.workspace).available
    sheet = sheet_from_words(nova)
    assert (sheet.card.id, sheet.credits) == ("built-in", 4)
    drawing = reverse("projects:entity-sheet-drawing", args=[nova.pk])
    answer = studio.post(drawing, {"source": "words"}, **HTMX)
    assert "Front: being drawn" in words(answer) and 'hx-trigger="every 2s"' in answer.content.decode()
    assert Wallet.objects.of(project.workspace).available == before - 4
    runs = [sitting.generation for sitting in nova.sittings.all()]
    assert len({run.request["seed"] for run in runs}) == 1, "everything stands where it stood"
    assert [run.request["camera_path"][0]["orbit"] for run in runs] == [0, 80, 180, 0]
    assert runs[0].video_request().prompt == "a red fox stands in a meadow by day"
    assert "is being drawn already" in words(studio.post(drawing, {"source": "words"}, **HTMX))

    asset = make_asset(project.workspace)
    asset.store_cast(
        [
            ("ball", "object", Image.new("RGB", (40, 40), "blue")),
            ("red fox", "character", Image.new("RGB", (40, 40), "red")),
        ]
    )
    asset.save()
    Generation.objects.filter(pk=runs[0].pk).update(status=Status.SUCCEEDED, asset=asset)
    sitting = nova.sittings.get(generation=runs[0])
    assert sitting.finish() and not sitting.finish(), "once"
    view = nova.views.get()
    assert (view.label, view.asset.open_picture().getpixel((20, 20))) == ("Front", (255, 0, 0))
    assert Sitting.objects.in_progress().count() == 3


def test_a_page_waits_until_the_last_view_is_on_the_sheet(studio, project, nova, monkeypatch):
    """It asks while the picture is being cut out: then nothing runs any more, and the view is not there yet."""
    studio.post(reverse("projects:entity-sheet-drawing", args=[nova.pk]), {"source": "words"}, **HTMX)
    asset = make_asset(project.workspace)
    asset.store_cast([("red fox", "character", Image.new("RGB", (40, 40), "red"))])
    asset.save()
    last = nova.sittings.last()
    Generation.objects.exclude(pk=last.generation_id).update(status=Status.CANCELLED)
    Generation.objects.filter(pk=last.generation_id).update(status=Status.SUCCEEDED, asset=asset)
    address, pages, cut_out = reverse("projects:entity-sheet", args=[nova.pk]), [], Sitting._picture

    def seen_meanwhile(sitting):
        pages.append(studio.get(address, **HTMX).content.decode())
        return cut_out(sitting)

    monkeypatch.setattr(Sitting, "_picture", seen_meanwhile)
    assert Sitting.objects.get(pk=last.pk).finish()
    assert "every 2s" in pages[0], "it asks again"
    page = studio.get(address, **HTMX).content.decode()
    assert "every 2s" not in page and page.count('class="view" ') == 1


def test_a_sheet_without_credits_or_words_is_not_drawn(studio, project, nova):
    wallet = Wallet.objects.of(project.workspace)
    wallet.hold(wallet.available - 2, reference="generation:other")
    answer = studio.post(reverse("projects:entity-sheet-drawing", args=[nova.pk]), {"source": "words"}, **HTMX)
    assert answer.status_code == 422 and "credits" in words(answer)
    assert not nova.sittings.exists() and not Generation.objects.exists()
    rex = make_entity(project, "rex", description="")
    assert sheet_from_words(rex) is None and sheet_from_picture(rex) is None
    assert studio.post(reverse("projects:entity-sheet-drawing", args=[rex.pk]), {"source": "words"}).status_code == 404


def test_a_sheet_from_a_picture_is_asked_of_the_best_that_is_installed(project, nova, tmp_path, monkeypatch):
    nova.add_view(make_picture(project.workspace))
    sheet = sheet_from_picture(Entity.objects.get(pk=nova.pk))
    assert sheet.card.id == "built-in" and "not a face" in str(sheet.note)
    assert [(row.tag, row.words) for row in sheet.inputs] == [("nova", "a red fox")]
    (tmp_path / "model_index.json").write_text('{"_class_name": "QwenImageEditPlusPipeline"}')
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"edits={tmp_path}")
    better = sheet_from_picture(Entity.objects.get(pk=nova.pk))
    assert better.card.id == "edits" and not better.views[0][1].camera_path
    assert better.views[2][1].prompt == "@nova, the whole of it, seen from behind, on a plain light background"


def test_a_view_whose_news_was_lost_comes_with_the_next_round(project, nova, valkey):
    asset = make_asset(project.workspace)
    asset.store_cast([("red fox", "character", Image.new("RGB", (40, 40), "red"))])
    asset.save()
    run = make_generation(project)
    sitting = nova.sittings.create(generation=run, label="Front")
    Generation.objects.filter(pk=run.pk).update(status=Status.SUCCEEDED, asset=asset)
    from generation import queues

    news.look_after()
    assert queues.waiting_ids(queues.MEDIA) >= {f"sitting-{sitting.pk}"}
    news.look_after()
    assert len([one for one in queues.waiting_ids(queues.MEDIA) if one.startswith("sitting")]) == 1


def test_shots_that_show_the_old_one_are_taken_again_at_once(studio, project, nova):
    first = nova.add_view(make_picture(project.workspace))
    fresh = Entity.objects.get(pk=nova.pk)
    take = make_take(make_shot(project, prompt="@nova waits"), ada_of(project), finished=True)
    make_take(make_shot(project, prompt="a dog waits"), ada_of(project), finished=True)
    world = reverse("projects:world", args=[project.pk])
    assert "old one" not in words(studio.get(world))
    first.delete()
    fresh.add_view(make_picture(project.workspace, two_colors(left=(0, 90, 0))))
    assert "1 shot shows the old one" in words(studio.get(world))
    page = words(studio.get(reverse("projects:entity", args=[nova.pk])))
    assert "1 shot shows the old @nova: 1.1, take 1. Take it again" in page
    studio.post(reverse("projects:entity-renewal", args=[nova.pk]))
    again = take.shot.takes.get(number=2)
    assert again.parent == take and again.generation.request["prompt"] == "@nova waits"
    assert again.generation.inputs.get().asset == Entity.objects.get(pk=nova.pk).first_view.asset
    Generation.objects.filter(pk=again.generation_id).update(status=Status.SUCCEEDED, asset=take.generation.asset)
    assert "old one" not in words(studio.get(world))


def test_other_words_make_old_takes_too(studio, project, nova):
    make_take(make_shot(project, prompt="@nova waits"), ada_of(project), model="animatic", finished=True)
    world = reverse("projects:world", args=[project.pk])
    assert "old one" not in words(studio.get(world))
    Entity.objects.update(name="Luna")
    assert "old one" not in words(studio.get(world)), "nobody was told her name"
    Entity.objects.update(description="a blue fox")
    assert "1 shot shows the old one" in words(studio.get(world))


def test_a_voice_is_chosen_and_heard(studio, project, nova, monkeypatch):
    page = reverse("projects:entity", args=[nova.pk])
    speaks = [card for card in catalogue.cards() if "text_to_speech" in card.tasks]
    if not speaks:
        from generation.engine.cards.offline_sound import HIBARI

        monkeypatch.setattr("generation.engine.cards.offline_sound.installed", lambda: (HIBARI,))
        speaks = [HIBARI]
    assert "Say this line" not in words(studio.get(page))
    line = reverse("projects:entity-line", args=[nova.pk])
    assert studio.post(line, {"line": "Hello"}).status_code == 404
    Entity.objects.update(voice=speaks[0].id)
    answer = studio.post(line, {"line": "I waited for you."}, **HTMX)
    run = Generation.objects.get()
    assert (run.task, run.request["text"], run.model) == ("text_to_speech", "I waited for you.", speaks[0].id)
    assert reverse("projects:entity-spoken-line", args=[nova.pk, run.pk]) in answer.content.decode()
    assert studio.post(line, {"line": ""}, **HTMX).status_code == 422
    Entity.objects.update(voice="gone")
    assert "gone (not installed)" in words(studio.get(page)), "a voice that went away is not forgotten"


def test_a_full_world_takes_few_queries(studio, project, django_assert_max_num_queries):
    for number in range(6):
        entity = make_entity(project, f"one{number}")
        entity.add_view(make_picture(project.workspace, two_colors(left=(number, 0, 0))))
        make_take(make_shot(project, prompt=f"@one{number} waits"), ada_of(project), finished=True)
    studio.get(reverse("projects:world", args=[project.pk]))
    with django_assert_max_num_queries(16):
        studio.get(reverse("projects:world", args=[project.pk]))


def test_only_its_owner_enters(client, mallory, project, nova):
    view = nova.add_view(make_picture(project.workspace))
    shot_take = make_take(make_shot(project, prompt="@nova"), ada_of(project))
    doors = [
        ("world", [project.pk], "get"), ("entity-new", [project.pk], "get"), ("entity-order", [project.pk], "post"),
        ("entity", [nova.pk], "get"), ("entity-deletion", [nova.pk], "post"), ("entity-restoration", [nova.pk], "post"),
        ("entity-sheet", [nova.pk], "get"), ("entity-sheet-drawing", [nova.pk], "post"),
        ("entity-view-order", [nova.pk], "post"), ("entity-view-choice", [nova.pk], "get"),
        ("entity-view-label", [nova.pk, view.pk], "post"), ("entity-view-deletion", [nova.pk, view.pk], "post"),
        ("entity-renewal", [nova.pk], "post"), ("entity-line", [nova.pk], "post"),
        ("take-scores", [shot_take.pk], "get"), ("take-pursuit", [shot_take.pk], "post"),
    ]  # fmt: skip
    client.force_login(mallory)
    for name, ids, method in doors:
        assert getattr(client, method)(reverse(f"projects:{name}", args=ids)).status_code == 404, name
    foreign = make_entity(make_project(mallory), "hers")
    own_sheet = reverse("projects:entity-view-choice", args=[foreign.pk])
    client.post(own_sheet, {"choice": str(view.asset_id)})
    assert not foreign.views.exists(), "a picture of another workspace is none"


def ada_of(project):
    return project.workspace.memberships.get().user
