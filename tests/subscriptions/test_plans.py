"""Plans: which one counts, and what it allows."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import timezone

from runwayweb.subscriptions import limits
from runwayweb.subscriptions.limits import LimitReached
from runwayweb.subscriptions.models import Pack, Plan, Subscription
from tests.factories import make_plan, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return make_user("ada").open_workspace()


def subscribe(workspace, slug="pro", **fields):
    return Subscription.objects.create(workspace=workspace, plan=make_plan(slug), stripe_id="sub_1", **fields)


def test_a_new_installation_has_its_plans_and_packs():
    assert list(Plan.objects.public().values_list("name", flat=True)) == ["Free", "Standard", "Pro", "Unlimited"]
    assert Pack.objects.public().exists()


def test_plans_that_an_operator_edited_or_deleted_stay_so():
    Plan.objects.filter(slug="pro").update(name="Studio")
    Plan.objects.filter(slug="unlimited").delete()
    call_command("migrate", verbosity=0)
    assert list(Plan.objects.public().values_list("name", flat=True)) == ["Free", "Standard", "Studio"]


def test_whoever_sells_nothing_is_limited_by_the_machine_alone(workspace):
    limits.check_run(Plan.objects.of(workspace), model="built-in", seconds=10_000, width=8000, height=8000)
    limits.check_seats(workspace, 1000)
    limits.check_api(workspace)
    assert not Plan.objects.of(workspace).watermark


def test_the_default_plan_is_the_operators(workspace, settings):
    settings.DEFAULT_PLAN = "free"
    assert Plan.objects.of(workspace).name == "Free"
    settings.DEFAULT_PLAN = "gold"
    with pytest.raises(
        ImproperlyConfigured, match="DEFAULT_PLAN is 'gold', and there is no such plan. There are: free"
    ):
        Plan.objects.of(workspace)


def test_a_subscription_counts_while_it_is_paid_and_a_while_after(workspace, settings):
    settings.DEFAULT_PLAN = "free"
    subscription = subscribe(workspace)
    now = timezone.now()
    for fields, plan in [
        ({"status": "active"}, "Pro"),
        ({"status": "trialing"}, "Pro"),
        ({"status": "past_due", "past_due_since": now - timedelta(days=6)}, "Pro"),
        ({"status": "past_due", "past_due_since": now - timedelta(days=8)}, "Free"),
        ({"status": "incomplete"}, "Free"),
        ({"status": "canceled"}, "Free"),
        ({"status": "active", "cancels_at": now + timedelta(days=1)}, "Pro"),
        ({"status": "active", "cancels_at": now - timedelta(days=1)}, "Free"),
    ]:
        Subscription.objects.filter(pk=subscription.pk).update(**fields)
        assert Plan.objects.of(workspace).name == plan, fields


def test_an_operator_puts_a_workspace_on_a_plan(workspace, settings):
    settings.DEFAULT_PLAN = "free"
    assert Subscription.objects.assign(workspace, make_plan("standard")).is_assigned
    assert Plan.objects.of(workspace).name == "Standard"
    Subscription.objects.assign(workspace, make_plan("pro"), until=timezone.now())
    assert Plan.objects.of(workspace).name == "Free"


@pytest.mark.parametrize(
    ("run", "limit", "sentence"),
    [
        (
            {"seconds": 6},
            "longest_seconds",
            "Clips are 5 seconds long at most on the plan Free. Standard lifts that limit.",
        ),
        (
            {"seconds": 40},
            "longest_seconds",
            "Clips are 5 seconds long at most on the plan Free. Pro lifts that limit.",
        ),
        (
            {"seconds": 4, "width": 1920, "height": 1080},
            "largest_pixels",
            "Frames are 1280 × 720 at most on the plan Free. Standard lifts that limit.",
        ),
        ({"seconds": 61}, "longest_seconds", "Clips are 5 seconds long at most on the plan Free. No plan here lifts"),
    ],
)
def test_a_refusal_says_which_limit_and_which_plan_lifts_it(workspace, settings, run, limit, sentence):
    settings.DEFAULT_PLAN = "free"
    with pytest.raises(LimitReached) as refused:
        limits.check_run(Plan.objects.of(workspace), model="built-in", **run)
    assert refused.value.limit == limit
    assert sentence in str(refused.value)


def test_a_plan_may_allow_some_models_only(workspace, settings):
    settings.DEFAULT_PLAN = "free"
    make_plan("free", allowed_models=["animatic"])
    limits.check_run(Plan.objects.of(workspace), model="animatic", seconds=1)
    with pytest.raises(LimitReached, match="not part of the plan Free. Standard lifts"):
        limits.check_run(Plan.objects.of(workspace), model="built-in", seconds=1)


def test_seats_storage_and_the_api_are_limits_too(workspace, settings):
    settings.DEFAULT_PLAN = "free"
    limits.check_seats(workspace, 1)
    with pytest.raises(LimitReached, match="The plan Free has one seat. Standard lifts"):
        limits.check_seats(workspace, 2)
    with pytest.raises(LimitReached, match="has no access by API. Standard lifts"):
        limits.check_api(workspace)
    with pytest.raises(LimitReached, match="keeps 5.GB at most. Pro lifts"):
        limits.check_storage(Plan.objects.of(workspace), 200 * 1024**3)
