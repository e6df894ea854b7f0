"""A camera's path of the creator's own: written in the form, kept by the row, told on the card, asked for again."""

import json

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from generation.engine import catalogue
from generation.engine.request import CameraKey
from generation.models import Generation
from generation.models.status import Status
from projects.cards import GenerationCard
from tests.factories import make_asset, make_generation, make_picture

HTMX = {"HTTP_HX_REQUEST": "true"}
PATH = "0% orbit -30\n100% orbit 30, rise 0.5"
KEYS = (CameraKey(0, orbit=-30), CameraKey(1, orbit=30, rise=0.5))
FORM = {"prompt": "a red fox in a forest", "size": "512x288", "length": "2", "variations": "1", "model": "animatic"}
OWN = FORM | {"camera": "own path", "camera_path": PATH}


def ask(studio, project, headers=None, **fields):
    return studio.post(reverse("projects:generation-new", args=[project.pk]), OWN | fields, **headers or {})


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split()).replace("&#x27;", "'")


@pytest.fixture
def clip(project):
    """A finished clip of the built-in model that went along the path."""
    generation = make_generation(project, model="built-in", seed=42, prompt="a red fox walks", camera_path=KEYS)
    scene = {"camera": {"move": "own path", "amount": None, "keys": generation.request["camera_path"]}}
    recipe = {"scene": scene, "request": {"seed": 42, "num_frames": 8}}
    asset = make_asset(project.workspace)
    Generation.objects.update(status=Status.SUCCEEDED, asset=asset, recipe=recipe)
    generation.refresh_from_db()
    return generation


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_path_goes_from_the_form_to_the_engine(studio, project, headers):
    assert ask(studio, project, headers, variations="2").status_code in (200, 302)
    for generation in Generation.objects.all():
        assert generation.request["camera"] is None and len(generation.request["camera_path"]) == 2
        assert generation.video_request().camera_path == KEYS
    again = generation.retry(by=None)
    assert again.request == generation.request
    rows = dict(GenerationCard(again).recipe_rows)
    assert rows["Camera"] == "Own path: 0% orbit -30 → 100% orbit 30, rise 0.5"


def test_a_row_from_before_there_were_paths_is_read(studio, project):
    generation = make_generation(project, camera="pan left")
    del generation.request["camera_path"]
    generation.save(update_fields=["request"])
    assert generation.video_request().camera_path == ()
    assert dict(GenerationCard(generation).recipe_rows)["Camera"] == "Pan left"
    assert "camera_path" not in studio.get(GenerationCard(generation).reuse_url).context["form"].initial


def test_keys_that_were_left_in_the_form_count_for_nothing_beside_a_move(studio, project):
    ask(studio, project, camera="pan left")
    ask(studio, project, camera="", camera_path="nonsense")
    assert [row.request["camera"] for row in Generation.objects.order_by("created_at")] == ["pan left", None]
    assert not any(row.request["camera_path"] for row in Generation.objects.all())


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "at least two keys, one a line"),
        ("0% orbit 5", "has 2 to 8 keys, not 1"),
        ("0%\nsideways", "“sideways” is no key of a camera's path. Write it like this: 50% orbit 20"),
        ("0%\n100% orbit 999", "“orbit” must be a number from -360 to 360"),
        ("100%\n0%", "must come one after the other"),
        ("0%\n" * 5000, "too long"),
    ],
)
def test_nonsense_is_told_beside_the_keys_and_nothing_is_lost(studio, project, path, sentence):
    answer = ask(studio, project, HTMX, camera_path=path)
    assert answer.status_code == 422 and sentence in words(answer)
    page = answer.content.decode()
    assert 'aria-describedby="id_camera_path_error"' in page and "a red fox in a forest" in page
    assert 'value="own path" checked' in page
    assert not Generation.objects.exists()


def test_an_engine_that_reads_of_the_camera_is_refused_in_the_form(studio, project, tmp_path, monkeypatch):
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "WanPipeline"}))
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"wan={tmp_path}")
    answer = ask(studio, project, model="wan")
    assert answer.status_code == 422
    assert "wan cannot follow a path of your own. Choose a move, or another engine." in words(answer)
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    takes = {card.id: "data-follows-paths" in _engine(page, card.id) for card in catalogue.cards() if card.draws}
    assert takes == {card.id: card.follows_paths for card in catalogue.cards() if card.draws} and not takes["wan"]


def _engine(page, model_id):
    at = page.index(f'value="{model_id}"')
    return page[at : page.index(">", at)]


def test_settings_are_used_again_and_quoted_with_their_path(studio, project, clip):
    form = studio.get(GenerationCard(clip).reuse_url).context["form"]
    assert (form["camera"].value(), form["camera_path"].value()) == ("own path", PATH)
    page = studio.get(GenerationCard(clip).reuse_url)
    assert "100% orbit 30, rise 0.5</textarea>" in page.content.decode() and "4 credits" in words(page)
    quoted = studio.get(reverse("projects:quote", args=[project.pk]), OWN)
    assert "4 credits" in words(quoted)
    assert studio.get(reverse("projects:quote", args=[project.pk]), OWN | {"camera_path": "x"}).status_code == 200


def test_another_camera_and_another_world_leave_the_path_to_the_shot(studio, project, clip):
    card = GenerationCard(clip)
    form = studio.get(card.other_camera_url).context["form"]
    assert (form["camera"].value(), form["camera_path"].value()) == ("orbit left", None)
    form = studio.get(card.other_world_url).context["form"]
    assert (form["camera"].value(), form["camera_path"].value(), form.shot) == (None, None, clip)
    answer = ask(studio, project, model="built-in", blocking=str(clip.pk), joins="after")
    assert answer.status_code == 422 and "The camera stays where the shot ended" in words(answer)


def test_a_shot_that_goes_on_leaves_the_camera_where_its_path_ended(studio, project, clip, monkeypatch):
    monkeypatch.setattr(Generation, "still", lambda *_: make_picture(project.workspace))
    form = studio.post(reverse("projects:generation-continuation", args=[clip.pk]), **HTMX).context["form"]
    assert (form["camera"].value(), form["camera_path"].value(), form.shot) == (None, None, clip)
