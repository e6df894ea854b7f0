"""Who may pay for a workspace, and who may not even look."""

import os
import subprocess
import sys

import pytest
from django.urls import reverse

from runwayweb.accounts.models import AuditEntry, Role
from runwayweb.subscriptions.models import Subscription
from tests.factories import make_member, make_user
from tests.subscriptions.paying import press, subscribe

pytestmark = pytest.mark.django_db
READ = ["billing", "next-invoice", "checkout-done", "change"]
DONE = ["checkout", "pack", "portal", "change", "cancellation", "resumption"]


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.BILLING])
def test_these_may(client, ada, stripe, role):
    member = ada if role == Role.OWNER else make_member(ada.open_workspace(), role)
    client.force_login(member)
    assert client.get(reverse("billing:billing")).status_code == 200
    subscribe(client, stripe)
    assert Subscription.objects.get().workspace == ada.open_workspace()
    client.post(reverse("billing:cancellation"))
    assert AuditEntry.objects.get(action="plan.cancelled").by == member


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_these_may_not(client, ada, stripe, role):
    client.force_login(make_member(ada.open_workspace(), role))
    for name in READ:
        assert client.get(reverse(f"billing:{name}")).status_code == 403, name
    for name in DONE:
        assert client.post(reverse(f"billing:{name}"), {"pack": "small"}).status_code == 403, name


def test_nobody_may_who_is_not_signed_in(client, stripe):
    for name in READ:
        assert client.get(reverse(f"billing:{name}")).status_code == 302, name
    for name in DONE:
        assert client.post(reverse(f"billing:{name}")).status_code == 302, name


def test_coming_back_with_the_payment_of_another_workspace_brings_nothing(client, ada, stripe):
    client.force_login(ada)
    subscribe(client, stripe)
    session = stripe.v1.checkout.sessions.list().data[0].id
    client.force_login(make_user("mallory"))
    press(client, stripe, "pack", pack="small")
    answer = client.get(reverse("billing:checkout-done"), {"session": session}, follow=True)
    assert "That payment is not finished" in answer.content.decode()
    assert Subscription.objects.count() == 1
    assert client.get(reverse("billing:checkout-done"), {"session": "cs_none"}).status_code == 302


def started(**env):
    """What a studio with these variables prints: where its forms may lead, or why it does not start."""
    code = "from runwayweb.settings import CONTENT_SECURITY_POLICY as c; print(*c['DIRECTIVES']['form-action'])"
    told = subprocess.run([sys.executable, "-c", code], env=os.environ | env, capture_output=True, text=True)
    return told.stdout.split() or told.stderr


KEYS = {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x"}


def test_forms_may_lead_to_stripes_pages_and_nowhere_else():
    assert started() == ["'self'"]
    assert "https://checkout.stripe.com" in started(**KEYS)
    practice = started(**KEYS, STRIPE_API_BASE="http://127.0.0.1:12111/")
    assert practice == ["'self'", "http://127.0.0.1:12111"]


def test_a_studio_with_half_of_its_keys_does_not_start():
    assert "STRIPE_WEBHOOK_SECRET is not" in started(STRIPE_SECRET_KEY="sk_test_x")
    told = started(STRIPE_SECRET_KEY="pk_test_public", STRIPE_WEBHOOK_SECRET="whsec_x")
    assert "no secret key of Stripe's" in told and "pk_test_public" not in told
