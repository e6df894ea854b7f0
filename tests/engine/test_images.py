"""The pipelines for stills through the engine's contract, with tiny random weights: everything but beauty is real."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as qwen_pipeline
from PIL import Image

from generation.engine.card import PIPELINE_CLASSES, PIPELINE_TASKS
from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import Cancelled, EngineError
from generation.engine.pipelines.images import Images, Native, Reader
from generation.engine.published import PUBLISHED
from generation.engine.request import VideoRequest
from tests.engine.tiny_images import save_tiny_klein, save_tiny_qwen_edit, save_tiny_z_image

FOX = VideoRequest("a red fox walks", width=96, height=64, num_frames=1, seed=7, num_inference_steps=2)


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def sign(height=80, width=96):
    """A picture with a red left and a blue right half."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = (230, 30, 30), (30, 30, 230)
    return pixels


def asked(engine, **changes):
    """The fox, with the picture that the engine cannot begin without."""
    return replace(FOX, **({"references": (sign(),)} if engine.card.required else {}) | changes)


def drawn(engine, **changes):
    return engine.generate(asked(engine, **changes), nothing).frames


def loaded(folder):
    return load_engine(card_for(str(folder)), device="cpu")


@pytest.fixture(scope="module", autouse=True)
def few_pixels():
    """Qwen's pipeline shows its transformer every picture with a million pixels: too many for a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(qwen_pipeline, "VAE_IMAGE_SIZE", 96 * 96)
        yield


@pytest.fixture(scope="module")
def z_image(tmp_path_factory):
    return loaded(save_tiny_z_image(tmp_path_factory.mktemp("models") / "tiny-z-image"))


@pytest.fixture(scope="module")
def klein(tmp_path_factory):
    return loaded(save_tiny_klein(tmp_path_factory.mktemp("models") / "tiny-klein"))


@pytest.fixture(scope="module")
def klein_base(tmp_path_factory):
    return loaded(save_tiny_klein(tmp_path_factory.mktemp("models") / "tiny-klein-base", is_distilled=False))


@pytest.fixture(scope="module")
def qwen(tmp_path_factory):
    return loaded(save_tiny_qwen_edit(tmp_path_factory.mktemp("models") / "tiny-qwen-edit"))


@pytest.fixture(params=["z_image", "klein", "qwen"])
def engine(request):
    return request.getfixturevalue(request.param)


def test_every_published_card_says_what_its_pipeline_does():
    cards = [card for card in PUBLISHED if card.max_seconds == 1 and "image" in "".join(card.tasks)]
    assert {card.id for card in cards} >= {
        "z-image-turbo",
        "flux-2-klein-4b",
        "qwen-image-edit-2511",
        "qwen-image-edit-2509",
    }
    for card in cards:
        assert (card.inputs, card.tasks) == (PIPELINE_CLASSES[card.pipeline_class], PIPELINE_TASKS[card.pipeline_class])
        assert card.licence.paid_hosting
        assert card.needs.of_gpu("fp8") < card.needs.of_gpu("full")


def test_a_saved_folder_has_the_manners_of_what_was_published(z_image, klein, qwen):
    assert (z_image.card.default_steps, z_image.card.default_guidance_scale) == (8, 0.0)
    assert (klein.card.default_steps, klein.card.default_guidance_scale) == (4, 1.0)
    assert (qwen.card.default_steps, qwen.card.default_guidance_scale) == (40, 4.0)
    assert qwen.card.required == qwen.card.inputs == klein.card.inputs == {"references"}
    assert klein.card.required == z_image.card.inputs == frozenset()


@pytest.mark.parametrize(
    "change",
    [{"prompt": "a blue robot dances"}, {"seed": 8}, {"num_inference_steps": 3}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_asked_for_reaches_the_picture(engine, change):
    assert not np.array_equal(drawn(engine), drawn(engine, **change))


def test_nothing_said_of_steps_means_those_of_the_card(z_image, klein):
    assert np.array_equal(drawn(z_image, num_inference_steps=None), drawn(z_image, num_inference_steps=8))
    assert np.array_equal(drawn(klein, num_inference_steps=None), drawn(klein, num_inference_steps=4))


def test_z_image_is_guided_only_when_that_is_asked_for(z_image):
    clip = z_image.generate(asked(z_image, negative_prompt="blurry"), nothing)
    assert clip.recipe["guidance_scale"] == 0.0
    assert np.array_equal(clip.frames, drawn(z_image))
    guided = drawn(z_image, guidance_scale=1.0)
    assert not np.array_equal(guided, clip.frames)
    assert not np.array_equal(guided, drawn(z_image, guidance_scale=1.0, negative_prompt="blurry"))


def test_qwen_is_guided_away_from_a_blank_or_from_what_is_told(qwen):
    guided = qwen.generate(asked(qwen), nothing)
    assert guided.recipe["guidance_scale"] == 4.0
    others = [{"guidance_scale": 2.0}, {"guidance_scale": 1.0}, {"negative_prompt": "blurry"}]
    pictures = {drawn(qwen, **other).tobytes() for other in others} | {guided.frames.tobytes()}
    assert len(pictures) == 4


def test_a_distilled_klein_has_its_guidance_in_it(klein):
    clip = klein.generate(asked(klein, guidance_scale=4.0, negative_prompt="blurry"), nothing)
    assert clip.recipe["guidance_scale"] == 1.0
    assert np.array_equal(clip.frames, drawn(klein))


def test_a_klein_that_is_not_distilled_is_guided(klein_base):
    changes = [{}, {"guidance_scale": 4.0}, {"guidance_scale": 4.0, "negative_prompt": "blurry"}]
    assert len({drawn(klein_base, **change).tobytes() for change in changes}) == 3


@pytest.mark.parametrize("name", ["klein", "qwen"])
def test_every_given_picture_reaches_the_picture(name, request):
    engine = request.getfixturevalue(name)
    one, other = sign(), 255 - sign()
    given = [(one,), (other,), (one, other), (other, one), (one, other, sign(64, 160))]
    pictures = {drawn(engine, references=pictures).tobytes() for pictures in given}
    assert len(pictures) == len(given)


def test_klein_draws_without_pictures_too(klein):
    assert not np.array_equal(drawn(klein), drawn(klein, references=(sign(),)))


@pytest.mark.parametrize("name", ["klein", "qwen"])
def test_a_small_picture_is_enough(name, request):
    assert drawn(request.getfixturevalue(name), references=(sign(20, 33),)).shape == (1, 64, 96, 3)


def refused(engine, code, complaint, **changes):
    with pytest.raises(EngineError, match=complaint) as refusal:
        engine.generate(replace(FOX, **changes), nothing)
    assert refusal.value.code == code


def test_more_than_one_frame_is_refused(engine):
    references = (sign(),) if engine.card.required else ()
    refused(engine, "INPUT.LENGTH", "draws stills, one frame; 2 frames", num_frames=2, references=references)


def test_what_a_model_cannot_be_given_is_refused(z_image, klein, qwen):
    refused(z_image, "INPUT.UNSUPPORTED", "draws from the prompt alone", references=(sign(),))
    refused(klein, "INPUT.UNSUPPORTED", "cannot use a first frame", first_frame=sign())
    refused(qwen, "INPUT.MISSING", "needs references")
    refused(klein, "INPUT.UNSUPPORTED", "at most 1,048,576 pixels", width=2048, height=1024)


def test_too_many_or_too_long_pictures_are_refused(klein, qwen):
    refused(klein, "INPUT.UNSUPPORTED", "at most 4 references; 5 were", references=(sign(),) * 5)
    refused(qwen, "INPUT.UNSUPPORTED", "at most 3 references; 4 were", references=(sign(),) * 4)
    for engine in (klein, qwen):
        refused(engine, "INPUT.UNSUPPORTED", "more than 8 times as long", references=(sign(64, 520),))


def test_every_step_is_told_with_a_preview(engine):
    calls = []
    engine.generate(asked(engine, num_inference_steps=3), lambda *call: calls.append(call))
    assert [(step, steps) for step, steps, _ in calls] == [(1, 3), (2, 3), (3, 3), (3, 3)]
    *previews, decoding = [preview for _, _, preview in calls]
    assert all(preview.shape == (171, 256, 3) and preview.dtype == np.uint8 for preview in previews)
    assert all(preview.std() > 1 for preview in previews)
    assert decoding is None


@pytest.mark.parametrize("stop_at", [1, 3])
def test_cancelling_stops_within_one_step_and_leaves_the_engine_well(engine, stop_at):
    before = drawn(engine)
    steps_run = []

    def stop(step, steps, preview):
        steps_run.append(step)
        if step == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(asked(engine, num_inference_steps=8), stop)
    assert steps_run == list(range(1, stop_at + 1))
    assert np.array_equal(drawn(engine), before)


def test_cancelling_stops_while_it_decodes(engine):
    before = drawn(engine)
    decoded = []
    hook = engine.pipeline.vae.decoder.register_forward_hook(lambda *_: decoded.append(True))

    def stop(step, steps, preview):
        if preview is None:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(asked(engine), stop)
    hook.remove()
    assert decoded == []
    assert np.array_equal(drawn(engine), before)


@torch.inference_mode()
def test_the_picture_is_the_one_that_the_pipeline_itself_would_decode(engine):
    given = {"image": [Image.fromarray(sign())], "true_cfg_scale": 4.0, "negative_prompt": " "}
    extra = given if engine.card.required else {"guidance_scale": engine.card.default_guidance_scale}
    output = engine.pipeline(
        prompt=FOX.prompt,
        width=FOX.width,
        height=FOX.height,
        num_inference_steps=2,
        generator=torch.Generator("cpu").manual_seed(FOX.seed),
        output_type="np",
        **extra,
    )
    assert np.abs(output.images * 255 - drawn(engine)).max() < 1


@torch.inference_mode()
def test_what_a_run_holds_is_understood_as_what_the_autoencoder_sees(engine):
    """Packed and normalised by the pipeline, then turned back."""
    pipeline, dice = engine.pipeline, torch.Generator().manual_seed(3)
    pictures = torch.rand(1, 3, 1, 64, 96, generator=dice) * 2 - 1
    seen = engine._encoded(pictures)
    if engine.pipeline_class == "ZImagePipeline":
        held = (seen - pipeline.vae.config.shift_factor) * pipeline.vae.config.scaling_factor
    elif engine.pipeline_class == "Flux2KleinPipeline":
        held = pipeline._pack_latents(pipeline._encode_vae_image(pictures[:, :, 0], generator=None))
    else:
        latents = pipeline._encode_vae_image(pictures, generator=None)
        held = pipeline._pack_latents(latents, 1, seen.shape[1], *seen.shape[-2:])
    assert torch.allclose(engine.family.latents(pipeline, held, Native(96, 64)), seen, atol=1e-5)


def test_a_size_between_two_native_ones_is_drawn_larger_and_scaled(tmp_path):
    coarse = loaded(save_tiny_z_image(tmp_path / "coarse", levels=5))  # 32 pixels to a token
    clip = coarse.generate(replace(FOX, width=80, height=112), nothing)
    assert clip.recipe["native"] == {"width": 96, "height": 128}
    assert clip.frames.shape == (1, 112, 80, 3)
    assert (clip.fps, clip.duration_seconds) == (12, 1 / 12)


def test_the_recipe_tells_everything_and_no_paths(engine):
    recipe = engine.generate(asked(engine), nothing).recipe
    told = json.dumps(recipe)
    assert recipe["engine"] == "diffusers"
    assert recipe["model"] == recipe["location"] == engine.folder.name
    assert recipe["pipeline_class"] == engine.pipeline_class
    assert recipe["request"] == asked(engine).as_recipe()
    assert (recipe["num_inference_steps"], recipe["native"]) == (2, {"width": 96, "height": 64})
    assert recipe["scheduler"]["class"] == "FlowMatchEulerDiscreteScheduler"
    assert len(recipe["weights_sha256"]) == 64
    assert str(engine.folder.parent) not in told


def test_qwen_reads_a_picture_in_rows_and_columns(qwen):
    drawn(qwen)
    # 196 tokens of a picture take the places of 14: those after it are nearer than their number.
    assert qwen.pipeline.text_encoder.model.rope_deltas.item() < -100


def test_qwen_reads_pictures_as_its_publishers_wrote_its_processor_down(tmp_path):
    """In files of their own, pictures apart from videos, which need a package that is not here."""
    folder = save_tiny_qwen_edit(tmp_path / "qwen") / "processor"
    written = json.loads((folder / "processor_config.json").read_text())["image_processor"]
    (folder / "processor_config.json").unlink()
    pictures = written | {"image_processor_type": "Qwen2VLImageProcessorFast", "processor_class": "Qwen2VLProcessor"}
    (folder / "preprocessor_config.json").write_text(json.dumps(pictures))
    (folder / "video_preprocessor_config.json").write_text(
        json.dumps(written | {"video_processor_type": "Qwen2VLVideoProcessor"})
    )
    reader = Reader.from_pretrained(folder)
    read = reader(text=["<|image_pad|>"], images=[Image.fromarray(sign(56, 84))], return_tensors="pt")
    assert read["image_grid_thw"].tolist() == [[1, 4, 6]]
    assert read["input_ids"].tolist() == [[reader.image_token_id] * 6]


class Rough(Images):
    """As on a GPU: bfloat16, but for the autoencoder."""

    def _planned(self, smaller):
        self.dtype = torch.bfloat16
        return super()._planned(smaller)


def test_weights_in_bfloat16_draw_beside_an_autoencoder_in_float32(engine):
    rough = Rough(engine.card, device="cpu")
    assert {rough.pipeline.transformer.dtype, rough.pipeline.text_encoder.dtype} == {torch.bfloat16}
    assert rough.pipeline.vae.dtype == torch.float32
    references = (sign(),) if "references" in engine.card.inputs else ()
    clip = rough.generate(asked(rough, references=references), nothing)
    assert (clip.frames.shape, clip.recipe["dtype"]) == ((1, 64, 96, 3), "bfloat16")


def test_running_out_of_memory_is_said_in_a_sentence(engine):
    def need_a_petabyte(*_):
        torch.empty(2**50)

    hook = engine.pipeline.transformer.register_forward_pre_hook(need_a_petabyte)
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            drawn(engine)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"
    assert len(drawn(engine)) == 1


def test_a_model_that_loses_the_picture_is_noticed_at_once(engine):
    calls = []
    hook = engine.pipeline.transformer.register_forward_hook(
        lambda module, given, out: ([out[0][0] * torch.nan],) if isinstance(out[0], list) else (out[0] * torch.nan,)
    )
    try:
        with pytest.raises(EngineError, match="not-a-number") as failure:
            engine.generate(asked(engine), lambda *call: calls.append(call))
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"
    assert calls == []


@pytest.mark.parametrize(("level", "complaint"), [(-10.0, "nothing but black"), (torch.nan, "not-a-number")])
def test_a_black_or_broken_frame_is_no_still(engine, level, complaint):
    hook = engine.pipeline.vae.decoder.register_forward_hook(lambda module, given, out: torch.full_like(out, level))
    try:
        with pytest.raises(EngineError, match=complaint) as failure:
            drawn(engine)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"
