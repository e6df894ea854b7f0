# ruff: noqa: F811 (fixtures of another story)
"""A shot keeps the pictures that it is planned with: its page, its next takes, its copies and its bundle have them."""

import hashlib

import numpy as np
import pytest
from django.urls import reverse

from generation.engine import catalogue
from generation.engine.encode import write_mp4
from generation.models import Generation
from generation.models.status import Status
from projects.export.bundle import read_bundle, write_bundle
from projects.models import Shot, Take
from projects.models.pictured import checked_given
from projects.uses import uses_of
from runwayweb.assets.models import Asset
from tests.factories import make_asset, make_generation, make_picture, make_shot, make_user
from tests.pictures import two_colors
from tests.projects.test_inputs import clip, engines, main_color  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def shot(project):
    return make_shot(project, prompt="@robot waits", width=512, height=288, duration_seconds=2)


@pytest.fixture
def picture(project):
    return make_picture(project.workspace)


@pytest.fixture
def other(project):
    return make_picture(project.workspace, two_colors(left=(0, 90, 0)))


def generate(studio, shot, **fields):
    form = {"planned": shot.pk, "prompt": shot.prompt, "size": "512x288", "length": "2", "variations": "1"}
    answer = studio.post(reverse("projects:generation-new", args=[shot.project_id]), form | {"model": "vace"} | fields)
    assert answer.status_code == 302, answer.context["form"].errors
    shot.refresh_from_db()
    return shot.takes.last()


def page_of(studio, shot):
    return studio.get(reverse("projects:shot", args=[shot.pk]))


def in_form(page):
    """{place: its picture} of the request form."""
    return {slot.name: slot.asset for slot in page.context["form"].slots if slot.asset}


def given_to(take):
    rows = take.generation.inputs.all()
    return [(row.role, row.asset, row.reference_role, row.tag, row.position) for row in rows]


def everything(picture, other):
    return {
        "first_frame": picture.pk, "last_frame": other.pk, "keyframe": other.pk, "keyframe_seconds": "0.5",
        "reference_2": picture.pk, "reference_2_role": "object", "reference_2_tag": "robot",
    }  # fmt: skip


def test_the_page_of_a_shot_shows_the_pictures_of_its_plan(studio, engines, shot, picture, other):
    take = generate(studio, shot, **everything(picture, other))
    page = page_of(studio, shot)
    assert in_form(page) == {"first_frame": picture, "last_frame": other, "keyframe": other, "reference_1": picture}
    form = page.context["form"]
    assert (form["keyframe_seconds"].value(), form["reference_1_role"].value()) == (0.5, "object")
    assert form["reference_1_tag"].value() == "robot"
    assert take.stale_because == []
    again = Shot.objects.get(pk=shot.pk).request_take(by=take.generation.requested_by)
    assert given_to(again) == given_to(take), "taken from its plan it is given the same"
    assert again.generation.request == take.generation.request | {"seed": again.generation.request["seed"]}


def test_another_picture_makes_the_takes_before_stale(studio, engines, shot, picture, other):
    first = generate(studio, shot, reference_1=picture.pk, reference_1_tag="robot")
    second = generate(studio, shot, reference_1=other.pk, reference_1_tag="robot")
    assert Take.objects.get(pk=first.pk).stale_because == ["the pictures"] and second.stale_because == []
    first.generation.cancel()
    assert "Stale: the pictures changed since." in page_of(studio, shot).content.decode()
    studio.post(reverse("projects:take-again", args=[first.pk]))
    assert given_to(shot.takes.last()) == given_to(second), "as the shot is planned now"


def test_an_engine_that_sees_no_pictures_is_told_the_names(studio, ada, engines, shot, picture, other):
    generate(studio, shot, **everything(picture, other))
    take = shot.request_take(by=ada, model="animatic")
    assert given_to(take) == [] and take.generation.request["names"] == [["robot", "robot"]]
    assert Shot.objects.get(pk=shot.pk).given == shot.given, "the plan stays"


