"""What Stripe tells us: verified, kept, and taken as a hint to ask how things are.

The order of events, and how often one comes, changes nothing: whatever happened, the object is asked for as it is now.
"""

import contextlib
import json
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F

from runwayweb.subscriptions.models import Checkout, Customer, StripeEvent, Subscription

from . import is_live, letters
from .checkout import take_in
from .client import StripeRefuses, asking, stripe
from .customers import customer_at_stripe
from .following import follow
from .payments import read_invoice, take_back
from .times import moment

logger = logging.getLogger(__name__)
TOLERANCE_SECONDS = 300


class BadEvent(Exception):
    """It is not from Stripe, or not for this studio."""


@dataclass(frozen=True)
class Told:
    """What an event says, as far as it is believed: its type, and what it is about."""

    id: str
    type: str
    about: str
    customer: str
    happened_at: object
    charge: str = ""


def verified(body, header):
    """What a signed body tells. Raises BadEvent."""
    from stripe import SignatureVerificationError, WebhookSignature

    try:
        words = body.decode()
    except UnicodeDecodeError as error:
        raise BadEvent("That is no text.") from error
    for secret in settings.STRIPE_WEBHOOK_SECRET:
        try:
            WebhookSignature.verify_header(words, header, secret, TOLERANCE_SECONDS)
        except SignatureVerificationError:
            continue
        return _told(words)
    raise BadEvent("No signature fits.")


def _told(words):
    try:
        event = json.loads(words)
        subject = event["data"]["object"]
        if event["livemode"] != is_live():
            raise BadEvent("It is about another mode than this studio's key.")
        if event.get("account"):
            raise BadEvent("It is about another account.")
        customer = subject.get("id") if subject["object"] == "customer" else subject.get("customer")
        return Told(
            str(event["id"])[:200],
            str(event["type"])[:100],
            str(subject.get("id") or "")[:200],
            customer if isinstance(customer, str) else "",
            moment(int(event["created"])),
            subject.get("charge") or "",
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadEvent("That is no event.") from error


def take(told):
    """Keep an event, and do what it asks for, unless that is done; the kept event. Raises StripeAway."""
    kept, _made = StripeEvent.objects.get_or_create(
        stripe_id=told.id,
        defaults={
            "type": told.type,
            "about": told.about,
            "customer": told.customer,
            "happened_at": told.happened_at,
        },
    )
    StripeEvent.objects.filter(pk=kept.pk).update(came=F("came") + 1)
    if kept.handled_at is None:
        kept.handled(_outcome(told))
    return kept


def _outcome(told):
    handle = HANDLERS.get(told.type)
    if handle is None:
        return "nothing to do"
    try:
        customer = customer_at_stripe(told.customer or _customer_of_charge(told))
        if customer is None:
            return "not a customer of ours"
        handle(customer, told)
    except StripeRefuses as refused:
        if refused.code != "resource_missing":
            raise
        return "gone at Stripe"
    return "done"


def _customer_of_charge(told):
    """A dispute names only the charge."""
    if not told.charge:
        return ""
    with asking():
        return stripe().charges.retrieve(told.charge).customer or ""


def _session(customer, told):
    with asking():
        session = stripe().checkout.sessions.retrieve(told.about)
    take_in(customer, session)


def _subscription(customer, told):
    follow(customer)


def _trial_ends(customer, told):
    follow(customer)
    if (subscription := getattr(customer.workspace, "subscription", None)) and subscription.trial_end:
        letters.write("trial_ending", customer.workspace, subscription=subscription, plan=subscription.plan)


def _invoice(customer, told):
    read_invoice(customer, told.about)
    follow(customer)


def _charge(customer, told):
    take_back(customer, told.charge or told.about)


def _forgotten(customer, told):
    """The operator deleted the customer at Stripe, whose subscriptions ended with that: events about them may come
    later than this, when nobody here is known by that name any more."""
    with contextlib.suppress(StripeRefuses):
        follow(customer)
    paid = Subscription.objects.filter(workspace=customer.workspace, stripe_customer=customer.stripe_id)
    paid.exclude(stripe_id="").update(status=Subscription.Status.CANCELED, next_plan=None)
    for checkout in Checkout.objects.filter(workspace=customer.workspace):
        checkout.end()
    Customer.objects.filter(pk=customer.pk).delete()


HANDLERS = (
    dict.fromkeys(
        (
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired",
        ),
        _session,
    )
    | dict.fromkeys(
        (
            "customer.subscription.created",
            "customer.subscription.updated",
            "customer.subscription.deleted",
            "customer.subscription.paused",
            "customer.subscription.resumed",
            "customer.subscription.pending_update_applied",
            "customer.subscription.pending_update_expired",
            "subscription_schedule.updated",
            "subscription_schedule.released",
        ),
        _subscription,
    )
    | {"customer.subscription.trial_will_end": _trial_ends, "customer.deleted": _forgotten}
    | dict.fromkeys(
        (
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_failed",
            "invoice.payment_action_required",
            "invoice.marked_uncollectible",
            "invoice.voided",
        ),
        _invoice,
    )
    | dict.fromkeys(
        (
            "charge.refunded",
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.closed",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
        ),
        _charge,
    )
)
