"""On the way to Stripe's page where somebody pays, and back."""

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from runwayweb.accounts.models import AuditEntry, Workspace
from runwayweb.subscriptions.models import Checkout, Customer, Subscription

from .client import StripeAway, StripeRefuses, asking, notes_of, stripe
from .customers import customer_of
from .following import LIVING, follow
from .payments import keep_session, read_invoice
from .prices import price_of, price_of_pack


class AlreadySubscribed(Exception):
    """A workspace that pays for a plan changes it, and does not buy a second one."""


def pay_for_plan(workspace, by, plan, interval, urls):
    """The address of Stripe's page for a plan. `urls`: where it sends people, {"done", "cancelled"}.

    Raises AlreadySubscribed, StripeAway, StripeRefuses.
    """
    customer = customer_of(workspace, by)
    follow(customer)  # an event may be on its way still, or lost
    subscription = Subscription.objects.filter(workspace=workspace).first()
    if subscription and subscription.stripe_id and subscription.status in LIVING:
        raise AlreadySubscribed
    about = {"workspace": str(workspace.pk), "plan": plan.slug}
    asked = {
        "mode": "subscription",
        "line_items": [{"price": price_of(plan, interval), "quantity": 1}],
        "subscription_data": {"metadata": about},
        "metadata": about,
    }
    return _open(customer, by, f"plan:{plan.slug}:{interval}", asked, urls, plan.name)


def pay_for_pack(workspace, by, pack, urls):
    """The address of Stripe's page for a pack of credits. Raises StripeAway, StripeRefuses."""
    customer = customer_of(workspace, by)
    # The credits are promised now, whatever the operator makes of the pack until it is paid.
    about = {"workspace": str(workspace.pk), "pack": pack.slug, "credits": str(pack.credits), "name": pack.name}
    asked = {
        "mode": "payment",
        "line_items": [{"price": price_of_pack(pack), "quantity": 1}],
        "metadata": about,
        "payment_intent_data": {"metadata": about},
    }
    if settings.STRIPE_INVOICES:
        asked["invoice_creation"] = {"enabled": True, "invoice_data": {"metadata": about}}
    return _open(customer, by, f"pack:{pack.slug}:{pack.credits}", asked, urls, pack.name)


def came_back(customer, session_id):
    """Somebody returns from paying: whether it is paid for. What was bought is there on return."""
    with asking():
        session = stripe().checkout.sessions.retrieve(session_id)
    if session.customer != customer.stripe_id:
        return False
    return take_in(customer, session)


def take_in(customer, session):
    """A page of Stripe's is done with, or still open: whether it is paid for."""
    if session.status != "open":
        for checkout in Checkout.objects.filter(workspace=customer.workspace, stripe_id=session.id):
            checkout.end()
    if session.status != "complete":
        return False
    if session.invoice:
        read_invoice(customer, session.invoice)
    elif notes_of(session).get("pack"):
        keep_session(customer, session)
    if session.subscription:
        follow(customer)
    return True


def _open(customer, by, what, asked, urls, name):
    checkout = Checkout.objects.begin(customer.workspace, by, what)
    if checkout.what != what:
        _close(customer, checkout, what)
        checkout = Checkout.objects.begin(customer.workspace, by, what)
    if checkout.stripe_id:
        with asking():
            session = stripe().checkout.sessions.retrieve(checkout.stripe_id)
        if session.status == "open":
            return session.url
        _take_in_before(customer, session, what)
        checkout.end()
        checkout = Checkout.objects.begin(customer.workspace, by, what)
    session = _make(customer, checkout, asked, urls)
    if not checkout.keep(session.id):
        # Another page was opened at the same moment, and closed this one before it was there: one page, one payment.
        with asking():
            stripe().checkout.sessions.expire(session.id)
        raise StripeAway("another page was opened")
    AuditEntry.objects.record(customer.workspace, by, "checkout.opened", about=name)
    return session.url


def _make(customer, checkout, asked, urls):
    asked = asked | {
        "customer": customer.stripe_id,
        "client_reference_id": str(customer.workspace.pk),
        "success_url": urls["done"] + "?session={CHECKOUT_SESSION_ID}",
        "cancel_url": urls["cancelled"],
        "allow_promotion_codes": True,
        "locale": (get_language() or "auto")[:2],
    }
    if settings.STRIPE_TAX:
        asked["automatic_tax"] = {"enabled": True}
        asked["customer_update"] = {"address": "auto", "name": "auto"}
        asked["tax_id_collection"] = {"enabled": True}
    # Asked for once this workspace's own page is kept, so that of two that open one at once not both have one.
    if settings.STRIPE_TRIAL_DAYS and asked["mode"] == "subscription" and _gets_a_trial(customer.workspace):
        asked["subscription_data"] = asked["subscription_data"] | {"trial_period_days": settings.STRIPE_TRIAL_DAYS}
    try:
        with asking():
            return stripe().checkout.sessions.create(asked, {"idempotency_key": str(checkout.key)})
    except StripeRefuses:
        checkout.end()  # the next press asks anew, not the same again
        raise


def _close(customer, checkout, what):
    """Nobody can pay on an earlier page any more."""
    if checkout.stripe_id:
        try:
            with asking():
                stripe().checkout.sessions.expire(checkout.stripe_id)
        except StripeRefuses:  # it is not open any more
            with asking():
                session = stripe().checkout.sessions.retrieve(checkout.stripe_id)
            _take_in_before(customer, session, what)
    checkout.end()


def _take_in_before(customer, session, what):
    """Somebody may just have paid on an earlier page. Raises AlreadySubscribed when that was for a plan, as this is."""
    take_in(customer, session)
    if session.status == "complete" and session.subscription and what.startswith("plan:"):
        raise AlreadySubscribed


def _gets_a_trial(workspace):
    """Whether days are free: once for the people behind a workspace, however many they make and hand over. Not where
    one of theirs had a plan that is paid, or has a page open on which it could be."""
    theirs = Workspace.objects.of_the_people_behind(workspace).values("pk")
    had_one = (
        Subscription.objects.filter(workspace__in=theirs).exclude(stripe_id="").exists()
        or AuditEntry.objects.filter(workspace__in=theirs, action="subscription.started").exists()
    )
    open_ones = Checkout.objects.filter(workspace__in=theirs, ended_at=None, what__startswith="plan:")
    return not had_one and not open_ones.exclude(workspace=workspace).exists()


def portal(customer: Customer, return_url):
    """The address of Stripe's page for cards, addresses and invoices."""
    from .portal import configuration

    asked = {"customer": customer.stripe_id, "return_url": return_url, "locale": (get_language() or "auto")[:2]}
    if chosen := configuration():
        asked["configuration"] = chosen
    with asking():
        return stripe().billing_portal.sessions.create(asked).url


def sentence_of(refused):
    """What to tell somebody whom Stripe refused."""
    if refused.declined:
        return _("The card was declined. Choose another one under “Cards and invoices”, then try again.")
    return _("Stripe did not accept that: %(message)s") % {"message": refused}
