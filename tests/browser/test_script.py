"""The room of the script: what was written is never lost."""

import pytest
from playwright.sync_api import expect

from projects.models import Script
from tests.browser.desk import fits, sign_in
from tests.factories import make_project

PASTED = "(bytes) => { document.querySelector('.script__text').value = 'x'.repeat(bytes) }"


@pytest.mark.slow
def test_a_script_that_is_too_large_stays_on_the_page(page, studio, ada, complaints):
    project = make_project(ada)
    Script.objects.create(project=project, text="INT. DEN - NIGHT\n\nA fox waits.")
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/script/")
    page.evaluate(PASTED, 5_000_000)
    page.get_by_role("button", name="Save the script").click()
    expect(page.get_by_text("The script has 5.0 MB. At most 1 MB can be read")).to_be_visible()
    assert page.evaluate("document.querySelector('.script__text').value.length") == 5_000_000
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    written = page.get_by_label("Script", exact=True)
    written.fill("INT. DEN - NIGHT\n\nA bear waits.")
    expect(page.get_by_text("At most 1 MB can be read")).to_be_hidden()
    too_large = {"name": "film.fountain", "mimeType": "text/plain", "buffer": b"x" * 1_200_000}
    page.get_by_label("Or bring a file in").set_input_files(too_large)
    page.get_by_role("button", name="Save the script").click()
    expect(page.get_by_text("The file has 1.2 MB.")).to_be_visible()
    page.get_by_label("Or bring a file in").set_input_files([])
    page.get_by_role("button", name="Save the script").click()
    expect(page.get_by_text("The script is saved.")).to_be_visible()
    assert "bear" in Script.objects.of(project).text and not complaints
