"""Files from outside and the media queue: a wake-up that is lost is found, what is left over is cleared away."""

import io
import signal
from datetime import timedelta

import django_rq
import pytest
import rq
from django.utils import timezone

from generation import queues
from generation.dispatcher import Dispatcher
from runwayweb.assets.models import Asset, Upload
from tests.factories import make_asset, make_user
from tests.media import media_file

pytestmark = pytest.mark.django_db(transaction=True)


def begin(by):
    film = media_file(frames=4)
    upload = Upload.objects.begin(workspace=by.open_workspace(), by=by, name="harbour.mp4", size_bytes=len(film))
    upload.receive(0, io.BytesIO(film))
    return upload


def work():
    """What a media worker does until its queue is empty."""
    queue = django_rq.get_queue("media")
    # rq listens for signals and never stops: whoever is told Ctrl-C later in this process would not hear it.
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        rq.SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_file_wakes_a_media_worker_and_is_ready_after_it(db):
    upload = begin(make_user("ada"))
    assert str(upload.pk) in queues.waiting_ids(queues.MEDIA)
    work()
    upload.refresh_from_db()
    assert (upload.status, upload.asset.state) == (Upload.Status.ENDED, Asset.State.READY)


def test_one_whose_wake_up_was_lost_is_found(db):
    upload = begin(make_user("ada"))
    django_rq.get_queue("media").empty()
    Dispatcher().look()
    assert str(upload.pk) not in queues.waiting_ids(queues.MEDIA), "a young one has a wake-up on its way"
    Upload.objects.update(touched_at=timezone.now() - timedelta(seconds=10))
    Dispatcher().look()
    assert str(upload.pk) in queues.waiting_ids(queues.MEDIA)
    Upload.objects.update(lease_until=timezone.now() + timedelta(seconds=30))
    django_rq.get_queue("media").empty()
    Dispatcher().look()
    assert str(upload.pk) not in queues.waiting_ids(queues.MEDIA), "somebody is at it"


def test_the_dispatcher_asks_for_a_sweep_now_and_then(db):
    ada = make_user("ada")
    old = make_asset(ada.open_workspace(), deleted_at=timezone.now() - timedelta(days=31))
    dispatcher = Dispatcher()
    dispatcher.look()
    assert queues.SWEEP in queues.waiting_ids(queues.MEDIA)
    work()
    assert not Asset.objects.filter(pk=old.pk).exists()
    dispatcher.look()
    assert queues.SWEEP not in queues.waiting_ids(queues.MEDIA), "not again so soon"
