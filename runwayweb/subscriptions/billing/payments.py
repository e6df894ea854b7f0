"""What was paid becomes credits, once; what is paid back takes them again."""

import logging
from collections import Counter

from django.db import transaction
from django.utils import timezone

from runwayweb.accounts.models import AuditEntry
from runwayweb.subscriptions.models import Payment, Wallet
from runwayweb.subscriptions.models.lot import Source

from . import letters
from .client import asking, notes_of, stripe
from .grants import credits_of, credits_of_pack
from .prices import plan_of_price_id
from .times import moment

logger = logging.getLogger(__name__)
# A bank's mere question ("warning_…") moves no money yet.
MONEY_IS_GONE = ("needs_response", "under_review", "lost", "appeal_needs_response", "appeal_under_review")


def read_invoice(customer, id):
    """Ask for an invoice and keep what it says."""
    with asking():
        invoice = stripe().invoices.retrieve(id, {"expand": ["payments"]})
    return keep_invoice(customer, invoice)


def keep_invoice(customer, invoice):
    """Keep what an invoice says. Paid for the first time it brings its credits; declined, a letter each time.

    The Payment, or None for a draft. `invoice` with its payments.
    """
    if invoice.status not in Payment.Status.values:
        return None
    paid = invoice.status == Payment.Status.PAID
    credits, expires_at = credits_of(invoice) if paid else (0, None)
    pack = notes_of(invoice).get("pack")
    columns = {
        "number": invoice.number or "",
        "about": _about(invoice),
        "status": invoice.status,
        "cents": invoice.total,
        "currency": invoice.currency,
        "page": invoice.hosted_invoice_url or "",
        "attempts": 0 if paid or pack else invoice.attempt_count,
        "next_attempt_at": moment(invoice.next_payment_attempt),
        "created_at": moment(invoice.created),
        "paid_at": moment(invoice.status_transitions.paid_at),
    }
    if paid:
        columns["intent"] = _intent(invoice)
    source = Source.PACK if pack else Source.PLAN
    return _keep(customer, invoice.id, columns, credits, expires_at, source)


def keep_session(customer, session):
    """The same for a pack that was bought without an invoice."""
    if session.payment_status != "paid":
        return None
    credits, expires_at = credits_of_pack(session.metadata["pack"], session.metadata, moment(session.created))
    columns = {
        "about": notes_of(session).get("name", ""),
        "status": Payment.Status.PAID,
        "cents": session.amount_total,
        "currency": session.currency,
        "intent": session.payment_intent or "",
        "created_at": moment(session.created),
        "paid_at": moment(session.created),
    }
    return _keep(customer, session.id, columns, credits, expires_at, Source.PACK)


def _keep(customer, stripe_id, columns, credits, expires_at, source):
    workspace = customer.workspace
    wallet = Wallet.objects.of(workspace)
    with transaction.atomic():
        Payment.objects.get_or_create(
            stripe_id=stripe_id, defaults={"workspace": workspace, "currency": columns["currency"]}
        )
        before = Payment.objects.select_for_update().get(stripe_id=stripe_id)
        if before.is_paid and columns["status"] != Payment.Status.PAID:
            return before  # paid is paid: what was read before that comes too late
        granted = credits and wallet.grant(credits, reference=before.reference, expires_at=expires_at, source=source)
        after = Payment.objects.get(pk=before.pk)
        for name, value in columns.items():
            setattr(after, name, value)
        if granted:
            after.credits = credits
            AuditEntry.objects.record(
                workspace, None, "payment.received", about=after.about, credits=credits, payment=stripe_id
            )
        # Attempts only ever grow, whichever of two readings comes last.
        after.attempts = max(after.attempts, before.attempts)
        after.save()
        declined = not after.is_paid and after.attempts > before.attempts
        recovered = after.is_paid and before.attempts > 0 and not before.is_paid
        if declined:
            AuditEntry.objects.record(workspace, None, "payment.failed", about=after.about, payment=stripe_id)
    if declined:
        letters.write("payment_failed", workspace, payment=after)
    if recovered:
        letters.write("payment_recovered", workspace, payment=after)
    return after


