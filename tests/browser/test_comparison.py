"""Many seeds of a shot are looked at and chosen by keyboard; two of them are compared frame by frame."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import fits, sign_in
from tests.factories import make_project, make_shot


@pytest.mark.slow
def test_a_take_is_chosen_from_many_and_compared(page, studio, ada, complaints):
    project = make_project(ada)
    shot = make_shot(project, title="Waiting", prompt="a red fox in a forest", duration_seconds=0.5)
    sign_in(page, studio)
    page.goto(f"{studio.url}/shots/{shot.pk}/")
    page.get_by_role("link", name="Contact sheet").click()
    page.get_by_role("button", name="4 ·").click()
    expect(page.locator(".seed[data-status=succeeded]")).to_have_count(4, timeout=60_000)

    page.keyboard.press("ArrowRight")  # into the sheet
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Choose take 2")).to_be_focused()
    page.keyboard.press("4")
    expect(page.locator(".seed").nth(1).locator("[value='4']")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take 2 stands in the film")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")

    expect(page.get_by_text("B stands in the film as 1.1")).to_be_visible()
    expect(page.locator("take-comparison[data-state]")).to_be_visible()  # its keys are heard from here on
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("video[data-frame='3']")).to_have_count(2)
    for key, mode in (("2", "Wipe"), ("3", "Difference"), ("1", "Side by side")):
        page.keyboard.press(key)
        expect(page.get_by_label(mode)).to_be_checked()
    assert page.locator("mark").count() >= 2, "their seeds"
    page.keyboard.press("a")
    expect(page.get_by_text("A stands in the film as 1.1")).to_be_visible()
    shot.refresh_from_db()
    assert shot.chosen.number == 3
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    assert complaints == []
