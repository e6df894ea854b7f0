"""The upsampler of LTX-2's latents through the engine's contract, with tiny random weights."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from generation.engine.cards.ltx import CARDS
from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import Cancelled, EngineError
from generation.engine.request import VideoRequest
from generation.engine.weights import ModelRefused
from tests.engine.tiny_ltx import save_tiny_upsampler

PUBLISHED = next(card for card in CARDS if card.id == "ltx-2.5-upsampler")


def film(num_frames=9, height=64, width=64):
    """A red half that gives way to a blue one, uint8 (F, H, W, 3)."""
    frames = np.full((num_frames, height, width, 3), (30, 30, 230), np.uint8)
    for index, frame in enumerate(frames):
        frame[:, : width * (index + 1) // (num_frames + 1)] = (230, 30, 30)
    return frames


LARGER = VideoRequest("a red fox walks", width=128, height=128, num_frames=9, fps=24, seed=7, video=film())


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def drawn(engine, request):
    return engine.generate(request, nothing).frames


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return load_engine(card_for(str(save_tiny_upsampler(tmp_path_factory.mktemp("models") / "tiny-up"))), device="cpu")


def test_a_saved_folder_tells_its_card_what_it_takes(engine):
    assert engine.card.pipeline_class == "LTX2LatentUpsamplePipeline"
    assert (engine.card.inputs, engine.card.required, engine.card.tasks) == ({"video"}, {"video"}, {"upscale"})


def test_a_clip_comes_out_twice_as_large_by_equal_bytes(engine):
    clip = engine.generate(LARGER, nothing)
    assert clip.frames.shape == (9, 128, 128, 3)
    assert clip.frames.dtype == np.uint8
    assert clip.frames.std() > 10
    assert clip.audio is None
    assert drawn(engine, LARGER).tobytes() == clip.frames.tobytes()


def test_two_folders_under_the_index_of_the_whole_model_are_enough(engine, tmp_path):
    folder = save_tiny_upsampler(tmp_path / "pulled", pipeline_class="LTX2Pipeline")
    pulled = load_engine(replace(PUBLISHED, location=str(folder)), device="cpu")
    clip = pulled.generate(LARGER, nothing)
    assert np.array_equal(clip.frames, drawn(engine, LARGER))
    assert clip.recipe["pipeline_class"] == "LTX2LatentUpsamplePipeline"


def test_the_card_fetches_those_two_folders_and_the_index():
    assert PUBLISHED.files == ("model_index.json", "vae/*", "latent_upsampler/*")


def test_a_folder_without_the_upsampler_is_refused(tmp_path):
    folder = save_tiny_upsampler(tmp_path / "half")
    (folder / "latent_upsampler" / "config.json").unlink()
    with pytest.raises(ModelRefused, match="half cannot be loaded"):
        load_engine(card_for(str(folder)), device="cpu")


@pytest.mark.parametrize(
    "change",
    [{"video": film()[:, :, ::-1]}, {"video": film()[::-1]}, {"seed": 8}],
    ids=["mirrored", "backwards", "seed"],
)
def test_the_video_and_the_seed_reach_the_picture(engine, change):
    assert not np.array_equal(drawn(engine, LARGER), drawn(engine, replace(LARGER, **change)))


def test_the_prompt_and_the_steps_change_nothing(engine):
    other = replace(LARGER, prompt="a blue robot", num_inference_steps=30, guidance_scale=7.0)
    assert np.array_equal(drawn(engine, LARGER), drawn(engine, other))


@pytest.mark.parametrize(
    ("given", "asked", "length", "native"), [(9, 9, 9, 9), (12, 12, 12, 17), (12, 5, 5, 9), (3, 24, 3, 9), (1, 1, 1, 1)]
)
def test_as_many_frames_as_were_asked_for_or_as_there_are(engine, given, asked, length, native):
    clip = engine.generate(replace(LARGER, video=film(given), num_frames=asked), nothing)
    assert len(clip.frames) == length
    assert clip.recipe["native"]["num_frames"] == native


def test_any_size_is_enlarged_and_then_scaled_to_what_was_asked(engine):
    clip = engine.generate(replace(LARGER, video=film(9, 72, 100), width=160, height=112), nothing)
    assert clip.recipe["native"] == {"width": 128, "height": 96, "num_frames": 9}
    assert clip.frames.shape == (9, 112, 160, 3)


def test_both_halves_of_the_work_are_told(engine):
    calls = []
    engine.generate(LARGER, lambda *call: calls.append(call))
    assert list(dict.fromkeys(calls)) == [(1, 2, None), (2, 2, None)]


@pytest.mark.parametrize("stop_at", [1, 2, 3, 4], ids=["at once", "encoding", "enlarging", "decoding"])
def test_cancelling_stops_before_the_next_part_and_leaves_the_engine_well(engine, stop_at):
    before = drawn(engine, LARGER)
    asked = []

    def stop(step, steps, preview):
        asked.append(step)
        if len(asked) == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(LARGER, stop)
    assert asked == [1, 1, 1, 2][:stop_at]
    assert np.array_equal(drawn(engine, LARGER), before)


def test_without_a_video_there_is_nothing_to_enlarge(engine):
    with pytest.raises(EngineError, match="needs a video") as refusal:
        engine.generate(replace(LARGER, video=None), nothing)
    assert refusal.value.code == "INPUT.MISSING"


def test_other_inputs_are_refused(engine):
    with pytest.raises(EngineError, match="cannot use a first frame") as refusal:
        engine.generate(replace(LARGER, first_frame=film()[0]), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_a_clip_that_would_become_too_large_is_refused(engine):
    with pytest.raises(EngineError, match="at most 921,600 pixels a frame; 1920 × 1080 is more") as refusal:
        engine.generate(replace(LARGER, video=film(1, 1080, 1920)), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_the_recipe_tells_everything_and_no_paths(engine):
    recipe = json.loads(json.dumps(engine.generate(LARGER, nothing).recipe))
    assert recipe["model"] == recipe["location"] == engine.folder.name
    assert recipe["request"] == LARGER.as_recipe()
    assert (recipe["scheduler"], recipe["dtype"]) == (None, "float32")
    assert len(recipe["weights_sha256"]) == 64
    assert str(engine.folder.parent) not in json.dumps(recipe)


def test_running_out_of_memory_is_said_in_a_sentence(engine):
    hook = engine.pipeline.latent_upsampler.register_forward_pre_hook(lambda *_: torch.empty(2**50) and None)
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            engine.generate(LARGER, nothing)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"


def test_broken_frames_are_no_clip(tmp_path):
    spoiled = load_engine(card_for(str(save_tiny_upsampler(tmp_path / "spoiled"))), device="cpu")
    with torch.no_grad():
        spoiled.pipeline.latent_upsampler.final_conv.bias.fill_(torch.nan)
    with pytest.raises(EngineError, match="not-a-number") as failure:
        spoiled.generate(LARGER, nothing)
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"
