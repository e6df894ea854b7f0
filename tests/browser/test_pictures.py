"""Pictures as a creator gives them: chosen on the page, shown on the card, and the next shot from the last frame."""

import os
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.desk import cards, fits, generate, open_menu, sign_in
from tests.factories import make_picture, make_project
from tests.pictures import as_file, two_colors


@pytest.fixture
def fox():
    return {"name": "fox.png", "mimeType": "image/png", "buffer": as_file(two_colors()).read()}


@pytest.fixture
def beach():
    picture = two_colors(left=(240, 220, 160), size=(1200, 800))
    return {"name": "beach.jpg", "mimeType": "image/jpeg", "buffer": as_file(picture, "JPEG").read()}


def open_studio(page, studio, project):
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")


def choose_tiny_vace(page):
    page.get_by_label("Engine", exact=True).select_option("tiny-vace")
    page.get_by_label("Size", exact=True).select_option("384x384")
    page.get_by_text("More settings").click()
    page.get_by_label("Steps", exact=True).fill("2")


def thumbnail(page, label):
    return page.locator("#request-form").get_by_role("img", name=label, exact=True)


def role_of(page, label):
    return page.get_by_label(f"{label} shows a", exact=True)


def seen(image):
    """Whether a picture came and can be seen."""
    expect(image).to_be_visible()
    expect(image).to_have_js_property("complete", True)
    return image.evaluate("image => image.naturalWidth > 0")


def photograph(page, name, at=None):
    """For whoever wants to look: RUNWAYWEB_PHOTOGRAPHS=folder."""
    if folder := os.environ.get("RUNWAYWEB_PHOTOGRAPHS"):
        (at or page.get_by_text("Pictures", exact=True)).scroll_into_view_if_needed()
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.slow
def test_a_reference_a_first_frame_and_the_next_shot(page, studio, ada, complaints, fox, beach):
    project = make_project(ada)
    page.set_viewport_size({"width": 1440, "height": 1000})
    open_studio(page, studio, project)
    page.get_by_label("Engine", exact=True).select_option("animatic")
    expect(page.get_by_text("First frame")).to_be_hidden()
    choose_tiny_vace(page)
    expect(page.get_by_text("First frame")).to_be_visible()
    photograph(page, "empty")

    page.get_by_label("First frame", exact=True).set_input_files(fox)
    assert seen(thumbnail(page, "First frame"))
    page.get_by_label("Reference 1", exact=True).set_input_files(beach)
    assert seen(thumbnail(page, "Reference 1"))
    page.get_by_label("Reference 1 shows a", exact=True).select_option("place")
    photograph(page, "chosen")
    generate(page, "noise, mostly", Length="0.5")
    expect(cards(page, "succeeded")).to_have_count(1, timeout=60_000)
    given = cards(page).locator(".given")
    assert seen(given.get_by_role("img", name="First frame"))
    assert seen(given.get_by_role("img", name="Reference: place"))
    photograph(page, "card")

    begun_with = thumbnail(page, "First frame").get_attribute("src")
    open_menu(page, "More to do")
    photograph(page, "menu")
    cards(page).get_by_role("button", name="Continue from last frame").click()
    expect(thumbnail(page, "First frame")).not_to_have_attribute("src", begun_with)
    assert seen(thumbnail(page, "Reference 1")), "it goes along"
    generate(page, "and then", Length="0.5")
    expect(cards(page, "succeeded")).to_have_count(2, timeout=60_000)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert fits(page)
        photograph(page, f"continued-{width}")
    assert complaints == []


@pytest.mark.slow
def test_who_is_in_a_clip_can_be_in_the_next(page, studio, ada, complaints):
    project = make_project(ada)
    page.set_viewport_size({"width": 1440, "height": 900})
    open_studio(page, studio, project)
    page.get_by_label("Engine", exact=True).select_option("animatic")
    generate(page, "a red fox with a blue ball in a forest", Length="0.5")
    expect(cards(page, "succeeded")).to_have_count(1, timeout=60_000)
    open_menu(page, "Use as reference")
    fox, ball = (cards(page).get_by_role("button", name=name) for name in ("Red fox", "Blue ball"))
    assert seen(fox.locator("img"))
    assert seen(ball.locator("img"))
    photograph(page, "cast-1440", at=fox)
    page.get_by_label("Prompt", exact=True).fill("the two by the sea")
    open_menu(page, "Use as reference")
    page.keyboard.press("ArrowDown")
    expect(fox).to_be_focused()
    page.keyboard.press("Enter")
    assert seen(thumbnail(page, "Reference 1"))
    expect(page.get_by_label("Engine", exact=True)).to_have_value("built-in")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("the two by the sea")
    expect(role_of(page, "Reference 1")).to_have_value("character")

    page.set_viewport_size({"width": 390, "height": 844})
    open_menu(page, "Use as reference")
    assert fits(page)
    photograph(page, "cast-390", at=ball)
    ball.click()
    assert seen(thumbnail(page, "Reference 2"))
    expect(role_of(page, "Reference 2")).to_have_value("object")
    open_menu(page, "Use as reference")
    cards(page).get_by_role("button", name="The whole frame, as a place").click()
    assert seen(thumbnail(page, "Reference 3"))
    expect(role_of(page, "Reference 3")).to_have_value("place")
    photograph(page, "cast-chosen-390")

    open_menu(page, "More to do")
    cards(page).get_by_role("button", name="Continue from last frame").click()
    shot = page.locator("#request-form .kept-shot")
    expect(shot).to_contain_text("Continues “a red fox with a blue ball in a forest”")
    expect(page.get_by_label("Engine", exact=True)).to_have_value("built-in")
    assert seen(thumbnail(page, "First frame")) and fits(page)
    photograph(page, "continued-shot-390", at=shot)
    generate(page, "the two go on", Length="0.5")
    expect(cards(page, "succeeded")).to_have_count(2, timeout=60_000)
    expect(cards(page).first.get_by_role("img", name="Continues “a red fox")).to_be_visible()
    assert complaints == []


