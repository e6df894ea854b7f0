"""An operator looks at the studio as somebody else: for half an hour, with a banner, and every request written down.

What would be done to money, keys, the ways in or other people, what would be shown to others or binds the person, and
whatever deletes, is refused meanwhile.
"""

import re
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from runwayweb.forbidden import forbidden

from . import acting
from .models import AuditEntry

MOST = timedelta(minutes=30)
PLACE = "impersonation"  # in the session of the operator
# Routes that stay closed, by the whole of their names or how these begin or end.
CLOSED = re.compile(
    r"(account|mfa|socialaccount|usersessions)_(?!logout)|(billing|subscriptions|api|v1|public|admin):"
    r"|accounts:(account|security|closing|session|other|elsewhere|invitation|member-|handing|departure|workspace-new)"
    r"|accounts:terms-acceptance|projects:(own-data|plan|library-selection|sharing|project-prompts)"
    r"|projects:(generation-share|generation-appeal|workflow-run-new)"
    r"|.*(deletion|removal|revocation|cancellation)$|.*-budget$"
)

THEIRS = gettext_noop(
    "As an operator you look at the studio as somebody else. Money, keys, passwords, other people, what others are "
    "shown, what they agree to and whatever deletes are theirs alone."
)


class NotThem(Exception):
    """Why nobody may be looked as: a sentence."""


def begin(request, user, *, reason):
    """Look as `user` from the next request on. Raises NotThem for staff, oneself and who cannot come in."""
    if user.is_staff or user.is_superuser or user == request.user:
        raise NotThem(_("Nobody looks at the studio as somebody of its staff."))
    if not user.is_active:
        raise NotThem(_("This account is closed: there is nothing to look at."))
    until = timezone.now() + MOST
    request.session[PLACE] = {"user": user.pk, "until": until.isoformat()}
    AuditEntry.objects.record(user.open_workspace(), request.user, "operator.came_as", about=user.email, reason=reason)


def end(request):
    """Be oneself again; True if one was not."""
    was = request.session.pop(PLACE, None)
    operator = getattr(request, "operator", None)
    if was is None or operator is None:
        return False
    AuditEntry.objects.record(request.user.open_workspace(), operator, "operator.left_as", about=request.user.email)
    return True


class ImpersonationMiddleware:
    """Lets `request.user` be whom the operator looks as, and `request.operator` the operator.

    Costs nothing where nobody looks as somebody: the session is read only where it was already.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            looked_as = self._looked_as(request)
        except (OperationalError, InterfaceError):
            looked_as = None  # the view meets the outage too, and is answered for (runwayweb.outage)
        if looked_as is None:
            return self.get_response(request)
        operator = request.operator = request.user
        request.user = request._cached_user = request._acached_user = looked_as
        request.auser = _answering(looked_as)
        token = acting.begin(operator)
        try:
            answer = self.get_response(request)
        finally:
            acting.end(token)
        told = {"method": request.method, "path": request.path[:300], "status": answer.status_code}
        AuditEntry.objects.record(None, operator, "operator.did_as", about=looked_as.email, **told)
        answer["Cache-Control"] = "no-store"
        return answer

    def process_view(self, request, view, args, kwargs):
        if getattr(request, "operator", None) is None:
            return None
        route = request.resolver_match.view_name or ""
        if CLOSED.match(route) or request.method == "DELETE":
            return forbidden(request, PermissionDenied(_(THEIRS)))
        return None

    def _looked_as(self, request):
        """Whom whoever asks looks as; None for nobody, or not any more."""
        place = request.session.get(PLACE) if request.session.session_key else None
        if place is None:
            return None
        operator = request.user
        user = get_user_model().objects.filter(pk=place["user"], is_active=True, is_staff=False).first()
        over = datetime.fromisoformat(place["until"]) <= timezone.now()
        if over or user is None or not (operator.is_authenticated and operator.is_staff):
            del request.session[PLACE]
            if user is not None and operator.is_authenticated:
                AuditEntry.objects.record(user.open_workspace(), operator, "operator.left_as", about=user.email)
            messages.info(request, _("Your time as somebody else is over. You are yourself again."))
            return None
        request.operator_until = datetime.fromisoformat(place["until"])
        return user


def _answering(user):
    async def auser():
        return user

    return auser
