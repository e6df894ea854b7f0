"""The doors that the studio did not make: allauth's, about one's own account, and those of Django's admin; each as
everybody of the matrix, with both methods.

ACCOUNT says how allauth's answer; ADMIN what a superuser may do with which rows, PLACES what else there is in the
admin. A door, a kind of row or an action without its line fails here.
"""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client, RequestFactory
from django.utils import timezone

from runwayweb.subscriptions.models import (
    Checkout,
    Customer,
    Pack,
    Payment,
    Plan,
    StripeEvent,
    Subscription,
)
from tests.accounts.test_matrix import PEOPLE, STAFF, THEIRS, ask
from tests.factories import make_user

VISITORS = ("anonymous", "suspended")  # the session that somebody suspended has from before opens nothing
# What is answered by GET, then by POST of a form with nothing in it: to visitors, and behind the stroke to whoever is
# signed in, in whatever workspace. "page" (or a form that wants more); "login": to the sign-in; "again": the password
# is asked for once more; "on": somewhere else, where nothing was done; "nothing": 404; "405".
ACCOUNT = {
    "account_change_password": "login/page login/page",
    "account_confirm_email": "page/page nothing/nothing",
    "account_confirm_login_code": "login/on login/on",
    "account_email": "login/page login/on",
    "account_email_verification_sent": "page/page 405/405",
    "account_inactive": "page/page 405/405",
    "account_login": "page/on page/on",
    "account_logout": "on/page on/on",
    "account_reauthenticate": "login/page login/page",
    "account_reset_password": "page/page page/page",
    "account_reset_password_done": "page/page 405/405",
    "account_reset_password_from_key": "page/page page/page",
    "account_reset_password_from_key_done": "page/page 405/405",
    "account_set_password": "login/again on/on",
    "account_signup": "page/on page/on",
    "accounts/*": "on/on on/on",
    "accounts:elsewhere": "405/405 nothing/nothing",
    "mfa_activate_totp": "login/again login/again",
    "mfa_add_webauthn": "login/again login/again",
    "mfa_authenticate": "login/on login/on",
    "mfa_deactivate_totp": "login/nothing login/nothing",
    "mfa_download_recovery_codes": "login/nothing login/nothing",
    "mfa_edit_webauthn": "login/again login/again",
    "mfa_generate_recovery_codes": "login/again login/again",
    "mfa_index": "on/on on/on",
    "mfa_list_webauthn": "on/on on/on",
    "mfa_login_webauthn": "login/on login/on",
    "mfa_reauthenticate": "login/again login/again",
    "mfa_reauthenticate_webauthn": "login/again login/again",
    "mfa_remove_webauthn": "login/again login/again",
    "mfa_view_recovery_codes": "login/nothing login/405",
    "social/*": "on/on on/on",
    "socialaccount_connections": "login/page login/page",
    "socialaccount_login_cancelled": "page/page 405/405",
    "socialaccount_login_error": "page/page 405/405",
    "socialaccount_signup": "login/login login/login",
    "usersessions_list": "on/on on/on",
}
# Who is signed in and no staff is told so by the admin's own; staff are let in.
KEEPERS = {
    "admin:login": {"visitors": "login login", "people": "403 403", "staff": "on page"},
    "admin:logout": {"visitors": "on on", "people": "on on", "staff": "405 page"},
}
# What a superuser may do with rows in the admin beside looking; the names of actions on several at once among it.
# Money, history and people are made and ended by their verbs alone, which write to the log.
ADMIN = {
    "account.emailaddress": "add change delete delete_selected make_verified",
    "accounts.auditentry": "",
    "accounts.user": "add change",
    "accounts.workspace": "add change",
    "assets.asset": "change",
    "auth.group": "add change delete delete_selected",
    "generation.generation": "",
    "generation.worker": "add change delete delete_selected",
    "mfa.authenticator": "add change delete delete_selected",
    "projects.project": "change",
    "socialaccount.socialaccount": "add change delete delete_selected",
    "socialaccount.socialapp": "add change delete delete_selected",
    "socialaccount.socialtoken": "add change delete delete_selected",
    "subscriptions.checkout": "",
    "subscriptions.customer": "",
    "subscriptions.entry": "",
    "subscriptions.lot": "",
    "subscriptions.pack": "add change delete delete_selected",
    "subscriptions.payment": "",
    "subscriptions.plan": "add change delete delete_selected",
    "subscriptions.stripeevent": "",
    "subscriptions.subscription": "add change delete delete_selected",
    "subscriptions.wallet": "",
    "usersessions.usersession": "add change delete delete_selected",
}
# Its other places: by GET and POST to a superuser, and behind the stroke to staff whom nothing is allowed.
PLACES = {
    "admin:index": "page/page page/page",  # which lists nothing for the second
    "admin:app_list": "page/nothing page/nothing",
    "admin:autocomplete": "403/403 405/405",  # without naming of what
    "admin:jsi18n": "page/page 405/405",
    "admin:password_change": "page/page page/page",
    "admin:password_change_done": "page/page 405/405",
    "admin:view_on_site": "nothing/nothing nothing/nothing",
    "admin:auth_user_password_change": "page/403 page/403",
    "admin:<path:object_id>/": "on/on on/on",  # to where it is changed
    "admin:(?P<url>.*)$": "nothing/nothing nothing/nothing",
}
# Addresses of doors that are described by a regular expression, or are of two things.
ADDRESSES = {
    "account_confirm_email": "/accounts/confirm-email/1:1/",
    "account_reset_password_from_key": "/accounts/password/reset/key/1-1/",
    "admin:app_list": "/admin/accounts/",
    "admin:view_on_site": "/admin/r/0/1/",
    "admin:(?P<url>.*)$": "/admin/nothing-is-here",
}
OF_ACCOUNTS = [route for route in THEIRS if route.row == "account" and route.name not in KEEPERS]
OF_ADMIN = [route for route in THEIRS if route.row == "staff"]
REGISTERED = {model._meta.label_lower: model for model in admin.site._registry}


