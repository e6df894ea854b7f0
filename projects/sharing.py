"""What somebody says who shares a film, and what somebody says who comes by a link."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from projects.models import Share
from projects.models.share import MOST

DAYS = {
    1: gettext_lazy("a day"),
    7: gettext_lazy("a week"),
    30: pgettext_lazy("how long", "a month"),
    90: gettext_lazy("3 months"),
}
PASSWORD_LETTERS = 6  # at least


class ShareForm(forms.Form):
    """A link to be made."""

    name = forms.CharField(label=gettext_lazy("For whom"), max_length=80, required=False)
    days = forms.TypedChoiceField(label=gettext_lazy("It works for"), coerce=int, choices=list(DAYS.items()), initial=7)
    password = forms.CharField(
        label=gettext_lazy("Password, if you want one"),
        required=False,
        max_length=100,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *arguments, project, **named):
        super().__init__(*arguments, **named)
        self.project = project

    def clean_password(self):
        password = self.cleaned_data["password"]
        if password and len(password) < PASSWORD_LETTERS:
            raise ValidationError(_("Take at least %(n)d letters.") % {"n": PASSWORD_LETTERS})
        return password

    def clean(self):
        if Share.objects.open().filter(project=self.project).count() >= MOST:
            raise ValidationError(_("%(n)d links are open already. Take one back first.") % {"n": MOST})
        return super().clean()

    def make(self, by):
        asked = self.cleaned_data
        expires_at = timezone.now() + timedelta(days=asked["days"])
        return Share.objects.make(
            self.project, by=by, expires_at=expires_at, name=asked["name"], password=asked["password"]
        )


class PasswordForm(forms.Form):
    """The password of a link."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=100,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def __init__(self, *arguments, share, **named):
        super().__init__(*arguments, **named)
        self.share = share

    def clean_password(self):
        if not self.share.knows(self.cleaned_data["password"]):
            raise ValidationError(_("That is not the password of this link. Ask whoever sent it to you."))
        return self.cleaned_data["password"]
