"""The billing portal: a session made by the shop, and what its page does."""

from .book import Refused, listed
from .changes import change_price, update_subscription
from .forms import words
from .routes import route
from .schedules import create_schedule, release, update_schedule
from .subscriptions import LIVING


@route("POST", "/v1/billing_portal/configurations")
def create_configuration(book, params):
    return book.make(
        "bpc",
        "billing_portal.configuration",
        active=True,
        business_profile=params.get("business_profile") or {},
        default_return_url=params.get("default_return_url"),
        features=params.get("features") or {},
        is_default=False,
        login_page={"enabled": False, "url": None},
        metadata=words(params),
        name=params.get("name"),
        updated=book.now(),
    )


@route("GET", "/v1/billing_portal/configurations")
def list_configurations(book, params):
    found = book.all("billing_portal.configuration", active=params.get("active"))
    return listed(found, "/v1/billing_portal/configurations", limit=params.get("limit", 10))


@route("POST", "/v1/billing_portal/configurations/{id}")
def update_configuration(book, params, id):
    configuration = book.get(id, "billing_portal.configuration")
    for name in ("features", "business_profile", "default_return_url", "active"):
        if name in params:
            configuration[name] = params[name]
    configuration["metadata"] = words(params, before=configuration["metadata"])
    return configuration


@route("POST", "/v1/billing_portal/sessions")
def create_session(book, params):
    customer = book.get(params["customer"], "customer")
    session = book.make(
        "bps",
        "billing_portal.session",
        configuration=params.get("configuration") or "bpc_default",
        customer=customer["id"],
        flow=params.get("flow_data"),
        locale=params.get("locale"),
        on_behalf_of=None,
        return_url=params.get("return_url"),
        url=None,
    )
    session["url"] = f"{book.url}/p/session/{session['id']}"
    return session


def subscription_of(book, customer):
    """The living subscription of a customer, an object; None without."""
    found = book.all("subscription", customer=customer)
    return next((one for one in found if one["status"] in LIVING), None)


def switch(book, subscription, price):
    """Another plan: at once when it costs more a month, at the end of the period when it costs less."""
    if subscription["schedule"]:
        release(book, book.objects[subscription["schedule"]])
    item = subscription["items"]["data"][0]
    if monthly(price) >= monthly(item["price"]):
        change_price(book, subscription, price, proration="always_invoice", behavior="error_if_incomplete")
        return
    schedule = create_schedule(book, {"from_subscription": subscription["id"]})
    now = {"items": [{"price": item["price"]["id"]}], "start_date": str(item["current_period_start"])}
    now["end_date"] = str(item["current_period_end"])
    update_schedule(book, {"phases": [now, {"items": [{"price": price["id"]}]}]}, schedule["id"])


def monthly(price):
    return price["unit_amount"] / (12 if price["recurring"]["interval"] == "year" else 1)


def set_ending(book, subscription, ends):
    """Cancel at the end of the period, or not after all."""
    if subscription["schedule"]:
        release(book, book.objects[subscription["schedule"]])
    update_subscription(book, {"cancel_at_period_end": ends}, subscription["id"])


def for_sale(book, session, subscription):
    """The prices somebody may change to: those of the portal's configuration, or all when it has none."""
    current = subscription["items"]["data"][0]["price"]
    features = book.objects.get(session["configuration"], {}).get("features", {})
    offered = features.get("subscription_update")
    if offered and not offered["enabled"]:
        return []
    chosen = offered and {price for one in offered["products"] for price in one["prices"]}
    found = [
        one
        for one in book.all("price", active=True)
        if one["recurring"] and one["id"] != current["id"] and (not chosen or one["id"] in chosen)
    ]
    return sorted(found, key=monthly)


def session_at(book, id):
    """The portal session of a page. Raises Refused (404)."""
    if id not in book.objects:
        raise Refused(404, "This page has expired. Go back to the shop and ask for another.")
    return book.get(id, "billing_portal.session")
