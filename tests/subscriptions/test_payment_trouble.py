"""Cards that are declined, money that goes back: what becomes of the plan and the credits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from runwayweb.accounts.models import AuditEntry
from runwayweb.subscriptions.accounted import problems_of
from runwayweb.subscriptions.billing.payments import take_back
from runwayweb.subscriptions.models import Indebted, Payment, Plan, Subscription, Wallet
from tests.servers.ports import free_port
from tests.subscriptions.paying import press, put_in_card, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(client, ada, stripe, clock):
    """Ada's, on Pro."""
    client.force_login(ada)
    subscribe(client, stripe)
    return ada.open_workspace()


def charges(stripe):
    return stripe.v1.charges.list().data


def test_a_declined_renewal_is_told_and_the_plan_stays_for_its_grace(client, ada, stripe, workspace, clock, tell, mail):
    put_in_card(stripe, workspace, "0341")
    stripe.pass_days(clock, 32)
    tell.all()
    subscription = Subscription.objects.get()
    assert subscription.status == "past_due"
    assert Plan.objects.of(workspace).slug == "pro"
    assert mail.wait_for(ada.email, "$35 could not be charged")
    page = client.get(reverse("billing:billing")).content.decode()
    assert "$35 could not be charged" in page and "Pay now" in page and "stays in force until" in page
    Subscription.objects.update(past_due_since=timezone.now() - timedelta(days=8))
    assert Plan.objects.of(workspace).slug == "free"
    assert "the workspace is on Free" in client.get(reverse("billing:billing")).content.decode()


def test_another_card_mends_it(client, ada, stripe, workspace, clock, tell, mail):
    put_in_card(stripe, workspace, "0341")
    stripe.pass_days(clock, 32)
    tell.all()
    stripe.press(Payment.objects.owed_by(workspace).get().page, card="4242")
    tell.all()
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.past_due_since) == ("active", None)
    assert Wallet.objects.of(workspace).available == 4500
    assert mail.wait_for(ada.email, "arrived")
    assert "could not be charged" not in client.get(reverse("billing:billing")).content.decode()


def test_a_card_that_is_never_mended_ends_the_plan(ada, stripe, workspace, clock, tell, mail):
    put_in_card(stripe, workspace, "0341")
    for days in (32, 3, 3, 3):  # Stripe tries it four times
        stripe.pass_days(clock, days)
        tell.all()
    assert Subscription.objects.get().status == "canceled"
    assert Plan.objects.of(workspace).slug == "free"
    assert len([one for one in mail.to(ada.email) if "failed" in one["subject"]]) == 4
    assert Wallet.objects.of(workspace).available == 2250


def test_a_refund_takes_its_part_of_the_credits(ada, stripe, workspace, tell, mail):
    charge = charges(stripe)[0]
    stripe.v1.refunds.create({"charge": charge.id, "amount": 1750})
    tell.all()
    wallet = Wallet.objects.of(workspace)
    assert (wallet.available, wallet.debt) == (1125, 0)
    stripe.v1.refunds.create({"charge": charge.id})
    tell.all()
    wallet.refresh_from_db()
    assert (wallet.available, wallet.debt) == (0, 0)
    assert Payment.objects.get().refunded_cents == 3500
    assert mail.wait_for(ada.email, "1125 credits that it brought were taken back")


def test_what_is_spent_already_is_owed_and_blocks_new_work(client, ada, stripe, workspace, tell, mail):
    wallet = Wallet.objects.of(workspace)
    wallet.hold(2000, reference="film")
    wallet.settle(reference="film", captured=2000)
    stripe.v1.refunds.create({"charge": charges(stripe)[0].id})
    tell.all()
    wallet.refresh_from_db()
    assert (wallet.available, wallet.debt) == (0, 2000)
    with pytest.raises(Indebted):
        wallet.hold(1, reference="another")
    assert "2,000 credits are owed" in client.get(reverse("billing:billing")).content.decode()
    assert mail.wait_for(ada.email, "2000 of them were spent already")
    press(client, stripe, "pack", pack="large")
    wallet.refresh_from_db()
    assert (wallet.available, wallet.debt) == (3000, 0)


