"""The webhooks of the workspace in use: /settings/webhooks/."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from runwayweb.accounts.doors import settled, workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.api.models import Delivery, Endpoint
from runwayweb.api.webhooks.forms import DeliveryFilter, ReplayForm, WebhookForm
from runwayweb.subscriptions.refused import Refused

PAGE = 25


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("plain", "made")
def webhooks(request):
    """Those there are, and the form for one more. Its secret is in the answer to that form, and nowhere else."""
    workspace = workspace_in_use(request, Right.SETTINGS)
    form = WebhookForm(request.POST or None)
    if form.is_valid() and (made := form.save(workspace, by=request.user)):
        endpoint, plain = made
        return _page(request, endpoint, plain=plain, is_new=True)
    endpoints = workspace.webhooks.all()
    context = {"form": form, "endpoints": endpoints}
    return render(request, "settings/webhooks.html", context, status=422 if form.is_bound else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request, id):
    """One of them: what it is told, what it was told, and the form to change it."""
    endpoint = settled(request, Endpoint, pk=id)
    form = WebhookForm(request.POST or None, endpoint=endpoint)
    if form.is_valid() and form.save(endpoint.workspace, by=request.user):
        messages.success(request, _("Changed."))
        return redirect("api:webhook", id)
    return _page(request, endpoint, form=form)


@login_required
@require_POST
@sensitive_variables("plain")
def webhook_rotation(request, id):
    endpoint = settled(request, Endpoint, pk=id)
    plain = endpoint.rotate(by=request.user)
    return _page(request, endpoint, plain=plain)


@login_required
@require_POST
def webhook_switch(request, id):
    """On where it is off, and off where it is on, as the button said."""
    endpoint = settled(request, Endpoint, pk=id)
    if request.POST.get("on"):
        try:
            endpoint.enable(by=request.user)
            messages.success(request, _("Switched on. What happened meanwhile is not told."))
        except Refused as why:
            messages.error(request, str(why))
    else:
        endpoint.disable(Endpoint.Disabled.BY_HAND, by=request.user)
        messages.success(request, _("Switched off. Nothing is sent there any more."))
    return redirect("api:webhook", id)


@login_required
@require_POST
def webhook_test(request, id):
    endpoint = settled(request, Endpoint, pk=id)
    try:
        endpoint.send_test()
        messages.success(request, _("A test is on its way. What came of it stands below in a moment."))
    except Refused as why:
        messages.error(request, str(why))
    return redirect("api:webhook", id)


@login_required
@require_POST
def webhook_replay(request, id):
    """Send what failed again."""
    endpoint = settled(request, Endpoint, pk=id)
    form = ReplayForm(request.POST)
    try:
        if not form.is_valid():
            messages.error(request, _("Choose since when."))
        elif many := endpoint.replay(form.since):
            told = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", many) % {"n": many}
            messages.success(request, told)
        else:
            messages.success(request, _("Nothing failed since then."))
    except Refused as why:
        messages.error(request, str(why))
    return redirect("api:webhook", id)


@login_required
@require_POST
def webhook_deletion(request, id):
    endpoint = settled(request, Endpoint, pk=id)
    endpoint.remove(by=request.user)
    messages.success(request, _("%(url)s is told nothing any more.") % {"url": endpoint.url})
    return redirect("api:webhooks")


@login_required
@require_POST
def delivery_replay(request, id):
    """Send one message again."""
    delivery = settled(request, Delivery.objects.select_related("endpoint"), pk=id)
    try:
        if delivery.replay():
            messages.success(request, _("It is sent again."))
        else:
            messages.error(request, _("It is being sent just now."))
    except Refused as why:
        messages.error(request, str(why))
    return redirect("api:webhook", delivery.endpoint_id)


def _page(request, endpoint, *, form=None, plain="", is_new=False):
    """The page of one webhook; `plain`: a secret that is shown this once."""
    form = form or WebhookForm(endpoint=endpoint)
    asked = DeliveryFilter(request.GET)
    deliveries = endpoint.deliveries.all()
    if asked.status_asked:
        deliveries = deliveries.filter(status=asked.status_asked)
    page = Paginator(deliveries, PAGE).get_page(request.GET.get("page"))
    for delivery in page:
        delivery.pretty = json.dumps(delivery.payload, indent=2, ensure_ascii=False)
    context = {
        "endpoint": endpoint,
        "form": form,
        "plain": plain,
        "is_new": is_new,
        "old_secrets": [secret for secret in endpoint.secrets.signing() if secret.ends_at],
        "filter": asked,
        "page": page,
        "replay": ReplayForm(),
    }
    return render(request, "settings/webhook.html", context, status=422 if form.is_bound else 200)
