"""The one gate of the operator's console: for everybody but staff there is nothing behind it."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from runwayweb.accounts.second_step import has_second_step


def for_staff(pages):
    """The same URL patterns, each behind the gate: a page cannot forget it."""
    return [URLPattern(page.pattern, behind_the_gate(page.callback), page.default_args, page.name) for page in pages]


def behind_the_gate(view):
    """`view` for staff; for everybody else the 404 of an address where there is nothing.

    Where OPERATOR_SECOND_STEP is on, staff who come in by a password alone are sent to set up a second step first.
    """
    protected = csrf_protect(view)

    # Who stands outside must not hear of a missing token, either: it is asked for within.
    @csrf_exempt
    @never_cache
    @wraps(view)
    def gate(request, *args, **kwargs):
        user = request.user
        if not (user.is_authenticated and user.is_active and user.is_staff):
            raise Http404
        return to_a_second_step(request) or protected(request, *args, **kwargs)

    return gate


def to_a_second_step(request):
    """For staff who have to set one up first, the way there; None for everybody else."""
    if not settings.OPERATOR_SECOND_STEP or has_second_step(request.user):
        return None
    messages.warning(request, _("The operator's console asks for a second step: set one up here first."))
    return redirect("accounts:security")
