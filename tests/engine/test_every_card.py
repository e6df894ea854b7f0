"""Every published card, loaded as itself over tiny random weights: the classes it is made of, each task it claims, each
input it takes. Everything but beauty is real."""

import importlib
import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as qwen_pipeline

from generation.engine.animatic import Animatic
from generation.engine.catalogue import load_engine
from generation.engine.clip import Cancelled, Sound
from generation.engine.memory import PLANS
from generation.engine.pipelines.driver import Driver
from generation.engine.published import PUBLISHED
from generation.engine.request import Blocking, CameraKey, Keyframe, VideoRequest
from generation.engine.sound_request import SoundRequest
from generation.engine.tasks import SOUNDS, STILLS
from tests.engine import tiny_animate
from tests.engine.published_indices import INDICES
from tests.engine.tiny_cards import SAVERS, tiny

CARDS = {card.id: card for card in PUBLISHED}
SIDE = 64  # pixels
RAIN = SoundRequest("rain on a tin roof", 0.5, 7, num_inference_steps=2)
# What each task is given besides words, and what else is said in a request for it.
BRINGS = {
    "text_to_image": (),
    "image_edit": ("references",),
    "text_to_video": (),
    "image_to_video": ("first_frame",),
    "references": ("references",),
    "video_to_video": ("video",),
    "edit": ("video", "mask"),
    "outpaint": ("video",),
    "extend": ("first_frame",),
    "camera": (),
    "performance": ("references", "video"),
    "upscale": ("video",),
}
TOLD = {
    "outpaint": {"placed": (16, 16, 32, 32)},
    "camera": {"camera": "orbit left"},
    "upscale": {"width": 2 * SIDE, "height": 2 * SIDE},
}
# Where nothing is guided: what is not wanted is refused, or has no say.
UNGUIDED = {"ltx-2.5", "ltx-2.5-upsampler", "flux-2-klein-4b", "ace-step-1.5-xl-turbo"}


