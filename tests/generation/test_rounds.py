"""The dispatcher's round: whatever breaks in one of its jobs, the others are done, and so on every round."""

import pytest
from django.db import IntegrityError

from generation import hooks, queues
from generation.dispatcher import Dispatcher

pytestmark = pytest.mark.django_db
OWN = ("end_expired_leases", "give_places", "wake_gpu_workers", "wake_media_workers", "wake_for_uploads")


@pytest.fixture
def breaks(monkeypatch):
    """All its own jobs but the last, and the first of a room above, raise this; what the next one heard."""

    def so(error):
        def a_broken_job(*_):
            raise error

        def listen():
            heard.append("here")

        heard = []
        for name in OWN:
            monkeypatch.setattr(Dispatcher, name, a_broken_job)
        monkeypatch.setattr(hooks, "looked", [a_broken_job, listen])
        return heard

    return so


@pytest.mark.parametrize("error", [IntegrityError("twice"), ConnectionError("away"), ValueError("odd")], ids=repr)
def test_a_job_that_breaks_is_named_and_keeps_no_other_from_being_done(error, breaks, caplog):
    heard = breaks(error)
    Dispatcher().look()
    assert heard == ["here"] and queues.SWEEP in queues.waiting_ids(queues.MEDIA)
    assert caplog.text.count("test_rounds.breaks.<locals>.so.<locals>.a_broken_job") >= len(OWN) + 1


@pytest.mark.parametrize("kind", hooks.AWAY)
def test_without_its_database_the_round_ends(kind, breaks):
    heard = breaks(kind("the connection is closed"))
    with pytest.raises(kind):
        Dispatcher().look()
    assert not heard
