"""What is kept, whose it is, how long it stays, and what does not belong to anybody."""

import shutil

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, F, Q, Sum
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from runwayweb.accounts.models import Workspace
from runwayweb.assets.kinds import CLIPS, PICTURE, SOUNDS, STILL
from runwayweb.assets.models import Asset, Ephemeral, Retention
from runwayweb.assets.models.retention import RULES
from runwayweb.console.models import Survey
from runwayweb.subscriptions.models import Plan

WORKSPACES = 50
KINDS = {
    "clips": Q(media_type__in=CLIPS),
    "pictures": Q(media_type__in=(PICTURE, STILL)),
    "sounds": Q(media_type__in=SOUNDS),
    "others": ~Q(media_type__in=(*CLIPS, *SOUNDS, PICTURE, STILL)),
    "thrown_away": Q(deleted_at__isnull=False),
}


class DaysForm(forms.Form):
    days = forms.FloatField(required=False)

    def __init__(self, data, rule):
        super().__init__(data)
        self.rule = rule

    def clean_days(self):
        days = self.cleaned_data["days"]
        if days is not None and not self.rule.least <= days <= self.rule.most:
            told = {"least": f"{self.rule.least:g}", "most": f"{self.rule.most:g}"}
            raise forms.ValidationError(_("Between %(least)s and %(most)s days.") % told)
        return days


@require_safe
def storage(request):
    rows = {row.rule: row for row in Retention.objects.select_related("by")}
    rules = [
        {"name": name, "rule": rule, "row": rows.get(name), "days": rows[name].days if name in rows else rule.default}
        for name, rule in RULES.items()
    ]
    told = {
        "disk": shutil.disk_usage(settings.DATA_DIR),
        "totals": _used().aggregate(**_sums()),
        "ephemeral": Ephemeral.objects.all().stored_bytes(),
        "kept": _by_workspace(),
        "rules": rules,
        "surveys": Survey.objects.select_related("by")[:5],
    }
    return render(request, "console/storage.html", told)


def _used():
    return Asset.objects.filter(state=Asset.State.READY).order_by()


def _sums():
    size = F("size_bytes") + F("master_bytes")
    sums = {name: Sum(size, filter=kind, default=0) for name, kind in KINDS.items()}
    return sums | {"bytes": Sum(size, default=0), "files": Count("pk")}


def _by_workspace():
    """[(workspace, plan, its sums)] of those that keep most. Four queries."""
    rows = list(_used().values("workspace").annotate(**_sums()).order_by("-bytes")[:WORKSPACES])
    ids = [row["workspace"] for row in rows]
    known, plans = Workspace.objects.in_bulk(ids), Plan.objects.of_each(ids)
    return [(known[row["workspace"]], plans.get(row["workspace"]), row) for row in rows if row["workspace"] in known]


@require_POST
def retention(request, name):
    """`days`: for how long; empty: by default."""
    if name not in RULES:
        raise Http404
    form = DaysForm(request.POST, RULES[name])
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["days"]))
    elif Retention.objects.say(name, form.cleaned_data["days"], by=request.user):
        messages.success(request, _("The next clean-up goes by it, within minutes."))
    return redirect("console:storage")


@require_POST
def survey(request):
    """Have a media worker look; with `clean` it deletes what it finds, once a look told what that is."""
    cleans = "clean" in request.POST
    newest = Survey.objects.exclude(ended_at=None).first()
    if cleans and not (newest and newest.orphans and not newest.cleans and "broke" not in newest.found):
        messages.error(request, _("Have a look first, to know what would be deleted."))
    else:
        Survey.objects.ask(by=request.user, cleans=cleans)
        messages.success(request, _("A media worker looks through the storage now."))
    return redirect("console:storage")


urlpatterns = [
    path("storage/", storage, name="storage"),
    path("storage/surveys/", survey, name="storage-survey"),
    path("storage/retention/<slug:name>/", retention, name="storage-retention"),
]
