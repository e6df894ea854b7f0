"""Where allauth meets our users."""

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction


class AccountAdapter(DefaultAccountAdapter):
    @transaction.atomic
    def save_user(self, request, user, form, commit=True):
        """Save somebody who signed up, with a personal workspace."""
        user = super().save_user(request, user, form, commit)
        if commit:
            user.open_workspace()
        return user