@pytest.fixture(scope="module")
def rows(world):
    """One row of each kind that the admin knows."""
    now, workspace, ada = timezone.now(), world.workspace, world.user
    account = SocialAccount.objects.create(user=ada, provider="github", uid="1")
    SocialToken.objects.create(account=account, token="sealed")
    SocialApp.objects.create(provider="github", name="GitHub", client_id="studio")
    EmailAddress.objects.create(user=ada, email="ada@elsewhere.example")
    Authenticator.objects.create(user=ada, type=Authenticator.Type.RECOVERY_CODES, data={})
    Group.objects.create(name="Help desk")
    Pack.objects.get_or_create(slug="handful", defaults={"name": "A handful", "credits": 100, "cents": 500})
    Subscription.objects.get_or_create(workspace=workspace, defaults={"plan": Plan.objects.of(workspace)})
    Payment.objects.create(workspace=workspace, stripe_id="in_1", currency="usd")
    StripeEvent.objects.create(stripe_id="evt_1", type="invoice.paid", happened_at=now)
    Customer.objects.create(workspace=workspace, stripe_id="cus_1")
    Checkout.objects.create(workspace=workspace, what="plan")
    found = {label: model._default_manager.first() for label, model in REGISTERED.items()}
    assert [label for label, row in found.items() if row is None] == [], "give the admin's new kind a row"
    return found


def address_of(route, row=None):
    if route.name in ADDRESSES:
        return ADDRESSES[route.name]
    number = str(row.pk) if row is not None else "1"
    return "/" + re.sub(r"<(?:\w+:)?\w+>", number, route.pattern)


def came(answer):
    """Which word of the tables an answer is."""
    to = answer.headers.get("Location", "").partition("?")[0]
    if answer.status_code in (301, 302):
        return "again" if to == "/accounts/reauthenticate/" else "login" if to.endswith("/login/") else "on"
    if answer.status_code == 401:
        return "page"  # of what went wrong elsewhere
    return {200: "page", 404: "nothing"}.get(answer.status_code, str(answer.status_code))


def told(world, who, route, row=None):
    """What both methods are answered, as the tables write it."""
    return " ".join(came(ask(world, who, route, method, address_of(route, row))) for method in ("GET", "POST"))


def row_of(table, route):
    """The line of a table for a route; with a star for all that begin so."""
    if route.name in table:
        return table[route.name]
    return next((row for name, row in table.items() if name.endswith("*") and route.name.startswith(name[:-1])), None)


def side(words, second):
    return " ".join(pair.split("/")[second] for pair in words.split())


