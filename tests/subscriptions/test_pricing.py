"""Pages about plans: what is sold, or that nothing is; what is in force, and what is used of it."""

import pytest
from django.urls import reverse

from runwayweb.subscriptions.models import Subscription, Wallet
from tests.factories import make_asset, make_plan, make_user

pytestmark = pytest.mark.django_db


def pricing(client):
    return client.get(reverse("subscriptions:pricing")).content.decode()


def test_a_studio_that_sells_nothing_says_so(client):
    told = pricing(client)
    assert "This studio takes no payments." in told and "all others are on House" in told
    assert "1,000 credits" not in told and "Buy" not in told and "Choose" not in told


def test_a_studio_that_sells_shows_what_for_how_much(client, settings):
    settings.STRIPE_SECRET_KEY, settings.DEFAULT_PLAN = "sk_test_1", "free"
    told = pricing(client)
    for words in (
        "Pro",
        "$35",
        "$336 a year",
        "2,250 credits a month",
        "4 runs at once",
        "With a watermark",
        "600 API requests a minute",
        "2,000 API generations a day of each model",
        "Sign up",
    ):
        assert words in told
    assert "House" not in told and "takes no payments" not in told
    assert "1,000 credits" in told


def test_it_is_told_in_french(client, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    told = client.get(reverse("subscriptions:pricing"), headers={"accept-language": "fr"}).content.decode()
    assert "35\N{NO-BREAK SPACE}$" in told
    assert "1\N{NO-BREAK SPACE}000 crédits" in told


def test_the_plan_in_force_is_shown_with_what_is_used_of_it(client, settings):
    settings.DEFAULT_PLAN = "free"
    ada = make_user("ada")
    workspace = ada.open_workspace()
    make_plan("free", storage_bytes=2000, allowed_models=["animatic"])
    make_asset(workspace, size_bytes=1000)
    Wallet.objects.of(workspace).hold(20, reference="generation:1")
    client.force_login(ada)
    told = client.get(reverse("projects:plan")).content.decode().replace("\xa0", " ")
    for words in ("1000 bytes of 2 KB", "1 of 1", "5 seconds", "1280 × 720", "animatic", "480", "A start"):
        assert words in told
    Subscription.objects.assign(workspace, make_plan("pro"))
    told = client.get(reverse("projects:plan")).content.decode()
    assert "Given by whoever runs this studio." in told and "2,250" in told
    assert "600 for each key" in told.replace("\xa0", " ") and "2000 of each model" in told
    assert "Your plan" in pricing(client)
