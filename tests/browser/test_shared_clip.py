"""A clip in a tab of its own: by the address its owner shared, and by its own."""

import numpy as np
import pytest
from playwright.sync_api import expect

from generation.engine.encode import write_mp4
from runwayweb.assets.signing import signed_path
from tests.browser.desk import sign_in
from tests.factories import make_asset

ENOUGH_TO_PLAY = 4  # HTMLMediaElement.HAVE_ENOUGH_DATA


@pytest.fixture
def clip(ada, tmp_path, backstage):
    path = tmp_path / "clip.mp4"
    write_mp4((np.full((64, 64, 3), 5 * number, np.uint8) for number in range(24)), 12, path, metadata={})
    return backstage(lambda: make_asset(ada.open_workspace(), path.read_bytes()))


def test_whoever_was_given_the_address_can_watch(page, studio, clip, complaints):
    page.goto(studio.url + signed_path(clip))
    expect(page.locator("video")).to_have_js_property("readyState", ENOUGH_TO_PLAY)
    assert complaints == []


def test_its_owner_can_watch_it_beside_the_studio(page, studio, clip, complaints):
    sign_in(page, studio)
    page.goto(f"{studio.url}/media/{clip.pk}/clip.mp4")
    expect(page.locator("video")).to_have_js_property("readyState", ENOUGH_TO_PLAY)
    assert complaints == []
