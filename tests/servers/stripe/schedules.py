"""Subscription schedules: another price from the next period on."""

from .book import Refused, listed
from .forms import number, words
from .routes import route
from .subscriptions import period_after


@route("POST", "/v1/subscription_schedules")
def create_schedule(book, params):
    subscription = book.get(params["from_subscription"], "subscription")
    if subscription["schedule"]:
        raise Refused(400, "You cannot migrate a subscription that is already attached to a schedule.")
    item = subscription["items"]["data"][0]
    start, end = item["current_period_start"], item["current_period_end"]
    schedule = book.make(
        "sub_sched",
        "subscription_schedule",
        canceled_at=None,
        completed_at=None,
        created=book.now(subscription["customer"]),
        current_phase={"start_date": start, "end_date": end},
        customer=subscription["customer"],
        default_settings={},
        end_behavior="release",
        metadata=words(params),
        phases=[_phase(item["price"]["id"], start, end)],
        released_at=None,
        released_subscription=None,
        status="active",
        subscription=subscription["id"],
        test_clock=subscription["test_clock"],
    )
    book.emit("subscription_schedule.created", schedule)
    book.change(subscription, "customer.subscription.updated", schedule=schedule["id"])
    return schedule


def _phase(price, start, end, proration="create_prorations"):
    items = [{"price": price, "plan": price, "quantity": 1, "discounts": [], "metadata": {}, "tax_rates": []}]
    return {"start_date": start, "end_date": end, "items": items, "proration_behavior": proration, "metadata": {}}


@route("POST", "/v1/subscription_schedules/{id}")
def update_schedule(book, params, id):
    schedule = book.get(id, "subscription_schedule")
    if schedule["status"] != "active":
        raise Refused(400, f"You cannot update a schedule that is {schedule['status']}.")
    phases = []
    for given in params.get("phases") or []:
        price = book.get(given["items"][0]["price"], "price")
        start = number(given, "start_date", phases[-1]["end_date"] if phases else None)
        end = number(given, "end_date")
        if end is None:
            duration = given.get("duration") or price["recurring"]
            once = {"interval": duration["interval"], "interval_count": int(duration.get("interval_count", 1))}
            end = period_after(start, once)
        phases.append(_phase(price["id"], start, end, given.get("proration_behavior", "create_prorations")))
    columns = {"phases": phases} if phases else {}
    if "end_behavior" in params:
        columns["end_behavior"] = params["end_behavior"]
    book.change(schedule, "subscription_schedule.updated", **columns)
    return schedule


@route("POST", "/v1/subscription_schedules/{id}/release")
def release_schedule(book, params, id):
    schedule = book.get(id, "subscription_schedule")
    if schedule["status"] != "active":
        raise Refused(400, f"You cannot release a schedule that is {schedule['status']}.")
    release(book, schedule)
    return schedule


def release(book, schedule, type="subscription_schedule.released"):
    subscription = book.objects[schedule["subscription"]]
    schedule.update(
        status="released",
        released_at=book.now(schedule["customer"]),
        released_subscription=subscription["id"],
        subscription=None,
        current_phase=None,
    )
    book.emit(type, schedule)
    book.change(subscription, "customer.subscription.updated", schedule=None)


@route("GET", "/v1/subscription_schedules/{id}")
def schedule(book, params, id):
    return book.get(id, "subscription_schedule")


@route("GET", "/v1/subscription_schedules")
def list_schedules(book, params):
    found = book.all("subscription_schedule", customer=params.get("customer"))
    return listed(found, "/v1/subscription_schedules", limit=params.get("limit", 10))


def next_phase(schedule, now):
    """The phase that begins after `now`; None when none does."""
    return next((phase for phase in schedule["phases"] if phase["start_date"] > now), None)


def enter_phase(book, subscription, start):
    """The phase that begins with the period which starts now: its price is put, without proration."""
    from .changes import put

    schedule = book.objects[subscription["schedule"]]
    phase = next((phase for phase in schedule["phases"] if phase["start_date"] == start), None)
    if phase:
        item = subscription["items"]["data"][0]
        put(book, subscription, book.objects[phase["items"][0]["price"]], start, item["current_period_end"])
        schedule["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    if phase is schedule["phases"][-1] or phase is None:
        release(book, schedule)
