"""Where allauth's accounts elsewhere meet our users."""

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction

from runwayweb.accounts import device
from runwayweb.accounts.slowed_down import slowed_down


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin):
        """As for everybody; where an invitation is needed it must be for an address this account has proved."""
        if not super().is_open_for_signup(request, sociallogin):
            return False
        if not device.has_room(request):
            raise ImmediateHttpResponse(slowed_down(request))
        if settings.REGISTRATION != "invitation":
            return True
        invited = get_account_adapter().invitation_of(request).email.lower()
        return any(one.verified and one.email.lower() == invited for one in sociallogin.email_addresses)

    def populate_user(self, request, sociallogin, data):
        """What the provider says of them: anything, so only words are listened to."""
        said = {name: words.replace("\x00", "") for name, words in data.items() if isinstance(words, str)}
        user = super().populate_user(request, sociallogin, said)
        name = said.get("name") or f"{said.get('first_name', '')} {said.get('last_name', '')}"
        user.name = name.strip()[:150]
        return user

    @transaction.atomic
    def save_user(self, request, sociallogin, form=None):
        """Save somebody who came from elsewhere: with a workspace and a language like anybody who signs up."""
        adapter = get_account_adapter()
        adapter.greet(sociallogin.user)
        if form is None:
            device.take_room(request)
            adapter.vouch(request, sociallogin.user)
        user = super().save_user(request, sociallogin, form)
        if form is None:
            adapter.settle_in(request, user)
        return user
