"""Sums of money as people write them: $35, 35 €, ¥500."""

from django.utils.formats import number_format
from django.utils.translation import get_language

SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "chf": "CHF", "cad": "CA$", "aud": "A$"}
WITHOUT_CENTS = {
    "bif",
    "clp",
    "djf",
    "gnf",
    "jpy",
    "kmf",
    "krw",
    "mga",
    "pyg",
    "rwf",
    "ugx",
    "vnd",
    "vuv",
    "xaf",
    "xof",
    "xpf",
}


def written(cents, currency):
    """An amount in the smallest unit of its currency (Stripe's), in the language that is spoken now."""
    currency = currency.lower()
    units = cents if currency in WITHOUT_CENTS else cents / 100
    whole = units == int(units)
    number = number_format(abs(units), decimal_pos=0 if whole else 2, use_l10n=True, force_grouping=True)
    sign = SIGNS.get(currency, currency.upper())
    minus = "−" if cents < 0 else ""
    if (get_language() or "").startswith("fr"):
        return f"{minus}{number}\N{NO-BREAK SPACE}{sign}"
    return f"{minus}{sign}\N{NO-BREAK SPACE}{number}" if sign.isalpha() else f"{minus}{sign}{number}"
