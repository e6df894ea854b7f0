"""Who pays, and with which card."""

from .book import listed
from .forms import words
from .routes import route

# number → what happens: whether it can be kept, and whether it pays
CARDS = {
    "4242": {"kept": True, "pays": True, "says": "4242 4242 4242 4242, pays"},
    "0341": {"kept": True, "pays": False, "says": "4000 0000 0000 0341, is kept and then declined"},
    "0002": {"kept": False, "pays": False, "says": "4000 0000 0000 0002, declined"},
}


@route("POST", "/v1/customers")
def create_customer(book, params):
    clock = params.get("test_clock") or book.clock_for_new_customers
    customer = book.make(
        "cus",
        "customer",
        address=params.get("address") or None,
        balance=0,
        currency=None,
        default_source=None,
        delinquent=False,
        description=params.get("description") or None,
        discount=None,
        email=params.get("email") or None,
        invoice_prefix=None,
        invoice_settings={"custom_fields": None, "default_payment_method": None, "footer": None},
        metadata=words(params),
        name=params.get("name") or None,
        next_invoice_sequence=1,
        phone=None,
        preferred_locales=params.get("preferred_locales") or [],
        shipping=None,
        tax_exempt="none",
        test_clock=clock,
    )
    customer["invoice_prefix"] = customer["id"][-8:].upper()
    customer["created"] = book.now(customer["id"])
    book.emit("customer.created", customer)
    return customer


@route("GET", "/v1/customers")
def list_customers(book, params):
    found = book.all("customer", email=params.get("email"))
    return listed(found, "/v1/customers", limit=params.get("limit", 10), starting_after=params.get("starting_after"))


@route("GET", "/v1/customers/{id}")
def customer(book, params, id):
    return book.get(id, "customer")


@route("POST", "/v1/customers/{id}")
def update_customer(book, params, id):
    customer = book.get(id, "customer")
    columns = {name: params[name] or None for name in ("email", "name", "description", "address") if name in params}
    if settings := params.get("invoice_settings"):
        columns["invoice_settings"] = customer["invoice_settings"] | settings
    book.change(customer, "customer.updated", **columns, metadata=words(params, before=customer["metadata"]))
    return customer


@route("DELETE", "/v1/customers/{id}")
def delete_customer(book, params, id):
    from .subscriptions import LIVING, end_now

    customer = book.get(id, "customer")
    for subscription in book.all("subscription", customer=id):
        if subscription["status"] in LIVING:
            end_now(book, subscription)
    book.emit("customer.deleted", customer)
    book.objects[id] = {"id": id, "object": "customer", "deleted": True}
    return book.objects[id]


def keep_card(book, customer, last4):
    """A payment method of this customer that pays from now on."""
    method = book.make(
        "pm",
        "payment_method",
        billing_details={"address": {}, "email": customer["email"], "name": customer["name"], "phone": None},
        card={"brand": "visa", "country": "US", "exp_month": 12, "exp_year": 2034, "funding": "credit", "last4": last4},
        customer=customer["id"],
        metadata={},
        type="card",
    )
    book.emit("payment_method.attached", method)
    settings = customer["invoice_settings"] | {"default_payment_method": method["id"]}
    book.change(customer, "customer.updated", invoice_settings=settings)
    for subscription in book.all("subscription", customer=customer["id"]):
        if subscription["default_payment_method"]:
            subscription["default_payment_method"] = method["id"]
    return method


def card_of(book, customer, subscription=None):
    """The number by which the card that pays is known; None without one."""
    method = (subscription or {}).get("default_payment_method") or customer["invoice_settings"][
        "default_payment_method"
    ]
    return book.objects[method]["card"]["last4"] if method else None


@route("GET", "/v1/payment_methods/{id}")
def payment_method(book, params, id):
    return book.get(id, "payment_method")


@route("GET", "/v1/payment_methods")
def list_payment_methods(book, params):
    return listed(book.all("payment_method", customer=params.get("customer")), "/v1/payment_methods")


@route("GET", "/v1/customers/{id}/payment_methods")
def payment_methods_of(book, params, id):
    return listed(book.all("payment_method", customer=id), f"/v1/customers/{id}/payment_methods")
