"""Sounds and music through the engine's contract, with tiny random weights, and the file they become."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from generation.engine import store
from generation.engine.cards import sound as cards
from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import Audio, Cancelled, EngineError
from generation.engine.encode import DIGITAL_SOURCE_TYPE, read_recipe, write_audio, write_mp4
from generation.engine.pipelines import sound
from generation.engine.pipelines.sound import samples_of
from generation.engine.sound_request import SoundRequest
from tests.engine.tiny_sound import save_tiny_ace_step, save_tiny_stable_audio
from tests.servers.ports import free_port, wait_for

HUB = Path(__file__).resolve().parents[1] / "servers" / "hub.py"
RAIN = SoundRequest("rain on a tin roof", 1.3, 7, num_inference_steps=2)


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def heard(engine, request=RAIN):
    return engine.generate(request, nothing).audio.samples


def warm(folder):
    return load_engine(card_for(str(folder)), device="cpu")


@pytest.fixture(scope="module")
def stable_audio(tmp_path_factory):
    return warm(save_tiny_stable_audio(tmp_path_factory.mktemp("models") / "tiny-stable-audio"))


@pytest.fixture(scope="module")
def ace_step(tmp_path_factory):
    return warm(save_tiny_ace_step(tmp_path_factory.mktemp("models") / "tiny-ace-step"))


@pytest.fixture(params=["stable_audio", "ace_step"])
def engine(request):
    return request.getfixturevalue(request.param)


def test_a_saved_folder_tells_its_card_what_it_makes(stable_audio, ace_step):
    assert stable_audio.card.tasks == {"text_to_sound", "text_to_music"}
    assert ace_step.card.tasks == {"text_to_music"}
    assert stable_audio.card.inputs == ace_step.card.inputs == frozenset()
    assert (stable_audio.card.max_seconds, ace_step.card.max_seconds) == (380, 600)


@pytest.mark.parametrize(("name", "rate"), [("stable_audio", 44_100), ("ace_step", 48_000)])
def test_equal_requests_give_equal_bytes_of_stereo(request, name, rate):
    engine = request.getfixturevalue(name)
    made = engine.generate(RAIN, nothing)
    samples = made.audio.samples
    assert (made.audio.sample_rate, made.duration_seconds) == (rate, 1.3)
    assert (samples.shape, samples.dtype) == ((round(1.3 * rate), 2), np.float32)
    assert np.isfinite(samples).all() and np.abs(samples).max() <= 1
    assert samples.std() > 0.05
    assert heard(engine).tobytes() == samples.tobytes()


@pytest.mark.parametrize("seconds", [0.5, 0.777, 2, 11.0001])
def test_a_sound_is_exactly_as_long_as_asked_for(engine, seconds):
    made = engine.generate(replace(RAIN, duration_seconds=seconds, num_inference_steps=1), nothing)
    assert len(made.audio.samples) == round(seconds * made.audio.sample_rate)
    assert made.audio.samples[-2000:].std() > 0.01, "to its end"


@pytest.mark.parametrize(
    "change",
    [{"prompt": "a dog barks"}, {"seed": 8}, {"num_inference_steps": 3}, {"duration_seconds": 12.0}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_asked_for_reaches_the_sound(engine, change):
    changed = heard(engine, replace(RAIN, **change))
    assert not np.array_equal(heard(engine), changed[: round(1.3 * engine.pipeline.vae.config.sampling_rate)])


def test_guidance_and_what_to_stay_away_from_reach_the_sound(stable_audio):
    guided = heard(stable_audio, replace(RAIN, guidance_scale=4.0))
    assert not np.array_equal(heard(stable_audio), guided)
    assert not np.array_equal(guided, heard(stable_audio, replace(RAIN, guidance_scale=4.0, negative_prompt="wind")))


def test_lyrics_reach_the_music(ace_step):
    sung = heard(ace_step, replace(RAIN, lyrics="[verse]\nRain, rain"))
    assert not np.array_equal(heard(ace_step), sung)
    assert not np.array_equal(sung, heard(ace_step, replace(RAIN, lyrics="[verse]\nSun, sun")))


def test_nobody_sings_without_lyrics(ace_step):
    assert np.array_equal(heard(ace_step), heard(ace_step, replace(RAIN, lyrics="[Instrumental]")))


def test_a_distilled_model_is_not_guided_again(ace_step, tmp_path):
    made = ace_step.generate(replace(RAIN, guidance_scale=4.0), nothing)
    assert made.recipe["guidance_scale"] == 1.0
    assert np.array_equal(made.audio.samples, heard(ace_step))
    base = warm(save_tiny_ace_step(tmp_path / "base", is_turbo=False))
    guided = base.generate(replace(RAIN, guidance_scale=4.0), nothing)
    assert guided.recipe["guidance_scale"] == 4.0
    assert not np.array_equal(guided.audio.samples, heard(base))


def test_music_shorter_than_the_model_knows_is_the_beginning_of_longer(ace_step):
    assert np.array_equal(heard(ace_step), heard(ace_step, replace(RAIN, duration_seconds=10))[: round(1.3 * 48_000)])


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("stable_audio", {"lyrics": "la la"}, "does not sing"),
        ("stable_audio", {"duration_seconds": 381}, "makes up to 380 seconds, not 381"),
        ("ace_step", {"negative_prompt": "drums"}, "cannot use a negative prompt"),
        ("ace_step", {"lyrics": "la " * 1000}, "Leave out about 33%"),
    ],
)
def test_what_a_model_cannot_do_is_refused(request, name, change, complaint):
    with pytest.raises(EngineError, match=complaint) as refusal:
        request.getfixturevalue(name).generate(replace(RAIN, **change), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_a_small_model_in_a_folder_makes_no_more_than_it_was_taught(tmp_path):
    engine = warm(save_tiny_stable_audio(tmp_path / "small", max_seconds=120.0))
    with pytest.raises(EngineError, match="makes up to 120 seconds, not 121"):
        engine.generate(replace(RAIN, duration_seconds=121), nothing)


def test_every_step_is_told_and_then_the_decoding(engine):
    calls = []
    engine.generate(replace(RAIN, num_inference_steps=4), lambda *call: calls.append(call))
    assert calls == [(step, 4, None) for step in (1, 2, 3, 4, 4)]


@pytest.mark.parametrize("stop_at", [1, 3, 9])
def test_cancelling_stops_within_one_step_or_piece_and_leaves_the_engine_well(engine, stop_at):
    before = heard(engine)
    calls = []

    def stop(*call):
        calls.append(call)
        if len(calls) == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(replace(RAIN, num_inference_steps=8), stop)
    assert len(calls) == stop_at
    assert np.array_equal(heard(engine), before)


def test_a_long_sound_is_decoded_in_pieces_that_fit_together(tmp_path, monkeypatch):
    # With what a layer hears to each side, a piece comes out as it would within the whole.
    engine = warm(save_tiny_stable_audio(tmp_path / "deep", layers=3))
    latents = torch.randn(1, 8, 23, generator=torch.Generator().manual_seed(3))
    asked = []
    with torch.inference_mode(), engine._asked_while(engine.pipeline.vae.decoder, lambda: asked.append(1)):
        whole = engine._decoded(latents)
        monkeypatch.setattr(sound, "PIECE", 5)
        pieces = engine._decoded(latents)
    assert (len(asked), whole.shape) == (6, pieces.shape)
    assert whole.shape[-1] == 23 * 4096
    assert (whole - pieces).abs().max() < 1e-4 * whole.abs().max()


def test_long_music_is_decoded_in_pieces_that_can_be_stopped(ace_step):
    asked = []
    ace_step.generate(replace(RAIN, duration_seconds=30, num_inference_steps=1), lambda *call: asked.append(call))
    assert len(asked) == 1 + 2


def test_positions_stay_sharp_in_half_precision(tmp_path):
    folder = save_tiny_stable_audio(tmp_path / "half", dtype=torch.bfloat16)
    stored = load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors")
    loaded = warm(folder).pipeline
    fresh = type(loaded.transformer).from_config(loaded.transformer.config).rotary_pos_emb.inv_freq
    assert not torch.allclose(stored["rotary_pos_emb.inv_freq"].float(), fresh, rtol=1e-4)
    assert torch.allclose(loaded.transformer.rotary_pos_emb.inv_freq, fresh, rtol=1e-6)
    fresh = type(loaded.duration_embedder).from_config(loaded.duration_embedder.config).freqs
    assert torch.allclose(loaded.duration_embedder.freqs, fresh, rtol=1e-6)


@pytest.mark.parametrize("plan", ["full", "fp8", "offload"])
def test_every_memory_plan_works_in_half_precision(engine, plan):
    """As on a GPU, though here on the CPU: parts in bfloat16, the autoencoder in float32."""
    small = warm(engine.folder)
    small.dtype, small.plan = torch.bfloat16, plan
    small.pipeline = small._load()
    small.pipeline.set_progress_bar_config(disable=True)
    small._place()
    made = small.generate(RAIN, nothing)
    assert (made.recipe["dtype"], made.recipe["memory_plan"]) == ("bfloat16", plan)
    assert made.audio.samples.std() > 0.05


def test_a_folder_written_by_the_conversion_is_opened(stable_audio, tmp_path):
    shutil.copytree(stable_audio.folder, tmp_path / "converted")
    file = tmp_path / "converted" / "model_index.json"
    index = json.loads(file.read_text())
    # The script writes the index by itself, and names this part differently than `save_pretrained` does.
    file.write_text(json.dumps(index | {"duration_embedder": ["diffusers", "StableAudio3DurationEmbedder"]}))
    assert np.array_equal(heard(warm(tmp_path / "converted")), heard(stable_audio))


def test_the_recipe_tells_everything_and_no_paths(engine):
    recipe = json.loads(json.dumps(engine.generate(RAIN, nothing).recipe))
    assert recipe["engine"] == "diffusers"
    assert recipe["model"] == recipe["location"] == engine.folder.name
    assert recipe["pipeline_class"] == engine.pipeline_class
    assert recipe["request"] == RAIN.as_recipe()
    assert (recipe["num_inference_steps"], recipe["guidance_scale"]) == (2, 1.0)
    assert (recipe["device"], recipe["dtype"], recipe["memory_plan"]) == ("cpu", "float32", "full")
    assert recipe["scheduler"]["class"] == "FlowMatchEulerDiscreteScheduler"
    assert len(recipe["weights_sha256"]) == 64
    assert str(engine.folder.parent) not in json.dumps(recipe)


def test_without_a_number_of_steps_it_takes_the_cards_eight(engine):
    calls = []
    made = engine.generate(replace(RAIN, num_inference_steps=None), lambda *call: calls.append(call))
    assert made.recipe["num_inference_steps"] == 8
    assert calls[-1] == (8, 8, None)


def test_running_out_of_memory_is_said_in_a_sentence(engine):
    hook = engine.pipeline.vae.decoder.register_forward_pre_hook(lambda *_: torch.empty(2**50) and None)
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            heard(engine)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"
    assert heard(engine).std() > 0.05


def test_a_model_that_loses_the_sound_is_noticed_at_once(tmp_path):
    engine = warm(save_tiny_stable_audio(tmp_path / "broken"))
    with torch.no_grad():
        engine.pipeline.transformer.proj_out.weight.fill_(torch.nan)
    calls = []
    with pytest.raises(EngineError, match="lost the sound") as failure:
        engine.generate(replace(RAIN, num_inference_steps=8), lambda *call: calls.append(call))
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"
    assert calls == []


@pytest.mark.parametrize(("level", "complaint"), [(0.0, "nothing but silence"), (torch.nan, "lost the sound")])
def test_silence_or_broken_samples_are_no_sound(tmp_path, level, complaint):
    engine = warm(save_tiny_ace_step(tmp_path / "broken"))
    with torch.no_grad():
        engine.pipeline.vae.decoder.conv2.weight_g.fill_(level)
    with pytest.raises(EngineError, match=complaint) as failure:
        heard(engine)
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"


def test_a_waveform_is_cut_or_padded_and_kept_in_range():
    wave = torch.tensor([[0.5, -3.0, 0.1], [0.0, 2.0, 0.2]])
    assert samples_of(wave, 2).tolist() == [[0.5, 0.0], [-1.0, 1.0]]
    padded = samples_of(wave, 5)
    assert (padded.shape, padded.dtype) == ((5, 2), np.float32)
    assert not padded[3:].any()
    with pytest.raises(EngineError, match="nothing but silence"):
        samples_of(torch.cat([torch.zeros(2, 4), wave], dim=1), 4)  # what is heard is cut off
    with pytest.raises(EngineError, match="nothing but silence"):
        samples_of(torch.full((2, 4), 1e-6), 4)


def test_cards_say_what_each_model_makes_and_what_its_terms_are():
    by_id = {card.id: card for card in cards.CARDS}
    sfx, ace = by_id["stable-audio-3-small-sfx"], by_id["ace-step-1.5-xl-turbo"]
    assert (sfx.tasks, sfx.max_seconds) == ({"text_to_sound"}, 120)
    assert "convert_stable_audio_3_to_diffusers.py" in sfx.summary
    assert "million US dollars" in sfx.licence.forbids and not sfx.licence.paid_hosting
    assert ace.licence.paid_hosting and not ace.licence.forbids
    assert max(by_id.values(), key=lambda card: card.rank) is ace


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub whose models lie in `tmp_path`/hub."""
    port = free_port()
    server = subprocess.Popen([sys.executable, HUB, tmp_path / "hub", str(port)], stdout=subprocess.DEVNULL)
    wait_for(port)
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    yield tmp_path / "hub"
    server.kill()
    server.wait()


