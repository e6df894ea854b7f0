"""A backup knows an older state of Stripe: what was paid and cancelled since is taken in when it is put back."""

import os

import pytest
from django.test import Client
from django.urls import reverse

from runwayweb.subscriptions.models import Plan, Subscription, Wallet
from tests.factories import make_user
from tests.house.test_backups import back_up, elsewhere, rows
from tests.subscriptions.paying import press, subscribe

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="looks into an SQLite file"),
]

SUBSCRIPTIONS = (
    "SELECT subscription.status, plan.slug, subscription.stripe_id, subscription.cancels_at IS NULL"
    " FROM subscriptions_subscription subscription JOIN subscriptions_plan plan ON plan.id = subscription.plan_id"
    " ORDER BY subscription.stripe_id"
)
PAYMENTS = "SELECT stripe_id, status, credits FROM subscriptions_payment ORDER BY stripe_id"
WALLETS = "SELECT available, held, spent, debt FROM subscriptions_wallet ORDER BY workspace_id"


def here(query):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_happened_at_stripe_since_the_backup_is_so_in_the_restored_studio(stripe, clock, tell, mail, tmp_path):
    ada, grace, linus = (make_user(name) for name in ("ada", "grace", "linus"))
    clients = {user: Client() for user in (ada, grace, linus)}
    for user, client in clients.items():
        client.force_login(user)
    subscribe(clients[ada], stripe)
    subscribe(clients[grace], stripe, plan="standard")
    tell.all()
    backup, _ = back_up(tmp_path / "kept")
    before = {query: here(query) for query in (SUBSCRIPTIONS, PAYMENTS, WALLETS)}

    clients[grace].post(reverse("billing:cancellation"))
    stripe.pass_days(clock, 32)  # Ada pays for another month, and the plan of Grace ends
    press(clients[linus], stripe, "pack", pack="small")
    tell.all()
    assert Plan.objects.of(ada.open_workspace()).slug == "pro"
    assert Subscription.objects.get(workspace=grace.open_workspace()).status == "canceled"
    assert Wallet.objects.of(linus.open_workspace()).available > 0

    new = tmp_path / "new"
    restored = elsewhere(
        new,
        "restore",
        str(backup),
        STRIPE_SECRET_KEY=stripe.KEY,
        STRIPE_WEBHOOK_SECRET=stripe.SECRET,
        STRIPE_API_BASE=stripe.url,
        SIGNUP_CREDITS="0",
    )
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "All is well" in restored.stdout and "3 customers are as Stripe says" in restored.stdout
    for query, old in before.items():
        assert here(query) != old, "nothing happened since"
        assert rows(new, query) == here(query)
    audited = elsewhere(new, "audit", "--json")
    assert audited.returncode == 0, audited.stdout
