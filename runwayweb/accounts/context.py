"""What pages for those who are not in yet show besides their own: which doors are open."""

from allauth.account.adapter import get_adapter
from allauth.socialaccount.adapter import get_adapter as social_adapter
from django.conf import settings
from django.utils.functional import SimpleLazyObject


def doors(request):
    """Lazily: pages that show none of it pay nothing."""
    return {
        "signup_is_open": SimpleLazyObject(lambda: get_adapter().is_open_for_signup(request)),
        "elsewhere": SimpleLazyObject(lambda: _elsewhere(request)),
    }


def _elsewhere(request):
    """(id, name) of every provider one may come from, by name."""
    if not settings.SOCIALACCOUNT_PROVIDERS:
        return []
    found = social_adapter().list_providers(request)
    return sorted(((one.app.provider_id or one.id, one.name) for one in found), key=lambda one: one[1].lower())
