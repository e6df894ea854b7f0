"""Somebody of the film's world: added with a picture, put in order, called by name in a prompt."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import cards, fits, generate, sign_in
from tests.factories import make_entity, make_picture, make_project
from tests.pictures import as_file, two_colors


@pytest.mark.slow
def test_somebody_is_added_and_called_by_name(page, studio, ada, complaints):
    project = make_project(ada)
    make_entity(project, "clearing", "place").add_view(make_picture(project.workspace))
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    page.get_by_role("link", name="World").first.click()
    expect(page.get_by_role("heading", name="Characters")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Add a character").click()
    page.get_by_label("Name", exact=True).fill("Nova")
    page.get_by_label("Description").fill("a red fox with a blue scarf")
    page.get_by_role("button", name="Add to the world").click()
    expect(page.get_by_role("heading", name="@nova Nova")).to_be_visible()
    page.wait_for_load_state()

    pictures = [
        {"name": f"{n}.png", "mimeType": "image/png", "buffer": as_file(two_colors(left=(n, 0, 0))).read()}
        for n in (80, 240)
    ]
    page.get_by_label("Add pictures").set_input_files(pictures)
    views = page.locator(".view[data-id]")
    expect(views).to_have_count(2)
    last = views.nth(1).get_attribute("data-id")
    views.nth(1).hover()
    views.nth(1).get_by_role("button", name="Move it forward").click()
    expect(views.first).to_have_attribute("data-id", last)
    views.first.get_by_label("What this view shows").fill("from the front")
    views.first.get_by_label("What this view shows").press("Enter")
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(views.first).to_have_attribute("data-id", last)
    expect(views.first.get_by_label("What this view shows")).to_have_value("from the front")
    assert fits(page)

    page.get_by_role("link", name="Workbench").first.click()
    page.wait_for_url(f"{studio.url}/projects/{project.pk}/")
    page.get_by_label("Engine", exact=True).select_option("tiny-painter")
    prompt, names = page.get_by_label("Prompt", exact=True), page.get_by_role("listbox", name="References")
    prompt.press_sequentially("@")
    expect(names.get_by_role("option")).to_have_text(["@novaNova", "@clearingClearing"])
    prompt.press("Enter")
    prompt.press_sequentially("waits in @clear")
    prompt.press("Tab")
    expect(prompt).to_have_value("@nova waits in @clearing ")
    chips = page.get_by_role("list", name="Called in the prompt")
    expect(chips.get_by_role("listitem")).to_have_text(["@nova", "@clearing"])
    assert fits(page) and complaints == []
    generate(page, "@nova waits in @clearing", Length="0.5")
    expect(cards(page).locator(".given__tag")).to_have_text(["@nova", "@clearing"])
