"""Ada invites Grace: by a link that expires, is sent again, taken back, and is no good to Mallory."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runwayweb.accounts import hooks
from runwayweb.accounts.models import AuditEntry, Invitation, Membership, Role, User
from runwayweb.subscriptions.models import Subscription
from tests.cast import PASSWORD
from tests.factories import make_member, make_plan, make_user
from tests.servers.mail import links_in, text_of

pytestmark = pytest.mark.django_db
GRACE = "grace@example.org"


@pytest.fixture
def studio(ada):
    """Ada's workspace, with as many seats as she likes."""
    studio = ada.open_workspace()
    Subscription.objects.assign(studio, make_plan(seats=None))
    return studio


@pytest.fixture
def desk(client, ada):
    """Ada's browser."""
    client.force_login(ada)
    return client


def invite(desk, email=GRACE, role="editor"):
    return desk.post(reverse("accounts:invitation-new"), {"email": email, "role": role})


def link_to(mail, address=GRACE):
    return links_in(mail.to(address)[-1])[0]


def copied(desk):
    """The link that the page of the members shows, to whoever looks after them."""
    (invitation,) = desk.get(reverse("accounts:members")).context["invitations"]
    return invitation.link


def sign_up(browser, email):
    browser.post(reverse("account_signup"), {"email": email, "password1": PASSWORD})
    return User.objects.get(email=email)


def addresses_of(user):
    """[(address, whether it is confirmed)]"""
    return list(user.emailaddress_set.values_list("email", "verified"))


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def test_grace_comes_in_by_the_link_of_her_mail(desk, ada, studio, mail):
    grace = make_user("grace")
    invite(desk, "Grace@Example.org", "viewer")
    message = mail.wait_for(GRACE, "invites you")
    assert "Ada" in message["subject"] and "Viewer" in text_of(message)
    html = message.get_body(("html",)).get_content()
    assert f'href="{link_to(mail)}"' in html
    browser = signed_in(grace)
    page = browser.get(link_to(mail))
    assert b"Come into" in page.content and not studio.memberships.filter(user=grace), "a link asks first"
    browser.post(link_to(mail))
    grace.refresh_from_db()
    assert (grace.membership().workspace, grace.membership().role) == (studio, Role.VIEWER)
    told = list(studio.audit_entries.values_list("action", "about", "by_name").order_by("pk"))[1:]
    assert told == [("member.invited", GRACE, ada.email), ("member.joined", GRACE, GRACE)]
    assert browser.get(link_to(mail)).status_code == 302, "who is in is led in"


def test_somebody_without_an_account_makes_one_by_the_link_and_is_in(desk, studio, mail):
    invite(desk, "new@example.org")
    browser = Client()
    page = browser.get(link_to(mail, "new@example.org"))
    assert b"Make an account" in page.content
    form = browser.get(reverse("account_signup"))
    assert b"new@example.org" in form.content, "the address is filled in"
    browser.post(reverse("account_signup"), {"email": "new@example.org", "password1": PASSWORD})
    user = User.objects.get(email="new@example.org")
    assert user.memberships.get().workspace == studio, "and no workspace of their own is made"
    assert user.emailaddress_set.get().verified, "the link showed that the address is theirs"
    assert not any("confirm" in text_of(message).lower() for message in mail.to("new@example.org"))


def test_the_link_makes_an_account_for_its_own_address_only(desk, studio, mail):
    invite(desk, "new@example.org")
    browser = Client()
    browser.get(link_to(mail, "new@example.org"))
    browser.post(reverse("account_signup"), {"email": "mallory@example.org", "password1": PASSWORD})
    assert User.objects.exclude(memberships__role="owner").get().email == "new@example.org"
    assert not User.objects.filter(email="mallory@example.org").exists()


@pytest.mark.parametrize("verification", ["optional", "mandatory"])
def test_a_link_that_was_copied_opens_sign_up_and_confirms_nothing(desk, studio, mail, settings, verification):
    settings.REGISTRATION, settings.ACCOUNT_EMAIL_VERIFICATION = "invitation", verification
    invite(desk, "new@example.org")
    assert copied(desk) != link_to(mail, "new@example.org")
    browser = Client()
    assert b"Make an account" in browser.get(copied(desk)).content
    user = sign_up(browser, "new@example.org")
    assert user.memberships.get().workspace == studio
    assert addresses_of(user) == [("new@example.org", False)], "whoever invites has this link, too"
    assert ("_auth_user_id" in browser.session) == (verification == "optional")
    (link,) = links_in(mail.wait_for("new@example.org", "confirm"))
    browser.post(link)
    assert addresses_of(user) == [("new@example.org", True)]


