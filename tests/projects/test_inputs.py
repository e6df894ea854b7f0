"""Giving pictures and an earlier shot's blocking to a run: from the form, from a file, from a clip."""

import io
import json
import os
import re
import uuid
from dataclasses import replace

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import strip_tags
from PIL import Image

from generation.engine import catalogue
from generation.engine.encode import write_mp4
from generation.engine.request import Blocking
from generation.models import Generation
from generation.models.status import Status
from projects.forms import GenerationForm
from projects.inputs import FRAMES
from runwayweb.assets.models import Asset
from tests.factories import make_asset, make_generation, make_picture, make_project, make_user
from tests.pictures import as_file, noise, two_colors
from tests.signed import signed_picture

HTMX = {"HTTP_HX_REQUEST": "true"}
FORM = {"prompt": "a red fox in a forest", "size": "512x288", "length": "1", "variations": "1", "model": "vace"}
SCENE = {"place": "meadow", "characters": [{"species": "fox", "action": "walk"}]}
BLOCKING = "ScenePipeline"  # an engine that takes blocking, for as long as a test lasts


@pytest.fixture
def engines(tmp_path, monkeypatch):
    """The animatic, an engine that takes pictures and one that takes blocking; the last two are never loaded."""
    monkeypatch.setattr(catalogue, "WEIGHTS", tmp_path)
    monkeypatch.setitem(catalogue.PIPELINE_CLASSES, BLOCKING, frozenset({"references", "blocking"}))
    folders = {"vace": "WanVACEPipeline", "scenes": BLOCKING}
    for name, pipeline_class in folders.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "model_index.json").write_text(json.dumps({"_class_name": pipeline_class}))
    monkeypatch.setenv("RUNWAYWEB_MODELS", ",".join(f"{name}={tmp_path / name}" for name in folders))


@pytest.fixture
def painter(engines, tmp_path, monkeypatch):
    """One more card, before the others as ours is, of an engine that takes pictures and blocking; never loaded."""
    (tmp_path / "painter").mkdir()
    (tmp_path / "painter" / "model_index.json").write_text('{"_class_name": "PainterPipeline"}')
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"painter={tmp_path / 'painter'},{os.environ['RUNWAYWEB_MODELS']}")


@pytest.fixture
def clip(project, tmp_path):
    """A finished clip of the animatic: red, green in its middle, blue at its end."""
    colors = [(200, 30, 30)] * 4 + [(30, 180, 60)] + [(30, 30, 200)] * 3
    write_mp4([np.full((64, 96, 3), color, np.uint8) for color in colors], 12, tmp_path / "c.mp4", metadata={})
    asset = make_asset(project.workspace, (tmp_path / "c.mp4").read_bytes())
    generation = make_generation(project, seed=42, prompt="a red fox walks")
    recipe = {"scene": SCENE, "request": {"seed": 42, "num_frames": 8}}
    Generation.objects.update(status=Status.SUCCEEDED, asset=asset, recipe=recipe)
    generation.refresh_from_db()
    return generation


def upload(picture=None, kind="PNG", name="fox.png"):
    return SimpleUploadedFile(name, as_file(picture or two_colors(), kind).read())


def ask(studio, project, headers=None, **fields):
    return studio.post(reverse("projects:generation-new", args=[project.pk]), FORM | fields, **headers or {})


def put(studio, project, name, file):
    address = reverse("projects:picture-new", args=[project.pk, name])
    return studio.post(address, {f"{name}_file": file}, **HTMX)


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split()).replace("&#x27;", "'")


def main_color(asset):
    return int(np.asarray(asset.open_picture()).mean((0, 1)).argmax())


def test_files_in_the_form_become_the_inputs_of_every_variation(studio, project, engines):
    shown = upload(two_colors(left=(0, 0, 0)), "JPEG")
    files = {"first_frame_file": upload(), "reference_2_file": shown, "reference_2_role": "place"}
    answer = ask(studio, project, variations="2", **files)
    assert answer.status_code == 302, words(answer)
    for generation in Generation.objects.all():
        given = [(row.role, row.reference_role, row.position) for row in generation.inputs.all()]
        assert given == [("first_frame", "", 0), ("reference", "place", 0)]
    assert Asset.objects.count() == 2, "kept once, used twice"
    page = studio.get(answer.url).content.decode()
    assert 'alt="First frame"' in page
    assert 'alt="Reference: place"' in page


