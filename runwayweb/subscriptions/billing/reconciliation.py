"""Everything that Stripe knows of our customers, taken in anew: after an outage, or a backup that was put back."""

from runwayweb.accounts.models import Workspace
from runwayweb.subscriptions.models import Customer

from .client import asking, notes_of, stripe
from .customers import OURS
from .following import follow
from .payments import keep_invoice, keep_session, take_back

PAGE = {"limit": 100}


def reconcile():
    """Ask about each customer, five questions or a few more; how many there are. Raises StripeAway, StripeRefuses."""
    count = 0
    for told in _every(lambda: stripe().customers.list(PAGE)):
        if customer := _ours(told):
            take_in_everything(customer)
            count += 1
    return count


def take_in_everything(customer):
    """Invoices, packs, refunds and the subscription of a customer, as they are now."""
    mine = {"customer": customer.stripe_id}
    for invoice in _every(lambda: stripe().invoices.list(PAGE | mine | {"expand": ["data.payments"]})):
        keep_invoice(customer, invoice)
    for session in _every(lambda: stripe().checkout.sessions.list(PAGE | mine | {"status": "complete"})):
        if notes_of(session).get("pack") and not session.invoice:
            keep_session(customer, session)
    for charge in _every(lambda: stripe().charges.list(PAGE | mine)):
        if charge.amount_refunded or charge.disputed:
            take_back(customer, charge.id)
    follow(customer)


def _every(ask):
    """All of a list, page by page. Read before anything is done with it: asking stays out of transactions."""
    with asking():
        return list(ask().auto_paging_iter())


def _ours(told):
    """The customer here; made for one whose row was lost with a backup. None for a stranger's."""
    if customer := Customer.objects.filter(stripe_id=told.id).select_related("workspace").first():
        return customer
    workspace = Workspace.objects.filter(pk=_uuid(notes_of(told).get(OURS))).first()
    if workspace is None or Customer.objects.filter(workspace=workspace).exists():
        return None
    return Customer.objects.create(workspace=workspace, stripe_id=told.id)


def _uuid(words):
    import uuid

    try:
        return uuid.UUID(words or "")
    except ValueError:
        return None
