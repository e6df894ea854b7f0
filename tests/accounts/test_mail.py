"""Mails leave by SMTP, and those who wait for them get them."""

import pytest

from runwayweb.accounts.models import User
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


def test_an_address_is_changed_once_the_new_one_is_shown_to_be_mine(client, mail):
    client.post("/accounts/signup/", {"email": "ada@example.org", "password1": PASSWORD})
    client.post(*confirmation(mail, "ada@example.org"))
    page = "/accounts/email/"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post(page, {"action_add": "", "email": "ada@films.example"})
    client.post(page, {"action_primary": "", "email": "ada@films.example"})
    ada = User.objects.get()
    assert ada.email == "ada@example.org", "nobody has shown yet that the new one is theirs"
    client.post(*confirmation(mail, "ada@films.example"))
    client.post(page, {"action_primary": "", "email": "ada@films.example"})
    client.post(page, {"action_remove": "", "email": "ada@example.org"})
    ada.refresh_from_db()
    assert ada.email == "ada@films.example" and list(ada.emailaddress_set.values_list("email", flat=True)) == [
        ada.email
    ]
    client.post("/accounts/logout/")
    for email, comes_in in (("ada@example.org", False), ("ada@films.example", True)):
        client.post("/accounts/login/", {"login": email, "password": PASSWORD})
        assert ("_auth_user_id" in client.session) is comes_in


def confirmation(mail, address):
    """Where the last mail to an address leads."""
    return links_in(mail.wait_for(address, "confirm"))
