"""How a page tells somebody that their role does not reach: in the sentence of whoever raised PermissionDenied."""

import json

from django.http import HttpResponse, JsonResponse
from django.views.defaults import permission_denied

from runwayweb.accounts.doors import Suspended
from runwayweb.accounts.suspended import suspended_page


def forbidden(request, exception):
    """403 as whoever asks can read it: a note on the page for htmx, JSON for a script, else a page of its own."""
    sentence = str(exception)
    if getattr(request, "htmx", False):
        answer = HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8")
        answer["HX-Trigger"] = json.dumps({"studio:toast": {"words": sentence, "level": "error"}})
        return answer
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"error": sentence}, status=403)
    if isinstance(exception, Suspended):
        return suspended_page(request, exception.workspace)
    return permission_denied(request, exception)