def take_back(customer, charge_id):
    """Money of a charge went back, or came again: the credits it brought follow. Asks Stripe two to four questions.

    What was read first never undoes what was read later.
    """
    began = timezone.now()
    with asking():
        charge = stripe().charges.retrieve(charge_id)
    payment = Payment.objects.filter(intent=charge.payment_intent).first() if charge.payment_intent else None
    if payment is None:
        payment = _find_payment(customer, charge)
    if payment is None:
        return None
    disputed = False
    if charge.disputed:
        with asking():
            disputes = stripe().disputes.list({"charge": charge.id}).data
        disputed = any(one.status in MONEY_IS_GONE for one in disputes)
    wallet = Wallet.objects.of(customer.workspace)
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        if payment.read_at and payment.read_at > began:
            return payment  # somebody read later than we did, and has written
        payment.read_at = began
        if disputed:
            wanted = payment.credits
        else:
            # In whole credits, for the customer: what is left of one that was half refunded stays.
            wanted = payment.credits * charge.amount_refunded // charge.amount
        more = wanted - payment.taken_back
        payment.refunded_cents, payment.disputed = charge.amount_refunded, disputed
        payment.taken_back = wanted
        if more > 0:
            payment.corrections += 1
            wallet.take_back(more, reference=payment.corrected_as[-1], granted_as=payment.reference)
            AuditEntry.objects.record(customer.workspace, None, "credits.taken_back", about=payment.about, credits=more)
        elif more < 0 and (given := _give_again(wallet, payment, wanted)):
            AuditEntry.objects.record(
                customer.workspace, None, "credits.given_again", about=payment.about, credits=given
            )
        payment.save()
        wallet.look_again()  # of a year that is paid for after all, months come again
    if more > 0:
        wallet.refresh_from_db()
        letters.write("credits_taken_back", customer.workspace, payment=payment, credits=more, debt=wallet.debt)
    return payment


def _give_again(wallet, payment, wanted):
    """Give again what was taken beyond `wanted` credits, each until the time it had; how many credits came.

    Never more than was taken: what had expired before it was not.
    """
    taken = wallet.taken_back_as(payment.corrected_as, granted_as=payment.reference)
    given = Counter()
    left = sum(credits for _lot, credits in taken) - wanted
    for lot, credits in taken:
        if part := min(credits, max(left - given.total(), 0)):
            given[lot] += part
    for lot, credits in given.items():
        payment.corrections += 1
        reference = payment.corrected_as[-1]
        wallet.grant(credits, reference=reference, expires_at=lot.expires_at, source=lot.source)
    return given.total()


def _find_payment(customer, charge):
    """The payment of a charge whose invoice we have not seen."""
    if not charge.payment_intent:
        return None
    asked = {"payment": {"type": "payment_intent", "payment_intent": charge.payment_intent}}
    with asking():
        found = stripe().invoice_payments.list(asked).data
    if found:
        return read_invoice(customer, found[0].invoice)
    with asking():
        sessions = stripe().checkout.sessions.list({"payment_intent": charge.payment_intent}).data
    ours = [one for one in sessions if notes_of(one).get("pack")]
    return keep_session(customer, ours[0]) if ours else None


def _about(invoice):
    """What it was for: the name of the pack, or of the plan in its last line, where a change has the new one."""
    if name := notes_of(invoice).get("name"):
        return name[:200]
    line = invoice.lines.data[-1] if invoice.lines.data else None
    found = line.pricing and plan_of_price_id(line.pricing.price_details.price) if line else None
    return found[0].name if found else ((line and line.description) or "")[:200]


def _intent(invoice):
    for one in invoice.payments.data if getattr(invoice, "payments", None) else []:
        if one.status == "paid" and one.payment.type == "payment_intent":
            return one.payment.payment_intent
    return ""
