"""What is sold: products, prices, coupons and the codes that stand for them."""

from .book import Refused, listed
from .forms import number, words
from .routes import route


@route("POST", "/v1/products")
def create_product(book, params):
    if params.get("id") in book.objects:
        raise Refused(400, f"Product already exists: {params['id']}", code="resource_already_exists")
    product = book.make(
        "prod",
        "product",
        id=params.get("id"),
        active=params.get("active", True),
        default_price=None,
        description=params.get("description") or None,
        images=[],
        marketing_features=[],
        metadata=words(params),
        name=params["name"],
        tax_code=params.get("tax_code") or None,
        type="service",
        updated=book.now(),
        url=None,
    )
    book.emit("product.created", product)
    return product


@route("GET", "/v1/products")
def list_products(book, params):
    ids = params.get("ids")
    found = [one for one in book.all("product", active=params.get("active")) if not ids or one["id"] in ids]
    return listed(found, "/v1/products", limit=params.get("limit", 10), starting_after=params.get("starting_after"))


@route("GET", "/v1/products/{id}")
def product(book, params, id):
    return book.get(id, "product")


@route("POST", "/v1/products/{id}")
def update_product(book, params, id):
    product = book.get(id, "product")
    columns = {name: params[name] for name in ("name", "description", "active", "default_price") if name in params}
    book.change(product, "product.updated", **columns, metadata=words(params, before=product["metadata"]))
    return product


@route("POST", "/v1/prices")
def create_price(book, params):
    book.get(params["product"], "product")
    recurring = params.get("recurring")
    price = book.make(
        "price",
        "price",
        active=params.get("active", True),
        billing_scheme="per_unit",
        currency=params["currency"],
        custom_unit_amount=None,
        lookup_key=None,
        metadata=words(params),
        nickname=params.get("nickname") or None,
        product=params["product"],
        recurring=recurring
        and {
            "interval": recurring["interval"],
            "interval_count": number(recurring, "interval_count", 1),
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        tax_behavior=params.get("tax_behavior", "unspecified"),
        tiers_mode=None,
        transform_quantity=None,
        type="recurring" if recurring else "one_time",
        unit_amount=number(params, "unit_amount"),
        unit_amount_decimal=str(number(params, "unit_amount")),
    )
    try:
        _name(book, price, params)
    except Refused:
        del book.objects[price["id"]]
        raise
    book.emit("price.created", price)
    return price


def _name(book, price, params):
    """A lookup key stands for one active price at a time, unless it is taken over."""
    key = params.get("lookup_key")
    if key is None:
        return
    for other in book.all("price", lookup_key=key):
        if other is price:
            continue
        if not params.get("transfer_lookup_key"):
            raise Refused(400, f"A price (`{other['id']}`) already uses that lookup key.", param="lookup_key")
        other["lookup_key"] = None
    price["lookup_key"] = key or None


@route("GET", "/v1/prices")
def list_prices(book, params):
    keys = params.get("lookup_keys")
    found = [
        one
        for one in book.all("price", product=params.get("product"), active=params.get("active"))
        if not keys or one["lookup_key"] in keys
    ]
    return listed(found, "/v1/prices", limit=params.get("limit", 10), starting_after=params.get("starting_after"))


@route("GET", "/v1/prices/{id}")
def price(book, params, id):
    return book.get(id, "price")


@route("POST", "/v1/prices/{id}")
def update_price(book, params, id):
    price = book.get(id, "price")
    _name(book, price, params)
    columns = {name: params[name] for name in ("active", "nickname", "tax_behavior") if name in params}
    book.change(price, "price.updated", **columns, metadata=words(params, before=price["metadata"]))
    return price


@route("POST", "/v1/coupons")
def create_coupon(book, params):
    coupon = book.make(
        "coupon",
        "coupon",
        id=params.get("id"),
        amount_off=number(params, "amount_off"),
        currency=params.get("currency"),
        duration=params.get("duration", "once"),
        duration_in_months=number(params, "duration_in_months"),
        max_redemptions=number(params, "max_redemptions"),
        metadata=words(params),
        name=params.get("name"),
        percent_off=float(params["percent_off"]) if params.get("percent_off") else None,
        redeem_by=number(params, "redeem_by"),
        times_redeemed=0,
        valid=True,
    )
    book.emit("coupon.created", coupon)
    return coupon


@route("GET", "/v1/coupons/{id}")
def coupon(book, params, id):
    return book.get(id, "coupon")


@route("POST", "/v1/promotion_codes")
def create_promotion_code(book, params):
    promotion = params["promotion"]
    book.get(promotion["coupon"], "coupon")
    code = book.make(
        "promo",
        "promotion_code",
        active=True,
        code=params.get("code", "WELCOME"),
        customer=params.get("customer"),
        expires_at=number(params, "expires_at"),
        max_redemptions=number(params, "max_redemptions"),
        metadata=words(params),
        promotion={"type": "coupon", "coupon": promotion["coupon"]},
        restrictions={"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
        times_redeemed=0,
    )
    book.emit("promotion_code.created", code)
    return code


@route("GET", "/v1/promotion_codes")
def list_promotion_codes(book, params):
    found = book.all("promotion_code", code=params.get("code"), active=params.get("active"))
    return listed(found, "/v1/promotion_codes", limit=params.get("limit", 10))


def redeem(book, *, coupon=None, promotion_code=None, customer, subscription=None):
    """A discount out of a coupon, or out of the code for one. Raises Refused when it is used up."""
    code = promotion_code and book.get(promotion_code, "promotion_code")
    coupon = book.get(code["promotion"]["coupon"] if code else coupon, "coupon")
    for one in filter(None, (code, coupon)):
        if one["max_redemptions"] is not None and one["times_redeemed"] >= one["max_redemptions"]:
            raise Refused(400, "This promotion code has been used up.", code="promotion_code_expired")
    for one in filter(None, (code, coupon)):
        one["times_redeemed"] += 1
    start = book.now(customer)
    months = {"repeating": coupon["duration_in_months"]}.get(coupon["duration"])
    return book.make(
        "di",
        "discount",
        checkout_session=None,
        customer=customer,
        end=months and start + months * 31 * 86400,
        invoice=None,
        promotion_code=promotion_code,
        source={"type": "coupon", "coupon": coupon["id"]},
        start=start,
        subscription=subscription,
    )


def discount_on(book, discounts, amount):
    """How much these discounts (ids) take off an amount."""
    off = 0
    for id in discounts:
        coupon = book.objects[book.objects[id]["source"]["coupon"]]
        rest = amount - off
        off += round(rest * coupon["percent_off"] / 100) if coupon["percent_off"] else min(rest, coupon["amount_off"])
    return min(off, amount)
