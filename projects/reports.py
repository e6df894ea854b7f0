"""Reporting a film that was shown: what is asked, and who is written to."""

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.models import Report
from runwayweb.accounts.mail import MailNotSent, send_mail
from runwayweb.accounts.models import Membership, Right


class ReportForm(forms.ModelForm):
    class Meta:
        model = Report
        fields = ["category", "words", "contact"]
        widgets = {
            "words": forms.Textarea(attrs={"rows": 5}),
            "contact": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("Choose what it is")), *Report.Category.choices]


def write_of_takedown(report):
    """To everybody who makes films there: what was taken down, or is shown again, and why."""
    makers = Membership.objects.with_right(Right.MAKE).filter(workspace=report.workspace, user__is_active=True)
    link = settings.SITE_URL + reverse("projects:project", args=[report.share.project_id])
    told = {"film": report.share.project.name, "answer": report.answer, "down": report.is_down}
    told |= {"contact": settings.OPERATOR_EMAIL, "reason": report.get_category_display()}
    for membership in makers.select_related("user"):
        with membership.user.at_home():
            told["reason"] = str(report.get_category_display())
            try:
                send_mail("takedown", membership.user.email, link=link, button=_("Open the film"), **told)
            except MailNotSent:
                continue  # the page of the clip says the same


def write_to_reporter(report):
    """What became of it, to whoever reported it and wants an answer. True where the mail went."""
    if not report.contact:
        return False
    told = {"film": report.share.project.name, "down": report.is_down}
    try:
        send_mail("report_answered", report.contact, language=report.language, **told)
    except MailNotSent:
        return False
    return True
