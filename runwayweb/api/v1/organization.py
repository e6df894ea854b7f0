"""The workspace of a key: its credits, what its plan allows, what was spent on what."""

from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from ninja import Router, Schema
from pydantic import Field

from generation.engine import catalogue
from runwayweb.api.aliases import ALIASES
from runwayweb.api.caller import READ
from runwayweb.api.errors import Invalid
from runwayweb.api.planned import Body
from runwayweb.api.uses import begun_today, by_key, by_model
from runwayweb.subscriptions.models import Wallet

from .answers import ERRORS, READING

router = Router(tags=["Organization"])

MOST_DAYS = 90
USUAL_DAYS = 30


class ModelTier(Schema):
    """null: no limit."""

    maxConcurrentGenerations: int | None
    maxDailyGenerations: int | None


class Tier(Schema):
    maxMonthlyCreditSpend: int = Field(description="The credits that the plan grants each month.")
    models: dict[str, ModelTier]


class ModelUse(Schema):
    dailyGenerations: int = Field(description="Begun by API since 00:00 UTC.")


class Usage(Schema):
    models: dict[str, ModelUse]


class Organization(Schema):
    creditBalance: int
    tier: Tier
    usage: Usage


class Period(Body):
    """Days in UTC. Without a start: the last thirty days; without an end: thirty days from the start."""

    start_date: str | None = None
    before_date: str | None = Field(None, description="The first day that is not told of any more.")


class ModelCredits(Schema):
    model: str
    amount: int


class Day(Schema):
    date: date
    usedCredits: list[ModelCredits]


class KeyCredits(Schema):
    apiKeyId: str
    amount: int
    requests: int
    generations: int


class KeyDay(Schema):
    date: date
    usedCredits: list[KeyCredits]


class UsageOfDays(Schema):
    models: list[str]
    results: list[Day]
    apiKeys: list[str]
    resultsByApiKey: list[KeyDay]


@router.get("/organization", auth=READ, response={200: Organization} | READING, operation_id="organization")
def organization(request):
    """The credits there are, and for every model that may be asked for what the plan allows and what began today."""
    caller = request.auth
    models = [card.id for card in catalogue.cards() if caller.plan.allows_model(card.id)]
    tier = {
        "maxConcurrentGenerations": caller.plan.concurrency,
        "maxDailyGenerations": caller.plan.generations_a_day,
    }
    return {
        "creditBalance": Wallet.objects.of(caller.workspace).available,
        "tier": {
            "maxMonthlyCreditSpend": caller.plan.credits_a_month,
            "models": dict.fromkeys([*models, *ALIASES, *settings.API_ALIASES], tier),
        },
        "usage": {
            "models": {name: {"dailyGenerations": n} for name, n in begun_today(caller.workspace).items()},
        },
    }


@router.post("/organization/usage", auth=READ, response={200: UsageOfDays} | ERRORS, operation_id="organization_usage")
def organization_usage(request, body: Period):
    """The credits spent on each model on each day, by whatever was charged then, in the studio too; and by each key."""
    workspace = request.auth.workspace
    since, before = _days(body)
    days = [since + timedelta(days=number) for number in range((before - since).days)]
    models: dict[date, list] = {day: [] for day in days}
    for (day, model), credits in by_model(workspace, since, before).items():
        models[day].append({"model": model, "amount": credits})
    keys: dict[date, list] = {day: [] for day in days}
    for (day, key), used in by_key(workspace, since, before).items():
        told = {"amount": used.credits, "requests": used.requests, "generations": used.generations}
        keys[day].append({"apiKeyId": str(key)} | told)
    return {
        "models": sorted({used["model"] for rows in models.values() for used in rows}),
        "results": [{"date": day, "usedCredits": rows} for day, rows in models.items()],
        "apiKeys": sorted({used["apiKeyId"] for rows in keys.values() for used in rows}),
        "resultsByApiKey": [{"date": day, "usedCredits": rows} for day, rows in keys.items()],
    }


def _days(body):
    """The first day, and the first that is not meant. Raises Invalid."""
    since, before = _day("startDate", body.start_date), _day("beforeDate", body.before_date)
    if since is None:
        since = (before or datetime.now(UTC).date() + timedelta(days=1)) - timedelta(days=USUAL_DAYS)
    before = before or since + timedelta(days=USUAL_DAYS)
    if before <= since:
        raise Invalid.at("beforeDate", "beforeDate must lie behind startDate.")
    if (before - since).days > MOST_DAYS:
        raise Invalid.at("beforeDate", f"beforeDate must lie {MOST_DAYS} days behind startDate at most.")
    return since, before


def _day(name, told):
    """A date as 2026-11-30, or with a time behind it, which is left out."""
    if told is None:
        return None
    try:
        day = date.fromisoformat(told[:10])
    except ValueError:
        raise Invalid.at(name, f"{name} must be a date, as 2026-11-30.", "invalid_date") from None
    if not 2000 <= day.year <= 9000:
        raise Invalid.at(name, f"{name} must be a date of this age.", "invalid_date")
    return day
