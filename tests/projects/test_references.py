"""Calling the film's own cast by name in a prompt: what an engine is given of them, in pictures or in words."""

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from generation.engine import catalogue
from generation.engine.request import InvalidRequest, VideoRequest
from generation.models import Generation
from projects.cards import GenerationCard
from projects.references import references_of, spoken_in
from tests.factories import make_entity, make_picture, make_shot, make_take
from tests.pictures import two_colors

HTMX = {"HTTP_HX_REQUEST": "true"}
FORM = {"size": "512x288", "length": "1", "variations": "1", "model": "built-in"}


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split()).replace("&#x27;", "'")


def ask(studio, project, prompt, headers=None, **fields):
    return studio.post(
        reverse("projects:generation-new", args=[project.pk]), FORM | {"prompt": prompt} | fields, **headers or {}
    )


@pytest.fixture
def film(project):
    """Nova, with two views; the clearing, with one; a balloon and a style in words."""
    shades = iter(range(0, 250, 40))
    for tag, kind, views, said in (
        ("nova", "character", 2, "A red fox with a blue scarf."),
        ("clearing", "place", 1, "a pine forest"),
        ("balloon", "object", 0, "a violet balloon"),
        ("filmlook", "style", 1, "cartoon look"),
    ):
        entity = make_entity(project, tag, kind, description=said)
        for _ in range(views):
            entity.add_view(make_picture(project.workspace, two_colors(left=(next(shades), 9, 9))))
    return project


def card_of_class(name, tmp_path, monkeypatch):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "model_index.json").write_text(f'{{"_class_name": "{name}"}}')
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"other={folder}")
    return catalogue.card("other")


def test_who_is_called_comes_in_pictures_else_in_words(film):
    spoken = spoken_in(film, "@clearing: @NOVA lifts @balloon, @filmlook", catalogue.card("built-in"))
    assert [(row.tag, row.reference_role, row.position) for row in spoken.inputs] == [
        ("clearing", "place", 0),
        ("nova", "character", 1),
    ]
    assert spoken.names == (("balloon", "a violet balloon"), ("filmlook", "cartoon look"))
    assert [entity.tag for entity in spoken.entities] == ["clearing", "nova", "balloon", "filmlook"]


def test_an_engine_that_looks_at_no_pictures_is_told_everybody_in_words(film):
    spoken = spoken_in(film, "@nova waits", catalogue.card("animatic"))
    assert spoken.inputs == []
    asked = VideoRequest("@Nova waits", **spoken.asked).in_words()
    assert (asked.prompt, asked.names) == ("A red fox with a blue scarf waits", ())


def test_more_views_come_after_everybodys_first_as_far_as_there_is_room(film, tmp_path, monkeypatch):
    card = card_of_class("QwenImageEditPlusPipeline", tmp_path, monkeypatch)
    given = references_of(film, "@nova at @clearing", card)
    nova = next(entity for entity in film.cast if entity.tag == "nova")
    assert [row.tag for row in given] == ["nova", "clearing", ""]
    assert given[2].asset == nova.sheet[1].asset, "three pictures are all it looks at"
    one = spoken_in(film, "@nova at @clearing", card_of_class("WanAnimatePipeline", tmp_path, monkeypatch))
    assert ([row.tag for row in one.inputs], dict(one.names)) == (["nova"], {"clearing": "a pine forest"})


def test_a_second_picture_of_somebody_would_be_somebody_else_to_the_built_in_model(film):
    assert [row.tag for row in references_of(film, "@nova", catalogue.card("built-in"))] == ["nova"]


def test_a_name_that_nobody_has_is_told_with_who_there_is(studio, film):
    with pytest.raises(InvalidRequest, match="called @robo. There are: @nova, @balloon, @clearing, @filmlook"):
        references_of(film, "@robo waits", catalogue.card("built-in"))
    answer = ask(studio, film, "@robo waits", HTMX)
    assert answer.status_code == 422 and "Nobody in this film is called @robo. There are: @nova," in words(answer)


def test_the_workbench_gives_the_cast_beside_its_own_references(studio, film):
    own = make_picture(film.workspace)
    answer = ask(studio, film, "@nova meets @guest", reference_1=str(own.pk), reference_1_tag="guest")
    assert answer.status_code == 302, words(answer)
    run = Generation.objects.get()
    assert [(row.tag, row.position, row.words) for row in run.inputs.all()] == [
        ("guest", 0, ""),
        ("nova", 1, "A red fox with a blue scarf."),
    ]
    assert run.request["prompt"] == "@nova meets @guest"
    page = studio.get(answer.url)
    assert "@nova" in words(page) and 'class="prompt-cast"' in page.content.decode()


def test_a_reference_of_the_form_keeps_its_name_from_the_cast(studio, film):
    own = make_picture(film.workspace)
    ask(studio, film, "@nova waits", reference_1=str(own.pk), reference_1_tag="Nova")
    assert [row.asset for row in Generation.objects.get().inputs.all()] == [own]


def test_words_for_a_name_are_kept_and_asked_again(studio, film):
    ask(studio, film, "@balloon rises", model="animatic")
    run = Generation.objects.get()
    assert run.request["names"] == [["balloon", "a violet balloon"]]
    assert run.video_request().prompt == "a violet balloon rises"
    assert run.retry(by=None).video_request().prompt == "a violet balloon rises"
    card = GenerationCard(run)
    assert card.prompt == "@balloon rises"
    assert studio.get(card.reuse_url).context["form"]["prompt"].value() == "@balloon rises"


def test_a_prompt_that_is_too_long_once_names_are_words_is_refused_before_it_runs(studio, film):
    film.entities.filter(tag="balloon").update(description="very " * 100)
    answer = ask(studio, film, "@balloon " + "x" * 900, HTMX, model="animatic")
    assert answer.status_code == 422 and "1,000 are allowed" in words(answer)


def test_the_deleted_are_nobody(film):
    next(entity for entity in film.cast if entity.tag == "nova").delete_softly()
    fresh = type(film).objects.get(pk=film.pk)
    with pytest.raises(InvalidRequest, match="Nobody in this film is called @nova"):
        references_of(fresh, "@nova", catalogue.card("built-in"))


def test_a_take_again_asks_for_today(film, ada):
    take = make_take(make_shot(film, prompt="@nova lifts @balloon"), ada)
    fresh = film.entities.get(tag="balloon")
    fresh.description = "a green balloon"
    fresh.change("balloon")
    again = type(take).objects.get(pk=take.pk).again(by=ada, seed=3)
    run = again.generation
    assert (again.number, again.parent, run.request["seed"]) == (2, take, 3)
    assert run.request["names"] == [["balloon", "a green balloon"]]
    assert [row.tag for row in run.inputs.all()] == ["nova"]


def test_settings_that_are_used_again_call_the_cast_as_it_is_today(studio, film):
    own = make_picture(film.workspace)
    ask(studio, film, "@nova meets @guest", reference_1=str(own.pk), reference_1_tag="guest")
    form = studio.get(GenerationCard(Generation.objects.get()).reuse_url).context["form"]
    assert form.slot("reference_1").asset == own and form.slot("reference_2").asset is None
    assert form["prompt"].value() == "@nova meets @guest"
