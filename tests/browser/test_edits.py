"""A part of a clip, painted over with the brush and followed from the moment that was seen."""

import re

import pytest
from playwright.sync_api import expect

from generation.models import Generation
from tests.browser.desk import cards, fits, generate, sign_in
from tests.factories import make_project


def open_page(page, studio, ada):
    """The page on which a part of a clip is changed."""
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{make_project(ada).pk}/")
    page.get_by_label("Engine", exact=True).select_option("animatic")
    generate(page, "a red fox walks in a meadow", Length="1")
    expect(cards(page, "succeeded")).to_have_count(1, timeout=60_000)
    page.goto(f"{studio.url}/generations/{Generation.objects.get().pk}/edit/")


@pytest.mark.slow
def test_what_is_painted_over_is_followed_from_the_moment_that_was_seen(page, studio, ada, complaints):
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, studio, ada)
    page.get_by_text("What I paint over").click()
    expect(page.get_by_text("The same place in every frame.")).to_be_visible()
    page.get_by_text("Follows what is there").click()
    expect(page.get_by_text("The same place in every frame.")).to_be_hidden()
    expect(page.get_by_text("this clip knows who is where")).to_be_visible()
    expect(page.get_by_label("Moment at which it was painted over, in seconds")).to_be_hidden()
    canvas = page.locator("canvas")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2 + 20, steps=4)
    page.mouse.up()
    expect(page.locator(".mask-painter__moment")).to_have_text(re.compile(r"Painted at 0\.\d s"))
    page.get_by_label("Moment of the clip").fill("0.9")
    expect(page.locator("mask-painter")).to_have_attribute("data-elsewhere", "")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert fits(page)
    page.get_by_role("button", name="Generate").click()
    expect(cards(page)).to_have_count(2)
    edit = Generation.objects.order_by("created_at").last()
    assert edit.request["mask_at"] in (5, 6), "the middle of a clip of twelve frames"
    assert complaints == []


@pytest.mark.slow
def test_without_javascript_the_moment_is_a_number(browser, studio, ada, page):
    open_page(page, studio, ada)
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state()).new_page()
    plain.goto(page.url)
    moment = plain.get_by_label("Moment at which it was painted over, in seconds")
    expect(moment).to_be_hidden()
    plain.get_by_text("What I paint over").click()
    plain.get_by_text("Follows what is there").click()
    expect(moment).to_be_visible()
