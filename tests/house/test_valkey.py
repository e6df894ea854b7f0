"""Where the embedded Valkey listens: where only its owner can reach it, however long the data folder's name is."""

import json
import os
import pickle
import stat
import zlib
from pathlib import Path

import django_rq
import pytest
from django.core.cache import cache

from generation import queues
from runwayweb.settings import embedded_socket
from runwayweb.valkey import ValkeyMissing, valkey_answers, valkey_command
from tests.servers.valkey import Valkey


def test_the_socket_lies_in_the_data_folder():
    assert embedded_socket(Path("/srv/studio")) == Path("/srv/studio/valkey.sock")


def test_a_data_folder_with_a_long_name_gets_a_socket_of_its_own_elsewhere():
    long, other = (Path("/srv") / f"{name}" / ("x" * 120) for name in ("ada", "grace"))
    assert len(bytes(embedded_socket(long))) < 108
    assert embedded_socket(long) != embedded_socket(other)
    assert embedded_socket(long) == embedded_socket(long)


def test_what_lies_in_it_is_json_and_runs_nothing():
    """Whoever can write there would otherwise run code in every worker."""
    queue = django_rq.get_queue(queues.MEDIA)
    job = queue.enqueue("generation.jobs.sweep", args=["fox"], job_id="test-json")
    try:
        told = queue.connection.hget(job.key, "data")
        assert json.loads(zlib.decompress(told)) == ["generation.jobs.sweep", None, ["fox"], {}]
    finally:
        job.delete()
    cache.set("test-json", {"fox": 1}, 10)
    client = cache._cache.get_client()
    assert json.loads(client.get(cache.make_key("test-json"))) == {"fox": 1}
    client.set(cache.make_key("test-json"), pickle.dumps({"fox": 1}))
    with pytest.raises(ValueError):
        cache.get("test-json")
    cache.delete("test-json")


def test_a_folder_made_for_the_socket_is_closed_to_others(tmp_path):
    server = Valkey(tmp_path / "closed" / "valkey.sock")
    server.start()
    try:
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert valkey_answers(server.url)
    finally:
        server.stop()
    assert not valkey_answers(server.url)


def test_a_folder_others_can_write_to_is_refused(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(ValkeyMissing, match="Others can write to"):
        valkey_command(folder / "valkey.sock")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    with pytest.raises(ValkeyMissing, match="Others can write to"):
        valkey_command(folder / "valkey.sock")
