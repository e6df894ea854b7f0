"""Inviting somebody into a workspace, and coming in."""

from allauth.account.adapter import get_adapter
from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from runwayweb.accounts.doors import looked_after, workspace_in_use
from runwayweb.accounts.forms import InvitationForm
from runwayweb.accounts.hooks import NotJoining
from runwayweb.accounts.mail import MailNotSent
from runwayweb.accounts.models import Invitation, Right, User
from runwayweb.accounts.views.members import members_page


@login_required
@require_POST
def invitation_new(request):
    """Ask somebody to come in; the page again where that is refused."""
    workspace = workspace_in_use(request, Right.MEMBERS)
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            invitation = workspace.invite(form.cleaned_data["email"], form.cleaned_data["role"], by=request.user)
        except NotJoining as why:
            form.add_error(None, str(why))
        else:
            _send(request, invitation)
            return redirect("accounts:members")
    return render(request, "settings/members.html", members_page(request, workspace, form), status=422)


@login_required
@require_POST
def invitation_mail(request, id):
    """Another mail, with a link of its own."""
    invitation = looked_after(request, Invitation.objects.select_related("workspace", "by"), pk=id)
    try:
        invitation.renew(by=request.user)
    except NotJoining as why:
        messages.error(request, str(why))
    else:
        _send(request, invitation)
    return redirect("accounts:members")


@login_required
@require_POST
def invitation_revocation(request, id):
    invitation = looked_after(request, Invitation.objects.select_related("workspace", "by"), pk=id)
    if invitation.revoke(by=request.user):
        messages.success(request, _("The invitation for %(email)s is taken back.") % {"email": invitation.email})
    else:
        messages.error(request, _("This invitation was accepted or taken back meanwhile."))
    return redirect("accounts:members")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, token):
    """The page of a link: who invites whom to what. Whoever has the address comes in by a POST."""
    invitation = Invitation.objects.of_link(token)
    if invitation and request.user.is_authenticated and _is_in(request.user, invitation):
        request.user.use(invitation.workspace)
        return redirect(site.LOGIN_REDIRECT_URL)
    if invitation is None or not invitation.is_pending:
        return render(request, "accounts/invitation_over.html", {"invitation": invitation}, status=410)
    if not request.user.is_authenticated:
        get_adapter(request).bring(request, token)
        # Told only to whoever reads its mail: by the link that members copy they would learn who has an account.
        has_account = invitation.by_mail and User.objects.filter(email__iexact=invitation.email).exists()
        return render(request, "accounts/invitation.html", {"invitation": invitation, "has_account": has_account})
    if request.method == "POST":
        try:
            invitation.accept(request.user)
        except NotJoining as why:
            messages.error(request, str(why))
            return redirect("accounts:invitation", token)
        messages.success(request, _("Welcome to “%(workspace)s”.") % {"workspace": invitation.workspace.name})
        return redirect(site.LOGIN_REDIRECT_URL)
    is_for_me = invitation.is_for(request.user)
    return render(request, "accounts/invitation.html", {"invitation": invitation, "is_for_me": is_for_me})


def _is_in(user, invitation):
    return user.memberships.filter(workspace=invitation.workspace).exists()


def _send(request, invitation):
    try:
        invitation.send(request.build_absolute_uri(reverse("accounts:invitation", args=[invitation.mailed_token])))
    except MailNotSent:
        words = _("The mail to %(email)s could not be sent. Copy the link of the invitation, and send it yourself.")
        messages.error(request, words % {"email": invitation.email})
    else:
        messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": invitation.email})
