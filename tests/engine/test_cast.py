"""Who can be seen in a clip, cut out to be a reference for the next one."""

import numpy as np
import pytest

from generation.engine.animatic import Animatic
from generation.engine.cast import SIDE, Casting
from generation.engine.painter.pictures import portrait_of
from generation.engine.request import VideoRequest
from generation.engine.world.palette import COLOR_VALUES
from generation.engine.world.scene import Character, Prop, Scene

PAIR = Scene(characters=(Character("fox", "red"),), props=(Prop("ball"),))


def drawn(prompt, **given):
    size = {"width": 256, "height": 144, "num_frames": 4, "fps": 4, "seed": 2, "num_inference_steps": 1}
    return Animatic(device="cpu").generate(VideoRequest(prompt=prompt, **size | given), lambda *step: None)


def subject_of(picture):
    """Where a cut-out is not its background, bool (S, S)."""
    return (picture != picture[0, 0]).any(-1)


def main_color(picture):
    """The world's name for what most of a cut-out is like, by hue."""
    colors = picture[subject_of(picture)].astype(float).mean(0)

    def direction(color):
        color = np.array(color) - np.mean(color)
        return color / np.linalg.norm(color)

    hues = ("red", "yellow", "green", "blue", "violet")
    return max(hues, key=lambda name: direction(COLOR_VALUES[name]) @ direction(colors))


def test_everybody_of_an_animatic_is_cut_out_under_their_name():
    clip = drawn("a red fox and a green frog stand in a forest by day, with a blue ball")
    assert [(one.name, one.role) for one in clip.cast] == [
        ("red fox", "character"), ("green frog", "character"), ("blue ball", "object"),
    ]  # fmt: skip
    for one in clip.cast:
        height, width, _ = one.picture.shape
        assert one.picture.dtype == np.uint8 and height == width <= SIDE
        border = np.concatenate([one.picture[0], one.picture[-1], one.picture[:, 0], one.picture[:, -1]])
        assert (border == border[0]).all() and border.mean() > 200, "a plain light background"
        assert main_color(one.picture) == one.name.split()[0]


@pytest.mark.parametrize("color", ["white", "grey", "yellow", "pink", "black"])
def test_whoever_looks_at_a_reference_finds_all_of_its_subject(color):
    (one,) = drawn(f"a {color} bunny stands in the snow by day").cast
    alpha = portrait_of(one.picture)[..., 3].numpy() > 127
    rows, columns = (subject_of(one.picture).any(axis).nonzero()[0] for axis in (1, 0))
    wanted = subject_of(one.picture)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    found = alpha[alpha.any(1)][:, alpha.any(0)]
    y, x = (np.linspace(0, side - 1, 60).round().astype(int) for side in wanted.shape)
    v, u = (np.linspace(0, side - 1, 60).round().astype(int) for side in found.shape)
    wanted, found = wanted[np.ix_(y, x)], found[np.ix_(v, u)]
    assert (wanted & found).sum() / (wanted | found).sum() > 0.9


def test_of_all_frames_the_one_that_shows_most_is_taken_unless_the_edge_cuts_it():
    casting = Casting(PAIR)
    for value, side, at in ((10, 20, 30), (20, 30, 30), (30, 25, 30), (40, 60, 0)):
        mask = np.zeros((90, 120), np.uint8)
        mask[at : at + side, 40 : 40 + side] = 1
        mask[-5:, -5:] = 2  # a few pixels of the ball, never enough
        casting.see(np.full((90, 120, 3), value, np.uint8), mask)
    (fox,) = casting.pictures()
    assert fox.name == "red fox"
    assert (fox.picture[subject_of(fox.picture)] == 20).all() and subject_of(fox.picture).sum() == 30 * 30


def test_whoever_the_edge_always_cuts_is_still_there():
    casting = Casting(PAIR)
    mask = np.zeros((90, 120), np.uint8)
    mask[50:, 40:80], mask[10:30, 100:] = 2, 1
    casting.see(np.full((90, 120, 3), 90, np.uint8), mask)
    assert [(one.name, one.role) for one in casting.pictures()] == [("red fox", "character"), ("ball", "object")]


def test_what_is_large_is_made_smaller_and_nothing_larger():
    casting = Casting(PAIR)
    mask = np.zeros((720, 1280), np.uint8)
    mask[10:700, 300:900], mask[100:120, 1000:1030] = 1, 2
    casting.see(np.full((720, 1280, 3), 90, np.uint8), mask)
    assert [len(one.picture) for one in casting.pictures()] == [SIDE, 34]
