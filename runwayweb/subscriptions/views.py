"""What is sold here, for anybody; and putting an announcement away."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from runwayweb.redirects import next_address

from .models import Announcement, Pack, Plan
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


@login_required
@require_POST
def announcement_dismissal(request, id):
    """Put an announcement away, for oneself."""
    get_object_or_404(Announcement.objects.to_come_or_on(), pk=id).dismiss(request.user)
    return HttpResponse() if request.htmx else redirect(next_address(request, "projects:project-list"))