@pytest.mark.parametrize("route", OF_ACCOUNTS, ids=str)
def test_the_doors_of_allauth(world, route):
    """They are about oneself: whoever is signed in is answered alike, and somebody suspended like nobody."""
    words = row_of(ACCOUNT, route)
    assert words, f"Say in ACCOUNT of {__file__} what {route.name} answers"
    wrong = {who: told(world, who, route) for who in PEOPLE}
    assert {who: said for who, said in wrong.items() if said != side(words, who not in VISITORS)} == {}


@pytest.mark.parametrize("route", [route for route in THEIRS if route.name in KEEPERS], ids=str)
def test_the_way_into_the_admin(world, route):
    for who in PEOPLE:
        kind = "visitors" if who in VISITORS else "staff" if who in STAFF else "people"
        assert told(world, who, route) == KEEPERS[route.name][kind], who


@pytest.mark.parametrize("route", OF_ADMIN, ids=lambda route: route.pattern)
def test_the_doors_of_the_admin(world, rows, route):
    """Everybody but staff is sent to sign in; staff may what they were given, a superuser what ADMIN says."""
    model, act = managed(route)
    row = model and rows[model._meta.label_lower]
    for who in PEOPLE:
        if who not in STAFF:
            assert told(world, who, route, row) == "login login", who
    superuser, clerk = (told(world, who, route, row) for who in STAFF)
    if model is None:
        words = PLACES.get(route.name)
        assert words, f"Say in PLACES of {__file__} what {route.name} answers"
        assert (superuser, clerk) == (side(words, 0), side(words, 1))
        return
    may = ADMIN[model._meta.label_lower].split()
    assert clerk == "403 403"
    if act == "changelist" or act in may:
        assert superuser in ("page page", "page on"), "a form without anything in it, at the most"
    else:
        assert superuser == ("page page" if act == "history" else "page 403" if act == "change" else "403 403")


def managed(route):
    """(the model whose rows a door of the admin is about, what is done there) or (None, "")."""
    found = re.fullmatch(r"admin:(\w+?)_(\w+)_(changelist|add|history|delete|change)", route.name)
    model = found and REGISTERED.get(f"{found[1]}.{found[2]}")
    return (model, found[3]) if model else (None, "")


@pytest.mark.django_db
def test_what_may_be_done_in_the_admin_is_what_is_written_here(world):
    may = {}
    for who, wanted in (("staff", ADMIN), ("clerk", dict.fromkeys(ADMIN, ""))):
        request = RequestFactory().get("/admin/")
        request.user = world.people[who]
        for model, page in admin.site._registry.items():
            acts = [act for act in ("add", "change", "delete") if getattr(page, f"has_{act}_permission")(request)]
            may[model._meta.label_lower] = " ".join((*acts, *page.get_actions(request)))
        assert may == wanted, f"{who}: say it in ADMIN of {__file__}"


@pytest.mark.parametrize("label", ADMIN)
def test_an_action_on_several_rows_is_for_whom_it_is_offered_to(world, rows, label):
    model = REGISTERED[label]
    before, row = model._default_manager.count(), rows[label]
    (route,) = [one for one in OF_ADMIN if managed(one) == (model, "changelist")]
    for action in {"delete_selected", *ADMIN[label].split()} - {"add", "change", "delete"}:
        for who in PEOPLE:
            data = {"action": action, "_selected_action": [row.pk]}  # which deletes only once it is confirmed
            answer = ask(world, who, route, "POST", address_of(route), data)
            if who not in STAFF:
                assert came(answer) == "login", who
            elif who == "clerk":
                assert came(answer) == "403"
            elif action in ADMIN[label].split():
                assert came(answer) in ("page", "on")
            else:
                assert "Are you sure" not in answer.content.decode() and came(answer) in ("page", "on")
    assert model._default_manager.count() == before


def test_who_may_only_look_at_addresses_confirms_none(db):
    """allauth asks nobody who says so whether they may."""
    address = EmailAddress.objects.create(user=make_user("lin"), email="lin@elsewhere.example")
    may_look = Permission.objects.get_or_create(
        codename="view_emailaddress", content_type=ContentType.objects.get_for_model(EmailAddress)
    )[0]
    olga = make_user("olga", is_staff=True)
    olga.user_permissions.add(may_look)
    browser = Client()
    browser.force_login(olga)
    asks = {"action": "make_verified", "_selected_action": [address.pk]}
    assert "lin@elsewhere.example" in browser.get("/admin/account/emailaddress/").content.decode()
    assert browser.post("/admin/account/emailaddress/", asks).status_code in (200, 302)
    address.refresh_from_db()
    assert not address.verified
