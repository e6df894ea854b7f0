"""Bringing an event to a Django test client, signed as Stripe does."""

import json
import time

from .signing import signature


def post(client, event, *, secret, at=None, header=None):
    """The answer of the webhook."""
    body = event if isinstance(event, str) else json.dumps(event)
    header = header if header is not None else signature(body, [secret], at or time.time())
    return client.post("/billing/webhook", body, content_type="application/json", headers={"Stripe-Signature": header})
