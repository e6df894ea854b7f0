"""The webhooks of all workspaces: what waits, which take nothing, and switching one off."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, F, Max, Min, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from runwayweb.accounts.models import AuditEntry
from runwayweb.api.models import Delivery, Endpoint
from runwayweb.subscriptions.refused import Refused

PAGE = 50
STATES = Delivery.Status


@require_safe
def webhooks(request):
    counted = Endpoint.objects.select_related("workspace").annotate(
        waiting=Count("deliveries", filter=Q(deliveries__status=STATES.PENDING)),
        failed=Count("deliveries", filter=Q(deliveries__status=STATES.FAILED)),
        told_at=Max("deliveries__sent_at", filter=Q(deliveries__status=STATES.SUCCEEDED)),
    )
    # Those that take nothing first, whoever has been like that for longest on top; then those with most waiting.
    ordered = counted.order_by(F("failing_since").asc(nulls_last=True), "-waiting", "workspace__name", "created_at")
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    for endpoint in page:
        endpoint.place = place_of(endpoint.url)
        endpoint.last_failure = (
            endpoint.deliveries.exclude(why="").order_by("-sent_at").first()
            if endpoint.failed or endpoint.waiting
            else None
        )
    return render(request, "console/webhooks.html", {"page": page, "totals": _totals()})


def place_of(url):
    """Where an address leads, without what may be a secret of whoever is called: its query and its user."""
    told = urlsplit(url)
    return f"{told.hostname}{f':{told.port}' if told.port else ''}{told.path}"


def _totals():
    day = timezone.now() - timedelta(days=1)
    return Delivery.objects.aggregate(
        waiting=Count("pk", filter=Q(status=STATES.PENDING, endpoint__disabled_at=None)),
        oldest=Min("created_at", filter=Q(status=STATES.PENDING, endpoint__disabled_at=None)),
        succeeded=Count("pk", filter=Q(status=STATES.SUCCEEDED, created_at__gt=day)),
        failed=Count("pk", filter=Q(status=STATES.FAILED, created_at__gt=day)),
    )


@require_POST
def webhook_switch(request, id):
    """On with `on`, else off: what waits for it is given up then."""
    endpoint = get_object_or_404(Endpoint.objects.select_related("workspace"), pk=id)
    on = "on" in request.POST
    try:
        with transaction.atomic():
            switched = (
                endpoint.enable(by=request.user) if on else endpoint.disable(Endpoint.Disabled.BY_HAND, by=request.user)
            )
            if switched:
                deed = "operator.webhook_enabled" if on else "operator.webhook_disabled"
                AuditEntry.objects.record(endpoint.workspace, request.user, deed, about=place_of(endpoint.url))
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The webhook is switched on.") if on else _("The webhook is switched off."))
    return redirect("console:webhooks")


urlpatterns = [
    path("webhooks/", webhooks, name="webhooks"),
    path("webhooks/<uuid:id>/switch/", webhook_switch, name="webhook-switch"),
]
