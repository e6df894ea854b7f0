"""Ada makes a key by the keyboard alone, tries it, and takes it away again."""

import re

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.desk import fits, sign_in


@pytest.mark.slow
def test_a_key_is_made_tried_and_revoked_by_the_keyboard(studio, ada, page, complaints):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, studio)
    page.goto(f"{studio.url}/settings/keys/")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Render farm")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Read: tasks")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # not Generate
    page.keyboard.press("Enter")
    field = page.get_by_label("The key", exact=True)
    expect(field).to_be_focused()
    plain = field.input_value()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == plain

    tried = page.locator(".new-key__try").inner_text()
    assert tried.startswith(f"curl {studio.url}/v1/organization")
    headers = dict(re.findall(r'-H "([\w-]+): ([^"]+)"', tried))
    assert requests.get(f"{studio.url}/v1/organization", headers=headers, timeout=20).json()["creditBalance"] == 500

    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    page.goto(f"{studio.url}/settings/keys/")
    assert fits(page) and plain not in page.content()
    expect(page.locator(".person")).to_contain_text("read")
    page.locator(".person summary", has_text="Revoke").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Render farm” opens nothing any more.")).to_be_visible()
    expect(page.get_by_text("None. No program reaches this workspace.")).to_be_visible()
    assert requests.get(f"{studio.url}/v1/organization", headers=headers, timeout=20).status_code == 401
    assert not complaints
