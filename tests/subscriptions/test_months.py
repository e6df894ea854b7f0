"""Credits that come every month: once, and only where no invoice brings them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from generation.jobs import sweep
from runwayweb.accounts.models import Workspace
from runwayweb.subscriptions.management.commands.audit_ledger import problems_of
from runwayweb.subscriptions.models import Subscription, Wallet
from runwayweb.subscriptions.models.subscription import PaidFor
from runwayweb.subscriptions.months import month_at, month_of_year, months_after
from tests.factories import make_plan, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet(settings):
    settings.DEFAULT_PLAN = "free"
    wallet = Wallet.objects.of(make_user("ada").open_workspace())
    yield wallet
    wallet.refresh_from_db()
    assert not list(problems_of(wallet))


def let_months_pass(wallet, months, days=1):
    """As if everything had been so much earlier."""
    earlier = months_after(timezone.now(), -months) - timedelta(days=days)
    Workspace.objects.filter(pk=wallet.workspace_id).update(created_at=earlier)
    Subscription.objects.filter(workspace=wallet.workspace_id).update(period_start=earlier)
    for lot in wallet.lots.exclude(expires_at=None):
        wallet.lots.filter(pk=lot.pk).update(
            expires_at=months_after(lot.expires_at, -months), reference=f"{lot.reference} earlier"
        )
    Wallet.objects.update(next_month_at=None)


def lots(wallet):
    return list(wallet.lots.order_by("pk").values_list("source", "amount", "available"))


def test_months_end_on_the_day_they_began_or_the_last_there_is():
    begin = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert months_after(begin, 1) == datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert months_after(begin, 12) == datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert month_at(begin, begin) == (0, begin, months_after(begin, 1))
    assert month_at(begin, datetime(2026, 2, 28, 11, tzinfo=UTC))[0] == 0
    assert month_at(begin, datetime(2026, 2, 28, 12, tzinfo=UTC))[0] == 1
    assert month_at(begin, datetime(2028, 4, 1, tzinfo=UTC))[:2] == (26, datetime(2028, 3, 31, 12, tzinfo=UTC))


@pytest.mark.parametrize("begin", [(2026, 1, 31), (2026, 7, 1), (2027, 2, 28), (2027, 12, 30), (2028, 2, 29)])
def test_the_months_of_a_year_after_its_first_are_eleven_whatever_its_day(begin):
    begins = datetime(*begin, 12, tzinfo=UTC)
    ends = months_after(begins, 12)
    days = [begins + timedelta(days=day) for day in range(-9, 400)]
    told = [(month_of_year(begins, ends, day), day) for day in days]
    assert list(dict.fromkeys(number for (number, _ends), _day in told)) == list(range(12))
    for (number, ends_at), day in told:
        if number:
            assert begins < day < ends_at <= ends
            assert ends_at == months_after(months_after(ends, -12), number + 1)
        else:
            assert day < months_after(begins, 1) or day >= ends


def test_a_year_that_ends_on_29_february_has_no_thirteenth_month():
    begins, ends = datetime(2027, 2, 28, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)
    assert [month_of_year(begins, ends, datetime(2028, 2, day, tzinfo=UTC))[0] for day in (27, 28, 29)] == [11, 0, 0]


def test_the_start_stands_for_the_first_month(wallet, settings):
    sweep()
    assert lots(wallet) == [("signup", 500, 500)]
    settings.SIGNUP_CREDITS = 0
    other = Wallet.objects.of(make_user("grace").open_workspace())
    sweep()
    assert lots(other) == [("plan", 100, 100)]


def test_a_month_is_given_once_and_the_one_before_expires(wallet):
    let_months_pass(wallet, 1)
    for _again in range(3):
        sweep()
        Wallet.objects.update(next_month_at=None)
    assert lots(wallet) == [("signup", 500, 500), ("plan", 100, 100)]
    let_months_pass(wallet, 3, days=9)  # no month may begin on the day of one before, and months end up to 3 days apart
    sweep()
    assert lots(wallet) == [("signup", 500, 500), ("plan", 100, 0), ("plan", 100, 100)], "none for those between"


def test_what_rolls_over_lives_longer(wallet):
    Subscription.objects.assign(wallet.workspace, make_plan("pro"))
    sweep()
    assert lots(wallet) == [("signup", 500, 500), ("plan", 2250, 2250)]
    month_ends = months_after(wallet.workspace.subscription.period_start, 1)
    assert wallet.lots.get(source="plan").expires_at == months_after(month_ends, 2)
    make_plan("pro", rollover_months=None)
    let_months_pass(wallet, 1)
    sweep()
    assert list(wallet.lots.filter(amount=2250).values_list("expires_at", flat=True))[-1] is None


def test_an_assigned_plan_gives_its_first_month_at_once_and_not_again(wallet):
    pro = make_plan("pro")
    for _again in range(2):
        Subscription.objects.assign(wallet.workspace, pro)
        Subscription.objects.assign(wallet.workspace, make_plan("standard"))
    assert lots(wallet) == [("signup", 500, 500), ("plan", 2250, 2250), ("plan", 625, 625)]


def test_whoever_pays_gets_theirs_with_the_invoice(wallet):
    fields = {"workspace": wallet.workspace, "plan": make_plan("pro"), "stripe_id": "sub_1"}
    Subscription.objects.create(**fields, period_start=timezone.now())
    let_months_pass(wallet, 1)
    sweep()
    assert lots(wallet) == [("signup", 500, 500)]
    with pytest.raises(PaidFor, match="pays for Pro"):
        Subscription.objects.assign(wallet.workspace, make_plan("free"))


def test_a_person_gets_a_start_once_where_plans_are_sold(wallet, settings):
    ada = wallet.workspace.memberships.get().user
    second = Wallet.objects.of(Workspace.objects.open_for(ada, "Another"))
    sweep()
    assert lots(second) == []
    settings.DEFAULT_PLAN = "house"
    assert Wallet.objects.of(Workspace.objects.open_for(ada, "A third")).available == 500
