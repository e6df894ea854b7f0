"""What a person does with the studio, in the words of its pages."""

from playwright.sync_api import expect

from tests.cast import PASSWORD


def sign_up(page, studio, email="ada@example.org"):
    page.goto(studio.url)
    page.get_by_role("link", name="Sign up").first.click()
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()


def sign_in(page, studio, email="ada@example.org"):
    page.goto(f"{studio.url}/accounts/login/")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def open_project(page, name="The Fox Who Waited"):
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("button", name="Generate")).to_be_visible()


def generate(page, prompt="a red fox walks in a forest at dusk", **settings):
    page.get_by_label("Prompt", exact=True).fill(prompt)
    for label, value in settings.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Generate").click()


def cards(page, status=None):
    return page.locator("article[data-status]" if status is None else f"article[data-status={status}]")


def open_menu(page, name):
    cards(page).locator("summary", has_text=name).click()


def fits(page):
    """Whether nothing sticks out of the page sideways."""
    page.wait_for_load_state("domcontentloaded")  # between two pages there is nothing to measure
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
