"""The API keys of the workspace in use: /settings/keys/."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from runwayweb.accounts.doors import settled, workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.api.forms import KeyForm
from runwayweb.api.models import Key
from runwayweb.api.models.key import TooManyKeys
from runwayweb.subscriptions import limits

OVER_SHOWN = 20


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("plain")
def keys(request):
    """Those there are, and the form for one more. A new one is in the answer to that form, and nowhere else."""
    workspace = workspace_in_use(request, Right.SETTINGS)
    refusal = ""
    try:
        limits.check_api(workspace)
    except limits.LimitReached as reached:
        refusal = str(reached)
    form = KeyForm(request.POST or None, workspace=workspace)
    made, plain = None, ""
    if form.is_bound and not refusal and form.is_valid():
        try:
            made, plain = Key.objects.issue(workspace, by=request.user, **form.values)
        except TooManyKeys as why:
            form.add_error(None, str(why))
        else:
            form = KeyForm(workspace=workspace)
    mine = Key.objects.filter(workspace=workspace).select_related("created_by")
    context = {
        "form": form,
        "refusal": refusal,
        "made": made,
        "plain": plain,
        "keys": mine.filter(revoked_at=None),
        "over": mine.exclude(revoked_at=None).order_by("-revoked_at")[:OVER_SHOWN],
        "address": request.build_absolute_uri("/v1/organization"),
    }
    return render(
        request, "settings/api_keys.html", context, status=422 if form.is_bound or (refusal and request.POST) else 200
    )


@login_required
@require_POST
def key_revocation(request, id):
    key = settled(request, Key, pk=id)
    if key.revoke(by=request.user):
        messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": key.name})
    else:
        messages.error(request, _("This key was revoked meanwhile."))
    return redirect("api:keys")
