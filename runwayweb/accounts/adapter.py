"""Where allauth meets our users."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from runwayweb.accounts import agreeing, flags, hooks
from runwayweb.accounts.hooks import NotJoining, tell_of_a_shown_address
from runwayweb.accounts.models import Invitation
from runwayweb.accounts.suspended import suspended_page

logger = logging.getLogger(__name__)
BROUGHT = "invitation"  # in the session: the link somebody came by


class AccountAdapter(DefaultAccountAdapter):
    def bring(self, request, token):
        """Keep in mind by which link of an invitation somebody came: sign-up is open to them."""
        request.session[BROUGHT] = token

    def invitation_of(self, request):
        """The invitation somebody came by, while it lets them in; None without one."""
        invitation = Invitation.objects.of_link(request.session.get(BROUGHT, ""))
        return invitation if invitation and invitation.is_pending else None

    def login(self, request, user):
        """Sign in, by whichever way. Who asked to be deleted and comes back stays."""
        super().login(request, user)
        logger.info("Account %s signed in from %s", user.pk, self.get_client_ip(request))
        if user.stay():
            messages.success(request, _("Welcome back. Your account stays: nothing was deleted."))

    def authentication_failed(self, request, **credentials):
        """Who tried is not written down: a password typed into the wrong field would be."""
        super().authentication_failed(request, **credentials)
        logger.warning("A sign-in from %s failed", self.get_client_ip(request))

    def clean_email(self, email):
        """Raises ValidationError for an address of a provider whose people make no accounts here."""
        email = super().clean_email(email)
        domain = email.rpartition("@")[2].lower()
        listed = {one.lower().lstrip(".") for one in settings.DISPOSABLE_ADDRESSES}
        if any(domain == one or domain.endswith(f".{one}") for one in listed if one):
            raise ValidationError(_("Addresses of this provider cannot be used here. Use another."))
        return email

    @transaction.atomic
    def confirm_email(self, request, email_address):
        """Keep that an address was shown to be theirs; what waited for that goes on."""
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            tell_of_a_shown_address(email_address.user)
        return confirmed

    def respond_user_inactive(self, request, user):
        """The right password, but the account is closed: why, where the operator suspended it."""
        return suspended_page(request, user) if user.is_suspended else super().respond_user_inactive(request, user)

    def is_open_for_signup(self, request):
        """Whether whoever this is may sign up here: see REGISTRATION."""
        if settings.REGISTRATION == "invitation":
            return self.invitation_of(request) is not None
        return settings.REGISTRATION == "open" and flags.is_on("sign-up")

    @transaction.atomic
    def save_user(self, request, user, form, commit=True):
        """Save somebody who signed up: in the workspace they were invited to, else with a personal one.

        They are spoken to in the language they signed up in, until they choose another.
        """
        self.greet(user)
        user = super().save_user(request, user, form, commit)
        self.vouch(request, user)
        if commit:
            self.settle_in(request, user)
        return user

    def greet(self, user):
        """Speak to somebody new as they are spoken to now."""
        user.language = translation.get_language() or ""

    def vouch(self, request, user):
        """Hold the address of somebody new for confirmed where they came by the mail of an invitation to that address.

        Asked as they sign up, before they come in by it: an invitation that is over by then vouches for nothing.
        """
        invitation = self.invitation_of(request)
        vouched = invitation and invitation.by_mail and invitation.email == user.email.lower()
        self.stash_verified_email(request, invitation.email if vouched else "")

    def settle_in(self, request, user):
        """Open the workspace somebody new begins in."""
        invitation = self.invitation_of(request)
        if invitation and invitation.is_for(user):
            try:
                invitation.accept(user)
            except NotJoining as why:
                messages.error(request, str(why))
        user.open_workspace()
        agreeing.accept(user)
        for handler in hooks.joined:
            handler(user)
