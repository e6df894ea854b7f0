"""Coming in by an account elsewhere, in a real browser, whose policy for forms must not stand in the way."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.desk import fits


@pytest.fixture
def school(site):
    """A studio of its own that knows one provider, without workers: nothing is made here."""
    from runwayweb.supervisor.tether import tethered
    from tests.servers import openid, ports

    port = ports.free_port()
    provider = subprocess.Popen(tethered([sys.executable, openid.__file__, str(port)]))
    ports.wait_for(port, 20)
    (client, secret), *_ = openid.CLIENTS.items()
    env = {"OIDC_NAME": "Film School", "OIDC_ISSUER": f"http://127.0.0.1:{port}"}
    site.start("web", env=env | {"OIDC_CLIENT_ID": client, "OIDC_SECRET": secret})
    yield site
    provider.terminate()
    provider.wait()


@pytest.mark.slow
def test_from_the_button_to_the_desk_and_back_again(page, school, complaints):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{school.url}/accounts/login/")
    page.get_by_role("button", name="Go on with Film School").click()
    expect(page.get_by_role("heading", name="Test ID")).to_be_visible()
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("heading", name="You stopped on the way")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Back to signing in").click()
    page.get_by_role("button", name="Go on with Film School").click()
    page.get_by_role("button", name="grace").click()
    page.wait_for_url("**/projects/")
    page.goto(f"{school.url}/accounts/3rdparty/")
    expect(page.get_by_role("listitem").filter(has_text="Film School")).to_be_visible()
    assert fits(page)
    assert complaints == []
