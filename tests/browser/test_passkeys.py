"""A passkey in a real browser: added, signed in with alone, asked for after a password, renamed and removed."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import fits
from tests.cast import PASSWORD


@pytest.fixture
def finger(page):
    """A device with a fingerprint reader, as Chromium pretends one; what it does can be changed by `finger(...)`."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )["authenticatorId"]

    def is_shown(verified):
        devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": verified})

    return is_shown


@pytest.fixture
def url(studio):
    """The studio by a name: passkeys belong to names, never to numbers."""
    return studio.url.replace("127.0.0.1", "localhost")


def come_in(page, url):
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def go_out(page):
    page.locator("summary", has_text="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_a_passkey_signs_in_alone(page, url, ada, finger, complaints, width):
    page.set_viewport_size({"width": width, "height": 900})
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)
    come_in(page, url)
    page.wait_for_url("**/projects/")
    page.goto(f"{url}/settings/security/")
    assert fits(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    assert fits(page)
    page.get_by_label("Name").fill("Ada's laptop")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    assert fits(page)
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Signs you in alone")).to_be_visible()

    go_out(page)
    page.goto(f"{url}/accounts/login/?next=/settings/security/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/settings/security/")
    expect(page.get_by_text("Ada's laptop").first).to_be_visible()

    go_out(page)
    come_in(page, url)
    expect(page.get_by_role("heading", name="One step more")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/projects/")
    assert complaints == []


@pytest.mark.slow
def test_who_does_not_show_a_finger_stays_outside(page, url, ada, finger, complaints):
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)
    come_in(page, url)
    page.wait_for_url("**/projects/")
    page.goto(f"{url}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{url}/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("This passkey is yours here already")).to_be_visible()
    go_out(page)
    finger(False)
    page.goto(f"{url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("That did not work, or was stopped")).to_be_visible(timeout=90_000)
    assert page.url.endswith("/accounts/login/")
    assert complaints == []
