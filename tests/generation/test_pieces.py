"""Clips longer than their model draws at once: in pieces that go on, as one run with one price."""

from dataclasses import replace

import av
import numpy as np
import pytest

from generation import pricing
from generation.attempt import Attempt
from generation.engine.catalogue import BUILT_IN
from generation.engine.clip import Audio, Clip
from generation.engine.likeness import psnr
from generation.engine.request import Blocking, Keyframe
from generation.models import Generation, Input
from generation.models.status import Status
from generation.pieces import TooLong, first_piece, joined, next_piece, pieces_of
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_picture, make_request

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 132  # frames: eleven seconds, of which the built-in model draws ten at once


def run(pulse):
    attempt = Attempt.run_next(pulse)
    attempt.generation.refresh_from_db()
    assert attempt.generation.status == Status.SUCCEEDED, attempt.generation.failure
    return attempt.generation


@pytest.mark.parametrize(("frames", "pieces"), [(120, [120]), (121, [61, 60]), (239, [120, 119]), (240, [81, 80, 79])])
def test_pieces_are_about_as_long_as_each_other(frames, pieces):
    assert pieces_of(BUILT_IN, make_request(num_frames=frames)) == pieces


@pytest.mark.slow
def test_a_long_clip_is_one_run_with_one_price(project, ada, pulse, monkeypatch):
    seen = []
    tell = Attempt._on_step
    monkeypatch.setattr(Attempt, "_on_step", lambda self, *told: (seen.append(told[:2]), tell(self, *told)))
    asked = make_generation(project, ada, "built-in", num_frames=LONG, width=64, height=64)
    assert asked.cost == pricing.credits_for(BUILT_IN, asked.asked()) == 22
    made = run(pulse)
    with av.open(made.asset.file.path) as container:
        stream = container.streams.video[0]
        assert (stream.frames, float(stream.duration * stream.time_base)) == (LONG, 11.0)
    assert Wallet.objects.of(made.workspace).spent == made.charged == 22
    assert Generation.objects.count() == 1
    assert made.recipe["pieces"] == [67, 65] and made.recipe["request"]["num_frames"] == LONG
    assert [step for step, _of in seen] == list(range(1, len(seen) + 1)), "progress never goes back"
    assert seen[-1][0] == seen[-1][1]
    frames = made.asset.frames()
    across = psnr(frames[66:67], frames[67:68])
    usual = np.median([psnr(frames[n : n + 1], frames[n + 1 : n + 2]) for n in range(67, 100)])
    assert across > usual - 8, "nothing jumps where one goes on"


def test_what_goes_on_from_a_long_clip_begins_where_its_camera_came_to_rest():
    scene = {"place": "meadow", "characters": [{"species": "fox"}]}
    recipe = {"scene": scene, "request": {"seed": 3, "num_frames": 132}, "pieces": [67, 65]}
    assert Blocking.of_recipe(recipe, continuing=True) == Blocking(scene, 3, start=131, shot_frames=67)
    assert Blocking.of_recipe(recipe) == Blocking(scene, 3, start=0, shot_frames=67)


@pytest.mark.slow
def test_a_picture_from_elsewhere_goes_on_too(project, ada, pulse):
    given = [Input(role=Input.Role.FIRST_FRAME, asset=make_picture(project.workspace))]
    make_generation(project, ada, "built-in", given, num_frames=125, width=64, height=64)
    frames = run(pulse).asset.frames()
    assert len(frames) == 125 and psnr(frames[63:64], frames[64:65]) > 25


def test_every_piece_is_given_what_falls_into_it():
    picture = np.zeros((64, 64, 3), np.uint8)
    keyframes = (Keyframe(picture, 30), Keyframe(picture, 90))
    card = replace(BUILT_IN, inputs=BUILT_IN.inputs | {"keyframes"}, frames_alone=False)
    asked = make_request(
        prompt="@nana waves", num_frames=LONG, keyframes=keyframes, last_frame=picture, camera="pan left",
        references=(picture,), reference_tags=("nana",),
    )  # fmt: skip
    first = first_piece(asked, 67)
    assert (first.num_frames, [one.at for one in first.keyframes], first.last_frame) == (67, [30], None)
    before = Clip(
        np.zeros((67, 64, 64, 3), np.uint8), 12, recipe={"scene": {"place": "x"}, "request": first.as_recipe()}
    )
    last = next_piece(card, asked, before, 67, 65)
    assert (last.num_frames, [one.at for one in last.keyframes]) == (66, [24])
    assert last.last_frame is picture and last.camera is None and last.blocking.start == 66
    assert last.references and last.prompt == "@nana waves"
    alone = next_piece(BUILT_IN, asked, replace(before, recipe={}), 67, 65)
    assert (alone.references, alone.prompt, alone.camera) == ((), "nana waves", "pan left")


def test_sounds_of_pieces_follow_each_other():
    frames = np.zeros((12, 64, 64, 3), np.uint8)
    clips = [Clip(frames, 12, Audio(np.full((1200, 1), level, np.float32), 1200)) for level in (0.1, 0.2)]
    whole = joined(make_request(num_frames=23), clips)
    assert len(whole.frames) == 23 and len(whole.audio.samples) == 2300
    assert np.allclose(whole.audio.samples[1199:1201, 0], [0.1, 0.2])
    assert joined(make_request(num_frames=23), [clips[0], replace(clips[1], audio=None)]).audio is None


def test_a_model_that_cannot_go_on_says_so_before_anything_is_held(project, ada):
    with pytest.raises(TooLong, match="Animatic draws up to 10 seconds, not 11, and cannot go on from a last frame"):
        make_generation(project, ada, "animatic", num_frames=LONG)
    with pytest.raises(TooLong, match="up to 120 seconds, not 120.083"):
        make_generation(project, ada, "built-in", num_frames=1441)
    clip = make_generation(project, ada)
    given = [Input(role=Input.Role.VIDEO, asset=make_picture(project.workspace))]
    with pytest.raises(TooLong, match="works on up to 10 seconds at once, not 11"):
        make_generation(project, ada, "built-in", given, num_frames=LONG)
    assert Generation.objects.get() == clip
    assert Wallet.objects.of(project.workspace).held == clip.cost
