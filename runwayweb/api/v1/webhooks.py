"""Webhooks: addresses that are told what happens, and what they were told."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from runwayweb.api.caller import ADMIN
from runwayweb.api.errors import Invalid
from runwayweb.api.finding import found
from runwayweb.api.models import Delivery, Endpoint
from runwayweb.api.models.webhook import LONGEST_DESCRIPTION
from runwayweb.api.paging import Page, page_of
from runwayweb.api.webhooks.addresses import AddressRefused
from runwayweb.api.webhooks.kinds import ASKED_FOR, EVERYTHING
from runwayweb.assets.guarded import LONGEST_URL

from .answers import ERRORS, READING

LONGEST_AGO = timedelta(days=3650)
router = Router(tags=["Webhooks"], auth=ADMIN)


class NewWebhook(Schema):
    url: str = Field(max_length=LONGEST_URL, description="An HTTPS address with a domain name, on the open internet.")
    eventTypes: list[str] = Field([EVERYTHING], description=f"Of {', '.join(ASKED_FOR)}.")
    description: str = Field("", max_length=LONGEST_DESCRIPTION)


class ChangedWebhook(Schema):
    """What is left out stays as it is."""

    url: str | None = Field(None, max_length=LONGEST_URL)
    eventTypes: list[str] | None = None
    description: str | None = Field(None, max_length=LONGEST_DESCRIPTION)
    enabled: bool | None = None


class ToldWebhook(Schema):
    id: str
    url: str
    description: str
    eventTypes: list[str]
    enabled: bool
    disabledReason: str | None = Field(None, description="by_hand, gone (it answered 410) or failing (for five days).")
    disabledAt: str | None = None
    failingSince: str | None = None
    createdAt: str


class WebhookWithSecret(ToldWebhook):
    secret: str = Field(description="Begins with whsec_. It is told this once.")


class ListedWebhooks(Schema):
    data: list[ToldWebhook]


class ToldDelivery(Schema):
    id: str = Field(description="Of this row; `messageId` is what the receiver sees as webhook-id.")
    messageId: str
    eventType: str
    status: str = Field(description="pending, succeeded or failed.")
    attempts: int
    nextAttemptAt: str | None = None
    sentAt: str | None = None
    responseCode: int | None = None
    reason: str | None = Field(None, description="Why the last attempt failed.")
    createdAt: str


class ListedDeliveries(Page):
    data: list[ToldDelivery]


class Since(Schema):
    since: datetime = Field(description="What failed and was written since then is sent again.")


class Replayed(Schema):
    replayed: int


def told(endpoint):
    fields = {
        "id": str(endpoint.pk),
        "url": endpoint.url,
        "description": endpoint.description,
        "eventTypes": endpoint.event_types,
        "enabled": endpoint.is_enabled,
        "createdAt": _moment(endpoint.created_at),
    }
    if not endpoint.is_enabled:
        fields |= {"disabledReason": endpoint.disabled_why, "disabledAt": _moment(endpoint.disabled_at)}
    elif endpoint.failing_since:
        fields["failingSince"] = _moment(endpoint.failing_since)
    return fields


def told_of(delivery):
    return {
        "id": str(delivery.pk),
        "messageId": delivery.message_id,
        "eventType": delivery.event_type,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "nextAttemptAt": _moment(delivery.next_attempt_at),
        "sentAt": _moment(delivery.sent_at),
        "responseCode": delivery.response_code,
        "reason": delivery.why or None,
        "createdAt": _moment(delivery.created_at),
    }


@router.get("/webhooks", response={200: ListedWebhooks} | READING, exclude_none=True, operation_id="list_webhooks")
def list_webhooks(request):
    """All of the workspace's, the oldest first."""
    return {"data": [told(endpoint) for endpoint in request.auth.workspace.webhooks.all()]}


@router.post("/webhooks", response={200: WebhookWithSecret} | ERRORS, exclude_none=True, operation_id="create_webhook")
def create_webhook(request, body: NewWebhook):
    """A new one. Keep its secret: it is in this answer and in no other."""
    given = {"url": body.url, "event_types": _known(body.eventTypes), "description": body.description}
    with _at_its_place():
        endpoint, plain = Endpoint.objects.add(request.auth.workspace, by=request.auth.user, **given)
    return told(endpoint) | {"secret": plain}


@router.get("/webhooks/{id}", response={200: ToldWebhook} | READING, exclude_none=True, operation_id="get_webhook")
def get_webhook(request, id: str):
    return told(_find(request, id))