@pytest.mark.slow
def test_without_javascript_one_reference_joins_the_other(browser, studio, ada):
    project = make_project(ada)
    page = browser.new_context(java_script_enabled=False).new_page()
    open_studio(page, studio, project)
    page.get_by_label("Engine", exact=True).select_option("animatic")
    generate(page, "a red fox with a blue ball in a forest", Length="0.5")
    wait_for_clip(page)
    page.get_by_label("Prompt", exact=True).fill("the two by the sea")
    for number, name in enumerate(("Red fox", "Blue ball"), 1):
        open_menu(page, "Use as reference")
        cards(page).get_by_role("button", name=name).click()
        assert seen(thumbnail(page, f"Reference {number}"))
    assert seen(thumbnail(page, "Reference 1"))
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("the two by the sea")
    expect(role_of(page, "Reference 2")).to_have_value("object")
    page.context.close()


def wait_for_clip(page):
    """Without JavaScript a page is looked at again, once the one that tells of the new shot is there."""
    expect(cards(page)).to_have_count(1)
    for _ in range(100):
        page.reload()
        if cards(page, "succeeded").count():
            break
        time.sleep(0.5)


@pytest.mark.slow
def test_taken_away_with_the_keyboard_and_told_what_is_wrong(page, studio, ada, fox):
    project = make_project(ada)
    page.set_viewport_size({"width": 390, "height": 900})
    open_studio(page, studio, project)
    choose_tiny_vace(page)
    page.get_by_label("Last frame", exact=True).set_input_files(fox)
    assert seen(thumbnail(page, "Last frame"))
    page.get_by_label("Remove: Last frame").focus()
    page.keyboard.press("Space")
    expect(thumbnail(page, "Last frame")).to_be_hidden()
    photograph(page, "removed-390")
    page.keyboard.press("Space")
    expect(thumbnail(page, "Last frame")).to_be_visible()

    nonsense = {"name": "fox.png", "mimeType": "image/png", "buffer": b"MZ" + b"\0" * 500}
    page.get_by_label("First frame", exact=True).set_input_files(nonsense)
    expect(page.get_by_text("This is no picture in PNG, JPEG or WebP")).to_be_visible()
    large = {"name": "fox.png", "mimeType": "image/png", "buffer": b"\0" * (20 * 1024**2 + 1)}
    page.get_by_label("Reference 2", exact=True).set_input_files(large)
    expect(page.get_by_role("alert").filter(has_text="This picture is larger than 20 MB")).to_be_visible()
    assert fits(page)
    photograph(page, "wrong-390")
    page.get_by_label("Engine", exact=True).select_option("animatic")
    expect(page.locator("[data-takes=last_frame]").get_by_text("Not for this engine.")).to_be_visible()
    generate(page, "a fox", Length="0.5")
    expect(page.get_by_text("Animatic cannot use this. Remove it")).to_be_visible()
    photograph(page, "unused-390")


@pytest.mark.slow
def test_one_place_more_comes_into_sight_when_the_others_hold_something(page, studio, ada, fox):
    project = make_project(ada)
    pictures = [make_picture(project.workspace, two_colors(left=(80 * number, 90, 90))) for number in range(3)]
    sign_in(page, studio)
    given = "&".join(f"reference_{number}={picture.pk}" for number, picture in enumerate(pictures, 1))
    page.goto(f"{studio.url}/projects/{project.pk}/?model=tiny-vace&{given}")

    def well(label):
        return page.locator("#request-form .picture__well").filter(has_text=re.compile(f"^{label}$"))

    for label, shown in (("Reference 4", True), ("Reference 5", False), ("Keyframe", True), ("Keyframe 2", False)):
        expect(well(label)).to_be_visible(visible=shown)
    page.get_by_label("Reference 4", exact=True).set_input_files(fox)
    expect(well("Reference 5")).to_be_visible()
    page.get_by_label("Keyframe", exact=True).set_input_files(fox)
    expect(well("Keyframe 2")).to_be_visible()


@pytest.mark.slow
def test_without_javascript_files_go_along_with_the_form(browser, studio, ada, fox):
    project = make_project(ada)
    page = browser.new_context(java_script_enabled=False).new_page()
    open_studio(page, studio, project)
    choose_tiny_vace(page)
    page.get_by_label("First frame", exact=True).set_input_files(fox)
    photograph(page, "plain")
    generate(page, "noise, mostly", Length="0.5")
    expect(cards(page).locator(".given img")).to_have_attribute("alt", "First frame")
    wait_for_clip(page)
    open_menu(page, "More to do")
    cards(page).get_by_role("button", name="Continue from last frame").click()
    expect(thumbnail(page, "First frame")).to_be_visible()
    page.context.close()
