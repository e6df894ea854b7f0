"""What is filled in about webhooks."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runwayweb.api.models import Delivery, Endpoint
from runwayweb.api.models.webhook import LONGEST_DESCRIPTION
from runwayweb.assets.guarded import LONGEST_URL
from runwayweb.subscriptions.refused import Refused

from .addresses import AddressRefused
from .kinds import EVERYTHING

EVENTS = {
    EVERYTHING: _("Everything, also what is added later"),
    "task.pending": _("In line: task.pending"),
    "task.throttled": _("Waiting for a place: task.throttled"),
    "task.running": _("Begun: task.running"),
    "task.succeeded": _("Succeeded: task.succeeded"),
    "task.failed": _("Failed: task.failed"),
    "task.cancelled": _("Cancelled: task.cancelled"),
}
USUAL = ("task.succeeded", "task.failed", "task.cancelled")


class WebhookForm(forms.Form):
    """An address and what it is told; `endpoint` None: one that is not there yet."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_("An HTTPS address of yours on the open internet. It answers within 15 seconds, with 200 to 299."),
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off", "inputmode": "url"}),
    )
    description = forms.CharField(
        label=_("What it is for"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    event_types = forms.MultipleChoiceField(
        label=_("What it is told"), choices=list(EVENTS.items()), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, values=None, *, endpoint=None):
        told = {"event_types": USUAL}
        if endpoint:
            told = {name: getattr(endpoint, name) for name in ("url", "description", "event_types")}
        super().__init__(values, initial=told)
        self.endpoint = endpoint

    def save(self, workspace, *, by):
        """(endpoint, secret in plain or ""); None where it was refused, which the form then says."""
        try:
            if self.endpoint is None:
                return Endpoint.objects.add(workspace, by=by, **self.cleaned_data)
            self.endpoint.change(by=by, **self.cleaned_data)
        except Refused as why:
            self.add_error("url" if isinstance(why, AddressRefused) else None, str(why))
            return None
        return self.endpoint, ""


class DeliveryFilter(forms.Form):
    """Which messages are listed. Nonsense is left out."""

    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Everything")), *Delivery.Status.choices]
    )

    def __init__(self, values):
        super().__init__(values)
        self.is_valid()

    @property
    def status_asked(self):
        return self.cleaned_data.get("status", "")


class ReplayForm(forms.Form):
    """Since when what failed is sent again."""

    HOURS = {1: _("an hour ago"), 24: _("a day ago"), 24 * 7: _("a week ago"), 24 * 365: _("the beginning")}

    hours = forms.TypedChoiceField(label=_("Failed since"), choices=list(HOURS.items()), coerce=int, initial=24)

    @property
    def since(self):
        return timezone.now() - timedelta(hours=self.cleaned_data["hours"])