def test_a_picture_that_is_gone_is_said_and_nothing_is_charged(studio, ada, engines, shot, picture, other):
    take = generate(studio, shot, **everything(picture, other))
    shot.choose(take)
    Shot.objects.filter(pk=shot.pk).update(prompt="@robot sleeps")
    Asset.objects.filter(pk=other.pk).update(deleted_at="2026-11-29T00:00Z")
    page = studio.post(reverse("projects:take-again", args=[take.pk]), follow=True)
    assert "A picture that this shot is planned with is not there any more." in page.content.decode()
    assert Generation.objects.count() == 1 and in_form(page) == {"first_frame": picture, "reference_1": picture}


def test_what_a_shot_is_planned_with_is_in_use(studio, engines, shot, picture, other):
    take = generate(studio, shot, reference_1=picture.pk, reference_1_tag="robot")
    take.generation.delete_softly()
    assert [use.what for use in uses_of([picture, other])[picture.pk]] == [
        "shot 1.1 in “The Fox Who Waited” is planned with it"
    ]
    assert uses_of([other])[other.pk] == []


def test_copies_of_a_shot_and_of_its_film_have_its_pictures(studio, engines, shot, picture, other):
    generate(studio, shot, **everything(picture, other))
    studio.post(reverse("projects:shot-copy", args=[shot.pk]))
    assert shot.project.shots.last().given == shot.given
    assert shot.project.duplicate().shots.first().given == shot.given


def test_a_bundle_brings_the_pictures_along(studio, engines, shot, picture, other, clip, tmp_path):
    take = generate(studio, shot, **everything(picture, other))
    Generation.objects.filter(pk=take.generation_id).update(status=Status.SUCCEEDED, asset=clip.asset)
    Asset.objects.filter(pk=clip.asset_id).update(sha256=hashlib.sha256(clip.asset.file.read()).hexdigest())
    write_bundle(shot.project, tmp_path / "film.zip")
    grace = make_user("grace")
    copy = read_bundle(tmp_path / "film.zip", workspace=grace.open_workspace(), by=grace).shots.get()
    roles = ["first_frame", "keyframe", "last_frame", "reference"]
    assert [one["role"] for one in copy.given] == roles
    pictures = Asset.objects.in_bulk([one["asset"] for one in copy.given]).values()
    assert {asset.sha256 for asset in pictures} == {picture.sha256, other.sha256}
    assert {asset.workspace for asset in pictures} == {grace.open_workspace()}
    assert copy.takes.get().stale_because == []


@pytest.mark.parametrize(
    "told",
    [
        None, "x", {}, [1], [{}], [{"role": "first_frame"}], [{"role": "mask", "asset": "1"}],
        [{"role": "first_frame", "asset": 1}], [{"role": "first_frame", "asset": "1", "tag": "nana"}],
        [{"role": "keyframe", "asset": "1"}], [{"role": "keyframe", "asset": "1", "seconds": float("nan")}],
        [{"role": "reference", "asset": "1", "shows": "demon", "tag": ""}],
        [{"role": "reference", "asset": "1", "shows": "place", "tag": "a b"}], [{"role": [], "asset": "1"}],
    ],
)  # fmt: skip
def test_what_is_no_picture_of_a_shot_is_left_out(told):
    assert checked_given(told) == []


def test_what_is_one_is_kept():
    given = [
        {"role": "first_frame", "asset": "1", "of": "2"},
        {"role": "keyframe", "asset": "1", "seconds": 0.5},
        {"role": "reference", "asset": "1", "shows": "place", "tag": ""},
    ]
    assert checked_given(given) == given


# The frame at which the shot before it ends


@pytest.fixture
def before(project, shot, clip):
    """The shot before, whose chosen take ends blue."""
    before = make_shot(project)
    before.move(scene=before.scene, position=0)
    before.choose(before.lay_in(clip))
    Shot.objects.filter(pk=shot.pk).update(follows=before, model="vace", prompt="a fox")
    shot.refresh_from_db()
    return before


