"""What somebody sees whom the operator stopped: why, and whom to write to."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.shortcuts import render, resolve_url


def suspended_page(request, stopped):
    """403 with the reason. `stopped`: the person or the workspace."""
    told = {"stopped": stopped, "is_workspace": not isinstance(stopped, get_user_model())}
    if told["is_workspace"]:
        return _page(request, told)
    request.user = AnonymousUser()  # nobody is in: the page has none of the rooms
    with stopped.at_home():
        return _page(request, told)


def _page(request, told):
    told |= {"contact": settings.OPERATOR_EMAIL}
    answer = render(request, "accounts/suspended.html", told, status=403)
    answer["Cache-Control"] = "no-store"
    return answer


class SuspendedMiddleware:
    """Whoever is sent to sign in again, because the account was suspended meanwhile, is told so in its place."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        if answer.status_code != 302 or not answer["Location"].startswith(resolve_url(settings.LOGIN_URL)):
            return answer
        try:
            known = request.session.get(SESSION_KEY)
            people = get_user_model().objects.filter(suspended_at__isnull=False)
            person = people.filter(pk=known).first() if known else None
        except (OperationalError, InterfaceError):
            return answer  # the sign-in page meets the outage, too
        return suspended_page(request, person) if person else answer
