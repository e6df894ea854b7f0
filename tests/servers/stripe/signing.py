"""The Stripe-Signature header. Source: docs.stripe.com/webhooks, "Verify webhook signatures manually"."""

import hmac
import time
from hashlib import sha256


def signature(body, secrets, at=None):
    """One `v1` for each secret: while a secret is rolled over there are two."""
    at = int(at or time.time())
    signed = [hmac.new(secret.encode(), f"{at}.{body}".encode(), sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={one}" for one in signed)])
