"""The sound stage: what is drawn is heard, at its moment and from its side."""

import time
from dataclasses import replace

import numpy as np
import pytest

from generation.engine import catalogue
from generation.engine.animatic import animatic
from generation.engine.clip import Cancelled, EngineError
from generation.engine.foley.mix import loudness
from generation.engine.request import Blocking, InvalidRequest
from generation.engine.sound_request import SoundRequest, VideoSoundRequest
from generation.engine.tasks import SOUNDS
from generation.engine.world import vocabulary
from generation.engine.world.reading import read

RATE = 48_000
FPS = 12


@pytest.fixture(scope="module")
def stage():
    return catalogue.load_engine(catalogue.card("foley"))


def heard(stage, prompt, seconds=3, seed=7, **more):
    """The samples of a prompt, float32 (N, 2)."""
    return stage.generate(SoundRequest(prompt, seconds, seed, **more), lambda *step: None).audio.samples


def shot(prompt, seed=7, frames=36, **more):
    """A request for the sound of a clip of a prompt, as its recipe tells it."""
    recipe = {"scene": read(prompt, seed=seed).scene.as_json(), "request": {"seed": seed, "num_frames": frames}}
    return VideoSoundRequest(Blocking.of_recipe(recipe), frames, FPS, seed, **more)


def followed(stage, request):
    return stage.generate(request, lambda *step: None).audio.samples


def power(samples, low, high):
    """How much of it lies between two pitches, dB."""
    spectrum = np.abs(np.fft.rfft(samples.mean(1))) ** 2
    f = np.fft.rfftfreq(len(samples), 1 / RATE)
    return 10 * np.log10(spectrum[(f >= low) & (f < high)].sum() / len(samples) ** 2 + 1e-20)


def onsets(samples):
    """When something low begins, in seconds."""
    spectrum = np.fft.rfft(samples.mean(1))
    f = np.fft.rfftfreq(len(samples), 1 / RATE)
    low = np.fft.irfft(spectrum * (f > 45) * (f < 200), len(samples))
    level = np.sqrt(np.convolve(low**2, np.ones(480) / 480, "same"))[::48]  # one a millisecond
    rise = np.diff(level, prepend=level[0])
    rise = np.convolve(rise, np.ones(12), "same")
    found = []
    for at in np.argsort(-rise):
        if rise[at] < 0.35 * rise.max():
            break
        if all(abs(at - other) > 120 for other in found):
            found.append(at)
    return np.sort(found) / 1000


def footfalls(request):
    """When somebody is lowest between two strides, by the joints of the stage that the picture is drawn from."""
    from generation.engine.world.scene import Scene
    from generation.engine.world.stage import set_stage

    finer = 20
    stage = set_stage(
        [Scene.from_json(request.blocking.scene)], [request.blocking.seed], width=request.width, height=request.height,
        num_frames=(request.num_frames - 1) * finer + 1, fps=FPS * finer,
    )  # fmt: skip
    height = stage.mover_shift[1, :, 1].numpy()
    low = (height[1:-1] < height[:-2]) & (height[1:-1] <= height[2:])
    return (np.flatnonzero(low) + 1) / (FPS * finer)


@pytest.mark.parametrize("prompt", ["a knight walks in the castle", "an elephant runs in a room"])
def test_every_footfall_is_heard_when_the_foot_comes_down(stage, prompt):
    request = shot(prompt)
    steps, falls = onsets(followed(stage, request)), footfalls(request)
    falls = falls[(falls > 0.05) & (falls < request.duration_seconds - 0.1)]
    assert len(falls) >= 8
    late = [np.abs(steps - fall).min() for fall in falls]
    assert np.median(late) < 0.03 and max(late) < 1 / FPS, late
    assert len(steps) <= len(falls) + 2, "no more steps than feet"


