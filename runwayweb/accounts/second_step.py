"""The second step at sign-in: how ours differs from allauth's."""

import base64
import logging
import secrets

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _

from runwayweb.sealing import Seal, Sealed

logger = logging.getLogger(__name__)
SEAL = Seal(b"runwayweb.accounts.second_step ")
BEGINNING = "gAAAAA"  # of what is sealed: Fernet's version and the first bytes of the time


class SecondStepAdapter(DefaultMFAAdapter):
    def generate_authenticator_name(self, user, type):
        """What a new passkey is called until its owner calls it otherwise."""
        return _("Passkey %(number)d") % {"number": Authenticator.objects.filter(user=user, type=type).count() + 1}

    def get_public_key_credential_rp_entity(self):
        """Who the passkey is for; a browser shows the name beside it."""
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}

    def encrypt(self, text):
        """How the secret of an app and the seed of recovery codes are kept."""
        return sealed(text)

    def decrypt(self, encrypted_text):
        """A secret that cannot be opened any more fits no code that anybody has: one that nobody knows, each time."""
        try:
            return opened(encrypted_text)
        except Sealed:
            logger.error("The secret of a second step cannot be read: SECRET_KEY changed without SECRET_KEY_FALLBACKS")
            return base64.b32encode(secrets.token_bytes(20)).decode()


def sealed(secret):
    return SEAL.seal(secret)


def opened(kept):
    """A secret as it was; also one that a version of before kept in the clear. Raises Sealed."""
    return SEAL.unseal(kept) if kept.startswith(BEGINNING) else kept


def has_second_step(user):
    """Whether a password alone does not let this person in. One query."""
    strong = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user=user, type__in=strong).exists()


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
