"""The plan in force, and what is used of each of its limits."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generation.models import Generation
from runwayweb.accounts.doors import workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.limits import NAMES, frame_of, size_of
from runwayweb.subscriptions.models import Plan, Subscription, Wallet
from runwayweb.subscriptions.promises import rollover


@login_required
@require_safe
def plan(request):
    workspace = workspace_in_use(request, Right.BILLING)
    plan = Plan.objects.of(workspace)
    wallet = Wallet.objects.of(workspace)
    return render(
        request,
        "settings/plans.html",
        {
            "plan": plan,
            "subscription": Subscription.objects.filter(workspace=workspace).first(),
            "rollover": rollover(plan),
            "wallet": wallet,
            "lots": wallet.lots.spendable().oldest_first()[:20],
            "limits": list(_limits(workspace, plan)),
        },
    )


def _limits(workspace, plan):
    """Each limit: its name, what is used of it, the most of it, both in words; `share` in percent where it fills up."""
    running = Generation.objects.filter(workspace=workspace, status=Generation.Status.RUNNING).count()
    stored = Asset.objects.filter(workspace=workspace).stored_bytes()
    members = workspace.memberships.count()
    for name, used, most, words in (
        ("storage_bytes", stored, plan.storage_bytes, size_of),
        ("seats", members, plan.seats, str),
        ("concurrency", running, plan.concurrency, str),
    ):
        yield {
            "name": NAMES[name],
            "words": _("%(used)s of %(most)s") % {"used": words(used), "most": words(most)}
            if most is not None
            else _("%(used)s, no limit") % {"used": words(used)},
            "share": None if most is None else min(100, round(100 * used / most)),
        }
    seconds, pixels = plan.longest_seconds, plan.largest_pixels
    told = {
        "longest_seconds": _("%(seconds)g seconds") % {"seconds": seconds} if seconds is not None else None,
        "largest_pixels": frame_of(pixels) if pixels is not None else None,
        "allowed_models": ", ".join(plan.allowed_models) or _("all of them"),
        "api_access": _("yes") if plan.api_access else _("no"),
        **(_by_api(plan) if plan.api_access else {}),
        "watermark": _("yes") if plan.watermark else _("no"),
    }
    for name, words in told.items():
        yield {"name": NAMES[name], "words": words or _("no limit"), "share": None}


def _by_api(plan):
    """What is counted of the API: the words of each limit, None where there is none."""
    asked, made = plan.requests_a_minute, plan.generations_a_day
    return {
        "requests_a_minute": _("%(n)d for each key") % {"n": asked} if asked is not None else None,
        "generations_a_day": _("%(n)d of each model") % {"n": made} if made is not None else None,
    }
