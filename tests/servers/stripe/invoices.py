"""Invoices: what is owed, paid by the card of the customer, tried again when it is declined."""

from .book import DAY, Refused, listed
from .payments import charge
from .products import discount_on
from .routes import route

ATTEMPTS = 4
RETRY_AFTER = 3 * DAY
DRAFT_SECONDS = 60 * 60  # a renewal is a draft for an hour


def line(price, amount, start, end, *, subscription=None, item=None, proration=False, description="", quantity=1):
    """A line of an invoice that is still to be made."""
    details = {"invoice_item": None, "proration": proration, "proration_details": None}
    parent = {
        "type": "subscription_item_details",
        "invoice_item_details": None,
        "subscription_item_details": details | {"subscription": subscription, "subscription_item": item},
    }
    return {
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "discountable": not proration,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "parent": parent if subscription else None,
        "period": {"start": start, "end": end},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": quantity,
        "subscription": subscription,
        "subtotal": amount,
    }


def make_invoice(
    book, customer, lines, reason, *, subscription=None, discounts=(), tax=False, status="open", keep=True
):
    """Keep an invoice of these lines (only look at it: `keep=False`). What is paid off the balance is taken off."""
    now = book.now(customer["id"])
    subtotal = sum(one["amount"] for one in lines)
    off = discount_on(book, discounts, max(sum(one["amount"] for one in lines if one["discountable"]), 0))
    taxed = round(max(subtotal - off, 0) * book.tax_percent / 100) if tax else 0
    total = subtotal - off + taxed
    balance = customer["balance"]
    due = max(total + balance, 0)
    sub = subscription
    columns = {
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": due,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {"enabled": tax, "status": "complete" if tax else None, "liability": None},
        "automatically_finalizes_at": now + DRAFT_SECONDS if status == "draft" else None,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": lines[0]["currency"],
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "default_payment_method": None,
        "discounts": list(discounts),
        "due_date": None,
        "ending_balance": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "lines": None,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "parent": sub
        and {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {"metadata": dict(sub["metadata"]), "subscription": sub["id"]},
        },
        "period_end": max(one["period"]["end"] for one in lines),
        "period_start": min(one["period"]["start"] for one in lines),
        "starting_balance": balance,
        "status": status,
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": subtotal,
        "total": total,
        "total_discount_amounts": [{"amount": off, "discount": discounts[0]}] if discounts else [],
        "total_taxes": [{"amount": taxed, "tax_behavior": "exclusive", "type": "tax_rate_details"}] if tax else [],
    }
    if not keep:
        lines = [one | {"id": f"il_preview{number}", "invoice": None} for number, one in enumerate(lines)]
        return {"object": "invoice", "livemode": False, "id": "upcoming_in"} | columns | {"lines": listed(lines, "")}
    invoice = book.make("in", "invoice", **columns)
    kept = [
        one | {"id": f"il_{invoice['id'][3:]}{number}", "invoice": invoice["id"]} for number, one in enumerate(lines)
    ]
    invoice["lines"] = listed(kept, f"/v1/invoices/{invoice['id']}/lines", limit=100)
    book.emit("invoice.created", invoice)
    if status == "open":
        finalize(book, invoice)
    return invoice


def finalize(book, invoice):
    """No longer a draft: it has a number, and can be paid."""
    customer = book.objects[invoice["customer"]]
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] += 1
    if invoice["starting_balance"]:
        customer["balance"] = min(invoice["starting_balance"] + invoice["total"], 0)
        invoice["ending_balance"] = customer["balance"]
    elif invoice["total"] < 0:
        customer["balance"] += invoice["total"]
    url = f"{book.url}/invoices/{invoice['id']}"
    invoice.update(status="open", number=f"{customer['invoice_prefix']}-{number:04d}", automatically_finalizes_at=None)
    invoice.update(hosted_invoice_url=url, invoice_pdf=f"{url}/pdf")
    invoice["status_transitions"]["finalized_at"] = book.now(customer["id"])
    book.emit("invoice.finalized", invoice)


