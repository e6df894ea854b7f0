"""What was painted over in one frame of any clip is found in the others by how its pictures move."""

import numpy as np
import pytest
from PIL import Image

from generation.engine.clip import Cancelled
from generation.engine.follow import followed

HEIGHT, WIDTH, FRAMES = 96, 160, 13


def texture(seed, height, width, cell):
    coarse = np.random.default_rng(seed).integers(0, 255, (height // cell + 2, width // cell + 2, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def film(step=(5, 1.5), pan=0, radius=16, start=(40, 40)):
    """A disc with a pattern that goes over a ground with another, frames uint8 (F, H, W, 3); and where it is."""
    ground = texture(1, HEIGHT, WIDTH + pan * FRAMES, 8)
    thing = texture(2, 2 * radius + 1, 2 * radius + 1, 5)
    down, across = np.mgrid[:HEIGHT, :WIDTH]
    frames, discs = [], []
    for frame in range(FRAMES):
        x, y = (round(begin + frame * way) for begin, way in zip(start, step, strict=True))
        disc = (across - x) ** 2 + (down - y) ** 2 <= radius**2
        picture = ground[:, pan * frame : pan * frame + WIDTH].copy()
        picture[disc] = thing[down[disc] - y + radius, across[disc] - x + radius]
        frames.append(picture)
        discs.append(disc)
    return np.stack(frames), np.stack(discs)


def marked(disc):
    return np.where(disc, 255, 0).astype(np.uint8)


def alike(one, other):
    """Intersection over union."""
    return (one & other).sum() / (one | other).sum()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "at"),
    [({}, 0), ({}, 6), ({"step": (-4, 0), "start": (110, 50)}, 12), ({"pan": 2, "step": (4, 0)}, 0)],
    ids=["on", "both ways", "back", "under a pan"],
)
def test_a_disc_that_moves_is_followed(made, at):
    frames, discs = film(**made)
    found = followed(frames, marked(discs[at]), at) > 0
    assert found.shape == (FRAMES, HEIGHT, WIDTH)
    assert np.array_equal(found[at], discs[at])
    assert min(alike(found[0], discs[0]), alike(found[-1], discs[-1])) >= 0.6
    other = 12 if at < 6 else 0
    assert alike(discs[at], discs[other]) < 0.3, "where it was painted it is no more"


def test_what_stands_still_stays_where_it_is():
    frames, discs = film(step=(0, 0))
    assert alike(followed(frames, marked(discs[0]), 0)[-1] > 0, discs[0]) > 0.9


def test_a_mask_of_another_size_covers_the_picture():
    frames, discs = film()
    large = np.asarray(Image.fromarray(marked(discs[0])).resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.NEAREST))
    found = followed(frames, large, 0) > 0
    assert alike(found[0], discs[0]) > 0.95 and alike(found[-1], discs[-1]) > 0.6


def test_what_leaves_the_picture_is_lost_and_nothing_is_made_up():
    frames, discs = film(step=(12, 0), start=(80, 48))
    assert not discs[-1].any()
    found = followed(frames, marked(discs[0]), 0) > 0
    assert found[-1].mean() < 0.02
    assert not followed(frames, np.zeros((HEIGHT, WIDTH), np.uint8), 3).any()


def test_it_tells_of_every_frame_and_can_be_stopped():
    frames, discs = film()
    told = []
    followed(frames, marked(discs[4]), 4, lambda done, of: told.append((done, of)))
    assert told == [(done, FRAMES) for done in range(2, FRAMES + 1)]

    def stop(done, of):
        raise Cancelled

    with pytest.raises(Cancelled):
        followed(frames, marked(discs[4]), 4, stop)