@router.patch("/webhooks/{id}", response={200: ToldWebhook} | ERRORS, exclude_none=True, operation_id="update_webhook")
def update_webhook(request, id: str, body: ChangedWebhook):
    """Change what is given. `enabled` switches it off and on; what happens while it is off is not told."""
    endpoint, by = _find(request, id), request.auth.user
    given = {"url": body.url, "event_types": body.eventTypes, "description": body.description}
    given = {name: value for name, value in given.items() if value is not None}
    if "event_types" in given:
        _known(given["event_types"])
    with _at_its_place():
        if given:
            endpoint.change(by=by, **given)
    if body.enabled:
        endpoint.enable(by=by)
    elif body.enabled is False:
        endpoint.disable(Endpoint.Disabled.BY_HAND, by=by)
    return told(endpoint)


@router.delete("/webhooks/{id}", response={204: None} | READING, operation_id="delete_webhook")
def delete_webhook(request, id: str):
    """Nothing is sent there any more, and what was sent is forgotten."""
    _find(request, id).remove(by=request.auth.user)
    return HttpResponse(status=204)


@router.post(
    "/webhooks/{id}/rotate",
    response={200: WebhookWithSecret} | READING,
    exclude_none=True,
    operation_id="rotate_webhook_secret",
)
def rotate_webhook_secret(request, id: str):
    """A new secret. For 24 hours messages are signed with the one before as well."""
    endpoint = _find(request, id)
    return told(endpoint) | {"secret": endpoint.rotate(by=request.auth.user)}


@router.post(
    "/webhooks/{id}/test", response={200: ToldDelivery} | READING, exclude_none=True, operation_id="test_webhook"
)
def test_webhook(request, id: str):
    """Send a message of type webhook.test, once."""
    return told_of(_find(request, id).send_test())


@router.get(
    "/webhooks/{id}/deliveries",
    response={200: ListedDeliveries} | READING,
    exclude_none=True,
    operation_id="list_webhook_deliveries",
)
def list_deliveries(request, id: str, cursor: str = "", limit: int = 20, status: str = ""):
    """What was sent there or waits to be, the newest first; `status`: only those."""
    rows = _find(request, id).deliveries.all()
    if status:
        if status not in Delivery.Status.values:
            raise Invalid.at("status", f"status is one of {', '.join(Delivery.Status.values)}.")
        rows = rows.filter(status=status)
    page = page_of(rows, cursor, limit)
    return {"data": [told_of(delivery) for delivery in page.rows], "nextCursor": page.next_cursor}


@router.post(
    "/webhooks/{id}/deliveries/{delivery_id}/replay",
    response={200: ToldDelivery} | READING,
    exclude_none=True,
    operation_id="replay_webhook_delivery",
)
def replay_delivery(request, id: str, delivery_id: str):
    """Send one message again, under the id it has; one that waits for its next attempt is sent now."""
    delivery = found(_find(request, id).deliveries.select_related("endpoint__workspace"), delivery_id)
    delivery.replay()
    delivery.refresh_from_db()
    return told_of(delivery)


@router.post(
    "/webhooks/{id}/replay", response={200: Replayed} | ERRORS, exclude_none=True, operation_id="replay_webhook"
)
def replay_webhook(request, id: str, body: Since):
    """Send again all that failed since a time."""
    endpoint, now = _find(request, id), timezone.now()
    since = body.since if body.since.tzinfo else body.since.replace(tzinfo=UTC)
    if since > now:
        raise Invalid.at("since", "This time is still to come.")
    return {"replayed": endpoint.replay(max(since, now - LONGEST_AGO))}


def _find(request, id):
    """A webhook of the caller's workspace. Raises Http404 for whatever is none."""
    return found(Endpoint.objects.filter(workspace=request.auth.workspace).select_related("workspace"), id)


@contextmanager
def _at_its_place():
    """An address that is refused is a fault of its field."""
    try:
        yield
    except AddressRefused as why:
        raise Invalid.at("url", str(why)) from why


def _known(event_types):
    """Raises Invalid at the first that there is not."""
    if not event_types:
        raise Invalid.at("eventTypes", f"Give at least one of {', '.join(ASKED_FOR)}.")
    for position, one in enumerate(event_types):
        if one not in ASKED_FOR:
            raise Invalid.at(("eventTypes", position), f"This is none of {', '.join(ASKED_FOR)}.", "invalid_enum_value")
    return event_types


def _moment(at):
    return at and at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
