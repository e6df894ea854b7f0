"""The signature of a message: HMAC-SHA256 over its id, the moment it is sent and its body, once for each secret."""

import base64
import secrets
from datetime import datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signed(message_id: str, moment: datetime, body: bytes, plain_secrets: list[str]) -> dict[str, str]:
    """The headers by which a receiver knows who sent it, and that it was now. `moment` in UTC."""
    signatures = [Webhook(secret).sign(message_id, moment, body.decode()) for secret in plain_secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
