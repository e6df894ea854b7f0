"""What a plan does not allow is closed in the forms, with the plan that opens it; and refused where it is asked for."""

import re

import pytest
from django.urls import reverse

from generation.models import Generation
from tests.factories import make_plan, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(client, settings):
    """Ada's film on the plan Free, which has small frames of one model."""
    settings.DEFAULT_PLAN = "free"
    make_plan("free", largest_pixels=768 * 432, allowed_models=["animatic"])
    ada = make_user("ada")
    client.force_login(ada)
    return make_project(ada)


def option(page, value):
    return re.search(rf'<(?:option|input)[^>]*value="{value}"[^>]*>(?:[^<]*</option>)?', page).group()


def test_choices_of_other_plans_are_closed_and_say_which(client, studio):
    page = client.get(reverse("projects:project", args=[studio.pk])).content.decode()
    assert "disabled" in option(page, "1024x576") and "· Standard" in option(page, "1024x576")
    assert "disabled" not in option(page, "768x432")
    assert "disabled" in option(page, "built-in") and "part of the plan Free" in option(page, "built-in")
    assert "disabled" not in option(page, "animatic")
    assert "Up to 5 s on Free; longer on Standard." in page
    assert 'max="5.0"' in page


def test_whoever_asks_for_them_all_the_same_is_told(client, studio):
    asked = {"prompt": "a fox", "model": "animatic", "size": "512x288", "length": "2", "variations": "1"}
    for wrong, sentence in (
        ({"model": "built-in"}, "This model is not part of the plan Free. Standard lifts that limit."),
        ({"size": "1024x576"}, "Frames are 768 × 432 at most on the plan Free. Standard lifts that limit."),
        ({"length": "6"}, "Clips are 5 seconds long at most on the plan Free. Standard lifts that limit."),
    ):
        answer = client.post(reverse("projects:generation-new", args=[studio.pk]), asked | wrong)
        assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Generation.objects.exists()
    assert client.post(reverse("projects:generation-new", args=[studio.pk]), asked).status_code == 302


def test_a_film_is_offered_in_the_sizes_that_may_leave(client, studio):
    page = client.get(reverse("projects:exports", args=[studio.pk])).content.decode()
    assert "disabled" in option(page, "1080") and "· Standard" in option(page, "1080")
    assert "selected" in option(page, "288")


def test_without_limits_nothing_is_closed(client, studio, settings):
    settings.DEFAULT_PLAN = "house"
    page = client.get(reverse("projects:project", args=[studio.pk])).content.decode()
    assert "disabled" not in option(page, "1024x576") and "disabled" not in option(page, "built-in")
    assert "selected" in option(client.get(reverse("projects:exports", args=[studio.pk])).content.decode(), "1080")
