"""Forms that take a passkey's answer, which the browser wrote and anybody may have written instead.

Read only where a page asks for one: what verifies them weighs too much for a start. See `allauth.mfa.webauthn`.
"""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as theirs
from django import forms
from django.utils.translation import gettext_lazy as _

NAME_LETTERS = 60
# What fido2 raises over JSON of another shape than a browser's.
OF_ANOTHER_SHAPE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class _Checked:
    """Whatever is no answer of a passkey is a wrong one."""

    def _check(self, check):
        try:
            return check()
        except forms.ValidationError:
            raise
        except OF_ANOTHER_SHAPE:
            raise get_adapter().validation_error("incorrect_code") from None


class AddPasskeyForm(_Checked, theirs.AddWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label = _("Name")
        name.help_text = _("Only for you, to tell one from another.")
        name.max_length = NAME_LETTERS
        name.validators.append(forms.fields.validators.MaxLengthValidator(NAME_LETTERS))
        name.widget.attrs["maxlength"] = NAME_LETTERS
        alone = self.fields["passwordless"]
        alone.label = _("Sign in with it alone, without the password")
        alone.help_text = _("It asks for your finger, face or PIN instead. Untick it for a plain security key.")
        alone.initial = True

    def clean(self):
        return self._check(super().clean)


class _Answer(_Checked):
    def clean_credential(self):
        return self._check(super().clean_credential)


class SignInByPasskeyForm(_Answer, theirs.LoginWebAuthnForm):
    """In place of the password, and of the second step."""


class SecondStepByPasskeyForm(_Answer, theirs.AuthenticateWebAuthnForm):
    """After the password."""


class ConfirmByPasskeyForm(_Answer, theirs.ReauthenticateWebAuthnForm):
    """Once more, before something important changes."""
