"""What pages for those who are not in yet show besides their own: which doors are open."""

from allauth.account.adapter import get_adapter
from django.utils.functional import SimpleLazyObject


def doors(request):
    """Lazily: pages that show none of it pay nothing."""
    return {"signup_is_open": SimpleLazyObject(lambda: get_adapter().is_open_for_signup(request))}
