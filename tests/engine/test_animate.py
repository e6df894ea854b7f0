"""Wan-Animate through the engine's contract, with tiny random weights, and what it is told of a person."""

import importlib.util
import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import Cancelled, EngineError
from generation.engine.pipelines import pose
from generation.engine.request import VideoRequest
from tests.engine.tiny_animate import film, leaning, save_tiny_animate, watch


def sign(height=48, width=64):
    """A picture with a red left and a blue right half."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = (230, 30, 30), (30, 30, 230)
    return pixels


FOX = VideoRequest(
    "a red fox dances",
    width=64,
    height=64,
    num_frames=5,
    seed=7,
    num_inference_steps=2,
    references=(sign(),),
    video=film(),
)


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def drawn(engine, request):
    return engine.generate(request, nothing).frames


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_animate(tmp_path_factory.mktemp("models") / "tiny-animate")


def loaded(folder):
    engine = load_engine(card_for(str(folder)), device="cpu")
    engine.watch = watch
    return engine


@pytest.fixture(scope="module")
def engine(folder):
    return loaded(folder)


@pytest.fixture(scope="module")
def fox(engine):
    return drawn(engine, FOX)


def test_its_card_asks_for_a_character_and_a_clip(folder):
    card = card_for(str(folder))
    assert card.required == card.inputs == {"references", "video"}
    assert card.tasks == {"performance"}


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a blue robot dances"},
        {"seed": 8},
        {"num_inference_steps": 3},
        {"guidance_scale": 3.0},
        {"camera": "pan left"},
        {"references": (255 - sign(),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_asked_for_reaches_the_picture(engine, fox, change):
    assert not np.array_equal(drawn(engine, replace(FOX, **change)), fox)


def test_what_is_not_wanted_reaches_the_picture_under_guidance(engine, fox):
    guided = replace(FOX, guidance_scale=3.0)
    assert not np.array_equal(drawn(engine, replace(guided, negative_prompt="blurry")), drawn(engine, guided))
    assert np.array_equal(drawn(engine, replace(FOX, negative_prompt="blurry")), fox)


@pytest.mark.parametrize("half", ["body", "face"])
def test_how_the_person_in_the_clip_moves_reaches_the_picture(engine, fox, half):
    other = film()
    part = np.s_[:, :, 32:] if half == "body" else np.s_[:, :, :32]
    other[part] = 255 - other[part]
    assert not np.array_equal(drawn(engine, replace(FOX, video=other)), fox)


@pytest.mark.parametrize("missing", [{"references": (), "reference_roles": ()}, {"video": None}], ids=["who", "how"])
def test_without_a_character_or_a_clip_it_cannot_begin(engine, missing):
    with pytest.raises(EngineError, match="needs") as refusal:
        engine.generate(replace(FOX, **missing), nothing)
    assert refusal.value.code == "INPUT.MISSING"


@pytest.mark.parametrize(
    ("change", "complaint", "code"),
    [
        ({"references": (sign(), sign()), "reference_roles": ()}, "one character", "INPUT.UNSUPPORTED"),
        ({"first_frame": sign()}, "cannot use a first frame", "INPUT.UNSUPPORTED"),
        ({"mask": sign()[..., 0]}, "cannot use a mask", "INPUT.UNSUPPORTED"),
        ({"num_frames": 1}, "at least two frames", "INPUT.LENGTH"),
        ({"video": film(1)}, "at least two frames", "INPUT.LENGTH"),
    ],
    ids=["two characters", "first frame", "mask", "still", "one frame"],
)
def test_what_it_cannot_use_is_refused(engine, change, complaint, code):
    with pytest.raises(EngineError, match=complaint) as refusal:
        engine.generate(replace(FOX, **change), nothing)
    assert refusal.value.code == code


def test_a_clip_without_people_is_refused(folder):
    engine = loaded(folder)
    engine.watch = lambda frames, ask: [None] * len(frames)
    with pytest.raises(EngineError, match="Nobody can be seen") as refusal:
        engine.generate(FOX, nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


@pytest.mark.parametrize(("asked", "given", "got"), [(5, 3, 3), (3, 5, 3), (24, 7, 7), (2, 2, 2)])
def test_a_clip_is_as_long_as_the_driving_one_cut_to_what_was_asked_for(engine, asked, given, got):
    clip = engine.generate(replace(FOX, num_frames=asked, video=film(given), num_inference_steps=1), nothing)
    assert len(clip.frames) == got
    assert clip.fps == FOX.fps


def test_every_step_of_every_segment_is_told_with_a_preview(folder):
    engine = loaded(folder)
    engine.segment_frames = 5
    calls = []
    clip = engine.generate(replace(FOX, num_frames=10, video=film(10)), lambda *call: calls.append(call))
    assert len(clip.frames) == 10
    # Ten frames in segments of five, each sharing one with the one before: five, four, and one of the last four.
    seen = [(step, steps) for step, steps, preview in calls if preview is not None]
    assert seen == [(step, 6) for step in range(1, 7)]
    assert all(preview.shape == (256, 256, 3) for _, _, preview in calls if preview is not None)
    # Before the first step the clip is watched, frame by frame; after each segment two chunks are decoded.
    asked = [step for step, _, preview in calls if preview is None]
    assert asked == [1] * 10 + [2, 2, 4, 4, 6, 6]


@pytest.mark.parametrize(("num_frames", "segments"), [(2, (1, 5)), (77, (1, 77)), (78, (2, 77)), (153, (2, 77))])
def test_a_short_clip_is_one_short_segment(engine, num_frames, segments):
    assert engine._segments(num_frames) == segments


@pytest.mark.parametrize("stop_at", [1, 3])
def test_cancelling_stops_within_one_step_and_leaves_the_engine_well(engine, fox, stop_at):
    steps_run = []

    def stop(step, steps, preview):
        if preview is not None:
            steps_run.append(step)
            if step == stop_at:
                raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(replace(FOX, num_inference_steps=8), stop)
    assert steps_run == list(range(1, stop_at + 1))
    assert np.array_equal(drawn(engine, FOX), fox)


@pytest.mark.parametrize("after", [0, 2], ids=["watching", "decoding"])
def test_cancelling_stops_while_it_watches_or_decodes(engine, fox, after):
    steps_run = []

    def stop(step, steps, preview):
        if preview is not None:
            steps_run.append(step)
        elif len(steps_run) == after:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(FOX, stop)
    assert len(steps_run) == after
    assert np.array_equal(drawn(engine, FOX), fox)


def test_a_size_between_two_native_ones_is_drawn_larger_and_scaled(engine, monkeypatch):
    monkeypatch.setattr(engine.pipeline, "vae_scale_factor_spatial", 16)
    assert (engine._native(replace(FOX, width=80)).width, engine._native(FOX).height) == (96, 64)


def test_the_recipe_tells_everything_and_no_paths(engine):
    recipe = json.loads(json.dumps(engine.generate(FOX, nothing).recipe))
    assert (recipe["engine"], recipe["pipeline_class"]) == ("diffusers", "WanAnimatePipeline")
    assert recipe["request"] == FOX.as_recipe()
    assert (recipe["num_inference_steps"], recipe["guidance_scale"]) == (2, 1.0)
    assert recipe["native"] == {"width": 64, "height": 64, "num_frames": 5}
    assert recipe["scheduler"]["class"] == "UniPCMultistepScheduler"
    assert str(engine.folder.parent) not in json.dumps(recipe)


def test_running_out_of_memory_is_said_in_a_sentence(engine, fox):
    hook = engine.pipeline.transformer.register_forward_pre_hook(lambda *_: torch.empty(2**50))
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            engine.generate(FOX, nothing)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"
    assert np.array_equal(drawn(engine, FOX), fox)


def test_a_model_that_loses_the_picture_is_noticed_at_once(folder):
    engine = loaded(folder)
    with torch.no_grad():
        engine.pipeline.transformer.proj_out.bias.fill_(torch.nan)
    calls = []
    with pytest.raises(EngineError, match="not-a-number") as failure:
        engine.generate(replace(FOX, num_inference_steps=8), lambda *call: calls.append(call))
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"
    assert all(preview is None for _, _, preview in calls)


def test_without_what_sees_people_the_sentence_says_how_to_install_it(folder, monkeypatch):
    engine = load_engine(card_for(str(folder)), device="cpu")
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    before = set(sys.modules)
    with pytest.raises(EngineError, match="make run EXTRAS=offline") as refusal:
        engine.generate(FOX, nothing)
    assert refusal.value.code == "INPUT.MISSING_EXTRA"
    assert not {"cv2", "matplotlib", "matplotlib.pyplot"} & (set(sys.modules) - before)


@pytest.mark.skipif(importlib.util.find_spec("mediapipe") is None, reason="MediaPipe is not installed")
def test_in_an_empty_picture_nobody_is_seen():
    asked = []
    assert pose.watch(np.zeros((2, 64, 64, 3), np.uint8), lambda: asked.append(1)) == [None, None]
    assert len(asked) == 2


def test_a_skeleton_is_drawn_in_the_colours_of_its_limbs_on_black():
    around = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    body = np.stack([640 + 300 * np.cos(around), 360 + 300 * np.sin(around), np.ones(20)], axis=1)
    person = replace(leaning(), body=body)
    (sheet,) = pose.pose_video([person], 1280, 720)
    pixels = np.asarray(sheet)
    assert pixels.shape == (720, 1280, 3)
    assert (pixels == 0).all(axis=2).mean() > 0.95
    nose, neck, shoulder = (person.body[point, :2].round().astype(int) for point in (0, 1, 2))
    assert tuple(pixels[nose[1], nose[0]]) == (255, 0, 0)
    assert tuple(pixels[shoulder[1], shoulder[0]]) == (255, 170, 0)
    middle = (neck + shoulder) // 2
    assert tuple(pixels[middle[1], middle[0]]) == (153, 0, 0)


def test_what_is_not_surely_seen_and_who_is_not_there_is_not_drawn():
    person = leaning(lean=0.2)
    person.body[:, 2] = 0.4
    assert [np.asarray(sheet).max() for sheet in pose.pose_video([person, None], 64, 64)] == [0, 0]


def test_hands_are_drawn_finger_by_finger():
    hand = np.stack([np.linspace(8, 56, 21), np.tile([10, 50, 20], 7)], axis=1)
    without, with_hand = pose.pose_video([leaning(), replace(leaning(), hands=(hand,))], 64, 64)
    assert tuple(np.asarray(with_hand)[round(hand[20, 1]), round(hand[20, 0])]) == (0, 0, 255)
    assert not np.array_equal(without, with_hand)
    assert pose.FINGERS[:5] == ((0, 1), (1, 2), (2, 3), (3, 4), (0, 5))


def test_a_face_fills_its_picture_and_stays_where_it_was_last_seen():
    frames = np.zeros((7, 64, 96, 3), np.uint8)
    frames[:, 20:40, 60:80] = (200, 100, 50)
    seen = replace(leaning(), face=np.array([60.0, 20.0, 80.0, 40.0]))
    hidden = replace(leaning(), face=None)
    faces = [np.asarray(face) for face in pose.face_video(frames, [None, hidden, seen, hidden, None, seen, hidden], 32)]
    assert [face.shape for face in faces] == [(32, 32, 3)] * 7
    assert all(np.array_equal(face, faces[0]) for face in faces)
    assert tuple(faces[0][16, 16]) == (200, 100, 50)
    assert (faces[0][0] < 10).all()  # more of what lies above the brows is shown


def test_a_face_that_jumps_is_followed_softly():
    frames = np.tile(np.arange(0, 192, 2, dtype=np.uint8)[None, None, :, None], (6, 64, 1, 3))
    places = [np.array([left, 20.0, left + 20.0, 40.0]) for left in (10, 10, 10, 60, 60, 60)]
    persons = [replace(leaning(), face=place) for place in places]
    middles = [np.asarray(face)[8, 8, 0] for face in pose.face_video(frames, persons, 16)]
    assert np.all(np.diff(middles) >= 0)
    assert np.diff(np.float64(middles)).max() < 50  # in one jump it would be a hundred


def test_without_any_face_the_model_is_given_black():
    faces = pose.face_video(film(3), [replace(leaning(), face=None)] * 3, 16)
    assert [np.asarray(face).max() for face in faces] == [0, 0, 0]


@pytest.mark.parametrize("place", [(-40, -40, -10, -10), (90, 90, 130, 130)])
def test_a_face_outside_of_the_frame_breaks_nothing(place):
    faces = pose.face_video(film(3), [replace(leaning(), face=np.array(place, float))] * 3, 16)
    assert [face.size for face in faces] == [(16, 16)] * 3


def test_landmarks_become_a_person_in_pixels():
    def marks(count, **values):
        return SimpleNamespace(
            landmark=[
                SimpleNamespace(x=index / 1000, y=index / 500, visibility=0.9, **values) for index in range(count)
            ]
        )

    found = SimpleNamespace(
        pose_landmarks=marks(33), left_hand_landmarks=None, right_hand_landmarks=marks(21), face_landmarks=marks(468)
    )
    person = pose._person(found, 1000, 500)
    assert person.body.shape == (20, 3)
    assert person.body[:, 0] == pytest.approx([0, 11.5, *pose.BODY[2:]])  # the neck lies between both shoulders
    assert person.body[:, 1] == pytest.approx(person.body[:, 0])
    assert [hand.shape for hand in person.hands] == [(21, 2)]
    assert person.face == pytest.approx([min(pose.FACE), min(pose.FACE), max(pose.FACE), max(pose.FACE)])
    assert pose._person(replace_marks(found, face_landmarks=None), 1000, 500).face is None
    assert pose._person(replace_marks(found, pose_landmarks=None), 1000, 500) is None


def replace_marks(found, **changes):
    return SimpleNamespace(**vars(found) | changes)
