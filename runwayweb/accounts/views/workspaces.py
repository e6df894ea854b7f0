"""Workspaces: a new one, another one, another name."""

from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runwayweb.accounts.doors import workspace_in_use
from runwayweb.accounts.forms import WorkspaceForm
from runwayweb.accounts.models import Right, Workspace


@login_required
@require_safe
def settings(request):
    return redirect("accounts:workspace")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def workspace(request):
    """What the workspace in use is called, and what one is in it."""
    workspace = workspace_in_use(request, Right.SETTINGS if request.method == "POST" else None)
    form = WorkspaceForm(request.POST or None, instance=workspace)
    if form.is_valid():
        workspace.rename(form.cleaned_data["name"], by=request.user)
        messages.success(request, _("The workspace is called “%(name)s” now.") % {"name": workspace.name})
        return redirect("accounts:workspace")
    return render(request, "settings/workspace.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def workspace_new(request):
    form = WorkspaceForm(request.POST or None)
    if form.is_valid():
        made = Workspace.objects.open_for(request.user, form.cleaned_data["name"])
        request.user.use(made)
        messages.success(request, _("“%(name)s” is yours, and in use.") % {"name": made.name})
        return redirect(site.LOGIN_REDIRECT_URL)
    return render(request, "settings/workspace_new.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
@require_POST
def workspace_switch(request, id):
    """Use another workspace from now on."""
    workspace = get_object_or_404(Workspace.objects.of(request.user), pk=id)
    request.user.use(workspace)
    return redirect(site.LOGIN_REDIRECT_URL)
