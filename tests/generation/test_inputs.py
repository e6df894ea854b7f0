"""Pictures and an earlier shot's blocking, on their way from the row through a real worker into a real engine."""

import hashlib

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from generation.attempt import Attempt
from generation.engine.request import Blocking
from generation.models import Generation, Input
from generation.models.status import Status
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_picture
from tests.pictures import two_colors

pytestmark = pytest.mark.django_db(transaction=True)
SCENE = {"place": "meadow", "characters": [{"species": "fox", "action": "walk"}]}


@pytest.fixture
def vace(tmp_path, monkeypatch):
    """A tiny saved pipeline that takes pictures, in the catalogue."""
    from tests.engine.tiny_pipelines import save_tiny_vace

    monkeypatch.setenv("RUNWAYWEB_MODELS", f"vace={save_tiny_vace(tmp_path / 'tiny-vace')}")
    return "vace"


@pytest.fixture
def pictures(project):
    """Three different pictures of ada's workspace."""
    shades = [(220, 30, 30), (30, 220, 30), (30, 30, 220)]
    return [make_picture(project.workspace, two_colors(left=shade)) for shade in shades]


def given(pictures):
    first, last, place = pictures
    return [
        Input(role=Input.Role.FIRST_FRAME, asset=first),
        Input(role=Input.Role.LAST_FRAME, asset=last),
        Input(role=Input.Role.REFERENCE, asset=place, reference_role="place", position=0),
        Input(role=Input.Role.REFERENCE, asset=first, reference_role="character", position=1),
    ]


def run(pulse):
    attempt = Attempt.run_next(pulse)
    attempt.generation.refresh_from_db()
    return attempt.generation


def shown(asset):
    """What a recipe says of a picture."""
    pixels = np.asarray(asset.open_picture())
    return {"sha256": hashlib.sha256(pixels).hexdigest(), "shape": list(pixels.shape)}


def test_pictures_reach_the_engine_in_their_places(project, pulse, vace, pictures):
    make_generation(project, model=vace, num_frames=5, inputs=given(pictures))
    generation = run(pulse)
    assert generation.status == Status.SUCCEEDED, generation.failure
    asked = generation.recipe["request"]
    first, last, place = (shown(picture) for picture in pictures)
    assert (asked["first_frame"], asked["last_frame"]) == (first, last)
    assert (asked["references"], asked["reference_roles"]) == ([place, first], ["place", "character"])
    assert [row.label for row in generation.inputs.all()] == [
        "First frame", "Last frame", "Reference: place", "Reference: character",
    ]  # fmt: skip


def test_a_picture_makes_another_clip_than_none(project, pulse, vace, pictures):
    make_generation(project, model=vace)
    make_generation(project, model=vace, inputs=given(pictures)[:1])
    assert run(pulse).asset.sha256 != run(pulse).asset.sha256


def test_an_engine_of_words_alone_refuses_them_and_the_credits_come_back(project, pulse, pictures):
    make_generation(project, inputs=given(pictures)[2:3])
    generation = run(pulse)
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INPUT.UNSUPPORTED")
    assert "cannot use references" in generation.failure
    assert Wallet.objects.of(project.workspace).available == 500


@pytest.mark.parametrize("harm", ["missing", "damaged", "another"])
def test_a_picture_that_is_lost_ends_the_run_with_a_sentence_and_the_credits_back(project, pulse, vace, pictures, harm):
    make_generation(project, model=vace, inputs=given(pictures)[:1])
    name = pictures[0].file.name
    other = default_storage.open(pictures[1].file.name).read()
    default_storage.delete(name)
    if harm != "missing":
        default_storage.save(name, ContentFile(b"no picture" if harm == "damaged" else other))
    generation = run(pulse)
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INPUT.LOST")
    assert "(First frame). Choose it again" in generation.failure
    assert Wallet.objects.of(project.workspace).available == 500