@pytest.mark.parametrize("email", ["new@example.org", "mallory@example.org"])
def test_taken_back_meanwhile_it_confirms_nothing_and_the_account_gets_a_workspace_of_its_own(
    desk, studio, mail, email
):
    invite(desk, "new@example.org")
    browser = Client()
    browser.get(link_to(mail, "new@example.org"))
    Invitation.objects.get().revoke(by=None)
    user = sign_up(browser, email)
    assert user.membership().workspace != studio
    assert addresses_of(user) == [(email, False)]


def test_what_a_browser_kept_of_the_version_before_confirms_nothing(desk, studio):
    invite(desk, "new@example.org")
    browser = Client()
    browser.get(copied(desk))
    session = browser.session
    session["account_verified_email"] = "new@example.org"
    session.save()
    assert addresses_of(sign_up(browser, "new@example.org")) == [("new@example.org", False)]


def test_only_the_mail_tells_whether_its_address_has_an_account(desk, studio, mail):
    make_user("grace")
    invite(desk)
    assert b"Make an account" in Client().get(copied(desk)).content, "as for an address that has none"
    assert b"Make an account" not in Client().get(link_to(mail)).content


def test_mallory_gets_nowhere_with_a_link_of_grace(desk, studio, mail):
    invite(desk)
    browser = signed_in(make_user("mallory"))
    assert b"Sign out" in browser.get(link_to(mail)).content
    browser.post(link_to(mail))
    assert studio.memberships.count() == 1
    assert Invitation.objects.get().is_pending, "it still waits for Grace"


def test_an_address_that_grace_confirmed_is_hers_too(desk, studio, mail):
    grace = make_user("grace")
    for verified in (False, True):
        grace.emailaddress_set.update_or_create(email="g@films.example", defaults={"verified": verified})
        if not verified:
            invite(desk, "g@films.example")
        signed_in(grace).post(link_to(mail, "g@films.example"))
        assert studio.memberships.filter(user=grace).exists() == verified


@pytest.mark.parametrize("token", ["", "x", "x.y:z", "%00", "é" * 300, "0" * 32 + ".1:" + "A" * 43])
def test_a_link_that_is_made_up_leads_nowhere(client, token):
    assert client.get(f"/invitations/{token}/").status_code in (404, 410)


def test_a_link_expires(desk, studio, mail):
    invite(desk)
    Invitation.objects.update(expires_at=timezone.now())
    browser = signed_in(make_user("grace"))
    page = browser.get(link_to(mail))
    assert (page.status_code, b"has expired" in page.content) == (410, True)
    assert browser.post(link_to(mail)).status_code == 410
    assert studio.memberships.count() == 1
    assert b"expired" in desk.get(reverse("accounts:members")).content


def test_sent_again_the_new_link_works_and_the_old_one_does_not(desk, studio, mail):
    invite(desk)
    invitation = Invitation.objects.get()
    again = reverse("accounts:invitation-mail", args=[invitation.pk])
    assert b"Wait a minute" in desk.post(again, follow=True).content
    Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1), expires_at=timezone.now())
    desk.post(again)
    first, second = (links_in(message)[0] for message in mail.to(GRACE))
    browser = signed_in(make_user("grace"))
    assert browser.post(first).status_code == 410
    browser.post(second)
    assert studio.memberships.count() == 2
    assert b"accepted or taken back" in desk.post(again, follow=True).content
    assert studio.audit_entries.filter(action="invitation.resent", about=GRACE).count() == 1


def test_inviting_an_address_again_sends_the_same_invitation_with_the_new_role(desk, studio, mail):
    invite(desk)
    assert b"Wait a minute" in invite(desk).content
    Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    invite(desk, role="admin")
    assert Invitation.objects.get().role == Role.ADMIN
    signed_in(make_user("grace")).post(link_to(mail))
    assert studio.memberships.get(user__email=GRACE).role == Role.ADMIN


