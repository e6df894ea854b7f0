"""Out to Stripe's pages, and back."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from runwayweb.subscriptions.models import Customer, Pack

from ..checkout import came_back, pay_for_pack, pay_for_plan
from ..checkout import portal as portal_for
from ..forms import ChoiceOfPlan
from .doors import for_payers


class SeeOther(HttpResponseRedirect):
    """303: what was posted here is asked for there with GET."""

    status_code = 303


@for_payers
@require_POST
def checkout(request, workspace):
    """Pay for a plan."""
    form = ChoiceOfPlan(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such plan to pay for."))
        return redirect("billing:billing")
    plan, interval = form.cleaned_data["plan"], form.cleaned_data["interval"]
    return SeeOther(pay_for_plan(workspace, request.user, plan, interval, _urls(request)))


@for_payers
@require_POST
def pack(request, workspace):
    """Pay for credits, once."""
    chosen = get_object_or_404(Pack.objects.public(), slug=request.POST.get("pack", ""))
    return SeeOther(pay_for_pack(workspace, request.user, chosen, _urls(request)))


@for_payers
@require_safe
def done(request, workspace):
    """Back from paying: what was bought is there, be the events about it late."""
    customer = get_object_or_404(Customer, workspace=workspace)
    if came_back(customer, request.GET.get("session", "")[:200]):
        messages.success(request, _("Thank you. It is paid, and everything is there."))
    else:
        messages.info(request, _("That payment is not finished."))
    return redirect("billing:billing")


@for_payers
@require_POST
def portal(request, workspace):
    """Cards, addresses and invoices, at Stripe."""
    customer = get_object_or_404(Customer, workspace=workspace)
    return SeeOther(portal_for(customer, request.build_absolute_uri(reverse("billing:billing"))))


def _urls(request):
    return {
        "done": request.build_absolute_uri(reverse("billing:checkout-done")),
        "cancelled": request.build_absolute_uri(reverse("billing:billing")),
    }
