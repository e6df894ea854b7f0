"""Checkout: a session made by the shop, and its page on which somebody pays."""

from .book import DAY, Refused, listed
from .customers import CARDS, create_customer, keep_card
from .forms import number, words
from .invoices import line, make_invoice, pay
from .payments import charge
from .products import discount_on
from .routes import route
from .subscriptions import begin


@route("POST", "/v1/checkout/sessions")
def create_session(book, params):
    prices = [book.get(one["price"], "price") for one in params["line_items"]]
    mode = params["mode"]
    if (mode == "subscription") != any(price["recurring"] for price in prices):
        raise Refused(400, f"You specified `{mode}` mode but passed a price of another type.", param="mode")
    if params.get("customer"):
        book.get(params["customer"], "customer")
    if params.get("discounts") and "allow_promotion_codes" in params:
        raise Refused(400, "You may only specify one of these parameters: allow_promotion_codes, discounts.")
    subtotal = sum(
        price["unit_amount"] * number(one, "quantity", 1)
        for price, one in zip(prices, params["line_items"], strict=False)
    )
    now = book.now(params.get("customer"))
    session = book.make(
        "cs_test",
        "checkout.session",
        allow_promotion_codes=params.get("allow_promotion_codes"),
        amount_subtotal=subtotal,
        amount_total=subtotal,
        automatic_tax={"enabled": (params.get("automatic_tax") or {}).get("enabled", False), "status": None},
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        created=now,
        currency=prices[0]["currency"],
        customer=params.get("customer"),
        customer_details=None,
        customer_email=params.get("customer_email"),
        discounts=[
            {"coupon": one.get("coupon"), "promotion_code": one.get("promotion_code")}
            for one in params.get("discounts") or []
        ],
        expires_at=number(params, "expires_at", now + DAY),
        invoice=None,
        invoice_creation=params.get("invoice_creation") if mode == "payment" else None,
        locale=params.get("locale"),
        metadata=words(params),
        mode=mode,
        payment_intent=None,
        payment_method_types=["card"],
        payment_status="unpaid",
        setup_intent=None,
        status="open",
        subscription=None,
        success_url=params["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
        url=None,
    )
    session["url"] = f"{book.url}/c/pay/{session['id']}"
    session["_asked"] = {
        "prices": [
            (price["id"], number(one, "quantity", 1)) for price, one in zip(prices, params["line_items"], strict=False)
        ],
        "subscription": params.get("subscription_data") or {},
        "payment": params.get("payment_intent_data") or {},
    }
    return shown(session)


def shown(session):
    """A session as the API gives it."""
    return {name: value for name, value in session.items() if name != "_asked"}


@route("GET", "/v1/checkout/sessions")
def list_sessions(book, params):
    found = book.all("checkout.session", customer=params.get("customer"), status=params.get("status"))
    found = [shown(one) for one in found if params.get("subscription") in (None, one["subscription"])]
    return listed(found, "/v1/checkout/sessions", limit=params.get("limit", 10))


@route("GET", "/v1/checkout/sessions/{id}")
def session(book, params, id):
    return shown(book.get(id, "checkout.session"))


@route("POST", "/v1/checkout/sessions/{id}/expire")
def expire_session(book, params, id):
    session = book.get(id, "checkout.session")
    if session["status"] != "open":
        raise Refused(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
    session["status"] = "expired"
    book.emit("checkout.session.expired", shown(session))
    return shown(session)


@route("GET", "/v1/checkout/sessions/{id}/line_items")
def line_items(book, params, id):
    asked = book.get(id, "checkout.session")["_asked"]["prices"]
    found = [
        {"id": f"li_{price}", "object": "item", "price": book.objects[price], "quantity": quantity}
        for price, quantity in asked
    ]
    return listed(found, f"/v1/checkout/sessions/{id}/line_items")


class Declined(Exception):
    """The card was not taken; the session stays open."""


def complete(book, session, last4, *, email="", code=""):
    """Somebody pressed Pay. Raises Declined, and Refused for a code that is none."""
    if session["status"] != "open":
        raise Refused(400, "This page has done its work: go back to the shop.")
    discounts = [{name: value for name, value in one.items() if value} for one in session["discounts"]]
    if code:
        found = book.all("promotion_code", code=code, active=True)
        if not found:
            raise Refused(400, "This code is invalid.")
        discounts = [{"promotion_code": found[0]["id"]}]
    customer = _customer(book, session, email)
    asked = session["_asked"]
    trial = number(asked["subscription"], "trial_period_days", 0)
    if not CARDS[last4]["kept"] or (not CARDS[last4]["pays"] and not trial):
        charge(book, customer, session["amount_total"], session["currency"], last4=last4)
        raise Declined("Your card was declined. Try another one.")
    method = keep_card(book, customer, last4)
    if session["mode"] == "subscription":
        prices = [book.objects[price] for price, _ in asked["prices"]]
        subscription, invoice = begin(
            book, customer, prices, trial_days=trial, discounts=discounts, method=method["id"],
            metadata=words(asked["subscription"]), tax=session["automatic_tax"]["enabled"],
        )  # fmt: skip
        session.update(subscription=subscription["id"], invoice=invoice["id"])
        pay(book, invoice)
        session["amount_total"] = invoice["total"]
        session["total_details"]["amount_discount"] = invoice["subtotal"] - invoice["total"]
        session["payment_status"] = "paid" if invoice["amount_due"] else "no_payment_required"
    else:
        _pay_once(book, session, customer, discounts)
    session.update(status="complete", customer=customer["id"], url=None)
    session["customer_details"] = {"email": customer["email"], "name": customer["name"], "address": None}
    book.emit("checkout.session.completed", shown(session))


def _pay_once(book, session, customer, discounts):
    """A payment without a subscription: an invoice when one is wanted, a bare charge when not."""
    from .products import redeem

    now = book.now(customer["id"])
    lines = [
        line(
            book.objects[price], book.objects[price]["unit_amount"] * quantity, now, now, quantity=quantity,
            description=book.objects[book.objects[price]["product"]]["name"],
        )
        for price, quantity in session["_asked"]["prices"]
    ]  # fmt: skip
    discounts = [redeem(book, **one, customer=customer["id"])["id"] for one in discounts]
    if (session["invoice_creation"] or {}).get("enabled"):
        tax = session["automatic_tax"]["enabled"]
        invoice = make_invoice(book, customer, lines, "manual", discounts=discounts, tax=tax)
        data = session["invoice_creation"].get("invoice_data") or {}
        invoice["metadata"] = words(data)
        session["invoice"] = invoice["id"]
        pay(book, invoice)
        payments = book.all("invoice_payment", invoice=invoice["id"])
        session["payment_intent"] = payments[0]["payment"]["payment_intent"] if payments else None
        session["amount_total"] = invoice["total"]
    else:
        total = session["amount_subtotal"]
        total -= discount_on(book, discounts, total)
        intent, _ = charge(
            book, customer, total, session["currency"], description="Checkout",
            metadata=words(session["_asked"]["payment"]),
        )  # fmt: skip
        session.update(payment_intent=intent["id"], amount_total=total)
    session["payment_status"] = "paid"


def _customer(book, session, email):
    if session["customer"]:
        return book.objects[session["customer"]]
    return create_customer(book, {"email": email or session["customer_email"] or "somebody@example.org"})
