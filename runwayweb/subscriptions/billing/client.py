"""Asking Stripe. The library is loaded by the first who asks: it takes a quarter of a second."""

import contextlib
import logging
from functools import lru_cache

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)


class StripeAway(Exception):
    """No answer that counts: what was asked may have been done or not. Asking again with the same key finds out."""


class StripeRefuses(Exception):
    """Stripe understood, and will not. `code`: why, in its words; `declined`: the card was."""

    def __init__(self, message, code="", declined=False):
        self.code, self.declined = code or "", declined
        super().__init__(message)


def stripe():
    """Everything that can be asked, as the official library has it. Call it inside `asking()`."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_TIMEOUT_SECONDS).v1


@lru_cache(maxsize=4)
def _client(key, base, timeout):
    from stripe import RequestsClient, StripeClient

    # One more try by itself, with the same key: the library gives every POST one.
    return StripeClient(
        key, base_addresses={"api": base}, max_network_retries=1, http_client=RequestsClient(timeout=timeout)
    )


@contextlib.contextmanager
def asking():
    """What is asked in here fails as StripeAway or StripeRefuses.

    Never within a transaction: others would wait for the database as long as Stripe takes to answer.
    """
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("Stripe is asked inside a transaction.")
    from stripe import CardError, IdempotencyError, InvalidRequestError, RateLimitError, StripeError

    try:
        yield
    except RateLimitError as error:
        raise StripeAway("Stripe is busy") from error
    except CardError as error:
        raise StripeRefuses(error.user_message or str(error), error.code, declined=True) from error
    except (InvalidRequestError, IdempotencyError) as error:
        raise StripeRefuses(error.user_message or str(error), error.code) from error
    except StripeError as error:
        # A key that is wrong comes in here too: the operator mends it, and Stripe brings its events again.
        logger.warning("Stripe could not be asked: %s", type(error).__name__)
        raise StripeAway(type(error).__name__) from error


def notes_of(thing):
    """The metadata of something at Stripe, a dict."""
    notes = getattr(thing, "metadata", None)
    return notes.to_dict() if notes else {}
