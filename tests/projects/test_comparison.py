"""Two takes beside each other, and the contact sheet that many seeds make."""

import re

import pytest
from django.urls import reverse

from generation.models import Generation
from projects.comparison import differences, words_apart
from projects.models import Take
from runwayweb.assets.storage import take_in
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_asset, make_generation, make_shot, make_take

pytestmark = pytest.mark.django_db


@pytest.fixture
def shot(project):
    return make_shot(
        project, title="Waiting", prompt="a red fox in a forest", duration_seconds=0.5, width=64, height=64
    )


def take_of(shot, ada, **request):
    generation = make_generation(shot.project, ada, **request)
    asset = make_asset(shot.project.workspace)
    Generation.objects.filter(pk=generation.pk).update(asset=asset, status="succeeded")
    generation.refresh_from_db()
    return shot.lay_in(generation)


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_words_apart():
    a, b = words_apart("a red fox waits in snow", "a red wolf waits in deep snow")
    assert a == [("a red", False), ("fox", True), ("waits in", False), ("snow", False)]
    assert b == [("a red", False), ("wolf", True), ("waits in", False), ("deep", True), ("snow", False)]
    assert words_apart("", "fog") == ([], [("fog", True)])


def test_only_what_was_asked_for_differently_is_told(ada, shot):
    one = take_of(shot, ada, prompt="a fox in snow", seed=1)
    same = take_of(shot, ada, prompt="a fox in snow", seed=1)
    other = take_of(shot, ada, prompt="a fox in rain", seed=2, camera="dolly in")
    assert differences(one, same) == []
    told = {line.label: (line.a, line.b) for line in differences(one, other)}
    assert set(told) == {"Prompt", "Seed", "Camera"}
    assert told["Prompt"] == ([("a fox in", False), ("snow", True)], [("a fox in", False), ("rain", True)])


def test_a_page_shows_both_and_what_differs(studio, ada, shot):
    one, two = take_of(shot, ada, prompt="a fox in snow", seed=1), take_of(shot, ada, prompt="a fox in rain", seed=2)
    shot.choose(two)
    page = studio.get(reverse("projects:take-comparison", args=[one.pk])).content.decode()
    assert page.count("<video") == 2, "without saying so, beside the one that is chosen"
    assert "<mark>snow</mark>" in page and "<mark>rain</mark>" in page
    assert "B stands in the film as 1.1" in words(page) and "Choose A" in words(page)
    swapped = studio.get(reverse("projects:take-comparison", args=[two.pk]) + f"?with={one.pk}").content.decode()
    assert "A stands in the film as 1.1" in words(swapped)
    there = f"{reverse('projects:take-comparison', args=[one.pk])}?with={two.pk}"
    assert studio.post(reverse("projects:take-choice", args=[one.pk]), {"next": there}).url == there
    elsewhere = studio.post(reverse("projects:take-choice", args=[one.pk]), {"next": "https://example.org/"})
    assert elsewhere.url == reverse("projects:shot", args=[shot.pk])


def test_alone_it_says_what_to_do(studio, ada, shot):
    take = take_of(shot, ada)
    assert "nothing to compare it with yet" in words(
        studio.get(reverse("projects:take-comparison", args=[take.pk])).content.decode()
    )
    elsewhere = take_of(make_shot(shot.project, title="Water"), ada)
    page = studio.get(reverse("projects:take-comparison", args=[take.pk])).content.decode()
    assert "the only take of its shot" in words(page)
    assert '<option value="" selected>Choose a take</option>' in page, "so that one of another shot is a change"
    page = studio.get(reverse("projects:take-comparison", args=[take.pk]) + f"?with={elsewhere.pk}").content.decode()
    assert page.count("<video") == 2 and "Choose a take" not in page


def test_a_strangers_takes_are_not_there(client, studio, ada, mallory, shot):
    from tests.factories import make_project

    mine, theirs = take_of(shot, ada), take_of(make_shot(make_project(mallory)), mallory)
    page = reverse("projects:take-comparison", args=[mine.pk])
    for asked in (str(theirs.pk), "nonsense", "00000000-0000-0000-0000-000000000000"):
        assert studio.get(f"{page}?with={asked}").status_code == 404
    client.force_login(mallory)
    for name, one in (("take-comparison", mine), ("take-tile", mine), ("shot-sheet", shot)):
        assert client.get(reverse(f"projects:{name}", args=[one.pk])).status_code == 404
    assert client.post(reverse("projects:shot-sheet", args=[shot.pk]), {"seeds": "4"}).status_code == 404