def test_credentials_of_a_picture_from_a_file_are_kept(studio, project, engines, tmp_path):
    signed = signed_picture(tmp_path / "photo.jpg")
    answer = ask(studio, project, first_frame_file=SimpleUploadedFile("photo.jpg", signed))
    assert answer.status_code == 302, words(answer)
    with default_storage.open(Asset.objects.get().original.name) as kept:
        assert kept.read() == signed


def test_with_htmx_a_picture_is_kept_as_soon_as_it_is_chosen(studio, project, engines):
    answer = put(studio, project, "last_frame", upload())
    kept = Asset.objects.get()
    assert answer.status_code == 200
    assert f'name="last_frame" value="{kept.pk}"' in answer.content.decode()
    assert f"/media/{kept.pk}/poster.webp" in answer.content.decode()
    ask(studio, project, HTMX, last_frame=str(kept.pk))
    assert Generation.objects.get().inputs.get().asset == kept


def half_a_jpeg():
    whole = as_file(noise(size=(200, 200)), "JPEG").read()
    return SimpleUploadedFile("half.jpg", whole[: len(whole) // 2])


BAD = {
    "a renamed exe": (lambda: SimpleUploadedFile("fox.png", b"MZ\x90\x00" + b"\0" * 99), "no picture in PNG, JPEG"),
    "half a jpeg": (half_a_jpeg, "damaged or not whole"),
    "a bomb": (lambda: upload(Image.new("1", (9000, 8000))), "more than 64 megapixels"),
    "21 MB": (lambda: SimpleUploadedFile("fox.png", b"\0" * 21 * 1024**2), "larger than 20 MB"),
    "a gif": (lambda: upload(kind="GIF", name="fox.gif"), "no picture in PNG, JPEG"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_picture_is_told_beside_its_place_and_nothing_else_is_lost(studio, project, engines, bad):
    make, sentence = BAD[bad]
    answer = put(studio, project, "first_frame", make())
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'aria-describedby="id_first_frame_error"' in answer.content.decode()
    answer = ask(studio, project, first_frame_file=make(), last_frame_file=upload(), seed="5")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in words(answer)
    assert f'name="last_frame" value="{Asset.objects.get().pk}"' in page, "the good one is kept"
    assert "a red fox in a forest" in page
    assert not Generation.objects.exists()


def test_a_picture_survives_what_is_wrong_elsewhere(studio, project, engines):
    answer = ask(studio, project, HTMX, prompt="", first_frame_file=upload())
    assert answer.status_code == 422
    kept = Asset.objects.get()
    assert f'name="first_frame" value="{kept.pk}"' in answer.content.decode()
    answer = ask(studio, project, first_frame=str(kept.pk), first_frame_remove="on")
    assert not Generation.objects.get().inputs.exists(), "taken away again"


def test_what_belongs_to_others_is_not_there(studio, project, engines, clip):
    hers = make_project(make_user("grace"))
    picture = make_picture(hers.workspace)
    for id in (picture.pk, clip.asset.pk, uuid.uuid4(), "nonsense"):
        answer = ask(studio, project, first_frame=str(id))
        assert answer.status_code == 422
        assert "This picture is not there any more" in words(answer)
        page = studio.get(reverse("projects:project", args=[project.pk]), {"model": "vace", "first_frame": str(id)})
        assert "first_frame" not in page.context["form"].initial
    shot = make_generation(hers)
    Generation.objects.filter(pk=shot.pk).update(status=Status.SUCCEEDED, asset=clip.asset, recipe=clip.recipe)
    answer = ask(studio, project, model="scenes", blocking=str(shot.pk))
    assert "This shot is not there any more" in words(answer)
    assert Generation.objects.filter(project=project).get() == clip


def test_an_engine_is_given_only_what_it_takes(studio, project, engines, clip):
    kept = str(make_picture(project.workspace).pk)
    answer = ask(studio, project, model="animatic", first_frame=kept)
    assert answer.status_code == 422
    assert "Animatic cannot use this. Remove it or choose another engine." in words(answer)
    assert f'value="{kept}"' in answer.content.decode(), "still there, for another engine"
    answer = ask(studio, project, model="animatic", blocking=str(clip.pk))
    assert "Animatic cannot use this" in words(answer)
    answer = ask(studio, project, model="scenes", reference_1=kept, reference_1_role="villain")
    assert "not one of the available choices" in words(answer)


def test_the_same_shot_is_taken_from_another_camera(studio, project, painter, clip):
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    form = studio.get(card.other_camera_url).context["form"]
    assert (form.shot, form["camera"].value(), form["prompt"].value()) == (clip, "orbit left", "a red fox walks")
    ask(studio, project, model="painter", prompt="a red fox walks", camera="orbit left", blocking=str(clip.pk))
    request = Generation.objects.exclude(pk=clip.pk).get().video_request()
    assert (request.camera, request.blocking) == ("orbit left", Blocking(SCENE, 42))


def test_a_model_that_paints_over_the_animatic_takes_another_camera_too(studio, project, engines, clip):
    """VACE sees in its control video where the camera goes, so a path of one's own is no mere words to it."""
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    answer = studio.get(card.other_camera_url)
    form = answer.context["form"]
    assert (form["model"].value(), form.shot, form["camera"].value()) == ("vace", clip, "orbit left")
    path = {"camera": "own path", "camera_path": "0% orbit -30\n100% orbit 30, rise 0.5"}
    assert "data-follows-paths" in words_of_engine(answer, "vace")
    assert "data-follows-paths" not in words_of_engine(studio.get(form_address(project)), "vace")
    refused = ask(studio, project, **path)
    assert "vace cannot follow a path of your own" in words(refused)
    assert ask(studio, project, **path, blocking=str(clip.pk)).status_code == 302
    request = Generation.objects.exclude(pk=clip.pk).get().video_request()
    assert ([key.orbit for key in request.camera_path], request.blocking) == ([-30, 30], Blocking(SCENE, 42))


def form_address(project):
    return reverse("projects:project", args=[project.pk])


def words_of_engine(answer, model):
    """The control with which an engine is chosen, as a page has it."""
    return re.search(f'<(?:input|option)[^>]* value="{model}"[^>]*>', answer.content.decode()).group()


def test_without_an_engine_for_pictures_none_are_asked_for(studio, project, clip, monkeypatch):
    monkeypatch.setattr(catalogue, "installed", lambda: (catalogue.ANIMATIC,))
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert "<legend>Pictures</legend>" not in page
    assert "Continue from last frame" not in page
    assert "Use as reference" not in page
    assert "Same shot, another world" not in page


def test_the_engines_say_what_they_take(studio, project, engines):
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert re.search('<input type="radio"[^>]* value="animatic"[^>]* data-takes=""', page)
    takes = "blocking first_frame keyframes last_frame mask references video"
    assert re.search(f'<input type="radio"[^>]* value="vace"[^>]* data-takes="{takes}"', page)
    assert len(re.findall("<picture-slot(?![^>]*data-spare)", page)) == 6


def test_the_quote_is_the_same_with_pictures(studio, project, engines):
    kept = str(make_picture(project.workspace).pk)
    answer = studio.get(reverse("projects:quote", args=[project.pk]), FORM | {"first_frame": kept})
    assert "5 credits" in words(answer)
    answer = studio.get(reverse("projects:quote", args=[project.pk]), FORM | {"model": "animatic", "first_frame": kept})
    assert "2 credits" in words(answer)


def test_settings_are_reused_and_runs_retried_with_their_pictures(studio, project, engines, clip):
    kept = str(make_picture(project.workspace).pk)
    ask(studio, project, model="scenes", reference_1=kept, reference_1_role="object", blocking=str(clip.pk), seed="9")
    generation = Generation.objects.exclude(pk=clip.pk).get()
    assert generation.video_request().blocking == Blocking(SCENE, 42)
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    assert [label for label, *_ in card.given] == ["Reference: object", "Same shot as “a red fox walks”"]
    for address in (card.reuse_url, card.same_seed_url):
        answer = studio.get(address)
        form = answer.context["form"]
        assert (str(form.slot("reference_1").asset.pk), form.shot) == (kept, clip)
        assert '<option value="object" selected>' in answer.content.decode()
        assert f'name="blocking" value="{clip.pk}"' in answer.content.decode()
    generation.cancel()
    studio.post(reverse("projects:generation-retry", args=[generation.pk]))
    again = Generation.objects.get(status=Status.QUEUED)
    assert (str(again.inputs.get().asset_id), again.blocking_of) == (kept, clip)


def test_continuing_begins_with_the_last_frame(studio, project, engines, clip):
    address = reverse("projects:generation-continuation", args=[clip.pk])
    answer = studio.post(address, **HTMX)
    form = answer.context["form"]
    assert main_color(form.slot("first_frame").asset) == 2, "the end of the clip is blue"
    assert "first_frame" in catalogue.card(form.initial["model"]).inputs, "the clip's own engine takes none"
    assert form.initial["prompt"] == "a red fox walks"
    assert "seed" not in form.initial
    assert form.shot == clip, "that engine is shown how the shot goes on"
    plain = studio.post(address)
    assert plain.status_code == 302
    page = studio.get(plain.url)
    assert page.context["form"].slot("first_frame").asset == form.slot("first_frame").asset


def test_the_shot_goes_on_where_an_engine_takes_both(studio, project, painter, clip):
    address = reverse("projects:generation-continuation", args=[clip.pk])
    answer = studio.post(address, **HTMX)
    form = answer.context["form"]
    assert (form.shot, form.joined, form.initial["model"]) == (clip, "after", "painter")
    assert main_color(form.slot("first_frame").asset) == 2, "the end of the clip is blue"
    assert "Continues “a red fox walks” Place, cast and movements go on" in words(answer)
    assert "Same shot, another world" not in words(answer)
    plain = studio.get(studio.post(address).url)
    assert plain.context["form"].joined == "after"
    assert 'name="joins" value="after"' in plain.content.decode()


def continue_shot(studio, project, clip, **fields):
    """What is queued by continuing a clip, with the form as it comes."""
    form = studio.post(reverse("projects:generation-continuation", args=[clip.pk]), **HTMX).context["form"]
    given = {"first_frame": str(form.slot("first_frame").asset.pk), "blocking": str(clip.pk), "joins": "after"}
    before = set(Generation.objects.values_list("pk", flat=True))
    answer = ask(studio, project, **{"model": "painter"} | given | fields)
    return Generation.objects.exclude(pk__in=before).first(), answer


def test_a_continued_shot_is_told_and_goes_along(studio, project, painter, clip):
    made, _ = continue_shot(studio, project, clip)
    assert (made.blocking_of, made.joins) == (clip, "after")
    assert made.video_request().blocking == Blocking(SCENE, 42, start=7, shot_frames=8)
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    assert [label for label, *_ in card.given] == ["First frame", "Continues “a red fox walks”"]
    for address in (card.reuse_url, card.same_seed_url):
        form = studio.get(address).context["form"]
        assert (form.shot, form.joined) == (clip, "after")
    made.cancel()
    studio.post(reverse("projects:generation-retry", args=[made.pk]))
    assert Generation.objects.get(status=Status.QUEUED).joins == "after"


def test_what_leads_up_to_a_clip_ends_with_its_first_frame(studio, project, painter, clip):
    page = studio.get(reverse("projects:project", args=[project.pk]))
    assert "Lead up to the first frame" in words(page)
    address = reverse("projects:generation-lead-up", args=[clip.pk])
    answer = studio.post(address, **HTMX)
    form = answer.context["form"]
    assert (form.shot, form.joined, form.initial["model"]) == (clip, "before", "painter")
    assert main_color(form.slot("last_frame").asset) == 0, "the clip begins red"
    assert "Leads up to “a red fox walks” Place, cast and movements are those of its beginning" in words(answer)
    assert studio.get(studio.post(address).url).context["form"].joined == "before"
    given = {"last_frame": str(form.slot("last_frame").asset.pk), "blocking": str(clip.pk), "joins": "before"}
    answer = ask(studio, project, model="painter", camera="pan left", **given)
    assert "The camera waits where the shot begins" in words(answer)
    ask(studio, project, model="painter", length="2", **given)
    made = Generation.objects.exclude(pk=clip.pk).get()
    assert made.video_request().blocking == Blocking(SCENE, 42, start=-23, shot_frames=8)
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    assert [label for label, *_ in card.given] == ["Last frame", "Leads up to “a red fox walks”"]
    form = studio.get(card.reuse_url).context["form"]
    assert (form.shot, form.joined) == (clip, "before")
    made.cancel()
    studio.post(reverse("projects:generation-retry", args=[made.pk]))
    assert Generation.objects.get(status=Status.QUEUED).joins == "before"


def test_a_clip_that_tells_no_shot_is_led_up_to_by_its_picture_alone(studio, project, engines, clip):
    Generation.objects.filter(pk=clip.pk).update(recipe={})
    form = studio.post(reverse("projects:generation-lead-up", args=[clip.pk]), **HTMX).context["form"]
    assert (form.shot, form.joined, form.initial["model"]) == (None, "", "vace")
    assert main_color(form.slot("last_frame").asset) == 0


def test_an_engine_that_needs_a_first_frame_leads_up_to_nothing(studio, project, clip, monkeypatch):
    needs_one = replace(catalogue.ANIMATIC, id="i2v", inputs=frozenset(FRAMES), required=frozenset({"first_frame"}))
    monkeypatch.setattr(catalogue, "installed", lambda: (catalogue.ANIMATIC, needs_one))
    page = words(studio.get(reverse("projects:project", args=[project.pk])))
    assert "Continue from last frame" in page
    assert "Lead up to the first frame" not in page


def test_a_keyframe_has_its_moment(studio, project, engines, clip):
    kept = {"keyframe": str(make_picture(project.workspace).pk)}
    answer = ask(studio, project, keyframe_seconds="0.5", **kept)
    assert answer.status_code == 302, words(answer)
    made = Generation.objects.exclude(pk=clip.pk).get()
    fps = made.request["fps"]
    assert [(row.role, row.position) for row in made.inputs.all()] == [("keyframe", round(0.5 * fps))]
    assert [keyframe.at for keyframe in made.video_request().keyframes] == [round(0.5 * fps)]
    card = studio.get(answer.url).context["generations"][0]
    form = studio.get(card.reuse_url).context["form"]
    assert (str(form.slot("keyframe").asset.pk), form["keyframe_seconds"].value()) == (kept["keyframe"], "0.5")
    for moment in ("0", "1", "7", ""):
        answer = ask(studio, project, keyframe_seconds=moment, **kept)
        assert "Choose a moment between the first frame and the last" in words(answer), moment
        assert answer.status_code == 422
    answer = ask(studio, project, model="animatic", keyframe_seconds="0.5", **kept)
    assert "Animatic cannot use this" in words(answer)


def test_three_keyframes_each_at_a_moment_of_its_own(studio, project, engines, clip):
    kept = {name: str(make_picture(project.workspace).pk) for name in ("keyframe", "keyframe_2", "keyframe_3")}
    moments = {"keyframe_seconds": "0.75", "keyframe_2_seconds": "0.25", "keyframe_3_seconds": "0.5"}
    answer = ask(studio, project, keyframe_2_seconds="0.75", keyframe_seconds="0.75", **kept)
    assert answer.status_code == 422 and "Another keyframe is at this moment already" in words(answer)
    assert answer.context["form"].slot("keyframe_3").asset, "and nothing is lost"
    answer = ask(studio, project, **kept, **moments)
    made = Generation.objects.exclude(pk=clip.pk).get()
    assert [keyframe.at for keyframe in made.video_request().keyframes] == [4, 8, 12]
    form = studio.get(studio.get(answer.url).context["generations"][0].reuse_url).context["form"]
    shown = [(str(form.slot(name).asset.pk), form[f"{name}_seconds"].value()) for name in kept]
    assert shown == [(kept["keyframe_2"], "0.25"), (kept["keyframe_3"], "0.5"), (kept["keyframe"], "0.75")]


def test_as_many_references_as_the_engine_looks_at(studio, project, engines, tmp_path, monkeypatch):
    (tmp_path / "klein").mkdir()
    (tmp_path / "klein" / "model_index.json").write_text('{"_class_name": "Flux2KleinPipeline"}')
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"{os.environ['RUNWAYWEB_MODELS']},klein={tmp_path / 'klein'}")
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert re.search('value="klein"[^>]* data-beyond="5 6 7 8 9"', page)
    assert not re.search('value="vace"[^>]* data-beyond', page), "it looks at nine, which is as many as there can be"
    nine = {f"reference_{number}": str(make_picture(project.workspace).pk) for number in range(1, 10)}
    refused = ask(studio, project, model="klein", still="on", **nine)
    assert refused.status_code == 422
    assert words(refused).count("klein takes at most 4 references. Remove this or choose another engine.") == 5
    assert all(refused.context["form"].slot(name).asset for name in nine), "nothing of it is lost"
    assert ask(studio, project, **nine).status_code == 302
    made = Generation.objects.get()
    assert len(made.video_request().references) == 9
    form = studio.get(studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0].reuse_url)
    assert all(form.context["form"].slot(name).asset for name in nine)


def test_what_is_removed_is_the_shot_and_not_its_picture(studio, project, painter, clip):
    made, _ = continue_shot(studio, project, clip, blocking_remove="on", camera="pan left")
    assert (made.blocking_of, made.joins) == (None, "")
    assert made.inputs.get().role == "first_frame"


def test_a_continued_shot_keeps_its_camera_and_its_rate(studio, project, painter, clip):
    made, answer = continue_shot(studio, project, clip, camera="pan left")
    assert (made, answer.status_code) == (None, 422)
    assert "The camera stays where the shot ended" in words(answer)
    assert 'name="joins" value="after"' in answer.content.decode()
    Generation.objects.filter(pk=clip.pk).update(request=clip.request | {"fps": 24})
    made, _ = continue_shot(studio, project, clip, camera="static")
    assert (made.request["fps"], made.request["num_frames"]) == (24, 24), "a second of it"


def test_another_world_is_the_same_part_of_the_shot_without_its_picture(studio, project, painter, clip):
    made, _ = continue_shot(studio, project, clip)
    told = {"scene": SCENE, "guide": SCENE, "request": made.video_request().as_recipe()}
    Generation.objects.filter(pk=made.pk).update(status=Status.SUCCEEDED, asset=clip.asset, recipe=told)
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    form = studio.get(card.other_world_url).context["form"]
    assert (form.shot, form.joined, form.slot("first_frame").asset) == (made, "", None)
    ask(studio, project, model="painter", blocking=str(made.pk))
    again = Generation.objects.get(blocking_of=made)
    assert again.video_request().blocking == Blocking(SCENE, 42, start=7, shot_frames=8)


def test_a_clip_that_tells_no_shot_gives_its_last_frame_alone(studio, project, painter, clip):
    Generation.objects.filter(pk=clip.pk).update(recipe={"words": SCENE, "request": {"seed": 42}})
    form = studio.post(reverse("projects:generation-continuation", args=[clip.pk]), **HTMX).context["form"]
    assert (form.shot, form.joined) == (None, "")
    assert main_color(form.slot("first_frame").asset) == 2


@pytest.fixture
def cast(clip):
    """Who is in the clip: a fox in red, a ball in blue; each on white."""
    shown = {"red fox": ("character", (200, 30, 30)), "blue ball": ("object", (30, 30, 200))}
    clip.asset.store_cast((name, role, cut_out(color)) for name, (role, color) in shown.items())
    clip.asset.save(update_fields=["cast"])


def cut_out(color):
    picture = Image.new("RGB", (80, 80), "white")
    picture.paste(color, (10, 10, 70, 70))
    return picture


def test_everybody_in_a_clip_is_offered_as_a_reference(studio, project, engines, clip, cast):
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    assert [name for name, _, _ in card.references] == ["Red fox", "Blue ball", "The whole frame, as a place"]
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    for name, picture, address in card.references:
        assert f'formaction="{address}"' in page, f"{name}: the form goes along, with and without JavaScript"
        assert not picture or f'src="{picture}"' in page
    alone = studio.get(reverse("projects:generation", args=[clip.pk])).content.decode()
    assert all(f'action="{address}"' in alone for _, _, address in card.references)
    assert "formaction" not in alone, "there is no form to go along"


def test_whoever_is_chosen_takes_the_next_free_place_in_their_role(studio, project, engines, clip, cast):
    addresses = [reverse("projects:generation-cast-reference", args=[clip.pk, number]) for number in (1, 2)]
    there = make_picture(project.workspace)
    stands = FORM | {"reference_1": str(there.pk), "reference_1_role": "place", "reference_2_role": "place"}
    form = studio.post(addresses[1], stands, **HTMX).context["form"]
    assert form.slot("reference_1").asset == there
    ball = form.slot("reference_2").asset
    assert (ball.name, form.initial["reference_2_role"]) == ("blue-ball.webp", "object")
    assert np.array_equal(np.asarray(ball.open_picture()), np.asarray(cut_out((30, 30, 200))))
    again = studio.post(addresses[1], **HTMX).context["form"]
    assert again.slot("reference_1").asset == ball, "kept once"

    one = studio.post(addresses[0], FORM | {"prompt": "a fox & a ball"})
    assert one.status_code == 302
    page = studio.get(one.url)
    assert page.context["form"].initial["prompt"] == "a fox & a ball"
    fox = page.context["form"].slot("reference_1").asset
    values = {name: value for name, value in page.context["form"].initial.items() if isinstance(value, str)}
    two = studio.get(studio.post(addresses[1], values | {"reference_1": str(fox.pk)}).url).context["form"]
    assert [two.slot(name).asset for name in ("reference_1", "reference_2")] == [fox, ball]
    assert (two.initial["reference_1_role"], two.initial["reference_2_role"]) == ("character", "object")


def test_a_cut_out_that_is_gone_or_never_was(studio, project, engines, clip, cast):
    for number in (0, 3):
        address = reverse("projects:generation-cast-reference", args=[clip.pk, number])
        assert studio.post(address).status_code == 404
    clip.asset.file.storage.delete(clip.asset.cast[0]["file"])
    answer = studio.post(reverse("projects:generation-cast-reference", args=[clip.pk, 1]), **HTMX)
    assert answer.status_code == 422
    assert "The file of this clip cannot be read" in words(answer)


def test_a_copy_of_a_film_has_the_same_cast(studio, project, engines, clip, cast):
    studio.post(reverse("projects:project-copy", args=[project.pk]))
    copy = Generation.objects.exclude(pk=clip.pk).get()
    form = studio.post(reverse("projects:generation-cast-reference", args=[copy.pk, 1]), **HTMX).context["form"]
    assert form.slot("reference_1").asset.name == "red-fox.webp"


def test_a_clip_becomes_one_reference_more_of_the_form_as_it_stands(studio, project, engines, clip):
    address = reverse("projects:generation-reference", args=[clip.pk])
    there, removed = make_picture(project.workspace), make_picture(project.workspace, two_colors(left=(0, 0, 0)))
    stands = FORM | {"prompt": "x" * 1200, "reference_1": str(there.pk), "reference_1_role": "place"}
    stands |= {"first_frame": str(removed.pk), "first_frame_remove": "on"}
    form = studio.post(address, stands, **HTMX).context["form"]
    assert form.slot("reference_1").asset == there
    assert main_color(form.slot("reference_2").asset) == 1, "the middle of the clip is green"
    assert form.initial["reference_2_role"] == "place", "a whole frame shows no one subject"
    assert form.slot("first_frame").asset is None
    assert (form.initial["prompt"], form.initial["reference_1_role"]) == ("x" * 1200, "place")
    full = {f"reference_{number}": str(there.pk) for number in range(1, 10)}
    answer = studio.post(address, FORM | full, **HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#feed-list")
    assert "vace takes at most 9 references. Remove one first." in words(answer)
    del full["reference_4"]
    form = studio.post(address, FORM | full, **HTMX).context["form"]
    assert main_color(form.slot("reference_4").asset) == 1
    assert "reference_1=" in studio.post(address).url


def test_the_same_shot_in_another_world(studio, project, engines, clip):
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    answer = studio.get(card.other_world_url)
    assert answer.context["form"].shot == clip
    assert "Who stands where in “a red fox walks”, and how they move, is kept" in words(answer)
    ask(studio, project, model="scenes", blocking=str(clip.pk), prompt="a white bear on the moon")
    made = Generation.objects.exclude(pk=clip.pk).get()
    assert made.video_request().blocking == Blocking(SCENE, 42)
    ask(studio, project, model="scenes", blocking=str(clip.pk), blocking_remove="on")
    assert Generation.objects.filter(blocking_of=clip).count() == 1


def test_a_clip_whose_file_is_gone_says_so(studio, project, engines, clip):
    clip.asset.file.storage.delete(clip.asset.file.name)
    for name in ("generation-continuation", "generation-lead-up", "generation-reference"):
        answer = studio.post(reverse(f"projects:{name}", args=[clip.pk]), **HTMX)
        assert answer.status_code == 422
        assert "The file of this clip cannot be read" in words(answer)
        assert studio.post(reverse(f"projects:{name}", args=[clip.pk])).status_code == 302


@pytest.mark.parametrize(
    ("name", "which"),
    [
        ("generation-continuation", []),
        ("generation-lead-up", []),
        ("generation-reference", []),
        ("generation-cast-reference", [1]),
    ],
)
def test_only_its_owner_takes_from_a_clip(client, mallory, project, engines, clip, cast, name, which):
    address = reverse(f"projects:{name}", args=[clip.pk, *which])
    assert reverse("account_login") in client.post(address).url
    client.force_login(mallory)
    assert client.post(address).status_code == 404
    assert client.get(address).status_code == 405
    assert not Asset.objects.pictures().exists()


def test_a_stranger_puts_no_picture_into_a_project(client, mallory, project):
    assert put(client, project, "first_frame", upload()).status_code == 302
    client.force_login(mallory)
    assert put(client, project, "first_frame", upload()).status_code == 404
    assert not Asset.objects.exists()


def test_a_place_that_is_none_and_a_run_without_a_clip_are_not_found(studio, project, engines):
    assert put(studio, project, "prompt", upload()).status_code == 404
    waiting = make_generation(project)
    assert studio.post(reverse("projects:generation-continuation", args=[waiting.pk])).status_code == 404


def test_many_cards_with_pictures_take_the_same_few_queries(studio, project, engines, django_assert_max_num_queries):
    kept = str(make_picture(project.workspace).pk)
    address = reverse("projects:project", args=[project.pk])
    for _ in range(3):
        ask(studio, project, variations="4", length="0.5", first_frame=kept)
    studio.get(address)
    Generation.objects.update(status=Status.CANCELLED)
    with django_assert_max_num_queries(32):
        assert studio.get(address).content.decode().count("given__one") == 12


def test_every_field_of_the_form_has_its_place_on_the_page(studio, project, engines):
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    drawn_later = {"blocking", "blocking_remove", "joins", "planned", "parent", "exact"}
    for name in GenerationForm.base_fields.keys() - drawn_later:
        assert f'name="{name}' in page, name


def test_the_built_in_model_takes_nothing_beside_a_frame_from_elsewhere(studio, project, clip):
    kept = str(make_picture(project.workspace).pk)
    answer = ask(studio, project, model="built-in", first_frame=kept, reference_1=kept, reference_1_role="place")
    assert "Built-in model moves a first or last frame as it is. Remove this, or the frame." in words(answer)
    assert not Generation.objects.exclude(pk=clip.pk).exists()
    ask(studio, project, model="built-in", first_frame=kept)
    assert Generation.objects.exclude(pk=clip.pk).get().video_request().given == {"first_frame"}
    answer = studio.post(reverse("projects:generation-continuation", args=[clip.pk]), **HTMX)
    assert answer.context["form"].initial["model"] == "built-in"
    assert 'data-takes="blocking first_frame last_frame mask references video"' in answer.content.decode()


def test_an_animated_picture_gives_its_first_frame(studio, project, engines):
    frames = [Image.new("RGB", (64, 48), color) for color in ("red", "blue")]
    moving = io.BytesIO()
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert put(studio, project, "reference_1", SimpleUploadedFile("a.webp", moving.getvalue())).status_code == 200
    assert main_color(Asset.objects.get()) == 0


def test_a_few_engines_stand_beside_each_other_and_many_in_a_list(studio, project, engines, monkeypatch):
    def engine_controls():
        page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
        return re.findall(r'<input type="radio" name="model" value="([^"]+)"', page), '<select name="model"' in page

    assert engine_controls() == (["animatic", "vace", "scenes"], False)
    answer = ask(studio, project, model="scenes")
    assert answer.status_code == 302 and Generation.objects.get().model == "scenes"
    monkeypatch.setenv("RUNWAYWEB_MODELS", "")
    assert engine_controls() == ([], True), "one engine is no choice"


def test_more_engines_than_fit_beside_each_other_are_a_list(studio, project, painter):
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert '<select name="model"' in page and 'type="radio" name="model"' not in page
