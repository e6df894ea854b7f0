"""The pages somebody presses: Checkout, the portal, an invoice."""

from datetime import UTC, datetime
from html import escape

from .book import Refused
from .checkout import Declined, complete, shown
from .customers import CARDS, card_of, keep_card
from .invoices import pay
from .portal import for_sale, session_at, set_ending, subscription_of, switch

STYLE = """
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f6f8fb;color:#1a1f36}
main{max-width:44rem;margin:2rem auto;padding:1.5rem;background:#fff;border-radius:12px;box-shadow:0 1px 4px #0002}
p.practice{margin:0;padding:.5rem;text-align:center;background:#ffe9b3;font-size:.9rem}
button{padding:.5rem 1rem;border:0;border-radius:6px;background:#635bff;color:#fff;font:inherit;cursor:pointer}
button.quiet{background:#e6e9f2;color:#1a1f36}label{display:block;margin:.5rem 0}form{margin:.5rem 0}
input[type=text],input[type=email]{padding:.4rem;font:inherit;border:1px solid #c3c9d9;border-radius:6px}
table{width:100%;border-collapse:collapse}td,th{padding:.3rem .5rem;text-align:left;border-bottom:1px solid #eee}
.wrong{padding:.6rem;background:#fde2e1;border-radius:6px}.good{padding:.6rem;background:#dcf5e7;border-radius:6px}
h1{font-size:1.4rem}h2{font-size:1.1rem}a{color:#635bff}.row{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center}
"""


def page(title, body):
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f"<p class=practice>A practice Stripe: no money moves here.</p><main>{body}</main></html>"
    )


def money(amount, currency):
    sign = "−" if amount < 0 else ""
    return f"{sign}{abs(amount) / 100:.2f} {currency.upper()}"


