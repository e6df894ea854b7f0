"""Who is in the workspace in use: as what, who leaves, who owns it."""

from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runwayweb.accounts.doors import looked_after, workspace_in_use
from runwayweb.accounts.forms import HandOverForm, InvitationForm, RoleForm
from runwayweb.accounts.mail import MailNotSent, send_mail
from runwayweb.accounts.models import Membership, NotHandedOver, OwnerStays, Right


@login_required
@require_safe
def members(request):
    workspace = workspace_in_use(request)
    return render(request, "settings/members.html", members_page(request, workspace))


def members_page(request, workspace, form=None):
    """What the page of the members shows; `form`: an invitation that was refused."""
    context = {"form": form or InvitationForm(), "members": workspace.memberships.by_rank().select_related("user")}
    if workspace.allows(request.user, Right.MEMBERS):
        waiting = list(workspace.invitations.open().order_by("created_at"))
        for invitation in waiting:
            page = reverse("accounts:invitation", args=[invitation.token])
            invitation.link = request.build_absolute_uri(page)
        context |= {"invitations": waiting, "roles": InvitationForm.ROLES}
    return context


@login_required
@require_POST
def member_role(request, id):
    member = looked_after(request, Membership.objects.select_related("workspace"), pk=id)
    form = RoleForm(request.POST)
    try:
        if not form.is_valid():
            messages.error(request, _("Choose one of the roles."))
        elif member.change_role(form.cleaned_data["role"], by=request.user):
            told = {"name": member.user.short_name, "role": member.get_role_display()}
            messages.success(request, _("%(name)s is here as %(role)s now.") % told)
    except OwnerStays as why:
        messages.error(request, str(why))
    return redirect("accounts:members")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def member_removal(request, id):
    """Asks first, then takes somebody out of the workspace and tells them."""
    member = looked_after(request, Membership.objects.select_related("user", "workspace"), pk=id)
    if request.method != "POST":
        return render(request, "settings/member_removal.html", {"member": member})
    try:
        removed = member.end(by=request.user)
    except OwnerStays as why:
        messages.error(request, str(why))
        return redirect("accounts:members")
    if member.user == request.user:
        return _gone(request, member.workspace)
    if removed:
        told = {"by": request.user.short_name, "workspace": member.workspace.name}
        _tell(request, "member_removed", member.user, **told)
        messages.success(request, _("%(name)s is no longer here.") % {"name": member.user.short_name})
    return redirect("accounts:members")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def departure(request, id):
    """Leave a workspace; asks first."""
    member = get_object_or_404(request.user.memberships.select_related("workspace"), workspace=id)
    if request.method != "POST":
        return render(request, "settings/departure.html", {"member": member})
    try:
        member.end(by=request.user)
    except OwnerStays as why:
        messages.error(request, str(why))
        return redirect("accounts:workspace")
    return _gone(request, member.workspace)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def handing_over(request):
    """Make somebody else the owner."""
    workspace = workspace_in_use(request, Right.TRANSFER)
    form = HandOverForm(request.POST or None, workspace=workspace)
    if form.is_valid():
        try:
            owner = workspace.hand_over(form.cleaned_data["member"], by=request.user).user
        except NotHandedOver as why:
            messages.error(request, str(why))
            return redirect("accounts:workspace")
        link = request.build_absolute_uri(reverse("accounts:workspace"))
        told = {"by": request.user.short_name, "workspace": workspace.name}
        _tell(request, "workspace_handed_over", owner, link=link, button=_("Look at it"), **told)
        told = {"name": owner.short_name, "workspace": workspace.name}
        messages.success(request, _("“%(workspace)s” belongs to %(name)s now.") % told)
        return redirect("accounts:members")
    return render(request, "settings/handing_over.html", {"form": form}, status=422 if form.is_bound else 200)


def _gone(request, workspace):
    messages.success(request, _("You left “%(workspace)s”.") % {"workspace": workspace.name})
    return redirect(site.LOGIN_REDIRECT_URL)


def _tell(request, mail, user, **told):
    """Write to somebody; whoever asked hears it where that is not possible."""
    try:
        send_mail(mail, user.email, language=user.language or None, **told)
    except MailNotSent:
        messages.warning(request, _("No mail could be sent to %(email)s. Tell them yourself.") % {"email": user.email})