def test_a_shot_keeps_the_blocking_of_another(project, pulse):
    make_generation(project, seed=42)
    first = run(pulse)
    make_generation(project, seed=43, prompt="a white bear in the snow", blocking_of=first)
    second = Generation.objects.get(blocking_of=first)
    assert second.video_request().blocking == Blocking(first.recipe["scene"], 42)
    failed = run(pulse)
    assert failed.failure_code == "INPUT.UNSUPPORTED"
    assert "cannot use the blocking of another shot" in failed.failure


@pytest.mark.slow
def test_a_model_that_takes_a_control_video_paints_over_a_kept_shot_seen_by_another_camera(project, vace, pulse):
    small = {"width": 64, "height": 64, "num_frames": 5}
    make_generation(project, seed=42, **small)
    first = run(pulse)
    make_generation(
        project, model=vace, seed=43, camera="orbit left", num_inference_steps=1, blocking_of=first, **small
    )
    second = run(pulse)
    assert second.status == Status.SUCCEEDED, second.failure
    assert (second.recipe["guide"]["camera"]["move"], second.recipe["model"]) == ("orbit left", "vace")
    assert second.tells_its_shot and second.asset.frames().shape == (5, 64, 64, 3)
    make_generation(project, model=vace, seed=44, num_inference_steps=1, blocking_of=second, **small)
    third = run(pulse)
    assert third.status == Status.SUCCEEDED, third.failure
    assert (third.recipe["guide"]["camera"], third.recipe["request"]["blocking"]["seed"]) == (
        second.recipe["guide"]["camera"],
        42,
    )


def test_a_shot_goes_on_from_the_last_frame_of_another(project, ada, pulse):
    make_generation(project, seed=42, num_frames=5)
    first = run(pulse)
    second = make_generation(project, seed=43, blocking_of=first, joins="after")
    assert second.video_request().blocking == Blocking(first.recipe["scene"], 42, start=4, shot_frames=5)
    second.cancel()
    again = second.retry(by=ada)
    assert again.video_request().blocking == second.video_request().blocking
    Generation.objects.filter(pk=again.pk).update(status=Status.SUCCEEDED, asset=first.asset)
    copy = project.duplicate().generations.get(copied_from=again)
    assert (copy.blocking_of, copy.joins) == (first, "after")
    with pytest.raises(IntegrityError), transaction.atomic():
        Generation.objects.filter(pk=copy.pk).update(blocking_of=None)


def test_a_shot_that_no_longer_tells_its_blocking_is_named(project, pulse):
    make_generation(project)
    first = run(pulse)
    make_generation(project, blocking_of=first)
    Generation.objects.filter(pk=first.pk).update(recipe={})
    generation = run(pulse)
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INPUT.LOST")
    assert "does not tell it any more" in generation.failure
    assert Wallet.objects.of(project.workspace).held == 0


def places(generation):
    return [(row.role, row.reference_role, row.position, row.asset) for row in generation.inputs.all()]


def test_retried_and_copied_they_go_along(project, ada, pulse, pictures):
    make_generation(project)
    shot = run(pulse)
    generation = make_generation(project, inputs=given(pictures), blocking_of=shot)
    generation.cancel()
    again = generation.retry(by=ada)
    assert places(again) == places(generation) != []
    assert again.blocking_of == shot
    Generation.objects.filter(pk=again.pk).update(status=Status.SUCCEEDED, asset=shot.asset)
    copy = project.duplicate().generations.get(copied_from=again)
    assert (places(copy), copy.blocking_of) == (places(again), shot)


def test_a_picture_in_use_cannot_be_deleted(project, pictures):
    make_generation(project, inputs=given(pictures)[:1])
    with pytest.raises(ProtectedError):
        Asset.objects.filter(pk=pictures[0].pk).delete()
    assert Asset.objects.filter(pk=pictures[2].pk).delete()[1]["assets.Asset"] == 1


@pytest.mark.parametrize(
    "wrong",
    [{"role": "first_frame", "reference_role": "place"}, {"role": "reference"}, {"role": "last_frame", "position": 0}],
)
def test_an_input_has_one_place_and_only_references_show_something(project, pictures, wrong):
    generation = make_generation(project, inputs=given(pictures))
    with pytest.raises(IntegrityError), transaction.atomic():
        Input.objects.create(generation=generation, asset=pictures[0], **{"position": 5} | wrong)
