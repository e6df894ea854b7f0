"""A path of one's own for the camera: key by key with the keyboard, seen from above; as lines without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import cards, fits, generate, sign_in
from tests.factories import make_project


def open_studio(page, studio, ada):
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{make_project(ada).pk}/")
    page.get_by_label("Engine", exact=True).select_option("animatic")


@pytest.mark.slow
def test_the_camera_goes_where_its_keys_say(page, studio, ada, complaints):
    page.set_viewport_size({"width": 390, "height": 900})
    open_studio(page, studio, ada)
    sent = page.locator("[name=camera_path]")
    page.get_by_label("Engine", exact=True).select_option("tiny-wan")
    expect(page.get_by_text("Own path")).to_be_hidden()
    page.get_by_label("Engine", exact=True).select_option("animatic")
    expect(page.get_by_role("group", name="Key 1")).to_be_hidden()
    page.get_by_label("Static", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Own path", exact=True)).to_be_checked()
    expect(page.get_by_role("img", name="The path from above, around the subject")).to_be_visible()
    assert sent.input_value() == "0% orbit -30\n100% orbit 30"
    before = page.locator(".camera-path__way").get_attribute("points")

    page.get_by_role("button", name="Add a key").press("Enter")
    added = page.get_by_role("group", name="Key 2", exact=True)
    expect(added.get_by_label("Time")).to_be_focused()
    expect(added.get_by_label("Time")).to_have_value("1")
    added.get_by_label("Closer").fill("1.5")
    assert sent.input_value() == "0% orbit -30\n50% dolly 1.5\n100% orbit 30"
    assert page.locator(".camera-path__way").get_attribute("points") != before
    page.get_by_label("Length", exact=True).fill("4")
    expect(added.get_by_label("Time")).to_have_value("2")
    page.get_by_role("group", name="Key 1", exact=True).get_by_label("Time").fill("3")
    page.keyboard.press("Tab")
    assert sent.input_value() == "50% dolly 1.5\n75% orbit -30\n100% orbit 30", "in the order of time"
    page.get_by_role("button", name="Remove key 2").press("Enter")
    expect(page.get_by_role("button", name="Remove key 1")).to_be_disabled()
    assert fits(page)
    generate(page, "a red fox", Length="0.5")
    expect(cards(page, "succeeded")).to_have_count(1, timeout=60_000)
    expect(cards(page)).to_contain_text("the camera goes its own way through two points")
    assert complaints == []


@pytest.mark.slow
def test_without_javascript_the_path_is_written(browser, studio, ada):
    page = browser.new_context(java_script_enabled=False).new_page()
    open_studio(page, studio, ada)
    page.get_by_text("Own path").click()
    keys = page.get_by_label("Keys of the path, one a line")
    keys.fill("0% orbit -30\nand on")
    generate(page, "a red fox", Length="0.5")
    expect(page.get_by_text("“and on” is no key of a camera's path.")).to_be_visible()
    keys.fill("0% orbit -30\n100% orbit 30")
    page.get_by_role("button", name="Generate").click()
    expect(cards(page)).to_have_count(1)
    page.context.close()