def test_what_is_published_in_another_format_is_not_pulled(hub):
    card = cards.STABLE_AUDIO_MEDIUM
    (hub / card.repository).mkdir(parents=True)
    (hub / card.repository / "model.safetensors").write_bytes(b"weights")
    (hub / card.repository / "model_config.json").write_text("{}")
    with pytest.raises(store.ModelRefused, match=r"no model_index\.json.*models add FOLDER.*_to_diffusers\.py"):
        store.look_up(card)
    (hub / card.repository / "model_index.json").write_text("{}")
    assert set(store.look_up(card).files) == {"model.safetensors", "model_config.json", "model_index.json"}


def tone(seconds, channels=2, rate=48_000):
    """A pure tone at half of the loudest."""
    times = np.arange(round(seconds * rate)) / rate
    samples = np.sin(2 * np.pi * 440 * times)[:, None].repeat(channels, axis=1) * 0.5
    return Audio(samples.astype(np.float32), rate)


@pytest.mark.parametrize(("seconds", "channels", "rate"), [(2.0, 2, 48_000), (0.5, 1, 44_100), (1.3, 2, 44_100)])
def test_a_sound_becomes_a_file_that_players_know(tmp_path, seconds, channels, rate):
    write_audio(tone(seconds, channels, rate), tmp_path / "rain.m4a", metadata={"request": RAIN.as_recipe()})
    with av.open(str(tmp_path / "rain.m4a")) as container:
        (stream,) = container.streams
        assert (stream.codec_context.name, stream.codec_context.channels, stream.rate) == ("aac", channels, rate)
        assert float(stream.duration * stream.time_base) == pytest.approx(seconds, abs=0.03)
        assert container.metadata["title"] == RAIN.prompt
        played = np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)
    assert len(played) == channels
    middle = played[:, rate // 10 : rate * 4 // 10]
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.05)
    data = (tmp_path / "rain.m4a").read_bytes()
    assert data[4:11] == b"ftypM4A"
    assert data.index(b"moov") < data.index(b"mdat"), "so playing starts at once"
    assert [file.name for file in tmp_path.iterdir()] == ["rain.m4a"]


