"""What was blocked, with appeals first: it stays so, is made after all, or its workspace is suspended."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generation.engine.catalogue import ModelNotFound
from generation.engine.request import InvalidRequest
from generation.models import Review
from projects.appeals import write_answer
from projects.inputs import told
from runwayweb.subscriptions.refused import Refused

PAGE = 20
ACTS = {"keep": gettext_lazy("Keep it blocked"), "release": gettext_lazy("Release"), "ban": gettext_lazy("Suspend")}


class DecisionForm(forms.Form):
    act = forms.ChoiceField(choices=list(ACTS.items()))
    answer = forms.CharField(
        label=gettext_lazy("Words for its creator"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


@require_safe
def moderation(request):
    """Those that wait for somebody; `?decided=1`: those that do not, the newest first."""
    decided = request.GET.get("decided") == "1"
    rows = Review.objects.exclude(decision="waiting").order_by("-decided_at") if decided else Review.objects.to_decide()
    counted = Review.objects.strikes().filter(workspace=OuterRef("workspace")).order_by().values("workspace")
    strikes = counted.annotate(n=Count("pk")).values("n")
    rows = rows.annotate(strikes=Coalesce(Subquery(strikes), 0))
    rows = rows.select_related("generation__requested_by", "generation__project", "workspace", "appealed_by")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for review in page:
        review.numbers = range(1, review.stills + 1)
        review.form = DecisionForm(auto_id=f"review-{review.pk}-%s")
    asked = "decided=1" if decided else ""
    return render(request, "console/moderation.html", {"page": page, "decided": decided, "asked": asked, "acts": ACTS})


@require_safe
def still(request, id, number):
    """One of the pictures that were looked at. No other address of the studio leads to them."""
    review = get_object_or_404(Review, pk=id)
    if not 1 <= number <= review.stills:
        raise Http404
    try:
        return HttpResponse(review.still(number), content_type="image/jpeg")
    except OSError:
        raise Http404 from None


@require_POST
def decision(request, id):
    review = get_object_or_404(Review, pk=id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say in a few words why: whoever made it reads them."))
        return redirect("console:moderation")
    act, words = form.cleaned_data["act"], form.cleaned_data["answer"]
    try:
        decided = getattr(review, act)(words, by=request.user)
    except (Refused, InvalidRequest, ModelNotFound) as error:
        why = told(error) if isinstance(error, InvalidRequest) else str(error)
        messages.error(request, _("It cannot be made just now: %(why)s") % {"why": why})
        return redirect("console:moderation")
    if not decided:
        messages.info(request, _("Somebody decided that before."))
    elif review.appealed_at and not write_answer(review):
        messages.warning(request, _("Decided. The mail with the answer did not go out; the page of the film shows it."))
    else:
        messages.success(request, _("Decided."))
    return redirect("console:moderation")


urlpatterns = [
    path("moderation/", moderation, name="moderation"),
    path("moderation/<int:id>/stills/<int:number>/", still, name="moderation-still"),
    path("moderation/<int:id>/decision/", decision, name="moderation-decision"),
]