def test_who_stands_makes_no_steps(stage):
    walking, standing = (followed(stage, shot(f"a bear {does} on the moon")) for does in ("walks", "stands"))
    assert walking.shape == standing.shape
    assert not shot_contacts("a bear stands on the moon") and len(shot_contacts("a bear walks on the moon")) >= 8


def shot_contacts(prompt):
    from generation.engine.foley.shot import told_by

    scene = read(prompt, seed=7).scene
    (mover,) = told_by(scene, 7, aspect=16 / 9, frames=36, shot_frames=36, fps=FPS).movers
    return mover.contacts


@pytest.mark.parametrize("seed", [1, 4])
def test_what_is_seen_on_the_left_is_heard_on_the_left(stage, seed):
    prompt = "a campfire and a chair in a room, static camera"
    picture = animatic(read(prompt, seed=seed).scene, seed, width=128, height=80, num_frames=1, fps=FPS, device="cpu")
    _, across = np.nonzero(picture.mask[0, 0].numpy() == 1)
    seen = across.mean() / 128 - 0.5
    left, right = (followed(stage, shot(prompt, seed, width=128, height=80)).astype(float) ** 2).sum(0)
    assert abs(seen) > 0.1 and abs(10 * np.log10(right / left)) > 1.5
    assert np.sign(right - left) == np.sign(seen)


