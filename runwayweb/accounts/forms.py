"""The sign-in and sign-up forms: allauth's, with our words and limits; and those of a workspace."""

from allauth.account.forms import LoginForm, SignupForm
from django import forms
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.models import Workspace

PASSWORD_LETTERS = 128  # a longer one would only keep the hasher busy


class _OurWords(forms.Form):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        email = self.fields.get("login") or self.fields["email"]
        password = self.fields.get("password") or self.fields["password1"]
        email.label = _("Email")
        email.widget.attrs |= {"autocomplete": "email", "placeholder": ""}
        password.label = _("Password")
        password.max_length = PASSWORD_LETTERS
        password.validators.append(forms.fields.validators.MaxLengthValidator(PASSWORD_LETTERS))
        for field in (email, password):
            field.widget.attrs.pop("placeholder", None)


class SignInForm(_OurWords, LoginForm):
    """E-mail and password; stays signed in."""


class SignUpForm(_OurWords, SignupForm):
    """E-mail and one password."""


class WorkspaceForm(forms.ModelForm):
    class Meta:
        model = Workspace
        fields = ["name"]
        labels = {"name": _("Name")}
