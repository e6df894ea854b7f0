"""How often the database is asked for what programs ask most: nothing is looked up twice."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generation.models import Generation
from tests.factories import finish_generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    """Counts what is asked of the database, without what begins and ends transactions."""

    class Asked(CaptureQueriesContext):
        def __len__(self):
            return len([one for one in self.captured_queries if one["sql"].split()[0] in KINDS])

    return Asked(connection)


KINDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def test_a_task_is_begun_in_25_queries(program, fox, asked):
    for name in ("first", "second"):  # the first makes a project, a wallet, a turn
        assert program.post("/v1/text_to_video", fox, Idempotency_Key=name).status_code == 200
    with asked:
        assert program.post("/v1/text_to_video", fox, Idempotency_Key="third").status_code == 200
    assert len(asked) <= 25, "\n".join(one["sql"][:120] for one in asked.captured_queries)
    with asked:  # and given again in the key's, the plan's two and its own
        assert program.post("/v1/text_to_video", fox, Idempotency_Key="third").status_code == 200
    assert len(asked) == 4


def test_a_task_is_told_in_four_queries_whatever_became_of_it(program, fox, asked):
    """The key, the plan's two, and the task with all that is told of it."""
    task = program.post("/v1/text_to_video", fox).json()["id"]
    for status in ("PENDING", "SUCCEEDED"):
        with asked:
            assert program.get(f"/v1/tasks/{task}").json()["status"] == status
            assert program.get("/v1/tasks").json()["data"][0]["status"] == status
        assert len(asked) == 2 * 4, "\n".join(one["sql"][:120] for one in asked.captured_queries)
        finish_generation(Generation.objects.get())
