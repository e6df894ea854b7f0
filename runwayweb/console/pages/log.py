"""What operators did, whoever it was done to: the newest first."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from runwayweb.accounts.deeds import sentence_of
from runwayweb.accounts.models import AuditEntry

PAGE = 50


@require_safe
def log(request):
    entries = AuditEntry.objects.filter(action__startswith="operator.").select_related("workspace")
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    for entry in page:
        entry.sentence = sentence_of(entry)
    return render(request, "console/log.html", {"page": page})


urlpatterns = [path("log/", log, name="log")]
