"""LTX-2.5 through the engine's contract, with tiny random weights: everything but beauty is real."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES

from generation.engine.cards.ltx import CARDS
from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import Cancelled, EngineError
from generation.engine.encode import write_mp4
from generation.engine.pipelines.ltx import WITHOUT_GUIDANCE, levels
from generation.engine.request import Keyframe, VideoRequest
from generation.engine.weights import ModelRefused
from tests.engine.tiny_ltx import save_tiny_ltx

FOX = VideoRequest("a red fox walks", width=64, height=64, num_frames=9, fps=24, seed=7, num_inference_steps=2)


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def drawn(engine, request):
    return engine.generate(request, nothing).frames


def sign(height=48, width=64):
    """A picture with a red left and a blue right half."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = (230, 30, 30), (30, 30, 230)
    return pixels


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return load_engine(card_for(str(save_tiny_ltx(tmp_path_factory.mktemp("models") / "tiny-ltx"))), device="cpu")


@pytest.fixture
def spoiled(tmp_path):
    """Another engine, for a test that damages it."""
    return load_engine(card_for(str(save_tiny_ltx(tmp_path / "spoiled"))), device="cpu")


def test_a_saved_folder_tells_its_card_what_it_takes(engine):
    assert (engine.card.id, engine.card.pipeline_class) == ("tiny-ltx", "LTX2Pipeline")
    assert engine.card.inputs == {"first_frame", "keyframes", "last_frame"}
    assert engine.card.tasks == {"text_to_video", "image_to_video", "extend"}
    assert engine.card.frame_rule == CARDS[0].frame_rule == 8


def test_parts_that_write_prompts_and_choose_lengths_are_left_out(engine):
    index = json.loads((engine.folder / "model_index.json").read_text())
    for name in ("prompt_enhancer", "processor", "duration_head", "diffusion_decoder"):
        assert index[name][1]
        assert not (engine.folder / name).exists()
        assert getattr(engine.pipeline, name, None) is None


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a blue robot dances"},
        {"seed": 8},
        {"num_inference_steps": 3},
        {"camera": "pan left"},
        {"first_frame": sign()},
        {"last_frame": sign()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_asked_for_reaches_the_picture_and_the_sound(engine, change):
    clip, other = engine.generate(FOX, nothing), engine.generate(replace(FOX, **change), nothing)
    assert not np.array_equal(clip.frames, other.frames)
    assert not np.array_equal(clip.audio.samples, other.audio.samples)


def test_the_clip_begins_with_the_latents_of_the_first_frame(engine):
    held = {}
    hook = engine.pipeline.vae.decoder.register_forward_pre_hook(lambda module, args: held.update(latents=args[0]))
    try:
        drawn(engine, replace(FOX, first_frame=sign(64, 64)))
    finally:
        hook.remove()
    (shown,) = held["latents"][:, :, 0]
    vae = engine.pipeline.vae
    pixels = torch.from_numpy(sign(64, 64)).permute(2, 0, 1)[None, :, None] / 127.5 - 1
    with torch.inference_mode():
        given = vae.encode(pixels).latent_dist.mode()[0, :, 0]
    # Not the same: it went through H.264 as those of the training did.
    assert torch.nn.functional.cosine_similarity(shown.flatten(), given.flatten(), dim=0) > 0.98


@pytest.mark.parametrize(("num_frames", "fps"), [(9, 24), (12, 24), (17, 12)])
def test_the_last_frame_is_pinned_to_the_last_frame_that_was_asked_for(engine, num_frames, fps):
    seen = []
    hook = engine.pipeline.transformer.register_forward_pre_hook(
        lambda module, args, call: seen.append(call["video_coords"]), with_kwargs=True
    )
    try:
        drawn(engine, replace(FOX, num_frames=num_frames, fps=fps, num_inference_steps=1, last_frame=sign()))
    finally:
        hook.remove()
    begin, end = seen[0][0, 0, -1].tolist()  # seconds, of the last token
    assert (begin, end) == pytest.approx(((num_frames - 1) / fps, num_frames / fps))


def test_keyframes_are_pinned_to_their_own_frames(engine):
    seen = []
    hook = engine.pipeline.transformer.register_forward_pre_hook(
        lambda module, args, call: seen.append(call["video_coords"]), with_kwargs=True
    )
    between = (Keyframe(sign(), 3), Keyframe(255 - sign(), 12))
    request = replace(FOX, num_frames=17, fps=24, num_inference_steps=1, keyframes=between)
    try:
        drawn(engine, request)
        drawn(engine, replace(request, first_frame=sign(), last_frame=sign()))
    finally:
        hook.remove()
    begins = [torch.unique_consecutive(coords[0, 0, :, 0]).tolist() for coords in seen]
    assert begins[0][-2:] == pytest.approx([3 / 24, 12 / 24])
    assert begins[1][-3:] == pytest.approx([3 / 24, 12 / 24, 16 / 24])


def test_guidance_is_off_whatever_is_asked(engine):
    passes = []
    hook = engine.pipeline.transformer.register_forward_pre_hook(
        lambda module, args, call: passes.append(len(call["hidden_states"])), with_kwargs=True
    )
    try:
        clip = engine.generate(replace(FOX, guidance_scale=7.0, negative_prompt="blurry"), nothing)
    finally:
        hook.remove()
    assert passes == [1, 1]  # one pass a step, with one clip in it
    assert np.array_equal(clip.frames, drawn(engine, FOX))
    assert clip.recipe["guidance_scale"] == 1.0
    assert {name for name, value in WITHOUT_GUIDANCE.items() if value == 0} == {
        "stg_scale",
        "audio_stg_scale",
        "guidance_rescale",
        "audio_guidance_rescale",
    }


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (1, [1.0]),
        (2, [1.0, 0.421875]),
        (4, [1.0, 0.909375, 0.725, 0.421875]),
        (8, DISTILLED_SIGMA_VALUES),
        (30, DISTILLED_SIGMA_VALUES),
    ],
)
def test_fewer_steps_leave_out_the_levels_after_the_first_and_more_add_none(steps, expected):
    assert levels(steps) == expected


