"""Paying, from the first limit to a card that is mended: a creator, a Stripe to press at, and the mails of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import cards, fits, generate, open_project, sign_up
from tests.servers.mail import links_in

EMAIL = "ada@example.org"


def billing(page, studio, words="", width=1440):
    """Open the billing page; with `words`, until an event has brought them."""

    def says_so():
        page.goto(f"{studio.url}/settings/billing/")
        return words in " ".join(page.locator("main").inner_text().split())

    page.set_viewport_size({"width": width, "height": 900})
    studio.wait(says_so, every=0.3)
    assert fits(page)


def credits_left(page):
    return int(page.locator("dt:has-text('Credits left') + dd").inner_text().replace(",", ""))


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_from_the_first_limit_to_a_card_that_is_mended(page, selling, stripe, mail, complaints):
    clock = stripe.new_clock()
    sign_up(page, selling)
    (confirming,) = links_in(mail.wait_for(EMAIL, "confirm"))  # first credits are for those who have read it
    page.goto(confirming)
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.locator(".toasts")).to_contain_text(EMAIL)

    # Free has its limits: one seat, and credits for one clip.
    page.goto(f"{selling.url}/settings/members/")
    page.get_by_label("Email").first.fill("grace@example.org")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.locator("main")).to_contain_text("The plan Free has one seat. Standard lifts that limit.")
    page.goto(f"{selling.url}/projects/")
    open_project(page)
    generate(page)
    expect(cards(page, "succeeded")).to_have_count(1, timeout=120_000)
    generate(page, "a red fox sleeps")
    expect(page.locator("main")).to_contain_text("You do not have enough credits")

    # Pay for Pro: the first card is declined, the second pays.
    billing(page, selling, "Nothing is paid")
    page.get_by_role("button", name="Pay for Pro").click()
    page.get_by_label("0002, declined").check()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("alert")).to_contain_text("declined")
    page.get_by_label("4242 4242").check()
    page.get_by_role("button", name="Pay").click()
    expect(page.locator(".toasts")).to_contain_text("It is paid")
    before = credits_left(page)
    assert before >= 2250
    expect(page.locator("#next-invoice")).to_contain_text("$35 on")
    mail.wait_for(EMAIL, "is on Pro")

    # Spend.
    page.goto(f"{selling.url}/projects/")
    page.get_by_role("link", name=re.compile("The Fox Who Waited")).first.click()
    generate(page, "a red fox sleeps")
    expect(cards(page, "succeeded")).to_have_count(2, timeout=120_000)
    billing(page, selling)
    after = credits_left(page)
    assert after < before

    # More: a larger plan, which says what it costs first.
    page.get_by_role("link", name="Change to Unlimited").click()
    expect(page.locator("main")).to_contain_text("$60 now")
    page.get_by_role("button", name="Pay and change").click()
    expect(page.locator(".toasts")).to_contain_text("You are on Unlimited")
    mail.wait_for(EMAIL, "is on Unlimited now")

    # No more: cancelled here, taken back at Stripe's portal, and a smaller plan chosen there.
    page.get_by_role("button", name="Cancel the plan").click()
    expect(page.locator("main")).to_contain_text("Nothing more is charged.")
    mail.wait_for(EMAIL, "was cancelled")
    page.get_by_role("button", name="Cards and invoices").click()
    page.get_by_role("button", name="Don't cancel subscription").click()
    mail.wait_for(EMAIL, "goes on")
    page.get_by_role("button", name=re.compile("Change to Standard, 15.00")).click()
    page.get_by_role("link", name="Return to the shop").click()
    billing(page, selling, "Standard begins on")
    stripe.pass_days(clock, 32)
    billing(page, selling, "$15 a month Active")
    mail.wait_for(EMAIL, "is on Standard now")

    # A card that no longer pays.
    page.get_by_role("button", name="Cards and invoices").click()
    page.get_by_label("0341").check()
    page.get_by_role("button", name="Save card").click()
    stripe.pass_days(clock, 31)
    billing(page, selling, "$15 could not be charged", width=390)
    mail.wait_for(EMAIL, "A payment for")
    overdue = credits_left(page)
    page.get_by_role("link", name="Pay now").click()
    page.get_by_label("4242 4242").check()
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_role("status")).to_contain_text("Paid")
    billing(page, selling, "$15 a month Active", width=390)
    selling.wait(lambda: page.reload() and not page.get_by_role("alert").count(), every=0.3)  # its invoice comes next
    assert credits_left(page) == overdue + 625
    mail.wait_for(EMAIL, "arrived")
    assert [told for told in complaints if "422" not in told] == []  # but of the two limits
