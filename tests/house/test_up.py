"""`manage.py up`: everything starts together, what dies comes back, and nothing is left behind."""

import os
import signal
import sqlite3
import stat
import time
from contextlib import closing

import pytest

from tests.servers.studio import Studio, children_of, listening_ports, runs

pytestmark = [pytest.mark.faults, pytest.mark.slow]

EVERYBODY = ("valkey-server", "uvicorn", "gpuworker", "mediaworker", "dispatcher", "webhooks")


def announced(studio, pid):
    """Whether the worker with this pid has put itself on the list."""
    with closing(sqlite3.connect(studio.folder / "runwayweb.sqlite3")) as database:
        return database.execute("SELECT 1 FROM generation_worker WHERE pid = ?", [pid]).fetchone()


def test_one_line_with_the_address_says_that_all_of_it_answers(running):
    assert running.lines.count(f"Runwayweb is ready: http://localhost:{running.port}") == 1
    status, answer = running.health()
    assert status == 200
    parts = ("database", "queue", "gpu_worker", "media_worker", "dispatcher", "webhooks")
    about = {"status": "ok", "version": answer["version"], "pictures": "unchecked"}
    assert answer == about | dict.fromkeys(parts, "ok")
    assert "Pictures unchecked: MODERATION is off" in running.lines


def test_the_secret_key_is_made_once_and_for_nobody_elses_eyes(running):
    key = running.folder / "secret_key"
    assert len(key.read_text()) >= 50
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_valkey_listens_on_a_socket_that_only_its_owner_can_open(running):
    socket = running.folder / "valkey.sock"
    assert stat.S_ISSOCK(socket.stat().st_mode)
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert not listening_ports(running.pid_of("valkey-server"))
    assert listening_ports(running.pid_of("uvicorn")) == {running.port}


def test_a_second_start_on_the_same_folder_is_refused(running):
    second = Studio(running.folder).start()
    assert second.process.wait(30) == 1
    assert len(second.lines) == 1 and "already runs" in second.lines[0]
    assert str(running.process.pid) in second.lines[0]


def test_a_used_port_is_refused_in_one_sentence(running, tmp_path):
    second = Studio(tmp_path / "other", PORT=str(running.port)).start()
    assert second.process.wait(30) == 1
    assert len(second.lines) == 1 and f"Port {running.port} is in use" in second.lines[0]


@pytest.mark.parametrize("name", ["gpuworker", "uvicorn", "valkey-server", "dispatcher", "webhooks"])
def test_what_is_killed_comes_back(running, name):
    before = running.pid_of(name)
    os.kill(before, signal.SIGKILL)
    after = running.wait(lambda: (pid := running.pid_of(name)) != before and pid)
    if name in ("gpuworker", "dispatcher", "webhooks"):
        running.wait(lambda: announced(running, after))
    running.wait(lambda: running.health()[0] == 200)
    assert running.pid_of(name) == after
    assert any("was ended by SIGKILL; starting it again" in line for line in running.lines)


def test_a_frozen_worker_is_noticed_and_replaced(running):
    frozen = running.pid_of("mediaworker")
    os.kill(frozen, signal.SIGSTOP)
    after = running.wait(lambda: (pid := running.pid_of("mediaworker")) != frozen and pid)
    running.wait(lambda: announced(running, after))
    assert not runs(frozen)
    assert any("media has been silent for too long" in line for line in running.lines)


def test_a_stop_leaves_nothing_behind_and_nothing_stands_in_the_way_of_the_next_start(studio):
    studio.start().ready()
    everybody = list(children_of(studio.process.pid))
    assert len(everybody) == len(EVERYBODY)
    os.kill(studio.pid_of("mediaworker"), signal.SIGSTOP)  # even a frozen one must not hold the others up
    asked_at = time.monotonic()
    studio.process.send_signal(signal.SIGTERM)
    assert studio.process.wait(15) == 0
    assert time.monotonic() - asked_at < 10
    assert not [pid for pid in everybody if runs(pid)]

    # How quick it is: bench/start.py.
    studio.start().ready()
    everybody = list(children_of(studio.process.pid))
    studio.process.kill()
    studio.process.wait()
    studio.wait(lambda: not [pid for pid in everybody if runs(pid)], seconds=5)


def test_a_second_ctrl_c_ends_it_at_once(studio):
    studio.start().ready()
    everybody = list(children_of(studio.process.pid))
    for name in EVERYBODY:
        os.kill(studio.pid_of(name), signal.SIGSTOP)
    studio.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    asked_at = time.monotonic()
    studio.process.send_signal(signal.SIGINT)
    assert studio.process.wait(10) == 0
    assert time.monotonic() - asked_at < 3
    assert not [pid for pid in everybody if runs(pid)]