def test_without_a_number_it_takes_the_eight_steps_it_was_distilled_for(engine):
    calls = []
    clip = engine.generate(replace(FOX, num_inference_steps=None), lambda *call: calls.append(call[:2]))
    assert calls[:8] == [(step, 8) for step in range(1, 9)]
    assert clip.recipe["sigmas"] == DISTILLED_SIGMA_VALUES
    timesteps = engine.pipeline.scheduler.timesteps.tolist()
    assert timesteps == pytest.approx([1000 * level for level in DISTILLED_SIGMA_VALUES])


def test_the_sound_is_as_long_as_the_frames_that_were_asked_for(engine, tmp_path):
    clip = engine.generate(replace(FOX, num_frames=12, num_inference_steps=1), nothing)
    samples = clip.audio.samples
    assert (clip.audio.sample_rate, samples.dtype) == (48_000, np.float32)
    assert samples.shape == (24_000, 2)  # half a second, of the 17 frames that were drawn
    assert 0.01 < np.abs(samples).max() <= 1
    assert clip.duration_seconds == 0.5
    write_mp4(clip.frames, clip.fps, tmp_path / "fox.mp4", audio=clip.audio, metadata=clip.recipe)


@pytest.mark.parametrize("name", ["references", "video", "mask"])
def test_other_inputs_are_refused(engine, name):
    given = {"video": np.stack([sign()] * 9), "mask": sign()[..., 0], "references": (sign(),)}[name]
    with pytest.raises(EngineError, match="it cannot use") as refusal:
        engine.generate(replace(FOX, **{name: given}), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_a_picture_larger_than_the_card_allows_is_refused(engine):
    with pytest.raises(EngineError, match="at most 921,600 pixels") as refusal:
        engine.generate(replace(FOX, width=4096, height=4096), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_a_model_that_is_not_distilled_is_refused(tmp_path):
    folder = save_tiny_ltx(tmp_path / "full", use_dynamic_shifting=True, shift_terminal=0.1)
    with pytest.raises(ModelRefused, match="full is not distilled"):
        load_engine(card_for(str(folder)), device="cpu")


@pytest.mark.parametrize("task", [{}, {"last_frame": sign()}], ids=["text", "last_frame"])
def test_every_step_is_told_with_a_preview(engine, task):
    calls = []
    engine.generate(replace(FOX, width=128, num_inference_steps=3, **task), lambda *call: calls.append(call))
    assert [(step, steps) for step, steps, preview in calls if preview is not None] == [(1, 3), (2, 3), (3, 3)]
    previews = [preview for _, _, preview in calls if preview is not None]
    assert all(preview.shape == (128, 256, 3) and preview.dtype == np.uint8 for preview in previews)
    assert all(preview.std() > 1 for preview in previews)
    # After the last step the decoding asks whether to go on: before the picture's one tile, and before the sound.
    assert [call for call in calls if call[2] is None] == [(3, 3, None), (3, 3, None)]


@pytest.mark.parametrize(("task", "stop_at"), [({}, 1), ({}, 3), ({"first_frame": sign()}, 2)])
def test_cancelling_stops_within_one_step_and_leaves_the_engine_well(engine, task, stop_at):
    before = drawn(engine, FOX)
    steps_run = []

    def stop(step, steps, preview):
        steps_run.append(step)
        if step == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(replace(FOX, num_inference_steps=8, **task), stop)
    assert steps_run == list(range(1, stop_at + 1))
    assert np.array_equal(drawn(engine, FOX), before)


@pytest.mark.parametrize("stop_at", [1, 2], ids=["before the picture", "before the sound"])
def test_cancelling_stops_while_it_decodes(engine, stop_at):
    before = drawn(engine, FOX)
    asked = []

    def stop(step, steps, preview):
        if preview is None:
            asked.append(step)
            if len(asked) == stop_at:
                raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(FOX, stop)
    assert asked == [2] * stop_at
    assert np.array_equal(drawn(engine, FOX), before)


@pytest.mark.parametrize(("asked", "native"), [(1, 1), (2, 9), (9, 9), (10, 17), (24, 25)])
def test_a_clip_is_drawn_in_whole_chunks_and_cut(engine, asked, native):
    clip = engine.generate(replace(FOX, num_frames=asked, num_inference_steps=1), nothing)
    assert len(clip.frames) == asked
    assert clip.recipe["native"]["num_frames"] == native


def test_a_still_takes_its_last_frame_too(engine):
    assert drawn(engine, replace(FOX, num_frames=1, num_inference_steps=1, last_frame=sign())).shape == (1, 64, 64, 3)


def test_a_size_between_two_native_ones_is_drawn_larger_and_scaled(engine):
    clip = engine.generate(replace(FOX, width=80, height=112), nothing)
    assert clip.recipe["native"] == {"width": 96, "height": 128, "num_frames": 9}
    assert clip.frames.shape == (9, 112, 80, 3)


def test_a_side_that_would_leave_a_tile_of_one_cell_is_cut_otherwise(engine):
    tiles = []
    wide = replace(FOX, width=29 * 32, num_frames=1, num_inference_steps=1)
    clip = engine.generate(wide, lambda *call: tiles.append(call) if call[2] is None else None)
    assert clip.frames.shape == (1, 64, 928, 3)
    assert len(tiles) == 3 + 1  # cells 0 to 16, 13 to 29 and 26 to 29; then the sound


def test_the_recipe_tells_everything_and_no_paths(engine):
    recipe = json.loads(json.dumps(engine.generate(FOX, nothing).recipe))
    assert recipe["engine"] == "diffusers"
    assert recipe["model"] == recipe["location"] == engine.folder.name
    assert recipe["pipeline_class"] == "LTX2Pipeline"
    assert recipe["request"] == FOX.as_recipe()
    assert (recipe["num_inference_steps"], recipe["sigmas"]) == (2, [1.0, 0.421875])
    assert (recipe["device"], recipe["dtype"]) == ("cpu", "float32")
    assert recipe["scheduler"]["class"] == "FlowMatchEulerDiscreteScheduler"
    assert len(recipe["weights_sha256"]) == 64
    assert str(engine.folder.parent) not in json.dumps(recipe)


def test_running_out_of_memory_is_said_in_a_sentence(engine):
    hook = engine.pipeline.transformer.register_forward_pre_hook(lambda *_: torch.empty(2**50) and None)
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            engine.generate(FOX, nothing)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"
    assert len(drawn(engine, FOX)) == 9


def test_a_model_that_loses_the_picture_is_noticed_at_once(spoiled):
    with torch.no_grad():
        spoiled.pipeline.transformer.proj_out.bias.fill_(torch.nan)
    calls = []
    with pytest.raises(EngineError, match="lost the picture") as failure:
        spoiled.generate(replace(FOX, num_inference_steps=8), lambda *call: calls.append(call))
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"
    assert calls == []


def test_broken_sound_is_no_clip(spoiled):
    with torch.no_grad():
        spoiled.pipeline.vocoder.vocoder.conv_in.bias.fill_(torch.nan)
    with pytest.raises(EngineError, match="lost the sound") as failure:
        spoiled.generate(FOX, nothing)
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"


def test_black_frames_are_no_clip(spoiled):
    with torch.no_grad():
        spoiled.pipeline.vae.decoder.conv_out.conv.weight.zero_()
        spoiled.pipeline.vae.decoder.conv_out.conv.bias.fill_(-10.0)
    with pytest.raises(EngineError, match="nothing but black") as failure:
        spoiled.generate(FOX, nothing)
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"


def test_the_licence_says_whom_it_forbids():
    for card in CARDS:
        assert card.licence.paid_hosting
        assert "10 million" in card.licence.forbids
