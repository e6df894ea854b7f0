"""The way back for an operator who looks at the studio as somebody else."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from runwayweb.accounts import impersonation


@login_required
@require_POST
def end(request):
    looked_as = request.user
    if impersonation.end(request):
        return redirect("console:user", looked_as.pk)
    return redirect("projects:home")
