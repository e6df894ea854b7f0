"""Plans that are older than the limits for programs get those of a new installation, once."""

from importlib import import_module

import pytest
from django.apps import apps

from runwayweb.subscriptions.models import Plan
from runwayweb.subscriptions.seeds import PLANS

pytestmark = pytest.mark.django_db
migration = import_module("runwayweb.subscriptions.migrations.0008_api_limits_of_plans")


def limits():
    return {plan.slug: (plan.requests_a_minute, plan.generations_a_day) for plan in Plan.objects.all()}


def test_those_that_have_none_get_the_limits_of_a_new_installation():
    new = limits()
    assert new == {plan["slug"]: (plan.get("requests_a_minute"), plan.get("generations_a_day")) for plan in PLANS}
    Plan.objects.update(requests_a_minute=None, generations_a_day=None)
    Plan.objects.create(slug="school", name="School")
    migration.limit(apps, None)
    assert limits() == new | {"school": (None, None)}


def test_what_an_operator_wrote_stays():
    Plan.objects.filter(slug="pro").update(requests_a_minute=5, generations_a_day=None)
    Plan.objects.filter(slug="standard").update(requests_a_minute=None, generations_a_day=7)
    before = limits()
    migration.limit(apps, None)
    assert limits() == before
