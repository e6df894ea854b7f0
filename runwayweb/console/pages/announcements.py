"""Sentences on everybody's pages: what is on, and a new one."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from runwayweb.subscriptions.models import Announcement

PAGE = 30


class Moment(forms.DateTimeInput):
    """A day and a time, asked for by the browser's own calendar, in the time zone of whoever asks."""

    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class AnnouncementForm(forms.ModelForm):
    since = forms.DateTimeField(label=gettext_lazy("From"), required=False, widget=Moment)
    until = forms.DateTimeField(label=gettext_lazy("Until, if it ends by itself"), required=False, widget=Moment)

    class Meta:
        model = Announcement
        fields = ["words", "level", "audience", "plan", "since", "until"]
        labels = {
            "words": gettext_lazy("Sentence"),
            "level": gettext_lazy("Level"),
            "audience": gettext_lazy("For whom"),
            "plan": gettext_lazy("Which plan"),
        }

    def clean(self):
        told = super().clean()
        told["since"] = told.get("since") or timezone.now()
        if told.get("until") and told["until"] <= told["since"]:
            self.add_error("until", _("It would end before it begins."))
        if told.get("audience") == "plan" and not told.get("plan"):
            self.add_error("plan", _("Choose the plan."))
        if told.get("audience") != "plan":
            told["plan"] = None
        return told


@require_http_methods(["GET", "HEAD", "POST"])
def announcements(request):
    """All of them, the newest first; posted, one more."""
    form = AnnouncementForm(request.POST or None)
    if form.is_valid():
        Announcement.objects.publish(by=request.user, **form.cleaned_data)
        messages.success(request, _("It is announced."))
        return redirect("console:announcements")
    page = Paginator(Announcement.objects.select_related("plan"), PAGE).get_page(request.GET.get("page"))
    told = {"form": form, "page": page}
    return render(request, "console/announcements.html", told, status=422 if form.is_bound else 200)


@require_POST
def withdrawal(request, id):
    if get_object_or_404(Announcement, pk=id).withdraw(by=request.user):
        messages.success(request, _("It is shown no more."))
    return redirect("console:announcements")


urlpatterns = [
    path("announcements/", announcements, name="announcements"),
    path("announcements/<int:id>/withdrawal/", withdrawal, name="announcement-withdrawal"),
]
