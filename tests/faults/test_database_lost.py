"""The database ends every connection, as it does when it is restarted: whoever held one opens another."""

import pytest
from django.db import connection

from generation.models import Generation
from generation.models.generation import Status
from tests.factories import make_generation

pytestmark = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no server to lose")


@pytest.mark.parametrize("pool", ["0", "4"])
def test_a_worker_that_lost_its_connection_goes_on_with_another(site, project, quick, pool):
    site.start("gpu", quick | {"DATABASE_POOL": pool})
    site.start("dispatcher", quick | {"DATABASE_POOL": pool})
    before = make_generation(project)
    site.wait(lambda: Generation.objects.get(pk=before.pk).status == Status.SUCCEEDED, seconds=40)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] > 0
    after = make_generation(project)
    site.wait(lambda: Generation.objects.get(pk=after.pk).status == Status.SUCCEEDED)
