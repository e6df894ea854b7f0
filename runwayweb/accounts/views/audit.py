"""The log of the workspace in use: who did what, when."""

import json
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runwayweb.accounts.deeds import sentence_of
from runwayweb.accounts.doors import workspace_in_use
from runwayweb.accounts.forms import AuditFilter
from runwayweb.accounts.models import Right
from runwayweb.spreadsheet import as_csv

PAGE = 50
MOST_LINES = 100_000  # of a table; who has more asks for a shorter time


@login_required
@require_safe
def audit(request):
    form = AuditFilter(request.GET, workspace=workspace_in_use(request, Right.SETTINGS))
    page = Paginator(form.entries(), PAGE).get_page(request.GET.get("page"))
    for entry in page:
        entry.sentence = sentence_of(entry)
    asked = urlencode(form.values)
    return render(request, "settings/audit.html", {"form": form, "page": page, "asked": asked})


@login_required
@require_safe
def audit_table(request):
    """The same lines as CSV, with times in UTC."""
    form = AuditFilter(request.GET, workspace=workspace_in_use(request, Right.SETTINGS))
    rows = (_row_of(entry) for entry in form.entries()[:MOST_LINES].iterator())
    return as_csv("audit.csv", ["time", "who", "action", "about", "details"], rows)


def _row_of(entry):
    when = entry.created_at.isoformat(timespec="seconds")
    return [when, entry.by_name, entry.action, entry.about, json.dumps(entry.details) if entry.details else ""]
