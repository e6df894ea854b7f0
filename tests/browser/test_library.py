"""A creator looks for files, puts them in order by keyboard and throws some away, at a desk and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import fits, sign_in

PROMPTS = ("a red fox in a forest", "a green frog in a meadow", "a red fox on the beach", "a white horse in a desert")


@pytest.fixture
def library(ada):
    """Pictures that ada brought."""
    from runwayweb.assets.models import Folder
    from tests.factories import make_picture
    from tests.pictures import two_colors

    workspace = ada.open_workspace()
    Folder.objects.make("Scene one", workspace=workspace)
    for number, prompt in enumerate(PROMPTS):
        make_picture(workspace, two_colors(left=(40 * number, 90, 60))).rename(prompt)


@pytest.mark.slow
def test_files_are_found_ticked_by_keyboard_tagged_and_thrown_away(studio, library, page, complaints):
    sign_in(page, studio)
    page.get_by_role("link", name="Library").click()
    page.wait_for_load_state()  # until then the page works as one without JavaScript does
    tiles, bar = page.locator(".tile"), page.locator(".selection-bar")
    expect(tiles).to_have_count(4)
    expect(bar).to_be_hidden()
    page.get_by_role("searchbox", name="Search").fill("red fox")
    expect(tiles).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/library/\?q=red\+fox$"))

    tiles.first.locator(".tile__link").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(bar).to_contain_text("2 selected")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.keyboard.press("Control+a")
    page.get_by_label("Tags, with commas between them").fill("hero")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_text("Tagged.")).to_be_visible()
    expect(page.locator(".library__tags")).to_contain_text("hero 2")

    page.wait_for_load_state()
    tiles.first.locator(".tile__link").click()
    sheet = page.locator(".asset-sheet")
    expect(sheet).to_contain_text("64 × 48")
    sheet.get_by_role("button", name="Favourite").click()
    expect(tiles.first).to_have_attribute("data-favourite", "")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(tiles.first.locator(".tile__link")).to_be_focused()

    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    tiles.first.locator("input").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(tiles).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(tiles).to_have_count(4)
    assert fits(page) and not complaints
