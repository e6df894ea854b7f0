"""The page at `/`, for whoever walks through a demonstration: customers, and what may happen to them."""

from html import escape

from .customers import card_of, keep_card
from .pages import button, day, money, page
from .payments import close_dispute, create_refund, open_dispute
from .portal import subscription_of


def desk_page(book, courier):
    body = f"<h1>Practice Stripe</h1><p>Today is {day(book.now())}. Events go to {escape(courier.url) or 'nobody'}.</p>"
    body += "<div class=row>" + "".join(
        button(words, action="/desk", act="pass", days=days, quiet=True)
        for days, words in ((1, "A day passes"), (4, "Four days pass"), (32, "A month passes"))
    ) + "</div>"  # fmt: skip
    body += button("Make the code WELCOME: 20 % off", action="/desk", act="code", quiet=True)
    for customer in book.all("customer"):
        if customer.get("deleted"):
            continue
        body += f"<h2>{escape(customer['name'] or customer['email'] or customer['id'])}</h2>"
        if subscription := subscription_of(book, customer["id"]):
            item = subscription["items"]["data"][0]
            body += f"<p>{escape(book.objects[item['price']['product']]['name'])}, {subscription['status']}, "
            body += f"until {day(item['current_period_end'])}.</p>"
        if card := card_of(book, customer, subscription):
            word, other = ("declined", "0341") if card == "4242" else ("good", "4242")
            body += button(
                f"The card is {word} from now on", action="/desk", act="card", customer=customer["id"], card=other
            )
        body += "<table>"
        for charge in book.all("charge", customer=customer["id"]):
            body += f"<tr><td>{day(charge['created'])}<td>{money(charge['amount'], charge['currency'])}"
            body += f"<td>{charge['status']}{', refunded' if charge['refunded'] else ''}"
            body += f"{', disputed' if charge['disputed'] else ''}<td class=row>"
            if charge["paid"] and not charge["refunded"] and not charge["disputed"]:
                body += button("Refund", action="/desk", act="refund", charge=charge["id"], quiet=True)
                body += button("Dispute", action="/desk", act="dispute", charge=charge["id"], quiet=True)
            for dispute in book.all("dispute", charge=charge["id"], status="needs_response"):
                for status in ("won", "lost"):
                    body += button(f"Dispute {status}", action="/desk", act=status, dispute=dispute["id"], quiet=True)
        body += "</table>"
    rows = "".join(f"<tr><td>{event['type']}<td>{event['id']}" for event in reversed(book.events[-12:]))
    return page("Practice Stripe", f"{body}<h2>Last events</h2><table>{rows}</table>")


def press_desk(book, form):
    from .clocks import advance_everybody
    from .products import create_coupon, create_promotion_code

    act = form.get("act")
    if act == "pass":
        advance_everybody(book, {"days": form["days"]})
    elif act == "card":
        keep_card(book, book.get(form["customer"], "customer"), form["card"])
    elif act == "refund":
        create_refund(book, {"charge": form["charge"]})
    elif act == "dispute":
        open_dispute(book, {"charge": form["charge"]})
    elif act in ("won", "lost"):
        close_dispute(book, {"status": act}, form["dispute"])
    elif act == "code" and not book.all("promotion_code", code="WELCOME"):
        coupon = create_coupon(book, {"percent_off": "20", "duration": "once", "name": "Welcome"})
        create_promotion_code(book, {"promotion": {"type": "coupon", "coupon": coupon["id"]}, "code": "WELCOME"})
