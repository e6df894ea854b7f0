"""What makes denoisers quicker, and what of it a recipe tells."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers.models.attention_dispatch import _AttentionBackendRegistry
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as qwen_pipeline

from generation.engine.catalogue import card_for, load_engine
from generation.engine.pipelines import speed
from generation.engine.pipelines.driver import Driver
from generation.engine.published import PUBLISHED
from generation.engine.request import VideoRequest
from generation.engine.weights import ModelRefused
from tests.engine.tiny_images import save_tiny_qwen_edit
from tests.engine.tiny_pipelines import save_tiny_two_experts, save_tiny_vace, save_tiny_wan

FOX = VideoRequest("a red fox walks", width=64, height=64, num_frames=5, seed=7, num_inference_steps=6)
CUDA = torch.device("cuda")


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_wan(tmp_path_factory.mktemp("models") / "wan")


@pytest.fixture
def as_told(monkeypatch):
    """Load an engine under an operator's settings; a threshold that nothing is above unless another is given."""

    def load(folder, threshold=10.0, **settings):
        for name in ("ATTENTION", "COMPILE", "FIRST_BLOCK_CACHE"):
            monkeypatch.delenv(f"RUNWAYWEB_{name}", raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(f"RUNWAYWEB_{name}", value)
        return load_engine(replace(card_for(str(folder)), first_block_cache=threshold), device="cpu")

    return load


def passes_through_the_last_block(denoiser, draw):
    calls = []
    last = (denoiser.blocks if hasattr(denoiser, "blocks") else denoiser.transformer_blocks)[-1]
    # Inside of it: what passes over a block takes its place from outside.
    hook = next(last.children()).register_forward_pre_hook(lambda *_: calls.append(1))
    drawn = draw()
    hook.remove()
    return len(calls), drawn


def test_without_settings_every_step_is_exact_and_the_recipe_says_so(as_told, folder):
    engine = as_told(folder)
    passes, clip = passes_through_the_last_block(engine.pipeline.transformer, lambda: engine.generate(FOX, nothing))
    assert passes == 12, "with the prompt and without it, in every step"
    told = {name: clip.recipe[name] for name in ("attention", "compiled", "first_block_cache")}
    assert told == {"attention": "native", "compiled": False, "first_block_cache": None}


def test_blocks_that_change_little_are_passed_over_where_the_operator_wants_it(as_told, folder):
    exact = as_told(folder).generate(FOX, nothing)
    engine = as_told(folder, FIRST_BLOCK_CACHE="1")
    passes, clip = passes_through_the_last_block(engine.pipeline.transformer, lambda: engine.generate(FOX, nothing))
    assert passes == 2, "in the first step"
    assert clip.recipe["first_block_cache"] == 10.0
    assert not np.array_equal(clip.frames, exact.frames)
    assert np.array_equal(engine.generate(FOX, nothing).frames, clip.frames), "one run leaves nothing for the next"
    assert np.array_equal(as_told(folder).generate(FOX, nothing).frames, exact.frames)


def test_a_run_that_is_to_be_exact_passes_over_nothing_and_the_next_one_may(as_told, folder):
    exact = as_told(folder).generate(FOX, nothing)
    engine = as_told(folder, FIRST_BLOCK_CACHE="1")
    quick = engine.generate(FOX, nothing)
    full = replace(FOX, exact=True)
    passes, clip = passes_through_the_last_block(engine.pipeline.transformer, lambda: engine.generate(full, nothing))
    assert passes == 12 and np.array_equal(clip.frames, exact.frames)
    assert (clip.recipe["first_block_cache"], clip.recipe["request"]["exact"]) == (None, True)

    def stop(step, steps, preview):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.generate(full, stop)
    again = engine.generate(FOX, nothing)
    assert np.array_equal(again.frames, quick.frames) and again.recipe["first_block_cache"] == 10.0


def test_a_threshold_that_nothing_is_below_changes_nothing(as_told, folder):
    frames = [
        as_told(folder, threshold, FIRST_BLOCK_CACHE="on").generate(FOX, nothing).frames for threshold in (0, None)
    ]
    assert np.array_equal(*frames)


def test_a_run_that_was_stopped_leaves_nothing_to_the_next(as_told, folder):
    engine = as_told(folder, FIRST_BLOCK_CACHE="1")
    before = engine.generate(FOX, nothing).frames

    def stop(step, steps, preview):
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.generate(replace(FOX, seed=8), stop)
    assert np.array_equal(engine.generate(FOX, nothing).frames, before)


def test_two_denoisers_and_those_that_edit_pictures_can_do_it_too(as_told, tmp_path, monkeypatch):
    engine = as_told(save_tiny_two_experts(tmp_path / "a14b"), FIRST_BLOCK_CACHE="1")
    assert engine.generate(FOX, nothing).recipe["first_block_cache"] == 10.0
    monkeypatch.setattr(qwen_pipeline, "VAE_IMAGE_SIZE", 96 * 96)
    engine = as_told(save_tiny_qwen_edit(tmp_path / "qwen"), FIRST_BLOCK_CACHE="1")
    still = replace(FOX, num_frames=1, references=(np.full((80, 96, 3), 200, np.uint8),), guidance_scale=1.0)
    passes, clip = passes_through_the_last_block(engine.pipeline.transformer, lambda: engine.generate(still, nothing))
    assert (passes, clip.recipe["first_block_cache"]) == (1, 10.0)


def test_one_that_is_guided_block_by_block_stays_exact(as_told, tmp_path):
    engine = as_told(save_tiny_vace(tmp_path / "vace"), FIRST_BLOCK_CACHE="1")
    assert engine.generate(FOX, nothing).recipe["first_block_cache"] is None


def test_cards_have_a_threshold_only_where_it_is_used(tmp_path):
    having = {card.pipeline_class for card in PUBLISHED if card.first_block_cache is not None}
    assert having == {"WanPipeline", "QwenImageEditPlusPipeline"}
    assert card_for(str(save_tiny_wan(tmp_path / "wan"))).first_block_cache is not None
    assert card_for(str(save_tiny_vace(tmp_path / "vace"))).first_block_cache is None


def test_attention_is_computed_as_the_operator_says_and_by_that_model_alone(as_told, folder):
    engine = as_told(folder, ATTENTION="_native_math")
    assert engine.generate(FOX, nothing).recipe["attention"] == "_native_math"
    processor = engine.pipeline.transformer.blocks[0].attn1.processor
    assert processor._attention_backend == "_native_math"
    assert _AttentionBackendRegistry._active_backend == "native", "what others have that say nothing"


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"ATTENTION": "flash_4_hub"}, "would fetch code from a repository"),
        ({"ATTENTION": "quick"}, "can be one of native, _native_math without a GPU, not quick"),
        ({"ATTENTION": "_native_cudnn"}, "without a GPU"),
        ({"COMPILE": "perhaps"}, "RUNWAYWEB_COMPILE is on or off, not perhaps"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(as_told, folder, settings, complaint):
    with pytest.raises(ModelRefused, match=complaint):
        as_told(folder, **settings)


def test_a_package_that_is_missing_is_named(folder):
    denoiser = load_engine(card_for(str(folder)), device="cpu").pipeline.transformer
    with pytest.raises(ModelRefused, match="RUNWAYWEB_ATTENTION=xformers needs a package"):
        speed.use_attention([denoiser], "xformers")


def test_on_a_gpu_cudnn_attends_for_models_it_suits(as_told, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(speed, "has_cudnn_attention", lambda device: True)
    wan = as_told(folder).pipeline.transformer
    other = torch.nn.Linear(1, 1)
    assert speed.attention_for([wan], CUDA) == "_native_cudnn"
    assert speed.attention_for([wan, other], CUDA) == "native"
    assert speed.attention_for([], CUDA) == "native"
    monkeypatch.setattr(speed, "has_cudnn_attention", lambda device: False)
    assert speed.attention_for([wan], CUDA) == "native"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_draws_with_the_attention_it_chose(folder):
    engine = load_engine(card_for(str(folder)))
    clip = engine.generate(FOX, nothing)
    assert clip.recipe["attention"] == engine.attention
    assert np.array_equal(engine.generate(FOX, nothing).frames, clip.frames)


def test_blocks_are_compiled_where_the_operator_wants_it_and_the_plan_is_full(as_told, folder, monkeypatch):
    compiled = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda block, *args, **how: compiled.append(type(block).__name__))
    engine = as_told(folder, COMPILE="1")
    assert compiled == ["WanTransformerBlock"] * 2
    assert engine.generate(FOX, nothing).recipe["compiled"] is True
    monkeypatch.setattr(Driver, "_planned", lambda engine, smaller: "offload")
    assert not as_told(folder, COMPILE="1", FIRST_BLOCK_CACHE="1").compiled
    assert len(compiled) == 2


@pytest.mark.slow
def test_compiled_blocks_draw_the_same_picture(as_told, folder):
    exact = as_told(folder).generate(FOX, nothing).frames
    engine = as_told(folder, COMPILE="1")
    frames = engine.generate(FOX, nothing).frames
    assert np.abs(frames.astype(int) - exact).max() <= 2, "but for rounding"
    assert np.array_equal(engine.generate(FOX, nothing).frames, frames)
