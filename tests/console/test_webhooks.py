"""The webhooks of all workspaces, as an operator sees them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from runwayweb.api.models import Delivery
from tests.factories import make_plan, make_user


@pytest.fixture
def endpoint(ada):
    url = "https://user:hidden@hooks.example.org:8443/runway?token=hidden"
    return ada.open_workspace().webhooks.create(url=url, event_types=["*"])


def page_of(console):
    return console.get(reverse("console:webhooks")).content.decode()


def switch(console, endpoint, **sent):
    console.post(reverse("console:webhook-switch", args=[endpoint.pk]), sent)
    endpoint.refresh_from_db()


def test_whoever_takes_nothing_stands_on_top_with_why(console, endpoint):
    now = timezone.now()
    other = (
        make_user("grace")
        .open_workspace()
        .webhooks.create(url="https://broken.example.org/", event_types=["*"], failing_since=now - timedelta(days=2))
    )
    other.deliveries.create(event_type="task.failed", payload={}, why="status", response_code=500, sent_at=now)
    endpoint.deliveries.create(event_type="task.failed", payload={}, status="succeeded", sent_at=now)
    page = page_of(console)
    assert page.index("broken.example.org/") < page.index("hooks.example.org:8443/runway")
    assert "Takes nothing" in page and "500" in page
    assert "token=" not in page and "user:" not in page, "secrets of whoever is called"


def test_switching_one_off_gives_up_what_waits_and_is_told(console, told, endpoint, olga):
    waiting = endpoint.deliveries.create(event_type="task.failed", payload={}, next_attempt_at=timezone.now())
    switch(console, endpoint)
    assert not endpoint.is_enabled and Delivery.objects.get(pk=waiting.pk).status == "failed"
    assert told() == [("webhook_disabled", "hooks.example.org:8443/runway", {})]
    assert endpoint.workspace.audit_entries.filter(action="webhook.disabled", by=olga).exists()
    switch(console, endpoint, on="1")
    assert endpoint.is_enabled and told()[0][0] == "webhook_enabled"
    switch(console, endpoint, on="1")
    assert len(told()) == 2, "it was on already"


def test_what_a_plan_does_not_allow_stays_off(console, told, endpoint, settings):
    switch(console, endpoint)
    settings.DEFAULT_PLAN = make_plan("bare", api_access=False).slug
    switch(console, endpoint, on="1")
    assert not endpoint.is_enabled and len(told()) == 1
