"""An operator looks at the studio as somebody and comes back, by keyboard; somebody outside reports a film."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.desk import fits, sign_in
from tests.factories import make_project, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_looking_as_somebody_and_back(page, studio, ada, complaints):
    make_user("olga", is_staff=True)
    make_project(ada)
    sign_in(page, studio, "olga@example.org")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.goto(f"{studio.url}{reverse('console:users')}?q=ada")
    page.get_by_role("link", name="ada@example.org").click()
    page.get_by_label("Reason", exact=True).fill("She cannot find her film")
    page.get_by_role("button", name="Look", exact=True).click()
    banner = page.locator(".impersonation")
    expect(banner).to_contain_text("ada@example.org")
    page.get_by_role("link", name="The Fox Who Waited").first.click()
    expect(banner).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert fits(page)
    page.get_by_role("button", name="Be yourself again").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="ada@example.org")).to_be_visible()
    expect(banner).to_have_count(0)
    assert complaints == []


def test_a_film_is_reported_by_keyboard(page, studio, ada, complaints):
    from projects.models import Report, Share

    share = Share.objects.make(make_project(ada), by=ada, expires_at=timezone.now() + timedelta(days=1))
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{studio.url}{reverse('projects:shared', args=[share.token])}")
    page.get_by_role("link", name="Report this film").focus()
    page.keyboard.press("Enter")
    page.get_by_label("What is wrong with it").select_option("rights")
    page.get_by_label("In your words").fill("That music is mine.")
    assert fits(page)
    page.get_by_role("button", name="Send the report").press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Report.objects.get().words == "That music is mine."
    assert complaints == []