def test_taken_back_the_link_is_no_good(desk, studio, mail):
    invite(desk)
    back = reverse("accounts:invitation-revocation", args=[Invitation.objects.get().pk])
    browser = signed_in(make_user("grace"))
    assert browser.post(back).status_code == 404, "she does not look after members"
    desk.post(back)
    assert b"meanwhile" in desk.post(back, follow=True).content
    assert browser.post(link_to(mail)).status_code == 410
    assert studio.memberships.count() == 1
    assert studio.audit_entries.filter(action="invitation.revoked").count() == 1
    invite(desk)
    assert Invitation.objects.count() == 2, "and she can be invited anew"


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"email": ""}, "email"),
        ({"email": "grace"}, "email"),
        ({"email": "a@b\x00.org"}, "email"),
        ({"email": "x" * 400 + "@example.org"}, "email"),
        ({"role": "owner"}, "role"),
        ({"role": "king"}, "role"),
    ],
)
def test_an_address_or_role_that_is_none_is_refused(desk, fields, at):
    answer = desk.post(reverse("accounts:invitation-new"), {"email": GRACE, "role": "editor"} | fields)
    assert answer.status_code == 422
    assert answer.context["form"].errors[at]
    assert not Invitation.objects.exists()


def test_who_is_here_is_not_invited(desk, studio):
    make_member(studio, Role.VIEWER, make_user("grace"))
    answer = invite(desk, "GRACE@example.org")
    assert (answer.status_code, b"in this workspace already" in answer.content) == (422, True)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER, Role.BILLING])
def test_only_those_who_look_after_members_invite(studio, role):
    browser = signed_in(make_member(studio, role))
    assert invite(browser).status_code == 403
    assert b"Invite somebody" not in browser.get(reverse("accounts:members")).content
    assert not Invitation.objects.exists()


def test_with_the_mail_server_away_the_invitation_stands_and_its_link_can_be_copied(desk, studio, mail):
    mail.refuses.add(GRACE)
    page = desk.post(reverse("accounts:invitation-new"), {"email": GRACE, "role": "editor"}, follow=True)
    assert b"could not be sent" in page.content
    (invitation,) = page.context["invitations"]
    assert invitation.link.encode() in page.content
    signed_in(make_user("grace")).post(invitation.link)
    assert studio.memberships.count() == 2


def test_nobody_writes_to_a_hundred_strangers_through_us(desk, studio, ada):
    line = {"workspace": studio, "action": "member.invited", "by": ada}
    AuditEntry.objects.bulk_create(AuditEntry(**line) for _ in range(100))
    assert b"Too many invitations" in invite(desk).content
    AuditEntry.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert invite(desk).status_code == 302


def test_a_full_workspace_says_so_when_somebody_is_invited_and_when_they_come(desk, studio, mail):
    make_plan(seats=3)
    assert invite(desk).status_code == 302
    assert invite(desk, "new@example.org").status_code == 302
    refused = invite(desk, "third@example.org")
    assert (refused.status_code, b"has 3 seats." in refused.content) == (422, True)
    make_plan(seats=1)
    page = signed_in(make_user("grace")).post(link_to(mail), follow=True)
    assert b"has one seat." in page.content
    assert Invitation.objects.get(email=GRACE).is_pending, "it can be tried again"
    browser = Client()
    browser.get(link_to(mail, "new@example.org"))
    browser.post(reverse("account_signup"), {"email": "new@example.org", "password1": PASSWORD})
    assert User.objects.get(email="new@example.org").membership().role == Role.OWNER, "of a workspace of their own"
    assert studio.memberships.count() == 1


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_she_is_in_once(desk, studio, mail):
    invite(desk)
    grace, together = make_user("grace"), Barrier(4)

    def press(_number):
        together.wait()
        try:
            return signed_in(grace).post(link_to(mail)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(press, range(4))) == {302}
    assert Membership.objects.filter(workspace=studio, user=grace).count() == 1
    assert studio.audit_entries.filter(action="member.joined").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(5))
def test_taken_back_while_she_presses_it_is_one_or_the_other(studio, ada, _time):
    grace, together = make_user("grace"), Barrier(2)
    invitation = studio.invite(GRACE, Role.EDITOR, by=ada)

    def at_once(act):
        together.wait()
        try:
            return bool(act())
        except hooks.NotJoining:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        accepted = threads.submit(at_once, lambda: invitation.accept(grace))
        revoked = threads.submit(at_once, lambda: Invitation.objects.get(pk=invitation.pk).revoke(by=ada))
        assert accepted.result() != revoked.result()
    assert Membership.objects.filter(workspace=studio, user=grace).exists() == accepted.result()
