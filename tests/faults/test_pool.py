"""A web process that shares a few connections to PostgreSQL among all who ask at once."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite is a file, to which nobody connects")
MOST, AT_ONCE, REQUESTS = 4, 12, 60


def connections():
    """How many others there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def test_twelve_at_once_share_four_connections_and_give_each_of_them_back(site, project):
    client = Client()
    client.force_login(project.workspace.memberships.get().user)
    cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    before = connections()
    site.start("web", {"DATABASE_POOL": str(MOST)})
    page = site.url + reverse("projects:project-list")

    def ask(_number):
        answer = httpx.get(page, cookies=cookies, timeout=30)
        return answer.status_code, connections_seen() if _number % 20 == 0 else 0

    def connections_seen():
        try:
            return connections() - before
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        told = list(threads.map(ask, range(REQUESTS)))
    assert {status for status, _seen in told} == {200}, site.logs()
    # Those who count are connected too, each with one of their own.
    assert max(seen for _status, seen in told) <= MOST + AT_ONCE
    assert 1 <= connections() - before <= MOST
    assert httpx.get(f"{site.url}/healthz", timeout=10).json()["database"] == "ok"
