"""How somebody pays, in the stories about what comes of it."""

from django.urls import reverse


def press(client, stripe, what="checkout", card="4242", **fields):
    """Press a button on the billing page and pay on the page it leads to; back where that leads, if it does."""
    answer = client.post(reverse(f"billing:{what}"), fields)
    assert answer.status_code == 303, answer
    back = stripe.press(answer["Location"], card=card)
    return client.get(back, follow=True) if back else answer


def subscribe(client, stripe, plan="pro", interval="month"):
    return press(client, stripe, plan=plan, interval=interval)


def put_in_card(stripe, workspace, card):
    """Another card, at Stripe's portal."""
    stripe.press(_portal(stripe, workspace), act="card", card=card)


def switch_at_portal(stripe, workspace, price):
    stripe.press(_portal(stripe, workspace), act="switch", price=price)


def _portal(stripe, workspace):
    return stripe.v1.billing_portal.sessions.create({"customer": workspace.customer.stripe_id}).url
