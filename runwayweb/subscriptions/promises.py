"""What a plan promises, in words: on the pricing page, and on the page of the plan that is in force."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .limits import frame_of, size_of


def promises(plan):
    """Sentences, the one that matters most first; what a plan does not have is not said."""
    yield _credits(plan)
    if plan.unmetered_slow_lane:
        yield _("Unmetered slow lane: no credits, when nobody who pays is waiting")
    yield (
        _("As many runs at once as the studio's machines do")
        if plan.concurrency is None
        else ngettext("%(n)d run at once", "%(n)d runs at once", plan.concurrency) % {"n": plan.concurrency}
    )
    if plan.longest_seconds is not None:
        yield _("Clips up to %(seconds)g seconds") % {"seconds": plan.longest_seconds}
    if plan.largest_pixels is not None:
        yield _("Frames up to %(size)s") % {"size": frame_of(plan.largest_pixels)}
    if plan.storage_bytes is not None:
        yield _("%(size)s of storage") % {"size": size_of(plan.storage_bytes)}
    yield (
        _("As many people as you like")
        if plan.seats is None
        else ngettext("%(n)d seat", "%(n)d seats", plan.seats) % {"n": plan.seats}
    )
    if plan.allowed_models:
        yield ngettext("%(n)d model", "%(n)d models", len(plan.allowed_models)) % {"n": len(plan.allowed_models)}
    else:
        yield _("Every model of the studio")
    yield _("With a watermark") if plan.watermark else _("No watermark")
    if plan.api_access:
        yield _("Access by API")
        yield from _api(plan)


def _api(plan):
    if plan.requests_a_minute is not None:
        told = ngettext("%(n)s API request a minute", "%(n)s API requests a minute", plan.requests_a_minute)
        yield told % {"n": _grouped(plan.requests_a_minute)}
    if plan.generations_a_day is not None:
        told = ngettext(
            "%(n)s API generation a day of each model",
            "%(n)s API generations a day of each model",
            plan.generations_a_day,
        )
        yield told % {"n": _grouped(plan.generations_a_day)}


def rollover(plan):
    """What becomes of a month's credits that are not spent."""
    if plan.rollover_months is None:
        return _("Credits that are not spent stay.")
    if not plan.rollover_months:
        return _("Credits that are not spent expire with the month.")
    return ngettext(
        "Credits that are not spent last %(n)d month longer.",
        "Credits that are not spent last %(n)d months longer.",
        plan.rollover_months,
    ) % {"n": plan.rollover_months}


def _credits(plan):
    if not plan.credits_a_month:
        return _("No monthly credits")
    told = ngettext("%(n)s credit a month", "%(n)s credits a month", plan.credits_a_month)
    return told % {"n": _grouped(plan.credits_a_month)}


def _grouped(number):
    return number_format(number, use_l10n=True, force_grouping=True)
