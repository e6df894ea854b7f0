"""Ada lets Grace into her workspace, by a link; makes her a viewer; and takes her out while her page is open."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import fits, sign_in
from tests.cast import PASSWORD


@pytest.fixture
def team(ada):
    """Ada's workspace, with seats for others and a film."""
    from runwayweb.subscriptions.models import Subscription
    from tests.factories import make_plan, make_project

    Subscription.objects.assign(ada.open_workspace(), make_plan(seats=None))
    return make_project(ada)


@pytest.mark.slow
def test_somebody_without_an_account_comes_in_by_a_link_and_is_taken_out(studio, team, page, browser, complaints):
    sign_in(page, studio)
    page.locator("summary", has_text="Your account").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Members").click()
    page.get_by_label("Email").fill("grace@example.org")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("An invitation is on its way")).to_be_visible()
    page.locator(".person__acts summary", has_text="Link").click()
    link = page.get_by_label("Only for grace@example.org").input_value()

    hers = browser.new_page(viewport={"width": 390, "height": 844})
    hers.goto(link)
    assert fits(hers)
    hers.get_by_role("link", name="Make an account").click()
    expect(hers.get_by_label("Email")).to_have_value("grace@example.org")
    hers.get_by_label("Password", exact=True).fill(PASSWORD)
    hers.get_by_role("button", name="Sign up").click()
    expect(hers.get_by_role("link", name=team.name)).to_be_visible()

    page.reload()
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    page.locator(".person__acts summary", has_text="Editor").click()
    page.get_by_role("button", name="Viewer").click()
    expect(page.get_by_text("is here as Viewer now")).to_be_visible()
    hers.reload()
    expect(hers.get_by_role("link", name=team.name)).to_be_visible()

    page.locator(".person__acts summary", has_text="Viewer").click()
    page.get_by_role("link", name="Take out of the workspace").click()
    page.get_by_role("button", name="Take out").click()
    expect(page.locator(".person")).to_have_count(1)
    expect(hers.get_by_text("You may not see this workspace any more.")).to_be_visible(timeout=6_000)
    hers.get_by_role("link", name="To your own films").click()
    expect(hers.get_by_text("Every film starts with a name")).to_be_visible()

    page.get_by_role("link", name="Audit log").click()
    expect(page.locator(".log__line").first).to_contain_text("took grace@example.org")
    assert fits(page) and not complaints
    hers.close()
