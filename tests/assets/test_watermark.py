"""The watermark: in the lower right corner, to be read on light and dark, and nowhere else."""

import numpy as np
import pytest

from projects.export.titles import watermark
from runwayweb.assets.watermark import mark_of, marked


@pytest.mark.parametrize("size", [(64, 64), (512, 288), (288, 512), (1920, 1080), (16, 16)])
@pytest.mark.parametrize("light", [10, 128, 250])
def test_it_is_seen_in_its_corner_and_the_rest_is_as_it_was(size, light):
    width, height = size
    frames = np.full((2, height, width, 3), light, np.uint8)
    after = marked(frames)
    mark = mark_of(width, height, "Runwayweb")
    changed = (after != frames).any(-1)
    assert changed.any() and (changed[0] == changed[1]).all()
    assert not changed[:, : mark.top].any() and not changed[:, :, : mark.left].any()
    assert mark.top >= height // 3 and (frames == light).all()
    if height >= 288:
        assert np.ptp(after[0].astype(int)) > 50, "the words stand out"
        assert changed.mean() < 0.03


def test_a_film_has_it_where_a_clip_has_it():
    mark, drawing = mark_of(512, 288, "Runwayweb"), watermark(512, 288)
    assert drawing.rows == (mark.top, mark.top + mark.ink.shape[0])
    seen = drawing.alpha > 128
    assert seen[:, mark.left :].any() and not drawing.alpha[:, : mark.left].any()
    assert (
        np.abs((drawing.alpha[:, mark.left : mark.left + mark.ink.shape[1]] > 128).mean() - (mark.ink > 0.5).mean())
        < 0.1
    )
