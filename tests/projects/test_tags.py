"""Names of references: written in the form, kept with the pictures, said in the prompt, shown on the card."""

import json

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from generation.engine import catalogue
from generation.models import Generation, Input
from generation.models.status import Status
from projects.cards import GenerationCard
from projects.edits import EditForm
from projects.finishes import finish_of
from projects.inputs import free_name
from tests.factories import make_asset, make_generation, make_picture
from tests.pictures import as_file, two_colors

HTMX = {"HTTP_HX_REQUEST": "true"}
FORM = {"size": "512x288", "length": "1", "variations": "1", "model": "built-in"}


@pytest.fixture
def pictures(project):
    return [str(make_picture(project.workspace).pk) for _ in range(3)]


def ask(studio, project, prompt, headers=None, **fields):
    address = reverse("projects:generation-new", args=[project.pk])
    return studio.post(address, FORM | {"prompt": prompt} | fields, **headers or {})


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split()).replace("&#x27;", "'")


def test_names_go_with_their_pictures_to_the_engine_and_into_the_next_run(studio, project, pictures):
    first, _, third = pictures
    named = {"reference_1": first, "reference_1_tag": "@Nana", "reference_3": third, "reference_3_role": "place"}
    answer = ask(studio, project, "@nana waves, write to ada@example.org", **named, reference_2_tag="nobody")
    assert answer.status_code == 302, words(answer)
    generation = Generation.objects.get()
    assert [(row.tag, row.reference_role) for row in generation.inputs.all()] == [("Nana", "character"), ("", "place")]
    asked = generation.video_request()
    assert (asked.prompt[:5], asked.reference_tags) == ("@nana", ("Nana", ""))
    assert generation.retry(by=None).video_request().reference_tags == ("Nana", "")
    page = studio.get(answer.url).content.decode()
    assert '<span class="given__tag" aria-hidden="true">@Nana</span>' in page
    assert 'alt="Reference: character, @Nana"' in page
    form = studio.get(GenerationCard(generation).reuse_url).context["form"]
    assert (form["reference_1_tag"].value(), form["prompt"].value()[:5]) == ("Nana", "@nana")


def test_a_file_is_named_as_it_comes_without_javascript(studio, project):
    file = as_file(two_colors())
    file.name = "her.png"
    ask(studio, project, "@nana waves", reference_1_file=file, reference_1_tag="nana")
    assert Generation.objects.get().inputs.get().tag == "nana"


@pytest.mark.parametrize(
    ("prompt", "names", "sentence", "field"),
    [
        ("@robo waves", ("nana", "lulu"), "The prompt says @robo, but no reference is called so.", "id_prompt"),
        ("a fox", ("nana", "NANA"), "Another reference is called @NANA. Give each a name", "id_reference_2_tag"),
        ("a fox", ("no", "lulu"), "“no” is no name for a reference: 3 to 16 letters", "id_reference_1_tag"),
        ("a fox", ("x" * 40, ""), "3 to 16 letters", "id_reference_1_tag"),
    ],
)
def test_a_name_that_cannot_be_is_told_beside_it(studio, project, pictures, prompt, names, sentence, field):
    given = {f"reference_{n}": pictures[n] for n in (1, 2)}
    given |= {f"reference_{n}_tag": name for n, name in enumerate(names, 1)}
    answer = ask(studio, project, prompt, HTMX, **given)
    assert answer.status_code == 422 and sentence in words(answer)
    assert f'id="{field}_error"' in answer.content.decode()
    assert not Generation.objects.exists()


def test_a_name_without_its_picture_is_nobodys(studio, project, pictures):
    answer = ask(studio, project, "@nana waves", HTMX, reference_1_tag="nana")
    assert "no reference is called so" in words(answer)
    taken_away = {"reference_1": pictures[0], "reference_1_remove": "on", "reference_1_tag": "nana"}
    assert "no reference is called so" in words(ask(studio, project, "@nana waves", HTMX, **taken_away))


@pytest.fixture
def clip(project):
    """A finished clip of the built-in model with a named reference, of a fox and another."""
    given = [Input(role="reference", reference_role="character", tag="nana", asset=make_picture(project.workspace))]
    generation = make_generation(
        project, model="built-in", prompt="@nana waves", reference_tags=("nana",), inputs=given
    )
    cast = [{"name": name, "role": "character"} for name in ("red fox", "blue fox")]
    asset = make_asset(project.workspace, cast=cast)
    recipe = {"scene": {"characters": [{"species": "fox"}]}, "request": {"seed": 7, "num_frames": 2}}
    Generation.objects.update(status=Status.SUCCEEDED, asset=asset, recipe=recipe)
    generation.refresh_from_db()
    return generation


def test_whoever_comes_from_a_clip_is_named_after_what_they_are(studio, project, clip, pictures, monkeypatch):
    picture = make_picture(project.workspace)
    monkeypatch.setattr(Generation, "cast_picture", lambda *_: picture)
    address = reverse("projects:generation-cast-reference", args=[clip.pk, 2])
    held = FORM | {"prompt": "@fox and", "reference_1": pictures[0], "reference_1_tag": "Fox"}
    form = studio.post(address, held, **HTMX).context["form"]
    assert (form["reference_1_tag"].value(), form["reference_2_tag"].value()) == ("Fox", "fox2")


@pytest.mark.parametrize(
    ("what", "taken", "name"),
    [("red fox", (), "fox"), ("owl", ("OWL", "owl2"), "owl3"), ("tv", (), "thing"), ("ein Bär", (), "thing")],
)
def test_a_free_name_is_a_name(what, taken, name):
    assert free_name(what, taken) == name


def test_what_is_shown_no_references_reads_names_as_words(clip, tmp_path, monkeypatch):
    assert EditForm(clip=clip, engine="built-in").initial["prompt"] == "nana waves"
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "LTX2LatentUpsamplePipeline"}))
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"larger={tmp_path}")
    assert catalogue.serving("upscale") and finish_of(clip, "upscale").request.prompt == "nana waves"
