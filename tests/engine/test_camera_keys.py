"""A path of the creator's own: the camera is at its keys exactly, nowhere beyond them, and every engine that can keeps
to it."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from generation.engine import catalogue
from generation.engine.camera_text import path_as_text, path_from_text
from generation.engine.clip import EngineError
from generation.engine.painter.words import words_of
from generation.engine.pipelines.camera_path import SUBJECT_DISTANCE, path_of
from generation.engine.request import Blocking, CameraKey, InvalidRequest, VideoRequest
from generation.engine.world.camera import USUAL_AMOUNTS, Framing, camera_path
from generation.engine.world.scene import CameraMove, Scene
from tests.engine.tiny_pipelines import save_tiny_painter, save_tiny_wan

FRAMING = Framing(position=np.array([0.3, 1.1, 4.0]), target=np.array([0.0, 0.7, 0.0]), fov=34.0)
SIZE = {"width": 512, "height": 288}
PATH = (CameraKey(0, orbit=-30), CameraKey(0.5, rise=0.5, dolly=1), CameraKey(1, orbit=40, rise=0.5, zoom=2))
SMALL = {"width": 96, "height": 64, "num_frames": 9, "fps": 12, "seed": 5}


def path(*keys, num_frames=25, framing=FRAMING):
    return camera_path(CameraMove.along(keys), framing, num_frames=num_frames, **SIZE)


@pytest.fixture(scope="module")
def painter(tmp_path_factory):
    folder = save_tiny_painter(tmp_path_factory.mktemp("painter"))
    return catalogue.load_engine(catalogue.card_for(str(folder)), device="cpu")


def made(engine, prompt="a red fox in a meadow", **given):
    return engine.generate(VideoRequest(prompt, **SMALL | given), lambda *step: None)


def cameras_of(clip):
    """Where the camera of a clip is, as its recipe has it drawn again."""
    from generation.engine.world.stage import set_stage

    guide = Scene.from_json(clip.recipe.get("guide") or clip.recipe["scene"])
    shape = {name: SMALL[name] for name in ("width", "height", "num_frames", "fps")}
    return set_stage([guide], [SMALL["seed"]], **shape).camera_to_world[0].numpy()


# The path itself.


def test_at_its_key_the_camera_is_where_the_key_says():
    cameras, lenses = path(CameraKey(0), CameraKey(0.5, orbit=90, rise=1, dolly=1, zoom=2), CameraKey(1))
    framed, at = cameras[0], cameras[12]
    assert np.allclose(framed[:3, 3], FRAMING.position)
    x, y, z = FRAMING.position - FRAMING.target
    forward = framed[:3, 2]
    turned = np.array([forward[2], forward[1], -forward[0]])  # a quarter around the subject, to the right
    assert np.allclose(at[:3, 3], FRAMING.target + [z, y, -x] + turned + [0, 1, 0])
    assert np.allclose(at[:3, 2], turned)
    assert np.allclose(lenses[12, 0, 0], 2 * lenses[0, 0, 0])
    assert np.allclose(cameras[-1], framed)


@pytest.mark.parametrize(
    ("quantity", "kind", "less", "more"),
    [
        ("orbit", "orbit", "left", "right"), ("rise", "crane", "down", "up"), ("dolly", "dolly", "out", "in"),
        ("truck", "truck", "left", "right"), ("pan", "pan", "left", "right"), ("tilt", "tilt", "down", "up"),
    ],
)  # fmt: skip
def test_two_keys_are_the_move_they_are_named_after(quantity, kind, less, more):
    half = USUAL_AMOUNTS[kind] / 2
    for way, sign in ((less, -1), (more, 1)):
        keys = (CameraKey(0, **{quantity: -sign * half}), CameraKey(1, **{quantity: sign * half}))
        move = camera_path(CameraMove(f"{kind} {way}"), FRAMING, num_frames=25, **SIZE)
        assert np.allclose(path(*keys)[0], move[0]) and np.allclose(path(*keys)[1], move[1])
        assert words_of([Scene(camera=CameraMove.along(keys))], 1).setting.equal(
            words_of([Scene(camera=CameraMove(f"{kind} {way}"))], 1).setting
        ), "and so it is told to a painter that knows only words"


def test_between_its_keys_it_goes_smoothly_and_never_beyond_them():
    keys = [CameraKey(at, truck=x) for at, x in ((0.1, 0), (0.2, 0.1), (0.3, 2), (0.7, 2), (0.8, -1), (0.9, -1.1))]
    cameras, _ = path(*keys, num_frames=401)
    right = cameras[0, :3, 0]
    aside = (cameras[:, :3, 3] - FRAMING.position) @ right
    for key in keys:
        assert aside[round(key.at * 400)] == pytest.approx(key.truck)
    assert aside.max() <= 2 + 1e-9 and aside.min() >= -1.1 - 1e-9
    assert (np.diff(aside[40:121]) >= -1e-12).all() and (np.diff(aside[280:361]) <= 1e-12).all()
    assert np.ptp(aside[120:281]) < 1e-9 and np.ptp(aside[:41]) == np.ptp(aside[360:]) == 0, "it rests"
    assert np.abs(np.diff(aside, 2)).max() < 0.02, "no jolt"


def test_it_stays_above_the_ground_and_in_front_of_its_subject():
    cameras, _ = path(CameraKey(0, rise=-3), CameraKey(0.5, dolly=10), CameraKey(1, rise=-3, dolly=4, orbit=180))
    assert cameras[:, 1, 3].min() == pytest.approx(0.25)
    assert np.linalg.norm(cameras[:, :3, 3] - FRAMING.target, axis=1).min() > 1.29


def test_told_from_a_picture_it_begins_there_whatever_stands_in_the_way():
    cameras, lenses = path_of(None, 25, width=1280, height=720, keys=(CameraKey(0, zoom=2), CameraKey(1, dolly=5)))
    assert np.array_equal(cameras[0], np.eye(4))
    assert np.allclose(cameras[-1, :3, 3], [0, 0, 5], atol=1e-5) and 5 > SUBJECT_DISTANCE
    assert lenses[-1, 0] == pytest.approx(lenses[0, 0] / 2)
    assert np.array_equal(path_of(None, 1, width=96, height=64, keys=PATH)[0], np.eye(4)[None])


# What may be asked.


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (PATH[:1], "has 2 to 8 keys, not 1"),
        ([CameraKey(n / 9) for n in range(9)], "has 2 to 8 keys, not 9"),
        (PATH[::-1], "one after the other"),
        ((CameraKey(0.5), CameraKey(0.5)), "one after the other"),
        ([{"at": 0}, {"at": 1, "roll": 5}], "no key"),
        ([{"orbit": 5}, {"at": 1}], "no key"),
        ([{"at": 0}, {"at": 1, "orbit": 361}], "“orbit” must be a number from -360 to 360"),
        ([{"at": 0}, {"at": 1.5}], "“at” must be a number from 0 to 1"),
        ([{"at": 0}, {"at": 1, "zoom": 0}], "“zoom” must be"),
        ([{"at": 0}, {"at": 1, "dolly": float("nan")}], "“dolly” must be"),
        ([{"at": 0}, {"at": 1, "pan": "far"}], "“pan” must be"),
        ("0% orbit 3", "a list of keys"),
    ],
)
def test_nonsense_is_named(keys, sentence):
    with pytest.raises(InvalidRequest, match=sentence) as refused:
        VideoRequest("a fox", camera_path=keys)
    assert refused.value.field == "camera_path"


def test_a_camera_makes_a_move_or_follows_a_path():
    with pytest.raises(InvalidRequest, match="Choose one of them"):
        VideoRequest("a fox", camera="pan left", camera_path=PATH)


def test_a_request_as_json_is_the_request_again():
    told = json.loads(json.dumps(VideoRequest("a fox", camera_path=PATH).as_recipe()))
    assert VideoRequest("a fox", camera_path=told["camera_path"]).camera_path == PATH


def test_a_path_can_be_written():
    text = "0% orbit -30\n50% rise 0.5, dolly 1\n100% orbit 40, rise 0.5, zoom 2"
    assert path_as_text(PATH) == text and path_from_text(text) == PATH
    assert path_from_text(" 0 %ORBIT −30 ; 50% rise .5 dolly+1;;100%orbit 40,rise 0.5,zoom 2.0\n") == PATH
    assert path_from_text("\n ; ") == ()
    for line in ("orbit 5", "0% pan", "0% spin 3", "0% orbit 3 orbit 4", "0%% orbit 3", "{}", "0% at 3", "0% pan 1e9"):
        with pytest.raises(InvalidRequest, match="no key of a camera's path"):
            path_from_text(line)
    with pytest.raises(InvalidRequest, match="no key of a camera's path"):
        path_from_text(f"0% {'a11' * 600}!")  # at once: each number can be read in one way alone
    with pytest.raises(InvalidRequest, match="too long"):
        path_from_text("0% " * 1000)


# The engines.


def test_the_animatic_goes_along_it_whatever_the_prompt_says_of_the_camera():
    engine = catalogue.load_engine(catalogue.ANIMATIC, device="cpu")
    clip = made(engine, "a red fox in a meadow, camera pans left", camera_path=PATH)
    assert clip.frames.tobytes() == made(engine, camera_path=PATH).frames.tobytes()
    assert clip.frames.tobytes() != made(engine, camera_path=PATH[:2]).frames.tobytes()
    understood = json.loads(json.dumps(clip.understood))
    assert understood["camera"] == {
        "move": "own path", "amount": None, "keys": [asdict(key) for key in PATH], "words": None
    }  # fmt: skip
    assert "its own way through three points" in understood["sentence"] and "camera" not in understood["assumed"]
    scene = json.loads(json.dumps(clip.recipe))["scene"]
    assert Scene.from_json(scene).camera == CameraMove.along(PATH)


def test_the_built_in_model_keeps_it_with_the_shot_and_lets_another_take_its_place(painter):
    clip = made(painter, camera_path=PATH)
    blocking = Blocking.of_recipe(json.loads(json.dumps(clip.recipe)))
    elsewhere = made(painter, "a blue robot on the moon", blocking=blocking)
    assert Scene.from_json(elsewhere.recipe["guide"]).camera == CameraMove.along(PATH)
    other = made(painter, blocking=blocking, camera_path=PATH[::2])
    assert Scene.from_json(other.recipe["guide"]).camera == CameraMove.along(PATH[::2])
    panned = made(painter, blocking=blocking, camera="pan left")
    assert Scene.from_json(panned.recipe["guide"]).camera == CameraMove("pan left")
    where = [cameras_of(made) for made in (clip, elsewhere, other, panned)]
    assert np.allclose(where[0][0], where[2][0]) and not np.allclose(where[0][4], where[2][4])
    assert np.allclose(where[0][:, :3, :3], where[1][:, :3, :3], atol=0.05), "another body is framed a little otherwise"
    assert not np.allclose(where[0], where[3])


def test_a_shot_that_goes_on_rests_at_its_last_key(painter):
    clip = made(painter, camera_path=PATH)
    blocking = Blocking.of_recipe(clip.recipe, continuing=True)
    after = made(painter, blocking=blocking, first_frame=clip.frames[-1])
    assert Scene.from_json(after.recipe["guide"]).camera == CameraMove.along(PATH)
    with pytest.raises(EngineError, match="cannot follow a path of its own") as refused:
        made(painter, blocking=blocking, first_frame=clip.frames[-1], camera_path=PATH)
    assert refused.value.code == "INPUT.CAMERA"


def test_a_picture_from_elsewhere_is_moved_along_it_as_far_as_it_reaches(painter):
    picture = np.random.default_rng(1).integers(0, 255, (64, 96, 3), dtype=np.uint8)
    there_and_back = (CameraKey(0), CameraKey(0.5, pan=60), CameraKey(1))
    clip = made(painter, first_frame=picture, camera_path=there_and_back)
    assert np.array_equal(clip.frames[0], picture) and not np.array_equal(clip.frames[4], picture)
    keys = clip.understood["camera"]["keys"]
    assert 0 < keys[1]["pan"] < 20, "it turns back where the picture ends, not where the path does"
    assert "reaches no farther" in clip.understood["sentence"]


def test_a_model_that_reads_of_the_camera_refuses_it_before_it_draws(tmp_path):
    engine = catalogue.load_engine(catalogue.card_for(str(save_tiny_wan(tmp_path / "wan"))), device="cpu")
    with pytest.raises(EngineError, match="cannot follow a path") as refused:
        made(engine, camera_path=PATH)
    assert refused.value.code == "INPUT.UNSUPPORTED"
    assert not engine.card.follows_paths and catalogue.ANIMATIC.follows_paths and catalogue.BUILT_IN.follows_paths


def test_a_camera_without_keys_is_told_as_it_always_was():
    scene = Scene(camera=CameraMove("pan left", 12.0))
    assert scene.as_json()["camera"] == {"move": "pan left", "amount": 12.0}
    assert Scene.from_json(scene.as_json()) == scene
    with pytest.raises(ValueError, match="own path"):
        replace(scene, camera=CameraMove("own path"))
