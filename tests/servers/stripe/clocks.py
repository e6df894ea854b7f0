"""Time: test clocks that are moved on, and what falls due on the way."""

from .book import DAY, Refused, listed
from .changes import expire_pending
from .forms import number
from .invoices import finalize, pay, subscription_of
from .routes import route
from .schedules import enter_phase
from .subscriptions import LIVING, renew

TRIAL_NOTICE = 3 * DAY


@route("POST", "/v1/test_helpers/test_clocks")
def create_clock(book, params):
    return book.make(
        "clock",
        "test_helpers.test_clock",
        deletes_after=number(params, "frozen_time") + 30 * DAY,
        frozen_time=number(params, "frozen_time"),
        name=params.get("name") or None,
        status="ready",
        status_details={},
    )


@route("GET", "/v1/test_helpers/test_clocks")
def list_clocks(book, params):
    return listed(book.all("test_helpers.test_clock"), "/v1/test_helpers/test_clocks", limit=params.get("limit", 10))


@route("GET", "/v1/test_helpers/test_clocks/{id}")
def clock(book, params, id):
    return book.get(id, "test_helpers.test_clock")


@route("POST", "/v1/test_helpers/test_clocks/{id}/advance")
def advance_clock(book, params, id):
    clock = book.get(id, "test_helpers.test_clock")
    to = number(params, "frozen_time")
    if to < clock["frozen_time"]:
        raise Refused(400, "`frozen_time` must be after the clock's current frozen time.")
    settle_due(book, id, to)
    book.emit("test_helpers.test_clock.ready", clock)
    return clock


@route("POST", "/_control/clock")
def clock_for_new_customers(book, params):
    """Customers made from now on run by this test clock; by none without."""
    book.clock_for_new_customers = params.get("clock") or None
    return {"clock": book.clock_for_new_customers}


@route("POST", "/_control/advance")
def advance_everybody(book, params):
    """So many `days` pass for every customer who has no test clock."""
    settle_due(book, None, book.now() + int(float(params["days"]) * DAY))
    return {"now": book.now()}


def settle_due(book, clock, to):
    """Let time pass up to `to`: whatever falls due happens at its hour, one after the other."""
    while due := min(_due(book, clock, to), key=lambda one: one[0], default=None):
        at, act = due
        _set(book, clock, max(at, _read(book, clock)))
        act()
    _set(book, clock, to)


def _read(book, clock):
    return book.objects[clock]["frozen_time"] if clock else book.now()


def _set(book, clock, to):
    if clock:
        book.objects[clock]["frozen_time"] = max(to, book.objects[clock]["frozen_time"])
    else:
        book.offset += max(to - book.now(), 0)


def _due(book, clock, to):
    """(when, what) of everything on this clock up to `to`."""
    of_clock = {one["id"] for one in book.all("customer") if one.get("test_clock") == clock}
    for one in book.all("subscription"):
        if one["customer"] not in of_clock or one["status"] not in LIVING:
            continue
        end = one["items"]["data"][0]["current_period_end"]
        if end <= to and one["status"] != "incomplete":
            yield end, lambda one=one: _turn(book, one)
        if one["status"] == "trialing" and end - TRIAL_NOTICE <= to and not one.get("told_of_trial_end"):
            yield end - TRIAL_NOTICE, lambda one=one: _tell_of_trial_end(book, one)
        if one["pending_update"] and one["pending_update"]["expires_at"] <= to:
            yield one["pending_update"]["expires_at"], lambda one=one: expire_pending(book, one)
    for one in book.all("invoice"):
        if one["customer"] not in of_clock:
            continue
        if one["status"] == "draft" and (one["automatically_finalizes_at"] or to + 1) <= to:
            yield one["automatically_finalizes_at"], lambda one=one: _collect(book, one)
        if one["status"] == "open" and (one["next_payment_attempt"] or to + 1) <= to:
            yield one["next_payment_attempt"], lambda one=one: pay(book, one)
    for one in book.all("checkout.session", status="open"):
        if one["customer"] in of_clock and one["expires_at"] <= to:
            yield one["expires_at"], lambda one=one: book.change(one, "checkout.session.expired", status="expired")


def _tell_of_trial_end(book, subscription):
    subscription["told_of_trial_end"] = True
    book.emit("customer.subscription.trial_will_end", subscription)


def _turn(book, subscription):
    """A period ends: a scheduled price takes its place, then the next period begins."""
    if subscription["schedule"]:
        enter_phase(book, subscription, subscription["items"]["data"][0]["current_period_end"])
    renew(book, subscription)


def _collect(book, invoice):
    """A draft's hour is over."""
    if subscription_of(book, invoice)["status"] == "canceled":
        return
    finalize(book, invoice)
    pay(book, invoice)