def pay(book, invoice, *, last4=None):
    """Take what is due from the card; whether it is paid. The subscription it is of follows."""
    from .subscriptions import after_payment

    if invoice["status"] == "paid":
        return True
    customer = book.objects[invoice["customer"]]
    subscription = subscription_of(book, invoice)
    paid, intent = True, None
    if invoice["amount_due"]:
        intent, paid = charge(
            book,
            customer,
            invoice["amount_due"],
            invoice["currency"],
            last4=last4,
            subscription=subscription,
            description="Subscription update" if subscription else "Invoice",
        )
        _keep_payment(book, invoice, intent, paid)
        invoice["attempted"] = True
        invoice["attempt_count"] += 1
    now = book.now(customer["id"])
    if paid:
        invoice.update(status="paid", amount_paid=invoice["amount_due"], amount_remaining=0, next_payment_attempt=None)
        invoice["status_transitions"]["paid_at"] = now
    elif invoice["billing_reason"] == "subscription_cycle" and invoice["attempt_count"] < ATTEMPTS:
        invoice["next_payment_attempt"] = now + RETRY_AFTER
    else:
        invoice["next_payment_attempt"] = None
    customer["delinquent"] = not paid
    if subscription:
        after_payment(book, subscription, invoice, paid)
    if paid:
        book.emit("invoice.paid", invoice)
        book.emit("invoice.payment_succeeded", invoice)
    else:
        book.emit("invoice.payment_failed", invoice)
    return paid


def _keep_payment(book, invoice, intent, paid):
    book.make(
        "inpay",
        "invoice_payment",
        amount_paid=invoice["amount_due"] if paid else None,
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="paid" if paid else "open",
        status_transitions={"canceled_at": None, "paid_at": intent["created"] if paid else None},
    )


def subscription_of(book, invoice):
    parent = invoice["parent"]
    return book.objects[parent["subscription_details"]["subscription"]] if parent else None


def void(book, invoice):
    invoice["status_transitions"]["voided_at"] = book.now(invoice["customer"])
    book.change(invoice, "invoice.voided", status="void", next_payment_attempt=None)


@route("GET", "/v1/invoices/{id}")
def invoice(book, params, id):
    return book.get(id, "invoice")


@route("GET", "/v1/invoices")
def list_invoices(book, params):
    created = params.get("created") if isinstance(params.get("created"), dict) else {}
    found = [
        one
        for one in book.all("invoice", customer=params.get("customer"), status=params.get("status"))
        if (not params.get("subscription") or (subscription_of(book, one) or {}).get("id") == params["subscription"])
        and one["created"] >= int(created.get("gte", 0))
    ]
    return listed(found, "/v1/invoices", limit=params.get("limit", 10), starting_after=params.get("starting_after"))


@route("POST", "/v1/invoices/create_preview")
def preview(book, params):
    from .changes import previewed

    return previewed(book, params)


@route("POST", "/v1/invoices/{id}/pay")
def pay_now(book, params, id):
    invoice = book.get(id, "invoice")
    if invoice["status"] == "draft":
        finalize(book, invoice)
    if invoice["status"] != "open":
        raise Refused(400, "Invoice is already paid", code="invoice_not_editable")
    if not pay(book, invoice):
        raise Refused(402, "Your card was declined.", "card_error", code="card_declined")
    return invoice


@route("POST", "/v1/invoices/{id}/void")
def void_now(book, params, id):
    invoice = book.get(id, "invoice")
    void(book, invoice)
    return invoice


@route("GET", "/v1/invoice_payments")
def list_invoice_payments(book, params):
    wanted = (params.get("payment") or {}).get("payment_intent")
    found = [
        one
        for one in book.all("invoice_payment", invoice=params.get("invoice"), status=params.get("status"))
        if not wanted or one["payment"]["payment_intent"] == wanted
    ]
    return listed(found, "/v1/invoice_payments", limit=params.get("limit", 10))
