"""The Wan pipelines through the engine's contract, with tiny random weights: everything but beauty is real."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler

from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import Cancelled, EngineError
from generation.engine.pipelines.wan import Native, vace_conditions
from generation.engine.preview import clean_latents, fit_latent_colors, picture
from generation.engine.request import Blocking, Keyframe, VideoRequest
from tests.engine.tiny_pipelines import save_tiny_vace, save_tiny_wan

FOX = VideoRequest("a red fox walks", width=64, height=64, num_frames=5, seed=7, num_inference_steps=2)


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
def wan(tmp_path_factory):
    return load_engine(card_for(str(save_tiny_wan(tmp_path_factory.mktemp("models") / "tiny-wan"))), device="cpu")


@pytest.fixture(scope="module")
def vace(tmp_path_factory):
    return load_engine(card_for(str(save_tiny_vace(tmp_path_factory.mktemp("models") / "tiny-vace"))), device="cpu")


@pytest.fixture(params=["wan", "vace"])
def engine(request):
    return request.getfixturevalue(request.param)


def test_a_saved_folder_tells_its_card_what_it_takes(tmp_path):
    card = card_for(str(save_tiny_vace(tmp_path / "tiny-vace")))
    assert (card.id, card.pipeline_class) == ("tiny-vace", "WanVACEPipeline")
    assert card.inputs == {"first_frame", "keyframes", "last_frame", "references", "video", "mask", "blocking"}
    assert card_for(str(save_tiny_wan(tmp_path / "tiny-wan"))).inputs == frozenset()


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a blue robot dances"},
        {"negative_prompt": "blurry"},
        {"seed": 8},
        {"num_inference_steps": 3},
        {"guidance_scale": 1.0},
        {"camera": "pan left"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_asked_for_reaches_the_picture(engine, change):
    assert not np.array_equal(drawn(engine, FOX), drawn(engine, replace(FOX, **change)))


def test_around_a_video_it_paints_and_the_video_stays(vace):
    video = np.stack([sign(32, 32)] * 5)
    request = replace(FOX, video=video, placed=(16, 16, 32, 32))
    clip = vace.generate(request, nothing)
    assert clip.frames.shape == (5, 64, 64, 3)
    assert np.array_equal(clip.frames[:, 16:48, 16:48], video)
    assert (clip.painted[0] == 0).sum() == 32 * 32 and clip.painted[:, :16].all()
    assert clip.recipe["request"]["placed"] == [16, 16, 32, 32]
    elsewhere = drawn(vace, replace(request, placed=(0, 16, 32, 32)))
    assert not np.array_equal(elsewhere[:, :, 48:], clip.frames[:, :, 48:]), "it sees where the video lies"
    with pytest.raises(EngineError, match="none was given"):
        drawn(vace, replace(request, video=None))


def test_what_cannot_paint_around_a_video_says_so(wan):
    with pytest.raises(EngineError, match="does not paint around a video"):
        drawn(wan, replace(FOX, placed=(16, 16, 32, 32)))


def test_more_references_than_the_clip_has_chunks(vace):
    still = replace(FOX, num_frames=1, references=(sign(), 255 - sign(), sign(20, 300)))
    assert drawn(vace, still).shape == (1, 64, 64, 3)


@pytest.mark.parametrize("name", ["first_frame", "last_frame", "video", "mask", "references"])
def test_a_model_of_words_alone_refuses_pictures(wan, name):
    given = {"video": np.stack([sign()] * 5), "mask": sign()[..., 0], "references": (sign(),)}.get(name, sign())
    with pytest.raises(EngineError, match="draws from the prompt alone") as refusal:
        wan.generate(replace(FOX, **{name: given}), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_a_model_of_words_alone_refuses_the_blocking_of_another_shot(wan):
    with pytest.raises(EngineError, match="cannot use the blocking of another shot") as refusal:
        wan.generate(replace(FOX, blocking=Blocking({"place": "meadow"}, 7)), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_a_mask_without_a_video_is_refused(vace):
    with pytest.raises(EngineError, match="give the video too") as refusal:
        vace.generate(replace(FOX, mask=sign()[..., 0]), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_a_picture_larger_than_the_card_allows_is_refused(wan):
    with pytest.raises(EngineError, match="at most 921,600 pixels") as refusal:
        wan.generate(replace(FOX, width=4096, height=4096), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_every_step_is_told_with_a_preview(engine):
    calls = []
    engine.generate(replace(FOX, width=128, num_inference_steps=4), lambda *call: calls.append(call))
    seen = [(step, steps) for step, steps, preview in calls if preview is not None]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert all(preview.shape == (128, 256, 3) for _, _, preview in calls if preview is not None)
    assert all(preview.dtype == np.uint8 and preview.std() > 1 for _, _, preview in calls if preview is not None)
    # After the last step only the decoding asks whether to go on: once for each of the two chunks of five frames.
    assert [call for call in calls if call[2] is None] == [(4, 4, None), (4, 4, None)]


@pytest.mark.parametrize("stop_at", [1, 3])
def test_cancelling_stops_within_one_step_and_leaves_the_engine_well(engine, stop_at):
    before = drawn(engine, FOX)
    steps_run = []

    def stop(step, steps, preview):
        steps_run.append(step)
        if step == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(replace(FOX, num_inference_steps=8), stop)
    assert steps_run == list(range(1, stop_at + 1))
    assert np.array_equal(drawn(engine, FOX), before)


def test_cancelling_stops_while_it_decodes(engine):
    before = drawn(engine, FOX)
    asked = []

    def stop(step, steps, preview):
        if preview is None:
            asked.append(step)
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(replace(FOX, num_frames=21), stop)
    assert asked == [2]
    assert np.array_equal(drawn(engine, FOX), before)


@pytest.mark.parametrize(("asked", "native"), [(1, 1), (2, 5), (5, 5), (6, 9), (24, 25), (25, 25)])
def test_a_clip_is_drawn_in_whole_chunks_and_cut(engine, asked, native):
    clip = engine.generate(replace(FOX, num_frames=asked, num_inference_steps=1), nothing)
    assert len(clip.frames) == asked
    assert clip.recipe["native"]["num_frames"] == native


def test_a_size_between_two_native_ones_is_drawn_larger_and_scaled(tmp_path):
    folder = save_tiny_wan(tmp_path / "coarse", patch_size=(1, 4, 4))  # 32 pixels to a token
    clip = load_engine(card_for(str(folder)), device="cpu").generate(replace(FOX, width=80, height=112), nothing)
    assert clip.recipe["native"] == {"width": 96, "height": 128, "num_frames": 5}
    assert clip.frames.shape == (5, 112, 80, 3)
    assert (clip.fps, clip.duration_seconds) == (12, 5 / 12)


def test_the_recipe_tells_everything_and_no_paths(engine):
    clip = engine.generate(replace(FOX, guidance_scale=None), nothing)
    recipe = json.loads(json.dumps(clip.recipe))
    assert recipe["engine"] == "diffusers"
    assert recipe["model"] == recipe["location"] == engine.folder.name
    assert recipe["pipeline_class"] == engine.pipeline_class
    assert recipe["request"] == FOX.as_recipe()
    assert (recipe["num_inference_steps"], recipe["guidance_scale"]) == (2, 5.0)
    assert (recipe["device"], recipe["dtype"]) == ("cpu", "float32")
    assert recipe["versions"]["diffusers"] and recipe["versions"]["torch"] == torch.__version__
    assert recipe["scheduler"]["class"] == "UniPCMultistepScheduler"
    assert len(recipe["weights_sha256"]) == 64
    assert str(engine.folder.parent) not in json.dumps(recipe)
    assert clip.understood == {}


def test_running_out_of_memory_is_said_in_a_sentence(vace):
    def need_a_petabyte(*_):
        torch.empty(2**50)

    hook = vace.pipeline.transformer.register_forward_pre_hook(need_a_petabyte)
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            vace.generate(FOX, nothing)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"
    assert len(drawn(vace, FOX)) == 5


def test_a_model_that_loses_the_picture_is_noticed_at_once(tmp_path):
    engine = load_engine(card_for(str(save_tiny_wan(tmp_path / "broken"))), device="cpu")
    with torch.no_grad():
        engine.pipeline.transformer.proj_out.bias.fill_(torch.nan)
    calls = []
    with pytest.raises(EngineError, match="not-a-number") as failure:
        engine.generate(replace(FOX, num_inference_steps=8), lambda *call: calls.append(call))
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"
    assert calls == []


@pytest.mark.parametrize(("level", "complaint"), [(-10.0, "nothing but black"), (torch.nan, "not-a-number")])
def test_black_or_broken_frames_are_no_clip(tmp_path, level, complaint):
    engine = load_engine(card_for(str(save_tiny_wan(tmp_path / "broken"))), device="cpu")
    with torch.no_grad():
        engine.pipeline.vae.decoder.conv_out.weight.zero_()
        engine.pipeline.vae.decoder.conv_out.bias.fill_(level)
    with pytest.raises(EngineError, match=complaint) as failure:
        engine.generate(FOX, nothing)
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"


def test_first_and_last_frame_are_kept_and_the_rest_is_free():
    request = replace(FOX, num_frames=7, first_frame=sign(), last_frame=255 - sign())
    conditions = vace_conditions(request, Native(64, 64, 9))
    assert [np.asarray(mask).max() for mask in conditions["mask"]] == [0, 255, 255, 255, 255, 255, 0, 0, 0]
    assert np.asarray(conditions["video"][0])[32, 5].tolist() == [230, 30, 30]
    assert np.asarray(conditions["video"][3])[32, 5].tolist() == [128, 128, 128]
    # The last frame asked for is the seventh; the two after it only fill the chunk.
    assert np.asarray(conditions["video"][6])[32, 5].tolist() == [25, 225, 225]


def test_a_keyframe_is_kept_at_its_own_frame(vace, wan):
    request = replace(FOX, num_frames=9, keyframes=(Keyframe(sign(), 3), Keyframe(255 - sign(), 6)))
    conditions = vace_conditions(request, Native(64, 64, 9))
    assert [np.asarray(mask).max() for mask in conditions["mask"]] == [255, 255, 255, 0, 255, 255, 0, 255, 255]
    assert np.asarray(conditions["video"][3])[32, 5].tolist() == [230, 30, 30]
    assert np.asarray(conditions["video"][6])[32, 5].tolist() == [25, 225, 225]
    later = replace(request, keyframes=(Keyframe(sign(), 5),))
    assert not np.array_equal(drawn(vace, request), drawn(vace, later))
    with pytest.raises(EngineError, match="cannot use keyframes"):
        drawn(wan, request)


def test_a_video_shorter_than_the_clip_is_continued():
    conditions = vace_conditions(
        replace(FOX, video=np.stack([sign()] * 2), mask=np.zeros((48, 64), np.uint8)), Native(64, 64, 5)
    )
    assert [np.asarray(mask).max() for mask in conditions["mask"]] == [0, 0, 255, 255, 255]
    assert np.unique(np.asarray(conditions["video"][2])).tolist() == [128]


def test_a_reference_is_shown_whole_on_a_white_sheet():
    (sheet,) = vace_conditions(replace(FOX, references=(sign(20, 80),)), Native(64, 64, 5))["reference_images"]
    pixels = np.asarray(sheet)
    assert pixels.shape == (64, 64, 3)
    assert pixels[2, 32].tolist() == [255, 255, 255]
    assert (pixels[32, 2].argmax(), pixels[32, 61].argmax()) == (0, 2)


class MixingCodec:
    """An autoencoder whose latents are colours, mixed: what a preview has to undo."""

    mix = torch.tensor([[0.9, -0.3, 0.2], [0.1, 0.8, -0.5], [-0.4, 0.3, 0.7], [0.5, 0.5, 0.5]])

    def encode(self, video):
        """Latents (1, 4, f, h, w) of a video (1, 3, F, H, W)."""
        return torch.einsum("zc,bcfhw->bzfhw", self.mix, torch.nn.functional.avg_pool3d(video, (1, 8, 8)))


def test_a_preview_shows_the_colours_of_the_middle_frame():
    codec = MixingCodec()
    colors = fit_latent_colors(lambda pictures: codec.encode(pictures)[:, :, 0], "cpu")
    film = torch.zeros(1, 3, 3, 128, 256)
    film[:, :, 1, :, :128] = torch.tensor([0.8, -0.6, -0.6])[None, :, None, None]
    film[:, :, 1, :, 128:] = torch.tensor([-0.6, -0.6, 0.8])[None, :, None, None]
    shown = picture(codec.encode(film), colors)
    assert shown.shape == (128, 256, 3)
    assert np.abs(shown[64, 20].astype(int) - [230, 51, 51]).max() < 8
    assert np.abs(shown[64, 230].astype(int) - [51, 51, 230]).max() < 8


def test_a_preview_looks_through_the_noise():
    """Along a straight flow from noise to a picture, the estimate after any two steps is that picture."""
    goal, noise = torch.randn(2, 1, 4, 2, 8, 8, generator=torch.Generator().manual_seed(3))
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(4)
    at = [goal + sigma * (noise - goal) for sigma in scheduler.sigmas]
    assert torch.equal(clean_latents(scheduler, 0, at[1], None), at[1])
    assert torch.allclose(clean_latents(scheduler, 1, at[2], at[1]), goal, atol=1e-4)
