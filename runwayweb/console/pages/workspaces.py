"""Workspaces: what each has, who is in it and what it makes; stopping one, giving it credits or a plan."""

import uuid
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generation.models import Generation, Review
from projects.usage import Usage
from runwayweb.accounts.deeds import sentence_of
from runwayweb.accounts.models import AuditEntry, Role, Workspace
from runwayweb.api.models import Key
from runwayweb.assets.models import Asset
from runwayweb.days import DayInput
from runwayweb.subscriptions.models import Plan, Subscription, Wallet
from runwayweb.subscriptions.models.subscription import PaidFor

from .users import LINES, PAGE, ReasonForm, StopForm

MOST_GIVEN = 10_000_000  # credits at once: more is a slip of the hand
DAYS = 30  # whose use is told


class GrantForm(ReasonForm):
    """So many credits, once: a form that is sent twice gives nothing the second time."""

    amount = forms.IntegerField(label=gettext_lazy("Credits"), min_value=1, max_value=MOST_GIVEN)
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    field_order = ["amount", "reason"]


class PlanForm(ReasonForm):
    plan: forms.ModelChoiceField = forms.ModelChoiceField(
        Plan.objects.order_by("position", "pk"), label=gettext_lazy("Plan")
    )
    until = forms.DateField(label=gettext_lazy("Until, if it ends by itself"), required=False, widget=DayInput())

    field_order = ["plan", "until", "reason"]

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until and until <= timezone.localdate():
            raise forms.ValidationError(_("That day is over."))
        return until


@require_safe
def workspaces(request):
    asked = request.GET.get("q", "").strip()[:200]
    rows = Workspace.objects.order_by("-created_at", "pk").annotate(members=Count("memberships"))
    if asked:
        found = Q(name__icontains=asked) | Q(
            pk__in=Workspace.objects.filter(memberships__user__email__icontains=asked).values("pk")
        )
        try:
            found |= Q(pk=uuid.UUID(asked))
        except ValueError:
            pass  # no id, but words
        rows = rows.filter(found)
    if request.GET.get("state") == "suspended":
        rows = rows.filter(suspended_at__isnull=False)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    plans = Plan.objects.of_each({one.pk for one in page})
    for one in page:
        one.plan = plans[one.pk]
    query = request.GET.copy()
    query.pop("page", None)
    return render(request, "console/workspaces.html", {"page": page, "q": asked, "asked": query.urlencode()})


@require_safe
def workspace(request, id):
    return _page(request, get_object_or_404(Workspace, pk=id))


@require_POST
def suspension(request, id):
    one = get_object_or_404(Workspace, pk=id)
    form = StopForm(request.POST, prefix="stop")
    if not form.is_valid():
        return _page(request, one, stop=form)
    if one.suspend(form.cleaned_data["reason"], by=request.user):
        messages.success(request, _("“%(name)s” is suspended.") % {"name": one})
    return redirect("console:workspace", one.pk)


@require_POST
def readmission(request, id):
    one = get_object_or_404(Workspace, pk=id)
    if one.lift_suspension(by=request.user):
        messages.success(request, _("“%(name)s” goes on.") % {"name": one})
    return redirect("console:workspace", one.pk)


@require_POST
def grant(request, id):
    one = get_object_or_404(Workspace, pk=id)
    form = GrantForm(request.POST, prefix="grant")
    if not form.is_valid():
        return _page(request, one, grant=form)
    told, wallet = form.cleaned_data, Wallet.objects.of(one)
    reference = f"operator:{told['once']}"
    with transaction.atomic():
        given = wallet.grant(told["amount"], reference=reference)
        if given:
            AuditEntry.objects.record(
                one, request.user, "operator.credits_granted",
                credits=told["amount"], reason=told["reason"], reference=reference,
            )  # fmt: skip
    if given:
        words = _("%(n)d credits are in the wallet of “%(name)s”.")
        messages.success(request, words % {"n": told["amount"], "name": one})
    return redirect("console:workspace", one.pk)


@require_POST
def plan(request, id):
    one = get_object_or_404(Workspace, pk=id)
    form = PlanForm(request.POST, prefix="plan")
    if not form.is_valid():
        return _page(request, one, plan=form)
    told = form.cleaned_data
    until = told["until"] and timezone.make_aware(
        timezone.datetime.combine(told["until"], timezone.datetime.min.time())
    )
    try:
        with transaction.atomic():
            Subscription.objects.assign(one, told["plan"], until=until)
            AuditEntry.objects.record(
                one, request.user, "operator.plan_given", about=str(told["plan"]), reason=told["reason"],
                until=told["until"].isoformat() if told["until"] else "",
            )  # fmt: skip
    except PaidFor:
        messages.error(
            request, _("“%(name)s” pays for its plan. That has to end first, on its billing page.") % {"name": one}
        )
    else:
        messages.success(request, _("“%(name)s” is on the plan %(plan)s.") % {"name": one, "plan": told["plan"]})
    return redirect("console:workspace", one.pk)


def _page(request, one, **forms_):
    today = timezone.localdate()
    usage = Usage(one, today - timedelta(days=DAYS - 1), today)
    entries = list(one.audit_entries.all()[:LINES])
    for entry in entries:
        entry.sentence = sentence_of(entry)
    wallet = Wallet.objects.of(one)
    runs = Generation.objects.filter(workspace=one).in_progress()
    shown = {
        "one": one,
        "owner": one.memberships.filter(role=Role.OWNER).select_related("user").first(),
        "plan_now": Plan.objects.of(one),
        "subscription": Subscription.objects.filter(workspace=one).first(),
        "its_wallet": wallet,
        "ledger": wallet.entries.order_by("-pk")[:LINES],
        "members": one.memberships.by_rank().select_related("user"),
        "keys": Key.objects.filter(workspace=one).select_related("created_by")[:LINES],
        "totals": usage.totals(),
        "days": DAYS,
        "strikes": Review.objects.strikes_of(one),
        "stored": Asset.objects.filter(workspace=one).stored_bytes(),
        "runs": runs.select_related("project", "requested_by").order_by("created_at")[:LINES],
        "runs_in_all": runs.count(),
        "entries": entries,
        "stop": forms_.get("stop") or StopForm(prefix="stop"),
        "grant": forms_.get("grant") or GrantForm(prefix="grant"),
        "plan": forms_.get("plan") or PlanForm(prefix="plan"),
    }
    return render(request, "console/workspace.html", shown, status=422 if forms_ else 200)


urlpatterns = [
    path("workspaces/", workspaces, name="workspaces"),
    path("workspaces/<uuid:id>/", workspace, name="workspace"),
    path("workspaces/<uuid:id>/suspension/", suspension, name="workspace-suspension"),
    path("workspaces/<uuid:id>/readmission/", readmission, name="workspace-readmission"),
    path("workspaces/<uuid:id>/grant/", grant, name="workspace-grant"),
    path("workspaces/<uuid:id>/plan/", plan, name="workspace-plan"),
]
