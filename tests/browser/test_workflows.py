"""A workflow drawn by keyboard alone, run, and watched until its result is there."""

import os

import pytest
from playwright.sync_api import expect

from generation.models import Generation
from projects.models import Workflow
from tests.browser.desk import fits, sign_in
from tests.factories import make_project

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 60_000


def picture(page, name):
    """A picture of the page for whoever wants to look at it: `LOOK=/tmp/look pytest …`."""
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def node(page, id):
    return page.locator(f"#flow-{id}")


@pytest.mark.slow
def test_a_workflow_is_drawn_by_keyboard_run_and_watched(page, studio, ada, complaints):
    make_project(ada)
    sign_in(page, studio)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Workflows", exact=True).first.click()
    picture(page, "list")
    page.locator("li", has_text="Words → clip → its sound").get_by_role("button", name="Begin with this").click()
    expect(node(page, "text-to-video")).to_be_visible()
    picture(page, "editor")
    keys = page.keyboard

    # From node to node, and into the form of one.
    node(page, "text").focus()
    keys.press("ArrowRight")
    expect(node(page, "text-to-video")).to_be_focused()
    keys.press("Enter")
    clip = page.locator("#node-text-to-video")
    expect(clip.get_by_label("Title")).to_be_focused()
    clip.get_by_label("Length", exact=True).fill("0.5")
    clip.get_by_label("Engine").select_option("animatic")
    clip.get_by_role("button", name="Save").click()
    expect(page.locator("#workflow-quote")).to_contain_text("2 credits")

    # A result more: added, connected, and one taken away.
    node(page, "video-to-sound").focus()
    keys.press("a")
    expect(page.get_by_label("Add a node")).to_be_focused()
    page.get_by_label("Add a node").select_option("output")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".workflow__faults")).to_contain_text("“Result”: nothing comes into “What comes out”")
    node(page, "text-to-video").focus()
    keys.press("c")
    expect(page.locator(".workflow__news")).to_contain_text("Choose where “Clip from words” goes")
    while page.evaluate("document.activeElement.id") != "flow-output-2":
        before = page.evaluate("document.activeElement.id")
        keys.press("ArrowRight" if before == "flow-text-to-video" else "ArrowDown")
        assert page.evaluate("document.activeElement.id") != before, "No arrow key goes on from here"
    keys.press("Enter")
    expect(page.locator('.flow-line[data-from="text-to-video"][data-to="output-2"]')).to_have_count(1)
    expect(page.locator(".workflow__faults")).to_have_count(0)
    expect(node(page, "text-to-video")).to_be_focused()
    node(page, "output-2").focus()
    keys.press("Delete")
    expect(node(page, "output-2")).to_have_count(0)

    # What is half written elsewhere stays.
    page.locator("#node-text > summary").click()
    words = page.locator("#node-text").get_by_label("Words", exact=True)
    words.fill("a white rabbit in a meadow")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(node(page, "text-to-video-2")).to_be_visible()
    expect(words).to_have_value("a white rabbit in a meadow")
    node(page, "text-to-video-2").focus()
    keys.press("Backspace")
    expect(node(page, "text-to-video-2")).to_have_count(0)

    # Run, and its nodes get done one after the other without the page being loaded anew.
    page.get_by_role("button", name="Publish and run").click()
    expect(page.locator("#workflow-run")).to_be_visible()
    picture(page, "running")
    page.evaluate("window.same = true")
    expect(node(page, "text-to-video")).to_have_attribute("data-status", "succeeded", timeout=SOON)
    expect(page.locator("#workflow-run")).to_have_attribute("data-status", "succeeded", timeout=SOON)
    expect(page.locator(".flow-result video")).to_be_visible()
    assert page.evaluate("window.same") and fits(page)
    picture(page, "done")

    # Again, for nothing: all of it is kept.
    page.get_by_role("link", name="Change it and run it again").click()
    expect(page.locator("#workflow-quote")).to_contain_text("0 credits")
    picture(page, "again")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#workflow-run")).to_have_attribute("data-status", "succeeded", timeout=SOON)
    assert Generation.objects.count() == 2
    assert complaints == []


@pytest.mark.slow
def test_it_fits_a_phone_in_both_languages(page, studio, ada, complaints):
    make_project(ada)
    sign_in(page, studio)
    expect(page.get_by_role("link", name="New project").first).to_be_visible()
    for language in ("en", "fr"):
        type(ada).objects.filter(pk=ada.pk).update(language=language)
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{studio.url}/workflows/")
        assert fits(page)
        picture(page, f"phone-list-{language}")
        page.locator(".flow-example button").nth(1).click()
        page.wait_for_selector("#workflow-editor")
        assert fits(page)
        picture(page, f"phone-editor-{language}")
        page.set_viewport_size({"width": 1440, "height": 900})
        assert fits(page)
        picture(page, f"wide-editor-{language}")
    assert complaints == []


@pytest.fixture
def plain_page(browser):
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_all_of_it_works_without_javascript(plain_page, studio, ada):
    page = plain_page
    make_project(ada)
    sign_in(page, studio)
    page.goto(f"{studio.url}/workflows/")
    page.get_by_role("button", name="An empty one").click()
    for kind in ("text_to_video", "output"):
        page.get_by_label("Add a node").select_option(kind)
        page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#node-text-to-video > summary").click()
    clip = page.locator("#node-text-to-video")
    clip.get_by_label("Prompt", exact=True).fill("a red fox")
    clip.get_by_label("Length", exact=True).fill("0.5")
    clip.get_by_label("Engine").select_option("animatic")
    clip.get_by_role("button", name="Save").click()
    page.locator("#node-output > summary").click()
    page.locator("#node-output").get_by_label("What comes out, from").select_option("text-to-video")
    page.locator("#node-output").get_by_role("button", name="Save").click()
    expect(page.locator(".workflow__faults")).to_have_count(0)
    page.get_by_role("button", name="Publish and run").click()
    expect(page.locator("#workflow-run")).to_be_visible()
    assert Workflow.objects.get().newest.number == 1
