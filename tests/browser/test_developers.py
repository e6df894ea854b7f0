"""The reference of the API, read in a browser: on a desk, on a phone, in the light and in the dark."""

import os

import pytest
from playwright.sync_api import expect

from tests.browser.desk import fits


def picture(page, name):
    """A picture of the page for whoever wants to look at it: `LOOK=/tmp/look pytest …`."""
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_call_is_found_and_read(studio, page, complaints, width, theme):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{studio.url}/developers/")
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    assert fits(page)
    picture(page, f"developers-{width}-{theme}")
    call = page.locator("#text_to_video")
    call.scroll_into_view_if_needed()
    rows = call.locator(".fields").first.locator(".fields__row")
    assert [rows.nth(number).locator("code").first.inner_text() for number in range(4)] == [
        "model", "promptText", "ratio", "duration",
    ], "what has to be said stands first"  # fmt: skip
    call.get_by_text("curl", exact=True).click()
    expect(call.locator('[data-language="curl"]')).to_be_visible()
    expect(call.locator('[data-language="python"]')).to_be_hidden()
    assert fits(page)
    picture(page, f"developers-{width}-{theme}-call")
