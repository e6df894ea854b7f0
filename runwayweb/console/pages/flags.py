"""What an operator can switch off: for everybody, or for one workspace."""

from django.contrib import messages
from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from runwayweb.accounts.flags import FLAGS
from runwayweb.accounts.models import Flag
from runwayweb.console.finding import NotFound, workspace_called

STATES = {"on": True, "off": False, "default": None}


@require_safe
def flags(request):
    rows = list(Flag.objects.select_related("workspace", "by").order_by("workspace__name", "pk"))
    of_studio = {row.name: row for row in rows if row.workspace is None}
    told = [
        {
            "name": name,
            "known": known,
            "row": of_studio.get(name),
            "is_on": of_studio[name].is_on if name in of_studio else known.default,
            "exceptions": [row for row in rows if row.name == name and row.workspace],
        }
        for name, known in FLAGS.items()
    ]
    return render(request, "console/flags.html", {"flags": told})


@require_POST
def flag(request, name):
    """`state`: "on", "off" or "default"; `workspace`: of which, empty for the studio."""
    if name not in FLAGS:
        raise Http404
    if request.POST.get("state") not in STATES:
        return HttpResponseBadRequest()
    told, workspace = request.POST.get("workspace", "").strip(), None
    if told:
        try:
            workspace = workspace_called(told)
        except NotFound as error:
            messages.error(request, str(error))
            return redirect("console:flags")
    if Flag.objects.switch(name, STATES[request.POST["state"]], by=request.user, workspace=workspace):
        messages.success(request, _("Every process follows within five seconds."))
    return redirect("console:flags")


urlpatterns = [
    path("flags/", flags, name="flags"),
    path("flags/<slug:name>/", flag, name="flag"),
]