@pytest.mark.parametrize(("ends", "left"), [("won", 2250), ("lost", 0)])
def test_a_dispute_takes_everything_until_it_is_won(stripe, workspace, tell, ends, left):
    dispute = stripe.control("disputes", charge=charges(stripe)[0].id)
    tell.all()
    wallet = Wallet.objects.of(workspace)
    assert wallet.available == 0 and Payment.objects.get().disputed
    stripe.control(f"disputes/{dispute['id']}", status=ends)
    tell.all()
    wallet.refresh_from_db()
    assert wallet.available == left
    assert AuditEntry.objects.filter(workspace=workspace, action="credits.taken_back").count() == 1


def test_a_dispute_that_is_won_gives_what_it_took_and_no_longer_than_that_was_to_last(client, stripe, workspace, tell):
    """Of Pro's credits 1,000 were spent and the rest expired; a pack is there, too."""
    wallet = Wallet.objects.of(workspace)
    charge = charges(stripe)[0]
    press(client, stripe, "pack", pack="small")
    pack = wallet.lots.get(source="pack")
    wallet.hold(1000, reference="film")
    wallet.settle(reference="film", captured=1000)
    wallet.lots.filter(source="plan").update(expires_at=timezone.now() - timedelta(days=1))
    assert wallet.expire() == 1250
    dispute = stripe.control("disputes", charge=charge.id)
    tell.all()
    wallet.refresh_from_db()
    assert (wallet.available, wallet.debt) == (0, 750), "what expired is not owed"
    stripe.control(f"disputes/{dispute['id']}", status="won")
    tell.all()
    wallet.refresh_from_db()
    assert (wallet.available, wallet.debt) == (250, 0)
    again = wallet.lots.get(available__gt=0)
    assert (again.source, again.expires_at) == ("pack", pack.expires_at)
    entry = AuditEntry.objects.get(workspace=workspace, action="credits.given_again")
    assert entry.details["credits"] == 1000
    stripe.v1.refunds.create({"charge": charge.id})
    tell.all()
    wallet.refresh_from_db()
    assert (wallet.available, wallet.debt) == (0, 750), "refunded after all: as in the dispute"
    assert not list(problems_of(wallet))


def test_a_refund_of_what_we_never_heard_of_is_found(ada, client, stripe, clock, tell):
    client.force_login(ada)
    page = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
    stripe.press(page)  # the way back and all events but the last are lost
    stripe.v1.refunds.create({"charge": charges(stripe)[0].id})
    tell(stripe.events("charge.refunded")[0])
    payment = Payment.objects.get()
    assert (payment.credits, payment.taken_back) == (2250, 2250)
    assert Wallet.objects.of(ada.open_workspace()).available == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("first", "second"), [(1.5, 0.1), (0.5, 1.5)], ids=["first is last", "first is first"])
def test_of_two_refunds_that_are_read_at_once_the_later_reading_counts(stripe, workspace, first, second):
    charge = charges(stripe)[0]
    dispute = stripe.control("disputes", charge=charge.id)  # so that disputes are asked for, after the charge
    stripe.control(f"disputes/{dispute['id']}", status="won")
    for seconds in (first, second):
        stripe.fault("slow", path="GET /v1/disputes", seconds=seconds)
    stripe.v1.refunds.create({"charge": charge.id, "amount": 875})

    def read():
        try:
            return take_back(workspace.customer, charge.id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(read)
        while not stripe.requests("GET /v1/disputes"):
            assert not reading.done()
        stripe.v1.refunds.create({"charge": charge.id})
        take_back(workspace.customer, charge.id)
        reading.result()
    payment = Payment.objects.get()
    assert (payment.refunded_cents, payment.taken_back) == (3500, 2250)
    assert Wallet.objects.of(workspace).available == 0


def test_mails_speak_the_language_of_each_who_may_pay_and_reach_nobody_else(ada, stripe, workspace, clock, tell, mail):
    from runwayweb.accounts.models import Role
    from tests.factories import make_member, make_user

    zoe = make_member(workspace, Role.BILLING, make_user("zoe", language="fr"))
    editor = make_member(workspace, Role.EDITOR)
    put_in_card(stripe, workspace, "0341")
    stripe.pass_days(clock, 32)
    tell.all()
    assert mail.wait_for(ada.email, "$35")
    assert mail.wait_for(zoe.email, "35\N{NO-BREAK SPACE}$")
    assert not mail.to(editor.email)


def test_a_mail_server_that_is_away_holds_up_nothing(stripe, workspace, clock, tell, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = free_port()
    put_in_card(stripe, workspace, "0341")
    stripe.pass_days(clock, 32)
    tell.all()
    assert Subscription.objects.get().status == "past_due"