def test_nine_seeds_are_nine_takes_or_none(studio, ada, shot):
    address = reverse("projects:shot-sheet", args=[shot.pk])
    assert "One shot, many seeds" in words(studio.get(address).content.decode())
    assert studio.post(address, {"seeds": "9"}).url == address
    seeds = [take.generation.request["seed"] for take in shot.takes.all()]
    assert len(set(seeds)) == 9 and {take.generation.request["prompt"] for take in shot.takes.all()} == {shot.prompt}
    page = studio.get(address).content.decode()
    assert page.count('class="seed"') == 9 and "9 · 9 credits" in words(page)

    wallet = Wallet.objects.of(shot.project.workspace)
    wallet.hold(wallet.available - 8, reference="something:else")
    refused = studio.post(address, {"seeds": "9"}, follow=True).content.decode()
    assert shot.takes.count() == 9 and "credits" in words(refused)
    assert "Select a valid choice" in words(studio.post(address, {"seeds": "1000"}, follow=True).content.decode())
    assert shot.takes.count() == 9


def test_choosing_and_rating_on_the_sheet_answers_with_its_tiles(studio, ada, shot):
    one, two = take_of(shot, ada), take_of(shot, ada)
    shot.choose(one)
    asked = {"headers": {"HX-Request": "true", "HX-Target": "sheet-tiles"}}
    tiles = studio.post(reverse("projects:take-choice", args=[two.pk]), **asked).content.decode()
    assert tiles.count('class="seed"') == 2 and "Take 2 stands in the film" in words(tiles)
    assert "Choose take 1" in words(tiles)
    tiles = studio.post(reverse("projects:take-rating", args=[one.pk]), {"stars": "4"}, **asked).content.decode()
    assert 'value="4" checked' in tiles
    assert studio.get(reverse("projects:take-tile", args=[one.pk])).content.decode().count('class="seed"') == 1


def test_more_seeds_keep_the_pictures_of_the_take_they_are_like(ada, shot, tmp_path):
    """A first frame laid in by hand is not in the shot's plan; the newest take has it."""
    from generation.models import Input
    from tests.factories import make_picture

    take = make_take(shot, ada)
    picture = make_picture(shot.project.workspace)
    Input.objects.create(generation=take.generation, asset=picture, role=Input.Role.FIRST_FRAME)
    for made in shot.request_seeds(4, by=ada):
        assert [given.asset for given in made.generation.inputs.all()] == [picture] and made.parent == take
    shot.prompt = "a red fox in a meadow"
    shot.save()
    fresh = shot.request_seeds(4, by=ada)
    assert {made.generation.request["prompt"] for made in fresh} == {"a red fox in a meadow"}, "those were stale"
    assert not any(made.generation.inputs.exists() for made in fresh)


def test_a_shot_that_goes_on_begins_with_the_frame_before_it(ada, shot, tmp_path):
    """Also when it is taken from the plan alone, by an engine that takes a first frame."""
    from generation.engine.encode import write_mp4
    from tests.pictures import frames_of

    before = take_of(shot, ada)
    write_mp4(frames_of(3, 12), 12, tmp_path / "clip.mp4", metadata={})
    asset = before.generation.asset
    asset.file, asset.frame_count, asset.fps = take_in(tmp_path / "clip.mp4", f"clips/{asset.pk}/clip.mp4"), 12, 12
    asset.save()
    shot.choose(before)
    next_shot = make_shot(shot.project, prompt="a red fox sleeps", duration_seconds=0.5, model="built-in", follows=shot)
    next_shot.refresh_from_db()
    made = next_shot.request_take(by=ada)
    (given,) = made.generation.inputs.all()
    assert given.role == "first_frame" and (given.asset.width, given.asset.height) == (64, 48)
    assert Take.objects.get(pk=made.pk).asked["follows"] == str(asset.pk)
    assert not next_shot.request_take(by=ada, model="animatic").generation.inputs.exists(), "which takes none"
