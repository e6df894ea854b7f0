"""What credits were spent on, on a page and as a table for elsewhere."""

import csv
from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from generation.models import Generation
from projects.models import Project
from projects.usage import MOST_DAYS, Usage, by_key, model_name
from runwayweb.accounts.doors import workspace_in_use
from runwayweb.accounts.models import Right, User
from runwayweb.days import DayInput
from runwayweb.subscriptions.models import Wallet

WIDTH, HEIGHT, GAP = 720, 160, 0.25  # of the chart, in its own units; how much of a day's room stays empty
LAST_DAYS = 30  # that are shown until somebody chooses
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class UsageForm(forms.Form):
    """Which days, of which film, model and person."""

    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput)
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=DayInput)
    project: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Film"), required=False, queryset=None, empty_label=gettext_lazy("All films")
    )
    model = forms.ChoiceField(label=gettext_lazy("Model"), required=False)
    member: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Person"), required=False, queryset=None, empty_label=gettext_lazy("Everybody")
    )

    def __init__(self, *args, workspace, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        given = {name: value for name, value in self.data.dict().items() if value}
        self.data = {"since": today - timedelta(days=LAST_DAYS - 1), "until": today} | given
        mine = Generation.objects.filter(workspace=workspace).order_by()
        models = mine.values_list("model", flat=True).distinct()
        self.fields["project"].queryset = Project.objects.filter(workspace=workspace).order_by("name")
        self.fields["model"].choices = [("", _("All models")), *sorted((one, model_name(one)) for one in models)]
        self.fields["member"].queryset = User.objects.filter(pk__in=mine.values("requested_by")).order_by("email")

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if not (since and until):
            return cleaned
        if since > until:
            self.add_error("since", _("The first day lies behind the last."))
        elif (until - since).days >= MOST_DAYS:
            self.add_error("since", _("Choose %(days)d days at most.") % {"days": MOST_DAYS})
        return cleaned


@login_required
@require_safe
def usage(request):
    workspace = workspace_in_use(request, Right.BILLING)
    form = UsageForm(request.GET, workspace=workspace)
    context = {"form": form, "wallet": Wallet.objects.of(workspace)}
    if form.is_valid():
        shown = Usage(workspace, **form.cleaned_data)
        days = shown.by_day()
        context |= {
            "totals": shown.totals(),
            "chart": chart(days),
            "days": [(day, credits) for day, credits in days if credits],
            "lists": [
                (_("By model"), shown.by_model()),
                (_("By film"), shown.by_project()),
                (_("By person"), shown.by_member()),
            ],
            "by_key": [line for rows in by_key for line in rows(workspace, shown.since, shown.until)],
            "since": form.cleaned_data["since"],
            "until": form.cleaned_data["until"],
        }
    return render(request, "settings/usage.html", context, status=200 if form.is_valid() else 422)


@login_required
@require_safe
def usage_csv(request):
    """Every run as a line, whatever it cost."""
    workspace = workspace_in_use(request, Right.BILLING)
    form = UsageForm(request.GET, workspace=workspace)
    if not form.is_valid():
        return render(
            request, "settings/usage.html", {"form": form, "wallet": Wallet.objects.of(workspace)}, status=422
        )
    shown = Usage(workspace, **form.cleaned_data)
    name = f"usage-{shown.since:%Y-%m-%d}-{shown.until:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_lines(shown), content_type="text/csv; charset=utf-8", headers=headers)


def chart(days):
    """Bars for the days: where each stands in the drawing, and how far its scale goes."""
    most = max((credits for _day, credits in days), default=0)
    room = WIDTH / max(len(days), 1)
    bars = []
    for number, (day, credits) in enumerate(days):
        tall = HEIGHT * credits / most if most else 0
        bars.append({
            "day": day, "credits": credits, "x": round(number * room + room * GAP / 2, 2), "y": round(HEIGHT - tall, 2),
            "width": round(room * (1 - GAP), 2), "height": round(tall, 2),
        })  # fmt: skip
    return {"bars": bars, "most": most, "width": WIDTH, "height": HEIGHT}


class _Echo:
    """Gives back what a csv.writer writes."""

    def write(self, line):
        return line


def _lines(shown):
    write = csv.writer(_Echo()).writerow
    yield write(["finished_at", "project", "member", "model", "status", "seconds", "quoted", "charged", "generation"])
    for row in shown.rows():
        yield write([
            timezone.localtime(row["finished_at"]).isoformat(timespec="seconds"), inert(row["film"]),
            inert(row["email"] or ""), inert(row["model"]), row["status"], row["seconds"] or "", row["cost"],
            row["charged"], row["pk"],
        ])  # fmt: skip


def inert(text):
    """Words that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text
