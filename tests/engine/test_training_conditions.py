"""What a painter is given in the studio is what it was given while it learned."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from generation.engine.painter.conditions import conditions_for, unguided
from generation.engine.painter.guide import TOLD
from generation.engine.painter.words import words_of
from generation.engine.training import samples, scenes
from generation.engine.world.render import Rendering, render
from generation.engine.world.scene import CameraMove, Character, Prop, Scene

SCENES = [
    Scene(place="beach", characters=(Character("fox", "teal"),), props=(Prop("balloon", "red"),)),
    Scene(place="snow", characters=(Character("owl"),), camera=CameraMove("pan left", 20.0)),
]
SIZE = {"width": 128, "height": 80}

pytestmark = pytest.mark.slow  # nobody who runs a studio trains a model


@pytest.fixture(scope="module")
def rendering():
    """The first five frames of a shot of 25, as training takes a few out of the same."""
    whole = render(SCENES, [5, 6], num_frames=scenes.SHOT_FRAMES, fps=scenes.FPS, **SIZE)
    return Rendering(*(getattr(whole, channel.name)[:, :5] for channel in fields(whole)))


def test_a_guided_clip_is_told_as_in_training(rendering):
    frames = [list(range(5))] * 2
    rng = np.random.default_rng(1)
    clips = scenes.draw_clips(SCENES, [5, 6], shape=(128, 80), frames=frames, device="cpu", rng=rng)
    latents = torch.zeros(2, 2, 16, 20, 32)
    words = words_of(SCENES, scenes.ENTITIES)
    guide = {name: getattr(clips, name) for name in TOLD}
    pictures = {name: getattr(clips, name) for name in ("rgb", "portraits", "views")}
    encoded = samples.Encoded(latents=latents, last=latents[:, -1], words=words, **guide, **pictures)
    _, learned = samples.everything(encoded, torch.arange(2))
    given = conditions_for(SCENES, rendering, latent_channels=16)
    torch.testing.assert_close(given.surface, learned.surface)
    torch.testing.assert_close(given.cover, learned.cover[:, :, :, :2])  # training has room for more than are here
    torch.testing.assert_close(given.detail, learned.detail)
    torch.testing.assert_close(given.owner, learned.owner)
    torch.testing.assert_close(given.part, learned.part)
    torch.testing.assert_close(given.words.entity, learned.words.entity[:, :2])
    torch.testing.assert_close(given.words.setting, learned.words.setting)
    torch.testing.assert_close(given.known, learned.known)
    torch.testing.assert_close(given.knowledge, learned.knowledge)
    assert given.guided.tolist() == learned.guided.tolist()
    assert not (given.pictured.any() or given.viewed.any())


def test_whoever_has_a_picture_is_painted_after_it(rendering):
    portraits = torch.zeros(2, 5, 64, 64, 4, dtype=torch.uint8)
    portraits[0, 1] = 255
    views = torch.full((2, 72, 128, 3), 255, dtype=torch.uint8)
    given = conditions_for(SCENES, rendering, latent_channels=16, portraits=portraits, views=views)
    assert given.pictured.tolist() == [[0, 1], [0, 0]]
    assert given.viewed.tolist() == [1, 1]
    assert given.portraits[0, 1].min() == given.views.min() == 1
    assert given.portraits[1].max() == -1


def test_without_a_guide_the_words_stay(rendering):
    given = conditions_for(SCENES, rendering, latent_channels=16)
    told = unguided(given)
    kept_back = ("guided", *TOLD)
    assert all(getattr(given, name).any() and not getattr(told, name).any() for name in kept_back)
    for column in fields(given):
        if column.name not in kept_back:
            assert getattr(told, column.name) is getattr(given, column.name)


def test_a_part_of_a_large_picture_is_seen_by_its_own_camera():
    frames, rng = [[0, 12]], np.random.default_rng(2)
    scene = [replace(SCENES[0], characters=(), props=(Prop("balloon"),))]
    clips = scenes.draw_clips(scene, [5], shape=(96, 64), frames=frames, device="cpu", rng=rng, closer=True)
    assert clips.rgb.shape == (1, 2, 64, 96, 3)
    ground = (clips.owner == 0).all(2) & (clips.surface[:, :, 5] == 0)
    height, point = clips.surface[:, :, 1].float(), clips.surface[:, :, 10].float()
    assert ground.sum() > 100
    torch.testing.assert_close(height[ground], torch.tanh(point[ground] / 2), atol=0.03, rtol=0)


def test_a_clip_that_has_no_tokens_is_refused():
    odd = render(SCENES[:1], [5], num_frames=4, fps=12, **SIZE)
    with pytest.raises(ValueError, match="4 frames of 128 × 80"):
        conditions_for(SCENES[:1], odd, latent_channels=16)
