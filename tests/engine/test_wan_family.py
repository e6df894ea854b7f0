"""The others of the Wan family: a first frame, two denoisers, few steps, low-rank weights, smaller memory plans."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from generation.engine import store
from generation.engine.card import FewSteps, Lora
from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import EngineError
from generation.engine.pipelines.few_steps import FewSteps as Scheduler
from generation.engine.published import PUBLISHED
from generation.engine.request import VideoRequest
from generation.engine.weights import ModelRefused
from tests.engine.tiny_pipelines import (
    save_tiny_expanding,
    save_tiny_fast_wan,
    save_tiny_image_to_video,
    save_tiny_lora,
    save_tiny_two_experts,
    save_tiny_wan,
)

FOX = VideoRequest("a red fox walks", width=64, height=64, num_frames=5, seed=7, num_inference_steps=2)
PUBLISHED_BY_ID = {card.id: card for card in PUBLISHED}


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def drawn(engine, request):
    return engine.generate(request, nothing).frames


def sign(left=(230, 30, 30), right=(30, 30, 230)):
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :32], pixels[:, 32:] = left, right
    return pixels


def as_published(model_id, folder):
    """The engine of a published card over tiny weights."""
    return load_engine(replace(PUBLISHED_BY_ID[model_id], location=str(folder)), device="cpu")


@pytest.fixture(scope="module")
def from_a_picture(tmp_path_factory):
    folder = save_tiny_image_to_video(tmp_path_factory.mktemp("models") / "i2v")
    card = replace(card_for(str(folder)), second_guidance_scale=3.0)
    return load_engine(card, device="cpu")


def test_it_goes_on_from_a_first_frame_to_a_last_one(from_a_picture):
    begun = drawn(from_a_picture, replace(FOX, first_frame=sign()))
    assert begun.shape == (5, 64, 64, 3)
    assert np.array_equal(begun, drawn(from_a_picture, replace(FOX, first_frame=sign())))
    assert not np.array_equal(begun, drawn(from_a_picture, replace(FOX, first_frame=255 - sign())))
    assert not np.array_equal(begun, drawn(from_a_picture, replace(FOX, first_frame=sign(), last_frame=255 - sign())))
    with pytest.raises(EngineError, match="i2v needs a first frame") as refusal:
        drawn(from_a_picture, FOX)
    assert refusal.value.code == "INPUT.MISSING"


def test_both_denoisers_work_each_with_its_own_guidance(from_a_picture):
    calls = {"transformer": 0, "transformer_2": 0}
    hooks = [
        getattr(from_a_picture.pipeline, name).register_forward_pre_hook(
            lambda *_, name=name: calls.update({name: calls[name] + 1})
        )
        for name in calls
    ]
    asked = replace(FOX, first_frame=sign(), num_inference_steps=6)
    frames = drawn(from_a_picture, asked)
    for hook in hooks:
        hook.remove()
    assert min(calls.values()) >= 2 and sum(calls.values()) == 12
    assert not np.array_equal(frames, drawn(from_a_picture, replace(asked, guidance_scale=5.0)))


def test_a_model_of_words_that_takes_a_first_frame_too(tmp_path):
    engine = load_engine(card_for(str(save_tiny_expanding(tmp_path / "five"))), device="cpu")
    assert engine.card.inputs == {"first_frame"} and "image_to_video" in engine.card.tasks
    words, picture = drawn(engine, FOX), drawn(engine, replace(FOX, first_frame=sign()))
    assert not np.array_equal(words, picture)
    assert not np.array_equal(picture, drawn(engine, replace(FOX, first_frame=255 - sign())))
    assert np.array_equal(words, drawn(engine, FOX)), "the one leaves nothing behind for the other"


@pytest.mark.slow
def test_fast_wan_takes_its_three_steps_whatever_class_its_folder_names(tmp_path):
    engine = as_published("fastwan-2.1-1.3b", save_tiny_fast_wan(tmp_path / "fast"))
    clip = engine.generate(replace(FOX, num_inference_steps=None), nothing)
    assert (clip.recipe["pipeline_class"], clip.recipe["scheduler"]["class"]) == ("WanDMDPipeline", "FewSteps")
    assert (clip.recipe["num_inference_steps"], clip.recipe["guidance_scale"]) == (3, 1.0)


@pytest.mark.slow
def test_four_steps_by_low_rank_weights_and_many_without_them(tmp_path):
    folder = save_tiny_two_experts(tmp_path / "a14b")
    card = PUBLISHED_BY_ID["wan-2.2-t2v-a14b"]
    with pytest.raises(ModelRefused, match="lacks wan2.2_t2v.* Pull it again"):
        as_published(card.id, folder)
    for lora in card.loras:
        save_tiny_lora(folder / store.LORAS / lora.file)
    engine = as_published(card.id, folder)
    few = engine.generate(replace(FOX, num_inference_steps=None), nothing)
    assert (few.recipe["num_inference_steps"], few.recipe["guidance_scale"]) == (4, 1.0)
    assert [lora["weight"] for lora in few.recipe["loras"]] == [1.0, 1.0]
    many = engine.generate(replace(FOX, num_inference_steps=5), nothing)
    assert many.recipe["scheduler"]["class"] == "UniPCMultistepScheduler"
    assert many.recipe["guidance_scale"] == 4.0
    assert many.recipe["loras"] == [], "those of few steps were off"
    plain = load_engine(replace(card_for(str(folder)), default_guidance_scale=4.0, second_guidance_scale=3.0), "cpu")
    assert np.array_equal(many.frames, drawn(plain, replace(FOX, num_inference_steps=5))), "many steps want none"
    assert np.array_equal(few.frames, drawn(engine, replace(FOX, num_inference_steps=None)))


@pytest.mark.slow
def test_large_frames_are_decoded_in_tiles_and_the_recipe_says_so(tmp_path):
    engine = load_engine(card_for(str(save_tiny_wan(tmp_path / "wan"))), device="cpu")
    decoded = []
    engine.pipeline.vae.decoder.register_forward_pre_hook(lambda _, seen: decoded.append(tuple(seen[0].shape[-2:])))
    for width, height, told in ((832, 496, True), (320, 320, False), (832, 496, True)):
        decoded.clear()
        clip = engine.generate(replace(FOX, width=width, height=height, num_inference_steps=1), nothing)
        assert clip.recipe["vae_tiling"] == told, (width, height)
        whole = (height // 8, width // 8)
        assert (whole not in decoded) == told and decoded, "latent cells that the decoder saw at once"
    still = replace(FOX, width=832, height=496, num_frames=1, num_inference_steps=1)
    assert not engine.generate(still, nothing).recipe["vae_tiling"], "a still is one frame"


@pytest.mark.slow
def test_a_lora_of_ones_own_changes_the_picture_by_its_weight_and_hears_its_trigger(tmp_path):
    folder, file = save_tiny_wan(tmp_path / "wan"), save_tiny_lora(tmp_path / "paper.safetensors")
    base = card_for(str(folder))
    plain = drawn(load_engine(base, "cpu"), FOX)
    tuned = [
        load_engine(replace(base, loras=(Lora(str(file), weight=weight),)), "cpu").generate(FOX, nothing)
        for weight in (0.0, 0.5, 1.0)
    ]
    assert np.abs(tuned[0].frames.astype(int) - plain).max() <= 1
    assert not np.array_equal(tuned[1].frames, plain) and not np.array_equal(tuned[1].frames, tuned[2].frames)
    told = tuned[1].recipe["loras"][0]
    assert (told["name"], told["weight"], len(told["sha256"])) == ("paper.safetensors", 0.5, 64)
    heard = load_engine(replace(base, loras=(Lora(str(file), trigger="cut paper"),)), "cpu").generate(FOX, nothing)
    assert heard.recipe["request"]["prompt"] == "cut paper, a red fox walks"
    other = save_tiny_wan(tmp_path / "other", ffn_dim=32, num_attention_heads=3)
    with pytest.raises(ModelRefused, match=r"paper\.safetensors does not fit other"):
        load_engine(replace(card_for(str(other)), loras=(Lora(str(file)),)), "cpu")


@pytest.mark.slow
@pytest.mark.parametrize("plan", ["fp8", "offload"])
def test_the_smaller_memory_plans_draw_nearly_the_same(tmp_path, plan, monkeypatch):
    """On the CPU nothing is saved by them, but they run: weights in fp8, parts moved block by block."""
    folder = save_tiny_wan(tmp_path / "wan")
    full = drawn(load_engine(card_for(str(folder)), "cpu"), FOX)
    monkeypatch.setattr("generation.engine.pipelines.driver.Driver._planned", lambda self, smaller: plan)
    clip = load_engine(card_for(str(folder)), "cpu").generate(FOX, nothing)
    assert (clip.recipe["memory_plan"], clip.recipe["vae_tiling"]) == (plan, True)
    assert np.abs(clip.frames.astype(int) - full).mean() < (40 if plan == "fp8" else 1)


def test_few_steps_end_at_what_a_straight_flow_leads_to():
    goal, noise = torch.randn(2, 1, 4, 2, 8, 8, generator=torch.Generator().manual_seed(3))
    for renoise in (False, True):
        scheduler = Scheduler(timesteps=(1000, 750, 500), shift=3.0, renoise=renoise).seeded(9)
        scheduler.set_timesteps(3)
        x = noise
        for level, timestep in zip(scheduler.sigmas, scheduler.timesteps, strict=False):
            x = scheduler.step((x - goal) / level, timestep, x, return_dict=False)[0]
            assert torch.allclose(scheduler.model_outputs[0], goal, atol=1e-4)
        assert torch.allclose(x, goal, atol=1e-4)
    assert scheduler.timesteps.tolist() == pytest.approx([1000, 900, 750])


def test_what_is_published_says_how_its_steps_go():
    card = PUBLISHED_BY_ID["wan-2.2-i2v-a14b"]
    assert card.few_steps == FewSteps(timesteps=(1000, 750, 500, 250), shift=5.0)
    assert {lora.into for lora in card.loras} == {"transformer", "transformer_2"}
    assert all(len(lora.sha256) == 64 for lora in card.loras)
