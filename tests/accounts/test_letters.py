"""Mails in words and as a letter, whatever people call themselves."""

import pytest
from django.core import mail

from runwayweb.accounts.mail import send_mail
from runwayweb.accounts.models import Role
from runwayweb.subscriptions.models import Subscription
from tests.factories import make_plan, make_user

pytestmark = pytest.mark.django_db
LINK = "http://testserver/invitations/x/"


def test_a_name_brings_neither_headers_nor_paragraphs_nor_tags():
    ada = make_user("ada")
    ada.name = "<b>Ada</b>\r\nBcc: everybody@example.org\n\nhttp://evil.example/"
    invitation = ada.open_workspace().invitations.model(
        workspace=ada.open_workspace(), email="grace@example.org", role=Role.VIEWER, by=ada
    )
    invitation.send(LINK)
    (message,) = mail.outbox
    assert message.recipients() == ["grace@example.org"]
    assert "\n" not in message.subject and "Bcc:" in message.subject
    assert "\nhttp://evil.example/" not in message.body
    html = message.alternatives[0][0]
    assert "<b>Ada" not in html and "&lt;b&gt;Ada" in html
    assert f'href="{LINK}"' in html and 'href="http://evil' not in html


def test_in_the_language_that_is_asked_for():
    send_mail("member_removed", "grace@example.org", language="fr", by="Ada", workspace="Fox Films")
    assert '<html lang="fr">' in mail.outbox[0].alternatives[0][0]


def test_an_invitation_speaks_the_language_of_whoever_gets_it():
    ada, grace = make_user("ada"), make_user("grace", language="fr")
    Subscription.objects.assign(ada.open_workspace(), make_plan(seats=None))
    for email in (grace.email, "new@example.org"):
        ada.open_workspace().invite(email, Role.VIEWER, by=ada).send(LINK)
    hers, other = (message.alternatives[0][0] for message in mail.outbox)
    assert '<html lang="fr">' in hers and '<html lang="en">' in other
