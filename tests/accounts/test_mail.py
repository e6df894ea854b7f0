"""Mails leave by SMTP, and those who wait for them get them."""

import pytest

from tests.cast import PASSWORD
from tests.servers.mail import links_in

pytestmark = pytest.mark.django_db


def test_a_sign_up_sends_a_mail_whose_link_confirms_the_address(client, mail):
    client.post("/accounts/signup/", {"email": "ada@example.org", "password1": PASSWORD})
    message = mail.wait_for("ada@example.org", "confirm")
    (link,) = links_in(message)
    assert client.post(link).status_code == 302
    assert client.session["_auth_user_id"]
    assert len(mail.to("ada@example.org")) == 1
