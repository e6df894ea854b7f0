"""What is filled in about keys."""

from datetime import datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from runwayweb.api.models import Key, Scope
from runwayweb.days import DayInput

SCOPES = {
    Scope.READ: _("Read: tasks, films, files, usage"),
    Scope.GENERATE: _("Generate: everything that makes work and spends credits"),
    Scope.ADMIN: _("Admin: webhooks and other settings"),
}
MOST_CREDITS = 10**9


class KeyForm(forms.Form):
    """A key that is not there yet: `values` are what Key.objects.issue takes."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What uses it, so that you know it again."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        initial=[Scope.READ, Scope.GENERATE],
        widget=forms.CheckboxSelectMultiple,
    )
    credit_budget = forms.IntegerField(
        label=_("Budget, in credits"),
        required=False,
        min_value=1,
        max_value=MOST_CREDITS,
        help_text=_("The most it may spend in all. Empty: as much as the workspace has."),
    )
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput, help_text=_("Empty: until it is revoked.")
    )

    def __init__(self, *args, workspace, **kwargs):
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        # Also where a page that has just shown a key is loaded once more: that sends the form again.
        if Key.objects.filter(workspace=self.workspace, name__iexact=name, revoked_at=None).exists():
            raise forms.ValidationError(
                gettext("There is a key of that name. Revoke it first, or choose another name.")
            )
        return name

    def clean_last_day(self):
        day = self.cleaned_data["last_day"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(gettext("That day is over."))
        return day

    @property
    def values(self):
        asked = self.cleaned_data
        day = asked["last_day"]
        return {
            "name": asked["name"],
            "scopes": asked["scopes"],
            "credit_budget": asked["credit_budget"],
            "expires_at": day and timezone.make_aware(datetime.combine(day, time.max)),
        }