def test_the_file_says_how_it_was_made_and_equal_sounds_are_equal_bytes(tmp_path):
    recipe = {"engine": "diffusers", "request": RAIN.as_recipe()}
    for name in ("one.m4a", "two.m4a"):
        write_audio(tone(0.7), tmp_path / name, metadata=recipe)
    assert (tmp_path / "one.m4a").read_bytes() == (tmp_path / "two.m4a").read_bytes()
    assert read_recipe(tmp_path / "one.m4a") == recipe | {"digital_source_type": DIGITAL_SOURCE_TYPE}
    box = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    assert DIGITAL_SOURCE_TYPE.encode() in (tmp_path / "one.m4a").read_bytes().split(box)[1]


def test_without_a_prompt_a_file_is_called_by_its_name(tmp_path):
    write_audio(tone(0.5), tmp_path / "rain.m4a", metadata={})
    write_mp4(np.zeros((2, 64, 64, 3), np.uint8), 12, tmp_path / "rain.mp4", metadata={})
    for name in ("rain.m4a", "rain.mp4"):
        with av.open(str(tmp_path / name)) as container:
            assert container.metadata["title"] == "rain"


@pytest.mark.parametrize(
    ("samples", "complaint"),
    [
        (np.zeros((0, 2), np.float32), "at least one sample"),
        (np.zeros((100, 6), np.float32), "one or two can be written"),
        (np.full((100, 2), np.nan, np.float32), "not a number"),
    ],
)
def test_what_cannot_be_a_sound_leaves_the_older_file(tmp_path, samples, complaint):
    (tmp_path / "rain.m4a").write_bytes(b"older")
    with pytest.raises(ValueError, match=complaint):
        write_audio(Audio(samples, 48_000), tmp_path / "rain.m4a", metadata={})
    assert (tmp_path / "rain.m4a").read_bytes() == b"older"
    assert len(list(tmp_path.iterdir())) == 1
