"""Money that moves: payment intents and charges, refunds, disputes."""

from .book import Refused, listed
from .customers import CARDS, card_of
from .forms import number, words
from .routes import route


def charge(book, customer, amount, currency, *, last4=None, subscription=None, description="", metadata=None):
    """Take money from the card of a customer: the payment intent, and whether the card paid."""
    last4 = last4 or card_of(book, customer, subscription)
    paid = CARDS[last4]["pays"] if last4 else False
    intent = book.make(
        "pi",
        "payment_intent",
        amount=amount,
        amount_received=amount if paid else 0,
        created=book.now(customer["id"]),
        currency=currency,
        customer=customer["id"],
        description=description,
        latest_charge=None,
        last_payment_error=None,
        metadata=metadata or {},
        payment_method=customer["invoice_settings"]["default_payment_method"] if paid else None,
        status="succeeded" if paid else "requires_payment_method",
    )
    if last4:
        made = book.make(
            "ch",
            "charge",
            amount=amount,
            amount_captured=amount if paid else 0,
            amount_refunded=0,
            captured=paid,
            created=intent["created"],
            currency=currency,
            customer=customer["id"],
            description=description,
            disputed=False,
            failure_code=None if paid else "card_declined",
            failure_message=None if paid else "Your card was declined.",
            metadata=metadata or {},
            outcome={"type": "authorized" if paid else "issuer_declined"},
            paid=paid,
            payment_intent=intent["id"],
            payment_method=intent["payment_method"],
            payment_method_details={"type": "card", "card": {"last4": last4, "brand": "visa"}},
            receipt_url=f"{book.url}/receipts/{intent['id']}",
            refunded=False,
            status="succeeded" if paid else "failed",
        )
        intent["latest_charge"] = made["id"]
        book.emit("charge.succeeded" if paid else "charge.failed", made)
    if not paid:
        intent["last_payment_error"] = {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": "generic_decline",
            "message": "Your card was declined.",
        }
    book.emit("payment_intent.succeeded" if paid else "payment_intent.payment_failed", intent)
    return intent, paid


@route("GET", "/v1/payment_intents/{id}")
def payment_intent(book, params, id):
    return book.get(id, "payment_intent")


@route("GET", "/v1/charges/{id}")
def one_charge(book, params, id):
    return book.get(id, "charge")


@route("GET", "/v1/charges")
def list_charges(book, params):
    found = book.all("charge", customer=params.get("customer"), payment_intent=params.get("payment_intent"))
    return listed(found, "/v1/charges", limit=params.get("limit", 10), starting_after=params.get("starting_after"))


@route("POST", "/v1/refunds")
def create_refund(book, params):
    id = params.get("charge") or book.get(params["payment_intent"], "payment_intent")["latest_charge"]
    charge = book.get(id, "charge")
    left = charge["amount"] - charge["amount_refunded"]
    amount = number(params, "amount", left)
    if not 0 < amount <= left:
        raise Refused(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
    refund = book.make(
        "re",
        "refund",
        amount=amount,
        charge=charge["id"],
        created=book.now(charge["customer"]),
        currency=charge["currency"],
        customer=charge["customer"],
        metadata=words(params),
        payment_intent=charge["payment_intent"],
        reason=params.get("reason") or None,
        status="succeeded",
    )
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    book.emit("charge.refunded", charge, before)
    book.emit("refund.created", refund)
    return refund


@route("GET", "/v1/refunds/{id}")
def refund(book, params, id):
    return book.get(id, "refund")


@route("GET", "/v1/refunds")
def list_refunds(book, params):
    found = book.all("refund", charge=params.get("charge"), payment_intent=params.get("payment_intent"))
    return listed(found, "/v1/refunds", limit=params.get("limit", 10))


@route("POST", "/_control/disputes")
def open_dispute(book, params):
    """A customer tells the bank that a charge is none of theirs."""
    charge = book.get(params["charge"], "charge")
    dispute = book.make(
        "du",
        "dispute",
        amount=charge["amount"],
        charge=charge["id"],
        created=book.now(charge["customer"]),
        currency=charge["currency"],
        evidence={},
        evidence_details={"due_by": book.now() + 7 * 86400, "has_evidence": False, "submission_count": 0},
        is_charge_refundable=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason="fraudulent",
        status="needs_response",
    )
    charge["disputed"] = True
    book.emit("charge.dispute.created", dispute)
    book.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


@route("POST", "/_control/disputes/{id}")
def close_dispute(book, params, id):
    """The bank decides: `status` won or lost."""
    dispute = book.get(id, "dispute")
    book.change(dispute, "charge.dispute.closed", status=params["status"])
    if params["status"] == "won":
        book.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


@route("GET", "/v1/disputes/{id}")
def dispute(book, params, id):
    return book.get(id, "dispute")


@route("GET", "/v1/disputes")
def list_disputes(book, params):
    return listed(book.all("dispute", charge=params.get("charge")), "/v1/disputes", limit=params.get("limit", 10))
