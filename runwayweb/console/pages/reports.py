"""What people outside reported of films they were shown: nothing is done, or it is hidden everywhere."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from projects.models import Report
from projects.reports import write_of_takedown, write_to_reporter
from runwayweb.assets.signing import signed_path

PAGE = 20
POSTERS = 12  # of what a link shows
MINUTES = 10 * 60  # that their addresses are good for
ACTS = {"dismiss": gettext_lazy("Do nothing"), "take_down": gettext_lazy("Take down")}


class AnswerForm(forms.Form):
    act = forms.ChoiceField(choices=[*ACTS.items(), ("reverse", gettext_lazy("Show it again"))])
    answer = forms.CharField(
        label=gettext_lazy("Words for whoever made it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


@require_safe
def reports(request):
    """Those that wait for somebody; `?decided=1`: those that do not, the newest first."""
    decided = request.GET.get("decided") == "1"
    rows = Report.objects.exclude(decision="waiting").order_by("-decided_at") if decided else Report.objects.to_decide()
    page = Paginator(rows.select_related("share__project__workspace"), PAGE).get_page(request.GET.get("page"))
    for report in page:
        shown = report.share.shown_assets().exclude(poster="")[:POSTERS] if report.is_open else []
        report.posters = [signed_path(asset, MINUTES, "poster.webp") for asset in shown]
        report.form = AnswerForm(auto_id=f"report-{report.pk}-%s")
    told = {"page": page, "decided": decided, "asked": "decided=1" if decided else "", "acts": ACTS}
    return render(request, "console/reports.html", told)


@require_POST
def decision(request, id):
    report = get_object_or_404(Report, pk=id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say in a few words why: whoever made it reads them."))
        return redirect("console:reports")
    act = form.cleaned_data["act"]
    if not getattr(report, act)(form.cleaned_data["answer"], by=request.user):
        messages.info(request, _("Somebody decided that before."))
    else:
        if act != "dismiss":
            write_of_takedown(report)
        write_to_reporter(report)
        messages.success(request, _("Decided."))
    return redirect("console:reports")


urlpatterns = [
    path("reports/", reports, name="reports"),
    path("reports/<int:id>/decision/", decision, name="report-decision"),
]
