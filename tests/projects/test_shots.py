"""The storyboard: scenes, shots in order, takes that are numbered, rated, chosen, and known to be stale."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from generation.attempt import Attempt
from generation.models import Generation
from generation.pulse import Pulse
from projects.models import Entity, Scene, Shot, Take
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_asset, make_generation, make_take

pytestmark = pytest.mark.django_db
FOX = "a red fox in a forest"


@pytest.fixture
def scene(project):
    return Scene.objects.create(project=project, position=0, heading="EXT. WOOD - DAY")


@pytest.fixture
def shot(scene):
    return Shot(scene=scene, title="Waiting", prompt=FOX, width=64, height=64, duration_seconds=0.5).add()


def finished(shot, ada):
    generation = make_generation(shot.project, ada)
    generation.asset, generation.status = make_asset(shot.project.workspace), "succeeded"
    generation.save()
    return shot.lay_in(generation)


def panel(shot, **more):
    values = {"planned": shot.pk, "prompt": FOX, "model": "animatic", "size": "512x288", "length": "0.5"}
    return values | {"variations": "1"} | more


def test_generate_on_a_shot_makes_numbered_takes_and_the_first_good_one_is_chosen(
    studio, shot, django_capture_on_commit_callbacks
):
    address = reverse("projects:generation-new", args=[shot.project_id])
    answer = studio.post(address, panel(shot, variations="2", camera="dolly in"))
    assert answer.url == reverse("projects:shot", args=[shot.pk])
    takes = list(shot.takes.all())
    assert [take.number for take in takes] == [1, 2]
    shot.refresh_from_db()
    assert (shot.camera, shot.width) == ("dolly in", 512), "the shot keeps what was asked for"
    with django_capture_on_commit_callbacks(execute=True):
        Attempt.run_next(Pulse("gpu"))
    shot.refresh_from_db()
    assert shot.chosen == takes[0]
    text = studio.get(answer.url).content.decode()
    assert "Take 1 · chosen" in " ".join(text.split()) and "Take 2" in text and "EXT. WOOD - DAY" in text


def test_a_shot_that_is_a_still_stays_one(studio, ada, shot):
    studio.post(reverse("projects:generation-new", args=[shot.project_id]), panel(shot, still="on"))
    shot.refresh_from_db()
    page = studio.get(reverse("projects:shot", args=[shot.pk])).content.decode()
    assert '<span class="pill numbers">Still</span>' in page and "0 s" not in page
    assert re.search(r'<input type="checkbox" name="still"[^>]* checked', page), "and so is the next take"
    assert "Still" in studio.get(reverse("projects:shots", args=[shot.project_id])).content.decode()
    shot.duration_seconds = 0.125  # of an engine that counts by eights; another one counts by twenty-fours
    assert shot.request_take(by=ada).generation.request["num_frames"] == 1


def test_a_take_of_a_strangers_shot_is_refused(studio, project, mallory):
    from tests.factories import make_project

    theirs = Scene.objects.create(project=make_project(mallory), position=0, heading="X")
    shot = Shot(scene=theirs).add()
    answer = studio.post(reverse("projects:generation-new", args=[project.pk]), panel(shot))
    assert answer.status_code == 422 and "not there any more" in answer.content.decode()
    assert not shot.takes.exists() and not Generation.objects.exists()


def test_choosing_rating_and_what_happens_without_javascript(studio, ada, shot):
    first, second = finished(shot, ada), finished(shot, ada)
    shot.choose(first)
    assert studio.post(reverse("projects:take-choice", args=[second.pk])).status_code == 302
    shot.refresh_from_db()
    assert shot.chosen == second
    for sent, kept in (("4", 4), ("9", 5), ("x", 0), ("-1", 0)):
        studio.post(reverse("projects:take-rating", args=[second.pk]), {"stars": sent})
        second.refresh_from_db()
        assert second.rating == kept
    card = studio.post(
        reverse("projects:take-rating", args=[second.pk]), {"stars": "3"}, headers={"HX-Request": "true"}
    )
    assert "generation-card" in card.content.decode()


def test_a_take_is_stale_when_its_shot_asks_for_something_else(studio, ada, shot):
    nova = Entity.objects.create(project=shot.project, tag="nova", name="Nova", description="a red fox")
    shot.prompt = "@nova waits"
    shot.save()
    take = finished(shot, ada)

    def reasons():
        return Take.objects.get(pk=take.pk).stale_because

    assert reasons() == []
    shot.camera, shot.duration_seconds = "pan left", 4
    shot.save()
    assert reasons() == ["the camera", "the length"]
    Shot.objects.filter(pk=shot.pk).update(camera="", duration_seconds=0.5)
    nova.description = "an old fox"
    nova.save()
    assert reasons() == ["@nova"]
    assert "Stale: @nova changed since." in studio.get(reverse("projects:shot", args=[shot.pk])).content.decode()
    studio.post(reverse("projects:take-again", args=[take.pk]))
    again = Take.objects.get(number=2)
    assert again.stale_because == []


def test_a_shot_that_begins_where_another_ends_is_stale_with_it(ada, shot):
    following = Shot(scene=shot.scene, prompt=FOX, follows=shot).add()
    shot.choose(finished(shot, ada))
    following.refresh_from_db()
    take = finished(following, ada)
    assert take.stale_because == []
    shot.choose(finished(shot, ada))
    assert Take.objects.get(pk=take.pk).stale_because == ["the shot before it"]


def test_shots_are_added_moved_copied_deleted_and_brought_back(studio, shot, project, scene):
    studio.post(reverse("projects:shot-new", args=[scene.pk]))
    studio.post(reverse("projects:shot-copy", args=[shot.pk]))
    copy, empty = scene.shots.live()[1:]
    assert (copy.title, empty.title) == ("Waiting", "")

    def order():
        return [one.pk for one in scene.shots.live()]

    studio.post(reverse("projects:shot-move", args=[shot.pk]), {"to": "later"})
    assert order() == [copy.pk, shot.pk, empty.pk]
    studio.post(reverse("projects:shot-order", args=[scene.pk]), {"id": [empty.pk, shot.pk, copy.pk]})
    assert order() == [empty.pk, shot.pk, copy.pk]
    studio.post(reverse("projects:scene-new", args=[project.pk]), {"heading": "INT. DEN"})
    studio.post(reverse("projects:shot-move", args=[copy.pk]), {"to": "later"})
    den = project.scenes.last()
    assert [one.pk for one in den.shots.all()] == [copy.pk] and order() == [empty.pk, shot.pk]
    gone = studio.post(reverse("projects:shot-deletion", args=[empty.pk]), follow=True)
    assert "The shot is deleted." in gone.content.decode() and order() == [shot.pk]
    shot.refresh_from_db()
    assert shot.number == "1.1"
    studio.post(reverse("projects:shot-restoration", args=[empty.pk]))
    assert order() == [shot.pk, empty.pk]
    assert (
        "Move or delete them first"
        in studio.post(reverse("projects:scene-deletion", args=[den.pk]), follow=True).content.decode()
    )


def test_scenes_move_up_and_down(studio, shot, project, scene):
    for heading in ("INT. DEN", "EXT. SHORE"):
        studio.post(reverse("projects:scene-new", args=[project.pk]), {"heading": heading})

    def order():
        return [(one.number, one.heading[5:]) for one in project.scenes.all()]

    address = reverse("projects:scene-move", args=[scene.pk])
    assert studio.post(address, {"to": "later"}).url.endswith(f"#scene-{scene.pk}")
    assert order() == [(1, "DEN"), (2, "WOOD - DAY"), (3, "SHORE")]
    shot.refresh_from_db()
    assert shot.number == "2.1"
    for _ in range(2):
        studio.post(address, {"to": "later"})
    assert order() == [(1, "DEN"), (2, "SHORE"), (3, "WOOD - DAY")], "there is nothing behind the last"
    for _ in range(3):
        studio.post(address, {"to": "earlier"})
    assert order() == [(1, "WOOD - DAY"), (2, "DEN"), (3, "SHORE")]
    text = studio.get(reverse("projects:shots", args=[project.pk])).content.decode()
    assert (text.count("Move the scene up"), text.count("Move the scene down")) == (2, 2)


def test_one_press_draws_the_animatic_of_all_shots_without_a_take(studio, ada, shot, scene, project):
    Shot(scene=scene, prompt="a penguin on a beach", width=64, height=64, duration_seconds=0.5).add()
    Shot(scene=scene).add()
    finished(shot, ada)
    page = studio.get(reverse("projects:shots", args=[project.pk])).content.decode()
    assert "1 shot has no take yet." in page
    studio.post(reverse("projects:animatics", args=[project.pk]))
    assert [one.model for one in Generation.objects.filter(take__shot__prompt__contains="penguin")] == ["animatic"]
    assert Take.objects.count() == 2


def test_without_credits_no_animatic_is_half_asked_for(studio, shot, scene, project):
    Shot(scene=scene, prompt="a penguin", width=64, height=64).add()
    wallet = Wallet.objects.of(project.workspace)
    wallet.hold(wallet.available, reference="all of it")
    answer = studio.post(reverse("projects:animatics", args=[project.pk]), follow=True)
    assert "credit" in answer.content.decode() and not Take.objects.exists()


def test_what_is_made_of_a_take_is_a_take(studio, ada, shot):
    take = finished(shot, ada)
    studio.post(reverse("projects:generation-retry", args=[take.generation_id]))
    again = shot.takes.last()
    assert (again.number, again.parent, again.origin) == (2, take, Take.Origin.BRANCH)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("shots", "project"), ("animatics", "project"), ("scene-new", "project"), ("scene-name", "scene"),
        ("scene-deletion", "scene"), ("scene-move", "scene"), ("shot-new", "scene"), ("shot-order", "scene"),
        ("shot", "shot"),
        ("takes", "shot"), ("shot-title", "shot"), ("shot-copy", "shot"), ("shot-move", "shot"),
        ("shot-deletion", "shot"), ("shot-restoration", "shot"), ("take-choice", "take"), ("take-rating", "take"),
        ("take-again", "take"), ("take-followed", "take"),
    ],
)  # fmt: skip
def test_a_strangers_storyboard_is_not_there(client, ada, mallory, shot, name, what):
    rows = {"project": shot.project, "scene": shot.scene, "shot": shot, "take": finished(shot, ada)}
    client.force_login(mallory)
    address = reverse(f"projects:{name}", args=[rows[what].pk])
    answer = client.get(address) if name in ("shots", "shot", "takes") else client.post(address)
    assert answer.status_code == 404
    assert Shot.objects.get().title == "Waiting" and Take.objects.count() == 1


def test_a_board_waits_for_the_pictures_of_its_shots(studio, ada, shot):
    """A take is there before its poster is: a media worker makes that."""
    take = make_take(shot, ada)
    asset = make_asset(shot.project.workspace)
    type(take.generation).objects.filter(pk=take.generation_id).update(asset=asset, status="succeeded")
    shot.choose(take)
    board = reverse("projects:shots", args=[shot.project_id])
    assert "every 5s" in studio.get(board).content.decode()
    Asset.objects.filter(pk=asset.pk).update(prepared_at=timezone.now())
    assert "every 5s" not in studio.get(board).content.decode()


def test_a_board_of_many_shots_asks_few_questions(studio, ada, scene, django_assert_max_num_queries):
    for _ in range(8):
        shot = Shot(scene=scene, prompt="@nova waits").add()
        shot.choose(finished(shot, ada))
    with django_assert_max_num_queries(25):
        studio.get(reverse("projects:shots", args=[scene.project_id]))
