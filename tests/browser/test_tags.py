"""Calling references by name: an @ in the prompt offers those who are there, to the keyboard and the pointer."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import cards, fits, generate, sign_in
from tests.factories import make_project
from tests.pictures import as_file, two_colors


@pytest.mark.slow
def test_a_name_is_chosen_with_the_keyboard(page, studio, ada, complaints):
    project = make_project(ada)
    page.set_viewport_size({"width": 390, "height": 900})
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    page.get_by_label("Engine", exact=True).select_option("tiny-painter")
    prompt, names = page.get_by_label("Prompt", exact=True), page.get_by_role("listbox", name="References")
    prompt.press_sequentially("@")
    expect(names).to_be_hidden()
    prompt.fill("")

    fox = {"name": "fox.png", "mimeType": "image/png", "buffer": as_file(two_colors()).read()}
    first, second = (page.get_by_label(f"Reference {n} is called") for n in (1, 2))
    expect(first).to_be_hidden()
    for number, name, word in ((1, first, "hero"), (2, second, "hero2")):
        page.get_by_label(f"Reference {number}", exact=True).set_input_files(fox)
        expect(name).to_have_value(word)
    page.get_by_label("Reference 2 shows a").select_option("place")
    expect(second).to_have_value("place")
    first.fill("Nana")

    prompt.press_sequentially("mail ada@n")
    expect(names).to_be_hidden()
    prompt.fill("")
    prompt.press_sequentially("@")
    expect(names.get_by_role("option")).to_have_text(["@Nana", "@place"])
    prompt.press("ArrowDown")
    expect(prompt).to_have_attribute("aria-activedescendant", "prompt-names-1")
    prompt.press("ArrowDown")
    prompt.press("Escape")
    expect(names).to_be_hidden()
    prompt.press_sequentially("na")
    expect(names.get_by_role("option", selected=True)).to_have_text("@Nana")
    assert prompt.get_attribute("role") == "combobox" and prompt.get_attribute("aria-expanded") == "true"
    prompt.press("Enter")
    prompt.press_sequentially("waves at ")
    expect(prompt).to_have_value("@Nana waves at ")
    assert prompt.get_attribute("role") is None
    prompt.press_sequentially("@")
    names.get_by_text("@place").click()
    expect(prompt).to_have_value("@Nana waves at @place ")
    assert fits(page) and complaints == []

    generate(page, "@nana waves at @robo", Length="0.5")
    expect(page.get_by_text("The prompt says @robo, but no reference is called so.")).to_be_visible()
    generate(page, "@nana waves at @place", Length="0.5")
    expect(cards(page).locator(".given__tag")).to_have_text(["@Nana", "@place"])
