# ruff: noqa: F811 (fixtures of another story)
"""What is made of a take says how it came to be, and from which one."""

import pytest
from django.urls import reverse

from generation.engine.cards import offline
from projects.models import Take
from tests.factories import make_shot
from tests.projects.test_edits import part
from tests.projects.test_finishes import installed  # noqa: F401
from tests.projects.test_inputs import clip, engines, painter  # noqa: F401

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def take(project, painter, clip):
    """A take that tells its shot, of an engine that takes everything."""
    return make_shot(project, prompt=clip.request["prompt"], model="painter").lay_in(clip)


def card(studio, take):
    page = studio.get(reverse("projects:shot", args=[take.shot_id]))
    return next(one for one in page.context["generations"] if one.generation.pk == take.generation_id)


def press(studio, page, **changed):
    """Press Generate on a form as it came; the newest take."""
    form = page.context["form"]
    sent = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sent |= {slot.name: slot.asset.pk if slot.asset else None for slot in form.slots}
    sent["blocking"] = form.shot.pk if form.shot else None
    sent = {name: value for name, value in (sent | changed).items() if value not in (None, "", False)}
    answer = studio.post(reverse("projects:generation-new", args=[form.project.pk]), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    return Take.objects.order_by("created_at").last()


def told(take, parent):
    assert take.parent == parent and take.shot == parent.shot
    return take.origin, take.get_origin_display()


def test_another_camera(studio, take):
    made = press(studio, studio.get(card(studio, take).other_camera_url))
    assert told(made, take) == ("camera", "From another camera")
    assert made.generation.blocking_of == take.generation and made.generation.request["camera"]
    made.generation.cancel()
    text = studio.get(reverse("projects:shot", args=[take.shot_id])).content.decode()
    assert "From another camera · from take 1" in " ".join(text.split())


@pytest.mark.parametrize("more", [{}, {"camera": "dolly in"}])
def test_another_world(studio, take, more):
    made = press(studio, studio.get(card(studio, take).other_world_url), prompt="a white bear walks in snow", **more)
    assert told(made, take) == ("world", "In another world")
    take.shot.refresh_from_db()
    assert take.shot.prompt == "a red fox walks", "the plan of the shot stays"


def test_going_on_and_leading_up(studio, take):
    for name, origin in (("continuation", ("after", "Goes on")), ("lead-up", ("before", "Leads up"))):
        page = studio.post(reverse(f"projects:generation-{name}", args=[take.generation_id]), **HTMX)
        assert told(press(studio, page), take) == origin


def test_reusing_the_settings_branches(studio, take):
    made = press(studio, studio.get(card(studio, take).reuse_url), prompt="a red fox runs")
    assert told(made, take) == ("branch", "Branched")
    take.shot.refresh_from_db()
    assert take.shot.prompt == "a red fox runs", "it is what the shot asks for now"


def test_once_more_comes_with_another_seed_unless_nothing_came(studio, take):
    address = reverse("projects:generation-retry", args=[take.generation_id])
    assert studio.post(address).url == reverse("projects:shot", args=[take.shot_id])
    made = take.shot.takes.last()
    assert told(made, take) == ("branch", "Branched")
    asked = made.generation.request
    assert asked["seed"] != take.generation.request["seed"] == 42
    assert asked == take.generation.request | {"seed": asked["seed"]}
    made.generation.cancel()
    studio.post(reverse("projects:generation-retry", args=[made.generation_id]))
    again = take.shot.takes.last()
    assert told(again, made)[0] == "branch" and again.generation.request == asked, "there is no clip to be repeated"


def test_a_part_of_it_is_changed(studio, take):
    address = reverse("projects:generation-edit", args=[take.generation_id])
    studio.post(address, {"prompt": "a green frog walks", "subject": "", "mask": part((0, 0, 20, 20))})
    assert told(take.shot.takes.last(), take) == ("edit", "Edited")


def test_it_is_made_larger(studio, take, installed):
    assert offline.ANIMESR in offline.installed()
    studio.post(reverse("projects:generation-finish", args=[take.generation_id, "upscale"]))
    assert told(take.shot.takes.last(), take) == ("finish", "Finished")
