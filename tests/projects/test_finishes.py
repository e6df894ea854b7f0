"""What is done to a clip that is there, and what this studio can do at all."""

import pytest
from django.urls import reverse

from generation.engine import catalogue
from generation.engine.cards import offline
from generation.models import Generation
from tests.factories import make_asset, make_generation
from tests.projects.test_stills import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(project):
    generation = make_generation(project, width=512, height=288, num_frames=24)
    Generation.objects.update(status="succeeded", asset=make_asset(project.workspace, width=512, height=288))
    generation.refresh_from_db()
    return generation


@pytest.fixture
def installed(monkeypatch):
    """The small models of the optional packages, whether they are here or not; never loaded."""
    monkeypatch.setattr(offline, "installed", lambda: (offline.RIFE, offline.ANIMESR))


def finish(studio, clip, task):
    return studio.post(reverse("projects:generation-finish", args=[clip.pk, task]))


def test_a_clip_is_made_larger_or_smoother_for_a_price_that_is_said(studio, clip, installed):
    page = studio.get(reverse("projects:project", args=[clip.project_id])).content.decode()
    assert "Enlarge to 1024×576" in page and "Smoother: 24 fps" in page
    assert finish(studio, clip, "upscale").status_code == 302
    larger = Generation.objects.order_by("created_at").last()
    assert (larger.model, larger.request["width"], larger.request["num_frames"]) == ("animesr", 1024, 24)
    assert [(given.role, given.asset) for given in larger.inputs.all()] == [("video", clip.asset)]
    assert larger.cost == 2
    finish(studio, clip, "interpolate")
    smoother = Generation.objects.order_by("created_at").last()
    assert (smoother.model, smoother.request["fps"], smoother.request["num_frames"]) == ("rife", 24, 48)


def test_without_an_engine_it_is_not_offered_and_cannot_be_asked(studio, clip, monkeypatch):
    monkeypatch.setattr(offline, "installed", tuple)
    assert "Enlarge" not in studio.get(reverse("projects:project", args=[clip.project_id])).content.decode()
    assert finish(studio, clip, "upscale").status_code == 404
    assert finish(studio, clip, "melt").status_code == 404
    assert Generation.objects.count() == 1


def test_what_would_be_too_large_is_not_offered(studio, clip, installed):
    Generation.objects.update(request=clip.request | {"width": 2112, "height": 1184})
    page = studio.get(reverse("projects:project", args=[clip.project_id])).content.decode()
    assert "Enlarge" not in page and "Smoother" in page


def test_another_s_clip_is_not_there(client, mallory, clip, installed):
    client.force_login(mallory)
    assert finish(client, clip, "upscale").status_code == 404


def test_engines_that_only_finish_are_no_choice_for_a_prompt(studio, project, installed):
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert 'value="rife"' not in page and 'value="animesr"' not in page
    assert ask(studio, project, model="rife").status_code == 422


def test_what_can_be_made_here_is_said_with_the_command_for_the_rest(studio, monkeypatch):
    monkeypatch.setattr(offline, "installed", tuple)
    page = studio.get(reverse("projects:abilities")).content.decode()
    assert "A clip from a prompt" in page and "Animatic, Built-in model" in page
    assert "make run EXTRAS=offline" in page
    assert "manage.py models pull wan-2.2-animate-14b" in page
    monkeypatch.setattr(offline, "installed", lambda: (offline.RIFE, offline.ANIMESR))
    assert "RIFE" in studio.get(reverse("projects:abilities")).content.decode()


def test_what_a_licence_forbids_is_said_where_its_engine_is(studio, monkeypatch, tmp_path):
    monkeypatch.setenv("RUNWAYWEB_MODELS_FOLDER", str(tmp_path))
    for model in ("ltx-2.5", "wan-2.1-vace-1.3b", "stable-audio-3-small-sfx"):
        (tmp_path / model).mkdir()
        (tmp_path / model / "model_index.json").touch()
    page = studio.get(reverse("projects:abilities")).content.decode()
    assert "LTX-2.x Community License</a> · may be sold" in page
    assert "takes in 10 million US dollars a year or more" in page
    assert "Apache-2.0</a> · may be sold" in page
    assert "Stability AI Community</a> · not for sale" in page and "train a foundation model" in page


def test_a_way_is_known_to_have_everything_made():
    from generation.engine.tasks import TASKS

    assert all(catalogue.how_to_serve(task) for task in TASKS)
