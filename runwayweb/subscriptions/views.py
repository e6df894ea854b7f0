"""What is sold here, for anybody."""

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .models import Pack, Plan
from .promises import promises, rollover


@require_safe
def pricing(request):
    """Every plan that is offered; where nothing is paid for, who puts a workspace on one."""
    default = Plan.objects.default()
    current = Plan.objects.of(request.user.open_workspace()) if request.user.is_authenticated else None
    sells = bool(settings.STRIPE_SECRET_KEY)
    shown = list(Plan.objects.public())
    if not sells and default not in shown:
        shown.insert(0, default)
    return render(
        request,
        "subscriptions/pricing.html",
        {
            "sells": sells,
            "default": default,
            "current": current,
            "offers": [
                {"plan": plan, "promises": promises(plan), "rollover": rollover(plan), "in_force": plan == current}
                for plan in shown
            ],
            "packs": Pack.objects.public() if sells else [],
        },
    )
