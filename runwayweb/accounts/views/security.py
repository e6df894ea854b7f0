"""How somebody comes in, and where they are in: /settings/security/."""

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.account.views import password_set
from allauth.core.exceptions import ReauthenticationRequired
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from runwayweb.accounts.second_step import steps_of
from runwayweb.accounts.sessions import sessions_of


@login_required
@require_safe
def security(request):
    return render(
        request,
        "settings/security.html",
        {
            "steps": steps_of(request.user),
            "sessions": sessions_of(request),
            "unconfirmed": EmailAddress.objects.filter(user=request.user, verified=False).exists(),
            "accounts_elsewhere": SocialAccount.objects.filter(user=request.user).count(),
        },
    )


def first_password(request):
    """Set a password where there was none. Whoever has a passkey or an app shows it first: allauth asks for nothing."""
    try:
        return reauthentication_required(password_set, app="allauth.account")(request)
    except ReauthenticationRequired:
        if request.method != "POST":
            raise
        return redirect("account_set_password")  # which asks: what was typed would lie in the session meanwhile


@login_required
@require_POST
def session_end(request, id):
    """Sign out one of one's other sessions."""
    session = get_object_or_404(UserSession.objects.filter(user=request.user), pk=id)
    if session.session_key == request.session.session_key:
        return redirect("account_logout")
    session.end()
    messages.success(request, _("Signed out there."))
    return redirect("accounts:security")


@login_required
@require_POST
def other_sessions_end(request):
    """Sign out everywhere but here."""
    others = [session for session in sessions_of(request) if not session.is_here]
    for session in others:
        session.end()
    words = ngettext("Signed out in %(count)d other place.", "Signed out in %(count)d other places.", len(others))
    messages.success(request, words % {"count": len(others)})
    return redirect("accounts:security")
