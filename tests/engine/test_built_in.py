"""The built-in model's engine, driven with a small painter of random weights: what is promised holds untrained too."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from generation.engine import catalogue
from generation.engine.clip import Cancelled, EngineError
from generation.engine.request import Blocking, Keyframe, VideoRequest
from tests.engine.tiny_pipelines import save_tiny_painter


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_painter(tmp_path_factory.mktemp("painter"))


@pytest.fixture(scope="module")
def engine(folder):
    return catalogue.load_engine(catalogue.card_for(str(folder)), device="cpu")


def asked(prompt="a red fox in a forest", **given):
    size = {"width": 96, "height": 64, "num_frames": 9, "fps": 12, "seed": 5, "num_inference_steps": 2}
    return VideoRequest(prompt=prompt, **(size | given))


def painted(engine, request):
    return engine.generate(request, lambda *step: None).frames


def test_a_saved_painter_is_loaded_by_its_name(folder):
    from diffusers import DiffusionPipeline

    import generation.engine.built_in  # noqa: F401 - whoever drives the model has its pipeline known

    assert type(DiffusionPipeline.from_pretrained(folder)).__name__ == "PainterPipeline"


def test_every_step_is_told_with_a_preview_and_the_clip_is_as_asked(engine):
    told = []
    clip = engine.generate(asked(), lambda *step: told.append(step))
    assert clip.frames.shape == (9, 64, 96, 3) and clip.frames.dtype == np.uint8 and clip.fps == 12
    assert [(step, steps) for step, steps, _ in told] == [(step, 7) for step in range(1, 8)]
    previews = [preview for _, _, preview in told]
    assert previews[:4] == [None] * 4, "while the animatic is drawn there is nothing to see yet"
    assert all(preview.shape == (64, 96, 3) and preview.any() for preview in previews[4:])
    assert clip.understood["characters"][0]["species"] == "fox"
    assert clip.recipe["scene"]["place"] == "forest" and len(clip.recipe["weights_sha256"]) == 64


def test_equal_requests_give_equal_bytes_and_seeds_differ(engine):
    once, again, other = (painted(engine, asked(seed=seed)) for seed in (5, 5, 6))
    assert np.array_equal(once, again) and not np.array_equal(once, other)


def test_a_long_shot_is_painted_in_windows_that_share_frames(engine):
    from generation.engine.built_in import windows_of

    assert list(windows_of(1)) == [(0, 1)]
    assert list(windows_of(24)) == [(0, 25)]
    assert list(windows_of(48)) == [(0, 25), (20, 45), (40, 49)]
    told = []
    clip = engine.generate(asked(num_frames=48), lambda *step: told.append(step))
    assert clip.frames.shape[0] == 48 and told[-1][:2] == (11, 11)


def test_a_frame_of_its_own_shot_is_where_the_clip_begins_or_ends(engine):
    first = drawn(engine, asked())
    kept = Blocking.of_recipe(first.recipe)
    with torch.inference_mode():
        codec = engine.pipeline.codec
        picture = np.full((64, 96, 3), (200, 30, 60), np.uint8)
        flat = torch.tensor(picture).permute(2, 0, 1)[None, None].expand(1, 4, -1, -1, -1).float() / 127.5 - 1
        coded = ((codec.decode(codec.encode(flat)).clamp(-1, 1) + 1) * 127.5)[0].mean(0).permute(1, 2, 0).numpy()
    frames = painted(engine, asked(first_frame=picture, blocking=kept))
    assert np.abs(frames[0] - coded).max() <= 1.5
    assert not np.array_equal(frames, first.frames)
    assert not np.array_equal(frames, painted(engine, asked(last_frame=picture, blocking=kept)))


@pytest.mark.slow
def test_what_is_painted_over_one_frame_is_followed_by_its_shot_or_by_how_it_moves(engine):
    clip = engine.generate(asked("a red fox walks in a forest", num_frames=9), lambda *step: None)
    blocking = Blocking.of_recipe(clip.recipe)
    mask = np.zeros((64, 96), np.uint8)
    mask[16:48, 36:60] = 255
    for given in ({"blocking": blocking}, {}):
        edit = asked("a blue fox walks in a forest", video=clip.frames, mask=mask, mask_at=4, **given)
        edited = engine.generate(edit, lambda *step: None)
        assert np.array_equal(edited.painted[4], mask > 0)
        assert np.array_equal(edited.frames[~edited.painted], clip.frames[~edited.painted])
        assert edited.recipe["request"]["mask_at"] == 4
        stands = engine.generate(replace(edit, mask_at=None), lambda *step: None)
        assert all(np.array_equal(painted, mask > 0) for painted in stands.painted)
        if given:
            assert not np.array_equal(edited.painted[8], mask > 0), "somebody goes, and it goes with them"


def test_only_what_a_mask_marks_is_painted_anew(engine):
    video = np.random.default_rng(2).integers(0, 255, (9, 64, 96, 3), dtype=np.uint8)
    mask = np.zeros((64, 96), np.uint8)
    mask[20:40, 30:70] = 255
    frames = painted(engine, asked(video=video, mask=mask))
    assert np.array_equal(frames[:, mask == 0], video[:, mask == 0])
    assert not np.array_equal(frames[:, mask > 0], video[:, mask > 0])


def test_who_of_a_shot_is_painted_anew_is_followed_through_it(engine):
    before = engine.generate(asked("a red fox walks beside a blue ball in a meadow"), lambda *step: None)
    edit = {"video": before.frames, "blocking": Blocking.of_recipe(before.recipe), "subject": 1, "seed": 6}
    after = painted(engine, asked("a green robot walks beside a blue ball in a meadow", **edit))
    changed = (after != before.frames).any(-1)
    assert changed.any(axis=(1, 2)).all(), "in every frame"
    assert changed.mean() < 0.5
    ball = painted(engine, asked("a red fox walks beside a green ball in a meadow", **edit | {"subject": 2}))
    assert not np.array_equal((ball != before.frames).any(-1), changed)
    for wrong, sentence in (({"subject": 5}, "nobody of that number"), ({"blocking": None}, "give that too")):
        with pytest.raises(EngineError, match=sentence):
            painted(engine, asked("a fox", **edit | wrong))


def test_what_is_around_a_clip_is_painted_as_its_shot_has_it(engine):
    from generation.engine.painter.shot import shot_of

    clip = drawn(engine, asked("a red fox walks in a forest, camera pans left"))
    kept = Blocking.of_recipe(clip.recipe)
    wide = {"video": clip.frames, "blocking": kept, "placed": (16, 40, 96, 64), "width": 128, "height": 144, "seed": 6}
    request = asked("a blue robot on the moon", **wide)
    widened = drawn(engine, request)
    assert widened.frames.shape == (9, 144, 128, 3)
    assert np.array_equal(widened.frames[:, 40:104, 16:112], clip.frames), "the clip itself"
    assert (widened.painted[:, 40:104, 16:112] == 0).all() and widened.painted.mean() == pytest.approx(2 / 3)
    assert np.abs(widened.frames[:, :40].astype(int) - 128).max() > 5, "and no grey around it"
    assert widened.recipe["guide"] == clip.recipe["scene"], "whoever it is said to be"
    shot = shot_of(request, engine.pipeline.painter)
    around = engine._animatic(shot, request, 9, lambda step: None)
    alone = engine._animatic(
        replace(shot, framed=None), replace(request, placed=None, width=96, height=64), 9, lambda step: None
    )
    assert torch.equal(around.mask[:, :, 40:104, 16:112], alone.mask)
    same = torch.isclose(around.depth[:, :, 40:104, 16:112], alone.depth, rtol=1e-3)
    assert same.float().mean() > 0.99, "but for what is met at a single ray"
    assert Blocking.of_recipe(widened.recipe).framed == (16 / 128, 40 / 144, 96 / 128, 64 / 144)
    for wrong, why in (({"blocking": None}, "by its shot's blocking"), ({"camera": "zoom in"}, "it cannot zoom in")):
        with pytest.raises(EngineError, match=why):
            drawn(engine, replace(request, **wrong))
    with pytest.raises(EngineError, match="none was given"):
        drawn(engine, replace(request, video=None))


def test_a_widened_shot_goes_on_as_it_is_framed(engine):
    from generation.engine.painter.shot import shot_of

    clip = drawn(engine, asked())
    wide = {"width": 192, "height": 64, "placed": (48, 0, 96, 64)}
    kept = Blocking.of_recipe(clip.recipe)
    widened = drawn(engine, asked(video=clip.frames, blocking=kept, **wide))
    goes_on = Blocking.of_recipe(widened.recipe, continuing=True)
    after = shot_of(asked(blocking=goes_on, first_frame=widened.frames[-1], width=192), engine.pipeline.painter)
    assert (after.start, after.framed) == (8, (48, 0, 96, 64))
    again = asked(
        video=widened.frames,
        blocking=Blocking.of_recipe(widened.recipe),
        height=128,
        width=192,
        placed=(0, 32, 192, 64),
    )
    assert shot_of(again, engine.pipeline.painter).framed == (48, 32, 96, 64)


def test_references_change_who_is_painted_and_where(engine):
    rng = np.random.default_rng(1)
    one, other = (rng.integers(0, 255, (80, 60, 3), dtype=np.uint8) for _ in range(2))
    plain = painted(engine, asked())
    for role in ("character", "place"):
        given = {"reference_roles": (role,)}
        first = painted(engine, asked(references=(one,), **given))
        assert not np.array_equal(first, plain)
        assert not np.array_equal(first, painted(engine, asked(references=(other,), **given)))


def test_whoever_is_only_in_a_picture_joins_the_scene(engine):
    picture = np.random.default_rng(1).integers(0, 255, (80, 60, 3), dtype=np.uint8)
    clip = engine.generate(
        asked("a cat in the snow", references=(picture, picture), reference_roles=("character", "object")),
        lambda *step: None,
    )
    assert [one["species"] for one in clip.recipe["scene"]["characters"]] == ["cat"]
    assert len(clip.recipe["scene"]["props"]) == 1


def test_the_same_shot_in_another_world(engine):
    first = engine.generate(asked("a red fox walks in a forest, camera pans left"), lambda *step: None)
    kept = Blocking(first.recipe["scene"], first.recipe["request"]["seed"])
    again = engine.generate(asked("a blue robot on the moon", blocking=kept, seed=77), lambda *step: None)
    scene = again.recipe["scene"]
    assert (scene["place"], scene["characters"][0]["species"]) == ("moon", "robot")
    assert scene["characters"][0]["action"] == "walk" and scene["camera"]["move"] == "pan left"
    assert again.recipe["guide"] == scene, "a robot and the moon are shaped otherwise"
    assert Blocking.of_recipe(again.recipe) == Blocking(scene, kept.seed)
    assert "robot" in again.understood["sentence"] and "moon" in again.understood["sentence"]
    with pytest.raises(EngineError, match="another version"):
        engine.generate(asked(blocking=Blocking({"place": "atlantis"}, 1)), lambda *step: None)


def drawn(engine, request):
    return engine.generate(request, lambda *step: None)


def followed_by(engine, clip, **given):
    """The request for what follows a clip, as the studio makes it."""
    kept = Blocking.of_recipe(clip.recipe, continuing=True)
    return asked(**{"seed": 77, "blocking": kept, "first_frame": clip.frames[-1]} | given)


def test_a_shot_goes_on_from_where_everybody_is(engine):
    from generation.engine.painter.shot import shot_of

    first = drawn(engine, asked("a red fox walks in a forest, camera pans left"))
    request = followed_by(engine, first, prompt="a blue robot runs on the moon, camera pans right")
    shot = shot_of(request, engine.pipeline.painter)
    assert (shot.start, shot.frames, shot.seed, shot.guided) == (8, 9, 5, True)
    assert shot.guide.as_json() == first.recipe["scene"]
    second = drawn(engine, request)
    scene = second.recipe["scene"]
    assert (scene["place"], scene["characters"][0]["species"]) == ("forest", "fox"), "as the frames before show it"
    assert scene["characters"][0]["action"] == "walk", "who walked walks on"
    assert scene["camera"]["move"] == second.understood["camera"]["move"] == "static", "the camera stays"
    assert "static" in second.understood["sentence"] and "fox" in second.understood["sentence"]
    assert "keeps its place, who is in it and what they do" in second.understood["sentence"]
    third = Blocking.of_recipe(second.recipe, continuing=True)
    assert third == Blocking(first.recipe["scene"], 5, start=16, shot_frames=9)
    later = painted(engine, followed_by(engine, first, blocking=third))
    assert not np.array_equal(later, painted(engine, followed_by(engine, first))), "painted over another time"


def test_a_shot_that_goes_on_has_a_camera_at_rest(engine):
    first = drawn(engine, asked("a red fox in a forest, camera pans left"))
    with pytest.raises(EngineError, match="keeps its camera; it cannot zoom in"):
        drawn(engine, followed_by(engine, first, camera="zoom in"))
    assert drawn(engine, followed_by(engine, first, camera="static")).recipe["guide"]["camera"]["move"] == "pan left"


@pytest.mark.parametrize("num_frames", [8, 9, 30])  # fewer than are painted, as many, more than one window
def test_what_leads_up_to_a_shot_ends_with_its_first_frame(engine, num_frames):
    from generation.engine.painter.shot import shot_of

    first = drawn(engine, asked("a red fox walks in a forest, camera pans left"))
    kept = Blocking.of_recipe(first.recipe, leading_up=num_frames)
    request = asked(
        "a blue robot runs on the moon", num_frames=num_frames, blocking=kept, last_frame=first.frames[0], seed=77
    )
    shot = shot_of(request, engine.pipeline.painter)
    assert (shot.start, shot.frames, shot.guide.as_json()) == (1 - num_frames, 9, first.recipe["scene"])
    before = drawn(engine, request)
    assert before.frames.shape == (num_frames, 64, 96, 3)
    assert np.array_equal(before.frames[-1], first.frames[0])
    assert not np.array_equal(before.frames[-2], before.frames[-1])
    assert before.recipe["scene"]["characters"][0]["species"] == "fox", "as the frames after it show"
    assert before.understood["camera"]["move"] == "static"
    with pytest.raises(EngineError, match="keeps its camera; it cannot zoom in"):
        drawn(engine, replace(request, camera="zoom in"))


def test_frames_that_only_fill_a_group_lie_before_what_leads_up(engine):
    first = drawn(engine, asked("a red fox walks in a forest"))

    def leading_up(num_frames):
        kept = Blocking.of_recipe(first.recipe, leading_up=num_frames)
        return painted(engine, asked(num_frames=num_frames, blocking=kept, last_frame=first.frames[0]))

    assert np.array_equal(leading_up(7), leading_up(9)[2:]), "the same moments"


def test_a_long_way_up_to_a_frame_is_painted_from_that_frame_on_backwards(engine):
    kept = Blocking.of_recipe(drawn(engine, asked()).recipe, leading_up=33)
    red, blue = (np.full((64, 96, 3), color, np.uint8) for color in ((200, 30, 60), (30, 60, 200)))
    one, other = (painted(engine, asked(num_frames=33, blocking=kept, last_frame=last)) for last in (red, blue))
    apart = np.abs(one.astype(int) - other).mean((1, 2, 3))
    assert apart[17:20].mean() > 0, "in the window that is painted after the one with that frame"
    assert apart[17:20].mean() > apart[1:4].mean(), "from its end on"


def test_between_two_frames_it_begins_and_ends_as_asked(engine):
    first = drawn(engine, asked(num_frames=12))
    kept, ends = Blocking.of_recipe(first.recipe), {"first_frame": first.frames[0], "last_frame": first.frames[-1]}
    frames = painted(engine, asked(num_frames=12, blocking=kept, **ends))
    assert np.array_equal(frames[-1], first.frames[-1])
    assert not np.array_equal(frames, painted(engine, asked(num_frames=12, blocking=kept, first_frame=first.frames[0])))


def test_a_shot_is_as_long_as_asked_and_not_as_its_windows(engine):
    from generation.engine.painter.shot import shot_of

    assert shot_of(asked(num_frames=24), engine.pipeline.painter).frames == 24
    again = asked(num_frames=24, blocking=Blocking(drawn(engine, asked()).recipe["scene"], 5))
    assert shot_of(again, engine.pipeline.painter).frames == 24


@pytest.mark.parametrize("when", [1, 6])  # while the animatic is drawn, and while it is painted
def test_it_stops_within_a_step(engine, when):
    told = []

    def stop(step, steps, preview):
        told.append(step)
        if step == when:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(asked(), stop)
    assert told[-1] == when
    assert painted(engine, asked()).any()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"video": np.zeros((5, 64, 96, 3), np.uint8)}, "give it both"),
        ({"mask": np.zeros((64, 96), np.uint8)}, "give it both"),
        ({"width": 768, "height": 432}, "pixels a frame"),
        ({"keyframes": (Keyframe(np.zeros((64, 96, 3), np.uint8), 4),)}, "cannot use keyframes"),
        ({"num_frames": 200, "fps": 12}, "up to 10 seconds"),
    ],
)
def test_what_it_cannot_do_is_said(engine, given, why):
    with pytest.raises(EngineError, match=why):
        engine.generate(asked(**given), lambda *step: None)


def test_a_folder_that_names_other_code_is_refused(folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    index = json.loads((other / "model_index.json").read_text())
    (other / "model_index.json").write_text(json.dumps(index | {"codec": ["webbrowser", "Chrome"]}))
    with pytest.raises(EngineError, match="code of its own for its codec"):
        catalogue.load_engine(catalogue.card_for(str(other)))


def test_a_damaged_folder_is_refused(folder, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "painter" / "diffusion_pytorch_model.safetensors").write_bytes(b"no weights")
    with pytest.raises(EngineError, match="missing or damaged"):
        catalogue.load_engine(catalogue.card_for(str(broken)))


def test_any_size_is_brought_to_one_it_paints(folder):
    card = catalogue.card_for(str(folder))
    for size in ((512, 288), (288, 512), (576, 576), (400, 304)):
        native = card.native(replace(asked(), width=size[0], height=size[1]))
        assert native.width % 16 == native.height % 16 == 0
        assert native.width * native.height <= 1.2 * card.max_pixels


def test_everybody_painted_can_be_cut_out(engine):
    size = {"width": 192, "height": 112}
    clip = engine.generate(asked("a red fox and a green frog stand in a forest", **size), lambda *step: None)
    assert [(one.name, one.role) for one in clip.cast] == [("red fox", "character"), ("green frog", "character")]
    painted_colors = {tuple(color) for color in clip.frames.reshape(-1, 3).tolist()}
    for one in clip.cast:
        subject = one.picture[(one.picture != one.picture[0, 0]).any(-1)]
        assert len(subject) >= 150 and {tuple(color) for color in subject.tolist()} <= painted_colors
    video = np.zeros((9, 112, 192, 3), np.uint8)
    mask = np.full((112, 192), 255, np.uint8)
    edited = engine.generate(asked("a red fox", video=video, mask=mask, **size), lambda *step: None)
    assert edited.cast == (), "in a video that was given nobody stands where the animatic has them"