def test_the_balance_follows_the_camera(stage):
    """The camera pans to the right, so what stands in the middle goes to the left."""
    samples = followed(stage, shot("a campfire in a room, the camera pans right 40 degrees", frames=48))
    early, late = samples[: RATE // 2], samples[-RATE // 2 :]
    early, late = (10 * np.log10((part[:, 1] ** 2).sum() / (part[:, 0] ** 2).sum()) for part in (early, late))
    assert early > 2 and late < -2


def test_a_dolly_brings_things_nearer(stage):
    samples = followed(stage, shot("a campfire in a room, the camera dollies in 5 metres", frames=60))
    assert loudness(samples[-RATE:].astype(float)) > loudness(samples[:RATE].astype(float)) + 3


def test_two_clips_of_a_shot_are_one_sound(stage):
    whole = shot("a bear walks through the forest in the rain", frames=60)
    shot_of_all = replace(whole.blocking, shot_frames=60)
    first = replace(whole, num_frames=25, blocking=shot_of_all)
    second = replace(whole, num_frames=35, blocking=replace(shot_of_all, start=25))
    joined = np.concatenate([followed(stage, first), followed(stage, second)])
    assert np.array_equal(joined, followed(stage, replace(whole, blocking=shot_of_all)))
    ends = followed(stage, replace(whole, num_frames=25))
    assert np.abs(ends[-20:]).max() < 1e-3 < np.abs(joined[25 * RATE // FPS - 20 :][:20]).max(), "only an end fades"


def test_a_clip_late_in_a_shot_hears_what_still_rings(stage):
    """A bell that was struck before the cut goes on after it."""
    whole = shot("a bell in a castle, static camera", frames=240)
    late = replace(whole, num_frames=12, blocking=replace(whole.blocking, start=228, shot_frames=240))
    assert np.array_equal(followed(stage, whole)[-RATE:], followed(stage, late))


@pytest.mark.parametrize(("frames", "fps"), [(1, 1), (7, 13), (25, 24), (61, 30)])
def test_a_clips_sound_is_exactly_as_long_as_the_clip(stage, frames, fps):
    request = replace(shot("a cat dances in a garden"), num_frames=frames, fps=fps)
    assert len(followed(stage, request)) == round(frames * RATE / fps)


def test_rain_is_louder_than_clear_weather_where_it_is_bright(stage):
    clear, rain = (heard(stage, f"a meadow, {sky}") for sky in ("clear sky", "rain"))
    assert power(rain, 7000, 14_000) > power(clear, 7000, 14_000) + 4


def test_rain_on_the_roof_of_a_room_is_dull(stage):
    street, room = (heard(stage, f"rain in a {place}") for place in ("city", "room"))
    assert (
        power(room, 4000, 12_000) - power(room, 100, 1000) < power(street, 4000, 12_000) - power(street, 100, 1000) - 6
    )


def test_night_has_crickets_and_day_has_birds(stage):
    """Crickets trill on one pitch for as long as they like; birds come and go all over theirs."""

    def shares(samples):
        spectrum = np.abs(np.fft.rfft(samples.mean(1))) ** 2
        f = np.fft.rfftfreq(len(samples), 1 / RATE)
        near = spectrum[(f > 3800) & (f < 5000)].reshape(-1)
        return np.sort(near)[-len(near) // 50 :].sum() / near.sum()

    day, night = (shares(heard(stage, f"a meadow {time}", 6)) for time in ("by day", "at night"))
    assert night > day + 0.15


@pytest.mark.parametrize("words", ["thunder", "a clock ticks", "a stream in the forest", "birds", "wind in a castle"])
def test_words_that_cannot_be_drawn_are_heard(stage, words):
    sound = stage.generate(SoundRequest(words, 2, 3), lambda *step: None)
    assert sound.recipe["heard"]["sounds"] and not sound.recipe["understood"]["ignored"]


def test_an_umbrella_drums_in_the_rain_only(stage):
    def told(sky):
        return stage.generate(SoundRequest(f"an umbrella and a cake in a city, {sky}", 1, 3), lambda *step: None).recipe

    assert told("rain")["heard"]["objects"] == ["umbrella"] and told("rain")["heard"]["silent"] == ["cake"]


def test_equal_requests_give_equal_samples_and_the_seed_changes_them(stage):
    prompt = "a fox runs through the forest in the morning"
    first, again, other = heard(stage, prompt, 2), heard(stage, prompt, 2), heard(stage, prompt, 2, seed=8)
    assert first.tobytes() == again.tobytes()
    assert np.corrcoef(first[:, 0], other[:, 0])[0, 1] < 0.2
    request = shot(prompt)
    assert followed(stage, request).tobytes() == followed(stage, request).tobytes()


@pytest.mark.parametrize("place", vocabulary.PLACES)
def test_every_place_is_heard_and_never_too_loud(stage, place):
    samples = heard(stage, f"in the {place}, at night, in the rain", 1.5)
    assert samples.dtype == np.float32 and samples.shape == (72_000, 2)
    assert np.isfinite(samples).all() and np.abs(samples).max() < 10 ** (-1 / 20)
    assert -21.5 < loudness(samples.astype(float)) < -15.5
    assert np.abs(samples[:3]).max() < 1e-3 and np.abs(samples[-3:]).max() < 1e-3, "no click at the ends"


@pytest.mark.slow
@pytest.mark.parametrize("action", vocabulary.ACTIONS)
def test_every_action_of_everybody_can_be_heard(stage, action):
    species = vocabulary.SPECIES[vocabulary.ACTIONS.index(action) :: 14]
    things = vocabulary.OBJECTS[vocabulary.ACTIONS.index(action) :: 14]
    for who in species:
        scene = {"place": "garden", "time_of_day": "day", "weather": "clear", "look": "clay",
                 "characters": [{"species": who, "action": action}], "props": [{"name": thing} for thing in things],
                 "camera": {"move": "orbit left"}}  # fmt: skip
        samples = followed(stage, VideoSoundRequest(Blocking(scene, 5), 12, FPS, 5))
        assert np.isfinite(samples).all() and np.abs(samples).max() > 0.01


def test_ten_seconds_are_made_in_less_than_they_last(stage):
    began = time.process_time()
    heard(stage, "four knights walk through the forest in a thunderstorm, a campfire and a bell", 10)
    assert time.process_time() - began < 10


def test_it_stops_within_a_second_of_sound(stage):
    told = []

    def on_step(step, steps, preview):
        told.append((step, steps, preview))
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        stage.generate(SoundRequest("a beach", 30, 7), on_step)
    assert told == [(1, 30, None), (2, 30, None)]
    told.clear()
    with pytest.raises(Cancelled):
        stage.generate(shot("a fox walks on a beach", frames=120), on_step)
    assert told == [(1, 10, None), (2, 10, None)]


def test_without_a_told_shot_a_prompt_gives_the_ambience(stage):
    samples = followed(stage, VideoSoundRequest(None, 30, FPS, 7, prompt="a fox walks on a beach"))
    assert len(samples) == 30 * RATE // FPS
    sound = stage.generate(VideoSoundRequest(None, 30, FPS, 7, prompt="a fox walks on a beach"), lambda *step: None)
    assert sound.recipe["heard"]["place"] == "beach"
    assert not sound.recipe["heard"]["characters"], "feet that nobody sees would be out of step"


@pytest.mark.parametrize(
    ("request_", "code", "says"),
    [
        (SoundRequest("xyzzy qwrt", 2, 1), "INPUT.UNSUPPORTED", "knows none of these words"),
        (SoundRequest("a beach", 61, 1), "INPUT.LENGTH", "up to 60 seconds, not 61"),
        (SoundRequest("a beach", 2, 1, lyrics="la"), "INPUT.UNSUPPORTED", "does not sing"),
        (SoundRequest("a beach", 2, 1, negative_prompt="wind"), "INPUT.UNSUPPORTED", "negative prompt"),
        (VideoSoundRequest(None, 24, FPS, 1), "INPUT.UNSUPPORTED", "does not tell who moves when"),
        (VideoSoundRequest(Blocking({"place": "mars"}, 1), 24, FPS, 1), "INPUT.BLOCKING", "another version"),
        (VideoSoundRequest(None, 1000, FPS, 1, prompt="a beach"), "INPUT.LENGTH", "up to 60 seconds"),
    ],
)
def test_what_cannot_be_heard_is_refused_in_a_sentence(stage, request_, code, says):
    with pytest.raises(EngineError, match=says) as refused:
        stage.generate(request_, lambda *step: None)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("field", "value"),
    [("blocking", {}), ("num_frames", 0), ("fps", 61), ("seed", -1), ("prompt", 7), ("width", 1), ("goes_on", 1)],
)
def test_a_value_outside_its_limits_is_named(field, value):
    with pytest.raises(InvalidRequest) as refused:
        VideoSoundRequest(**{"blocking": None, "num_frames": 24, "fps": FPS, "seed": 1, field: value})
    assert refused.value.field == field


def test_the_recipe_tells_what_was_understood_and_made(stage):
    sound = stage.generate(SoundRequest("a melancholic fox walks in the snow", 1, 7), lambda *step: None)
    assert sound.recipe["engine"] == "foley" and sound.recipe["scene"]["place"] == "snow"
    assert sound.recipe["understood"]["ignored"] == ["melancholic"]
    assert sound.recipe["heard"]["characters"] == [{"species": "fox", "action": "walk", "heard": True}]
    request = shot("a fox walks in the snow")
    recipe = stage.generate(request, lambda *step: None).recipe
    assert recipe["request"] == request.as_recipe() and recipe["request"]["blocking"]["seed"] == 7


def test_a_place_is_not_made_up_where_rain_would_not_fall(stage):
    """The reader sends an astronaut whom nobody named to the moon; whoever asks for rain wants to hear it."""
    for seed in range(4):
        recipe = stage.generate(SoundRequest("rain", 0.5, seed), lambda *step: None).recipe
        assert recipe["heard"]["place"] == "meadow" and not recipe["heard"]["characters"]
        assert recipe["understood"]["assumed"]["place"] == "meadow"


def test_the_sound_stage_is_always_there_and_draws_nothing():
    card = catalogue.card("foley")
    assert card.tasks == {"text_to_sound", "video_to_sound"} <= SOUNDS
    assert not card.draws and card.rank == 0 and card.needs is None and not card.inputs
    assert catalogue.serving("video_to_sound") == card
