"""Where allauth meets our users."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from runwayweb.accounts.hooks import NotJoining
from runwayweb.accounts.models import Invitation

BROUGHT = "invitation"  # in the session: the link somebody came by


class AccountAdapter(DefaultAccountAdapter):
    def bring(self, request, invitation):
        """Keep in mind that whoever this is opened the link of an invitation: they have its address."""
        request.session[BROUGHT] = invitation.token
        self.stash_verified_email(request, invitation.email)

    def invitation_of(self, request):
        """The invitation somebody came by, while it lets them in; None without one."""
        invitation = Invitation.objects.of_link(request.session.get(BROUGHT, ""))
        return invitation if invitation and invitation.is_pending else None

    def login(self, request, user):
        """Sign in, by whichever way. Who asked to be deleted and comes back stays."""
        super().login(request, user)
        if user.stay():
            messages.success(request, _("Welcome back. Your account stays: nothing was deleted."))

    def is_open_for_signup(self, request):
        """Whether whoever this is may sign up here: see REGISTRATION."""
        if settings.REGISTRATION == "invitation":
            return self.invitation_of(request) is not None
        return settings.REGISTRATION == "open"

    @transaction.atomic
    def save_user(self, request, user, form, commit=True):
        """Save somebody who signed up: in the workspace they were invited to, else with a personal one.

        They are spoken to in the language they signed up in, until they choose another.
        """
        self.greet(user)
        user = super().save_user(request, user, form, commit)
        if commit:
            self.settle_in(request, user)
        return user

    def greet(self, user):
        """Speak to somebody new as they are spoken to now."""
        user.language = translation.get_language() or ""

    def settle_in(self, request, user):
        """Open the workspace somebody new begins in."""
        invitation = self.invitation_of(request)
        if invitation and invitation.is_for(user):
            try:
                invitation.accept(user)
            except NotJoining as why:
                messages.error(request, str(why))
        user.open_workspace()
