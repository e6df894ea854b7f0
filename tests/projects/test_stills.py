"""A still: one frame instead of a clip."""

import pytest
from django.urls import reverse

from generation.models import Generation
from projects.cards import card_of
from tests.factories import make_asset, make_generation

pytestmark = pytest.mark.django_db
FORM = {"prompt": "a red fox in a forest", "size": "512x288", "length": "2", "variations": "1", "model": "animatic"}


def ask(studio, project, **fields):
    return studio.post(reverse("projects:generation-new", args=[project.pk]), FORM | fields)


def test_a_still_is_one_frame_and_costs_one_credit(studio, project):
    ask(studio, project, still="on")
    generation = Generation.objects.get()
    assert (generation.request["num_frames"], generation.cost) == (1, 1)


def test_its_settings_are_reused_as_a_still(studio, project):
    generation = make_generation(project, num_frames=1)
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    assert card.length_label == "Still"
    form = studio.get(card.same_seed_url).context["form"]
    assert (form["still"].value(), form["length"].value()) == ("on", 2)
    assert generation.request["num_frames"] == 1


def test_how_long_a_clip_is_stands_on_its_card_to_a_hundredth(project):
    card = card_of(make_generation(project, num_frames=8, fps=24))
    assert card.length_label == "0.33 s"
    assert card_of(make_generation(project, num_frames=48, fps=24)).length_label == "2 s"


def test_a_still_is_shown_as_a_picture_and_begins_a_clip(studio, project, ada):
    generation = make_generation(project, num_frames=1)
    picture = make_asset(project.workspace, media_type="image/png", duration_seconds=0)
    Generation.objects.filter(pk=generation.pk).update(status="succeeded", asset=picture)
    page = studio.get(reverse("projects:generation", args=[generation.pk])).content.decode()
    assert f'<img src="/media/{picture.pk}/still.png"' in page
    assert "<video" not in page
    assert "Begin with this picture" in page
    assert "Another camera" not in page
