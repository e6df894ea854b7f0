"""A Stripe to pay at: started once, empty for each story."""

import pytest


@pytest.fixture(scope="session")
def practice_stripe():
    from tests.servers.stripe.running import PracticeStripe

    server = PracticeStripe().start()
    yield server
    server.stop()


@pytest.fixture
def stripe(practice_stripe, settings):
    """The practice Stripe, and a studio that takes payments there. Events wait until `tell` brings them."""
    practice_stripe.forget()
    settings.STRIPE_SECRET_KEY = practice_stripe.KEY
    settings.STRIPE_WEBHOOK_SECRET = [practice_stripe.SECRET]
    settings.STRIPE_API_BASE = practice_stripe.url
    settings.STRIPE_TIMEOUT_SECONDS = 2
    settings.DEFAULT_PLAN = "free"
    settings.SIGNUP_CREDITS = 0
    return practice_stripe


@pytest.fixture
def clock(stripe):
    """Stripe's test clock, for who pays in this story."""
    return stripe.new_clock()


@pytest.fixture
def ada(db):
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def tell(stripe, client):
    """`tell(event)`: Stripe brings an event to the webhook. `tell.all()`: everything that it has not brought yet."""
    return Telling(stripe, client)


class Telling:
    def __init__(self, stripe, client):
        self.stripe, self.client, self.told = stripe, client, set()

    def __call__(self, event, **how):
        from tests.servers.stripe.telling import post

        self.told.add(event["id"])
        return post(self.client, event, secret=how.pop("secret", self.stripe.SECRET), **how)

    def all(self):
        for event in self.stripe.events():
            if event["id"] not in self.told:
                assert self(event).status_code == 200, event["type"]