def day(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y")


def button(words, action="", quiet=False, **fields):
    hidden = "".join(f"<input type=hidden name={name} value='{escape(str(value))}'>" for name, value in fields.items())
    look = " class=quiet" if quiet else ""
    return f"<form method=post action='{action}'>{hidden}<button{look}>{escape(words)}</button></form>"


def cards():
    rows = ""
    for last4, card in CARDS.items():
        chosen = " checked" if last4 == "4242" else ""
        rows += f"<label><input type=radio name=card value={last4}{chosen}> {card['says']}</label>"
    return rows


def checkout_page(book, session, wrong="", code=""):
    """What is bought and for how much; a card to choose."""
    if session["status"] != "open":
        back = session["success_url"] if session["status"] == "complete" else session["cancel_url"]
        words = "This page has done its work." if session["status"] == "complete" else "This page has expired."
        return page("Checkout", f"<h1>{words}</h1><p><a href='{escape(back or '/')}'>Back to the shop</a></p>")
    rows = ""
    for price, quantity in session["_asked"]["prices"]:
        price = book.objects[price]
        name = book.objects[price["product"]]["name"]
        every = f" every {price['recurring']['interval']}" if price["recurring"] else ""
        rows += (
            f"<tr><td>{quantity} × {escape(name)}<td>{money(price['unit_amount'] * quantity, price['currency'])}{every}"
        )
    trial = session["_asked"]["subscription"].get("trial_period_days")
    free = f"<p>{trial} days free, then as above.</p>" if trial else ""
    tax = f"<p>Plus {book.tax_percent} % tax.</p>" if session["automatic_tax"]["enabled"] else ""
    of = book.objects.get(session["customer"], {}).get("email") or session["customer_email"]
    email = f"<p>{escape(of)}</p>" if of else "<label>E-mail <input type=email name=email></label>"
    codes = ""
    if session["allow_promotion_codes"]:
        codes = f"<label>Promotion code <input type=text name=code value='{escape(code)}'></label>"
    return page(
        "Checkout",
        f"<h1>Checkout</h1>{f'<p class=wrong role=alert>{escape(wrong)}</p>' if wrong else ''}<table>{rows}</table>"
        f"{free}{tax}<form method=post>{email}{codes}{cards()}<button>Pay</button></form>"
        f"<p><a href='{escape(session['cancel_url'] or '/')}'>Cancel and go back</a></p>",
    )


def press_checkout(book, id, form):
    """Where to go after Pay: (address, page), one of them None."""
    session = book.get(id, "checkout.session")
    try:
        complete(book, session, form.get("card", "4242"), email=form.get("email", ""), code=form.get("code", ""))
    except (Declined, Refused) as error:
        return None, checkout_page(book, session, str(error), form.get("code", ""))
    return shown(session)["success_url"].replace("{CHECKOUT_SESSION_ID}", id), None


def portal_page(book, session, wrong="", good=""):
    """The plan, its changes, the card, the invoices."""
    customer = book.objects[session["customer"]]
    subscription = subscription_of(book, customer["id"])
    body = "<h1>Billing portal</h1>"
    body += f"<p class=wrong role=alert>{escape(wrong)}</p>" if wrong else ""
    body += f"<p class=good role=status>{escape(good)}</p>" if good else ""
    if subscription:
        item = subscription["items"]["data"][0]
        body += f"<h2>{escape(book.objects[item['price']['product']]['name'])}</h2>"
        body += f"<p>{money(item['price']['unit_amount'], item['price']['currency'])} every "
        body += f"{item['price']['recurring']['interval']}; {subscription['status']}; "
        body += (
            f"{'ends' if subscription['cancel_at_period_end'] else 'renews'} on {day(item['current_period_end'])}.</p>"
        )
        if subscription["schedule"]:
            body += "<p>Another plan begins with the next period.</p>"
        if subscription["cancel_at_period_end"]:
            body += button("Don't cancel subscription", act="resume")
        else:
            body += "<div class=row>" + "".join(
                button(
                    f"Change to {book.objects[price['product']]['name']}, "
                    f"{money(price['unit_amount'], price['currency'])} a {price['recurring']['interval']}",
                    act="switch", price=price["id"], quiet=True,
                )
                for price in for_sale(book, session, subscription)
            ) + "</div>" + button("Cancel subscription", act="cancel", quiet=True)  # fmt: skip
    else:
        body += "<p>No subscription.</p>"
    body += f"<h2>Card</h2><p>{card_of(book, customer, subscription) or 'None'}</p>"
    body += f"<form method=post><input type=hidden name=act value=card>{cards()}<button>Save card</button></form>"
    body += "<h2>Invoices</h2><table>" + "".join(
        f"<tr><td>{day(one['created'])}<td>{money(one['total'], one['currency'])}<td>{one['status']}"
        f"<td><a href='{one['hosted_invoice_url']}'>{one['number']}</a>"
        for one in book.all("invoice", customer=customer["id"])
        if one["number"]
    ) + "</table>"  # fmt: skip
    return page(
        "Billing portal", body + f"<p><a href='{escape(session['return_url'] or '/')}'>Return to the shop</a></p>"
    )


def press_portal(book, id, form):
    session = session_at(book, id)
    customer = book.objects[session["customer"]]
    subscription = subscription_of(book, customer["id"])
    act = form.get("act")
    try:
        if act == "card":
            if not CARDS[form["card"]]["kept"]:
                return portal_page(book, session, wrong="Your card was declined. Try another one.")
            keep_card(book, customer, form["card"])
            return portal_page(book, session, good="The card is saved.")
        if act == "switch":
            switch(book, subscription, book.get(form["price"], "price"))
        elif act in ("cancel", "resume"):
            set_ending(book, subscription, act == "cancel")
    except Refused as error:
        return portal_page(book, session, wrong=str(error))
    return portal_page(book, session, good="Done.")


def invoice_page(book, invoice, wrong=""):
    """An invoice as its customer sees it; one that is open can be paid with a card."""
    rows = "".join(
        f"<tr><td>{escape(one['description'] or '')}<td>{money(one['amount'], one['currency'])}"
        for one in invoice["lines"]["data"]
    )
    body = f"<h1>Invoice {invoice['number'] or ''}</h1>"
    body += f"<p class=wrong role=alert>{escape(wrong)}</p>" if wrong else ""
    body += f"<table>{rows}<tr><th>Total<th>{money(invoice['total'], invoice['currency'])}</table>"
    if invoice["status"] == "open":
        due = money(invoice["amount_due"], invoice["currency"])
        body += f"<form method=post>{cards()}<button>Pay {due}</button></form>"
    else:
        body += f"<p class=good role=status>{invoice['status'].capitalize()}.</p>"
    return page("Invoice", body)


def press_invoice(book, id, form):
    invoice = book.get(id, "invoice")
    last4 = form.get("card", "4242")
    if not CARDS[last4]["kept"]:
        return invoice_page(book, invoice, "Your card was declined. Try another one.")
    keep_card(book, book.objects[invoice["customer"]], last4)
    return invoice_page(book, invoice, "" if pay(book, invoice) else "Your card was declined. Try another one.")
