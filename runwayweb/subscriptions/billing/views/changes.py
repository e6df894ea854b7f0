"""Another plan, an end, no end after all."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from runwayweb.subscriptions.models import Subscription

from ..changes import cancel, change_plan, preview, resume
from ..following import LIVING
from ..forms import ChoiceOfPlan
from .checkout import SeeOther
from .doors import for_payers


@for_payers
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, workspace):
    """What another plan costs, then: take it."""
    subscription = _paid_for(workspace)
    form = ChoiceOfPlan(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        messages.error(request, _("There is no such plan to pay for."))
        return redirect("billing:billing")
    plan, interval = form.cleaned_data["plan"], form.cleaned_data["interval"]
    if request.method != "POST":
        told = {"subscription": subscription, "plan": plan, "interval": interval}
        return render(
            request, "settings/billing_change.html", told | {"preview": preview(subscription, plan, interval)}
        )
    if page := change_plan(subscription, plan, interval, request.user):
        # The card was declined, or its bank asks something: the change waits until that invoice is paid.
        return SeeOther(page)
    subscription.refresh_from_db()
    if subscription.plan_id == plan.pk and subscription.interval == interval:
        messages.success(request, _("You are on %(plan)s.") % {"plan": plan})
    else:
        messages.success(request, _("%(plan)s begins when this period ends.") % {"plan": plan})
    return redirect("billing:billing")


@for_payers
@require_POST
def cancellation(request, workspace):
    cancel(_paid_for(workspace), request.user)
    messages.success(request, _("The plan ends with the period that is paid. Until then it stays as it is."))
    return redirect("billing:billing")


@for_payers
@require_POST
def resumption(request, workspace):
    resume(_paid_for(workspace), request.user)
    messages.success(request, _("The plan goes on."))
    return redirect("billing:billing")


def _paid_for(workspace):
    """The subscription that is paid by Stripe, or 404."""
    subscriptions = Subscription.objects.filter(status__in=LIVING).exclude(stripe_id="").select_related("plan")
    return get_object_or_404(subscriptions, workspace=workspace)
