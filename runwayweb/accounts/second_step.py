"""The second step at sign-in: how ours differs from allauth's."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _


class SecondStepAdapter(DefaultMFAAdapter):
    def generate_authenticator_name(self, user, type):
        """What a new passkey is called until its owner calls it otherwise."""
        return _("Passkey %(number)d") % {"number": Authenticator.objects.filter(user=user, type=type).count() + 1}

    def get_public_key_credential_rp_entity(self):
        """Who the passkey is for; a browser shows the name beside it."""
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}


def steps_of(user):
    """What a person comes in with besides the password: {"app": …, "passkeys": […], "codes": …}. One query.

    `app` and `codes` are None when there is none; `codes` counts what is left, without telling them.
    """
    steps = {"app": None, "passkeys": [], "codes": None}
    for authenticator in Authenticator.objects.filter(user=user).order_by("created_at"):
        if authenticator.type == Authenticator.Type.WEBAUTHN:
            steps["passkeys"].append(authenticator)
        elif authenticator.type == Authenticator.Type.TOTP:
            steps["app"] = authenticator
        else:
            steps["codes"] = len(authenticator.wrap().get_unused_codes())
    return steps
