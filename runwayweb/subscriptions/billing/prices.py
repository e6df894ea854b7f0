"""Plans and packs as Stripe sells them: a product each, a price for each interval, never one twice."""

from runwayweb.subscriptions.models import Pack, Plan
from runwayweb.subscriptions.models.subscription import Interval

from .client import StripeRefuses, asking, notes_of, stripe

PREFIX = "runwayweb"
COLUMNS = {Interval.MONTH: "stripe_monthly_price", Interval.YEAR: "stripe_yearly_price"}


def offer_plan(plan):
    """Have a product and prices for a plan at Stripe as they are here; how many things were made or changed there."""
    if plan.is_free:
        return 0
    about = {"plan": plan.slug}
    product, changed = _product(f"{PREFIX}_plan_{plan.slug}", plan.name, about)
    plan.stripe_product = product
    for interval, column in COLUMNS.items():
        price, made = "", 0
        if cents := plan.price_cents(interval):
            recurring = {"recurring": {"interval": interval.value}}
            key = f"{PREFIX}-{plan.slug}-{interval}"
            price, made = _price(key, product, cents, plan.currency, about | {"interval": interval.value}, recurring)
        setattr(plan, column, price)
        changed += made
    plan.save(update_fields=["stripe_product", *COLUMNS.values()])
    return changed


def offer_pack(pack):
    """The same for a pack."""
    about = {"pack": pack.slug}
    pack.stripe_product, changed = _product(f"{PREFIX}_pack_{pack.slug}", pack.name, about)
    key = f"{PREFIX}-pack-{pack.slug}"
    pack.stripe_price, made = _price(key, pack.stripe_product, pack.cents, pack.currency, about, {})
    pack.save(update_fields=["stripe_product", "stripe_price"])
    return changed + made


def price_of(plan, interval):
    """The id of what a plan costs at Stripe, made there when it is missing; "" for what is not sold."""
    if plan.price_cents(interval) and not getattr(plan, COLUMNS[Interval(interval)]):
        offer_plan(plan)
    return getattr(plan, COLUMNS[Interval(interval)])


def price_of_pack(pack):
    if not pack.stripe_price:
        offer_pack(pack)
    return pack.stripe_price


def plan_of(price):
    """The (plan, interval) that a price stands for; also one that is sold no more. None for a stranger's."""
    slug = notes_of(price).get("plan")
    plan = Plan.objects.filter(slug=slug).first() if slug else None
    if plan is None:
        plan = Plan.objects.filter(stripe_product=price.product).exclude(stripe_product="").first()
    return (plan, price.recurring.interval) if plan and price.recurring else None


def plan_of_price_id(id):
    """The same for a price of which only the id is known: those of today without asking Stripe."""
    for interval, column in COLUMNS.items():
        if plan := Plan.objects.filter(**{column: id}).first():
            return plan, interval.value
    with asking():
        return plan_of(stripe().prices.retrieve(id))


def pack_of(slug):
    return Pack.objects.filter(slug=slug).first()


def _product(id, name, about):
    """A product under an id of ours, which Stripe takes only once."""
    try:
        with asking():
            product = stripe().products.retrieve(id)
    except StripeRefuses as refused:
        if refused.code != "resource_missing":
            raise
        with asking():
            stripe().products.create({"id": id, "name": name, "metadata": about})
        return id, 1
    if product.name == name and product.active:
        return id, 0
    with asking():
        stripe().products.update(id, {"name": name, "active": True, "metadata": about})
    return id, 1


def _price(key, product, cents, currency, about, more):
    """The price under a lookup key. Another sum is another price: whoever pays the old one goes on paying it."""
    with asking():
        found = stripe().prices.list({"lookup_keys": [key], "active": True}).data
    if found and found[0].unit_amount == cents and found[0].currency == currency and found[0].product == product:
        return found[0].id, 0
    asked = {"product": product, "unit_amount": cents, "currency": currency, "metadata": about, "lookup_key": key}
    with asking():
        made = stripe().prices.create(asked | more | {"transfer_lookup_key": True})
        if found:
            stripe().prices.update(found[0].id, {"active": False})
    return made.id, 1