def sign():
    """A picture with a red left and a blue right half."""
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[:, : SIDE // 2], pixels[:, SIDE // 2 :] = (230, 30, 30), (30, 30, 230)
    return pixels


FILM = tiny_animate.film(9)
LEFT = np.where(np.arange(SIDE) < SIDE // 2, 255, 0).astype(np.uint8)[None].repeat(SIDE, axis=0)
GIVEN = {
    "first_frame": sign(),
    "last_frame": 255 - sign(),
    "references": (sign(),),
    "video": FILM,
    "mask": LEFT,
    "keyframes": (Keyframe(sign(), 2),),
}
ANOTHER = {
    "first_frame": sign()[:, ::-1],
    "last_frame": sign()[::-1],
    "references": (255 - sign(),),
    "video": 255 - FILM,
    "mask": 255 - LEFT,
    "keyframes": (Keyframe(255 - sign(), 2),),
}
WITHOUT = {name: {name: () if isinstance(given, tuple) else None} for name, given in GIVEN.items()}
WITHOUT["references"] |= {"reference_roles": ()}
# What else a request says, said otherwise.
OTHERWISE = {
    "seed": 8,
    "prompt": "a blue robot dances",
    "negative_prompt": "blurry",
    "lyrics": "Rain, rain",
    "camera": "pan left",
    "camera_path": (CameraKey(0), CameraKey(1, orbit=40)),
}


def asked(card, task, *more, **changes):
    """A small request for a task, with what it cannot begin without and the inputs named in `more`."""
    if task in SOUNDS:
        return replace(RAIN, **changes)
    num_frames = 1 if task in STILLS else (card.frame_rule or 4) + 1
    given = {name: GIVEN[name] for name in {*BRINGS[task], *card.required, *more}}
    values = {"width": SIDE, "height": SIDE, "num_frames": num_frames} | TOLD.get(task, {}) | given | changes
    return VideoRequest("a red fox walks", fps=card.fps, seed=7, num_inference_steps=2, **values)


@cache
def kept(prompt):
    """The shot of a small clip of the animatic, to be kept to."""
    clip = Animatic(device="cpu").generate(
        VideoRequest(prompt, width=SIDE, height=SIDE, num_frames=5, fps=8, seed=7), nothing
    )
    return Blocking.of_recipe(clip.recipe)


def bytes_of(result):
    """The bytes of what is seen and of what is heard, each where there is any."""
    seen = [] if isinstance(result, Sound) else [result.frames.tobytes()]
    return [*seen, *([result.audio.samples.tobytes()] if result.audio else [])]


def made(engine, request):
    return bytes_of(engine.generate(request, nothing))


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def stop_at(call_number, told):
    """An `on_step` that notes what it is told, and stops the run when it is called for the nth time."""

    def stop(*call):
        told.append(call)
        if len(told) == call_number:
            raise Cancelled

    return stop


def steps_of(card):
    """How many steps a run that asks for two takes: those of a distilled model are given."""
    return len(card.few_steps.timesteps) if card.few_steps else 2


def plainest(card):
    """The task that is given least, a clip if it can be."""
    return min(card.tasks, key=lambda task: (task in STILLS, task in TOLD, len(BRINGS.get(task, ())), task))


def warm(card):
    engine = load_engine(card, device="cpu")
    if card.pipeline_class == "WanAnimatePipeline":
        engine.watch = tiny_animate.watch  # what sees people would have to be installed, and shown some
    return engine


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Gives the engine of a card by its id, loaded by our own loader, once."""

    @cache
    def engine_of(model_id):
        return warm(tiny(CARDS[model_id], tmp_path_factory.mktemp("models") / model_id))

    with pytest.MonkeyPatch.context() as patch:
        # Qwen's pipeline shows its transformer every picture with a million pixels: too many for a test.
        patch.setattr(qwen_pipeline, "VAE_IMAGE_SIZE", 96 * 96)
        yield engine_of


def test_no_published_card_is_left_out():
    assert SAVERS.keys() == INDICES.keys() == CARDS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("model_id", CARDS)
def test_it_is_made_of_the_published_classes(loaded, model_id):
    engine, published = loaded(model_id), INDICES[model_id]
    index = json.loads((engine.folder / "model_index.json").read_text())
    parts = {name: part for name, part in index.items() if isinstance(part, list) and part[1]}
    assert parts.keys() == published.keys()
    assert {name: part[1] if published[name] else None for name, part in parts.items()} == published
    for name, (library, class_name) in parts.items():
        if part := getattr(engine.pipeline, name, None):
            home = library if library in ("diffusers", "transformers") else f"diffusers.pipelines.{library}"
            assert isinstance(part, getattr(importlib.import_module(home), class_name)), name


@pytest.mark.slow
@pytest.mark.parametrize(("model_id", "task"), [(card.id, task) for card in PUBLISHED for task in sorted(card.tasks)])
def test_each_task_is_done_as_asked_told_stopped_and_done_the_same_again(loaded, model_id, task):
    engine, calls = loaded(model_id), []
    request = asked(engine.card, task)
    result = engine.generate(request, lambda *call: calls.append(call))
    if task in SOUNDS:
        assert result.audio.samples.shape == (round(0.5 * result.audio.sample_rate), 2)
        assert result.audio.samples.std() > 0.01
    else:
        assert result.frames.shape == (request.num_frames, request.height, request.width, 3)
        assert result.frames.dtype == np.uint8 and result.frames.std() > 5
    # Every step in its order, the last one once more while the result is decoded.
    steps = steps_of(engine.card)
    assert [step for step, _, _ in calls] == sorted(step for step, _, _ in calls)
    assert {call[:2] for call in calls} == {(step, steps) for step in range(1, steps + 1)}
    assert calls[-1] == (steps, steps, None)
    previews = {step: preview for step, _, preview in calls if preview is not None}
    assert list(previews) == ([] if task in SOUNDS or task == "upscale" else list(range(1, steps + 1)))
    assert all(preview.dtype == np.uint8 and preview.shape[2:] == (3,) for preview in previews.values())
    # Stopped at once, and while it decodes.
    for call_number in (1, len(calls)):
        told = []
        with pytest.raises(Cancelled):
            engine.generate(request, stop_at(call_number, told))
        assert [call[:2] for call in told] == [call[:2] for call in calls[:call_number]]
    assert made(engine, request) == bytes_of(result)


def taken(card):
    """What changes what a card makes: its inputs, the seed, and the words and camera it listens to."""
    words = {"prompt"} if card.id != "ltx-2.5-upsampler" else set()  # to which it adds no detail
    words |= {"negative_prompt"} if card.id not in UNGUIDED else set()
    words |= {"lyrics"} if card.pipeline_class == "AceStepPipeline" else set()
    camera = {"camera"} if card.draws and not card.is_of_sound and not card.draws_stills_alone else set()
    path = {"camera_path"} if card.follows_paths else set()
    return sorted({"seed"} | words | camera | path | card.inputs)


@pytest.mark.slow
@pytest.mark.parametrize(("model_id", "name"), [(card.id, name) for card in PUBLISHED for name in taken(card)])
def test_each_input_changes_what_is_made(loaded, model_id, name):
    engine = loaded(model_id)
    card = engine.card
    if name == "blocking":
        request = asked(card, plainest(card), blocking=kept("a red fox walks"))
        others = [{name: kept("two green frogs jump on a beach")}, {name: None}]
    elif name in GIVEN:
        request = asked(card, plainest(card), name, *(["video"] if name == "mask" else []))
        others = [{name: ANOTHER[name]}, *([] if name in card.required else [WITHOUT[name]])]
    else:
        request = asked(card, plainest(card), **({"guidance_scale": 3.0} if name == "negative_prompt" else {}))
        others = [{name: OTHERWISE[name]}]
    before = made(engine, request)
    for other in others:
        after = made(engine, replace(request, **other))
        assert all(new != old for new, old in zip(after, before, strict=True)), "what is seen, and what is heard"


@pytest.mark.slow
@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("model_id", CARDS)
def test_every_memory_plan_draws_in_half_precision(loaded, model_id, plan, monkeypatch):
    """As on a GPU: weights in bfloat16, some of them stored in eight bits or brought over block by block."""
    card = loaded(model_id).card
    # The cameras of SANA-WM are computed in bfloat16 by a GPU alone; the upsampler stays in float32 anywhere.
    exact = model_id in ("sana-wm", "ltx-2.5-upsampler")

    def planned(driver, smaller):
        driver.dtype = torch.float32 if exact else torch.bfloat16
        return plan

    monkeypatch.setattr(Driver, "_planned", planned)
    request = asked(card, plainest(card))
    engine = warm(card)
    result = engine.generate(request, nothing)
    assert (result.recipe["memory_plan"], result.recipe["dtype"]) == (plan, "float32" if exact else "bfloat16")
    assert made(engine, request) == bytes_of(result)