def test_a_shot_that_follows_another_begins_with_its_last_frame_whenever_it_is_opened(studio, engines, before, shot):
    page = page_of(studio, shot)
    frame = in_form(page)["first_frame"]
    assert main_color(frame) == 2, "the clip ends blue"
    shot.refresh_from_db()
    take = generate(studio, shot, first_frame=frame.pk)
    assert shot.follows == before and given_to(take) == [("first_frame", frame, "", "", 0)]
    assert take.stale_because == []
    assert in_form(page_of(studio, shot)) == {"first_frame": frame}


def test_a_frame_that_is_taken_out_or_changed_ends_the_following(studio, engines, before, shot, picture):
    page_of(studio, shot)
    generate(studio, shot, first_frame=picture.pk)
    assert shot.follows is None and in_form(page_of(studio, shot)) == {"first_frame": picture}
    Shot.objects.filter(pk=shot.pk).update(follows=before, given=[])
    page_of(studio, shot)
    generate(studio, shot)
    assert shot.follows is None and in_form(page_of(studio, shot)) == {}


def test_an_engine_that_takes_no_frame_leaves_the_following_as_it_is(studio, engines, before, shot):
    page_of(studio, shot)
    generate(studio, shot, model="animatic")
    assert shot.follows == before and in_form(page_of(studio, shot)) == {}
    Shot.objects.filter(pk=shot.pk).update(model="vace")
    assert list(in_form(page_of(studio, shot))) == ["first_frame"]


def follow(studio, take):
    return studio.post(reverse("projects:take-followed", args=[take.pk]), follow=True)


def test_the_next_shot_begins_with_the_last_frame_of_a_take(studio, engines, project, shot, clip, other):
    """The next one was to be drawn by an engine that begins with no picture, and to begin with another one."""
    old = {"role": "first_frame", "asset": str(other.pk)}
    following = make_shot(project, prompt="a bear waits", model="animatic", given=[old])
    take = shot.lay_in(clip)
    page = follow(studio, take)
    following.refresh_from_db()
    shot.refresh_from_db()
    assert page.redirect_chain[-1][0] == reverse("projects:shot", args=[following.pk])
    assert (following.follows, following.model, shot.chosen) == (shot, "vace", take)
    assert main_color(in_form(page)["first_frame"]) == 2, "the clip ends blue"
    text = page.content.decode()
    assert "Shot 1.2 begins with the last frame of take 1. Take 1 stands in the film now." in text
    assert "Animatic begins with no picture, so vace draws the shot." in text
    again = follow(studio, take).content.decode()
    assert "begins with the last frame" in again
    assert "stands in the film now" not in again and "draws the shot" not in again, "nothing of it is new"


def test_the_last_shot_is_followed_by_a_new_one_of_its_size(studio, engines, shot, clip):
    page = follow(studio, shot.lay_in(clip))
    new = shot.project.shots.last()
    assert (new.follows, new.width, new.height) == (shot, 512, 288) and in_form(page)


def test_where_no_engine_begins_with_a_picture_nothing_changes(studio, shot, clip, monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "WEIGHTS", tmp_path)
    page = follow(studio, shot.lay_in(clip))
    shot.refresh_from_db()
    assert "No engine here begins with a picture" in page.content.decode()
    assert shot.chosen is None and shot.project.shots.count() == 1


def test_another_choice_before_it_gives_another_frame(studio, engines, ada, before, shot, tmp_path):
    take = generate(studio, shot, first_frame=in_form(page_of(studio, shot))["first_frame"].pk)
    write_mp4(np.full((4, 64, 96, 3), (30, 180, 60), np.uint8), 12, tmp_path / "green.mp4", metadata={})
    green = make_generation(shot.project, ada)
    green.asset = make_asset(shot.project.workspace, (tmp_path / "green.mp4").read_bytes())
    green.save()
    before.choose(before.lay_in(green))
    assert Take.objects.get(pk=take.pk).stale_because == ["the shot before it"]
    frame = in_form(page_of(studio, shot))["first_frame"]
    assert main_color(frame) == 1
    again = Shot.objects.get(pk=shot.pk).request_take(by=ada)
    assert given_to(again) == [("first_frame", frame, "", "", 0)]
