"""`manage.py web`, a machine's or a container's web servers by themselves: as many as WEB_WORKERS says."""

import os
import signal
import socket
import time

import pytest

from tests.servers.studio import Studio, children_of, command_line, runs

pytestmark = pytest.mark.slow


class WebAlone(Studio):
    def manage(self, *_up):
        return super().manage("web")

    def answers(self):
        """Of all its parts only itself is here."""
        try:
            return self.health()[0] == 503
        except OSError:
            return False


@pytest.fixture
def web(tmp_path):
    web = WebAlone(tmp_path / "data", WEB_WORKERS="2")
    yield web
    web.stop()


def servers(web):
    return {pid for pid in children_of(web.process.pid) if "uvicorn" in command_line(pid)}


def test_several_share_the_port_come_back_and_leave_nothing_behind(web):
    web.start().wait(web.answers, seconds=90)
    first = web.wait(lambda: len(found := servers(web)) == 2 and found, seconds=60)
    os.kill(min(first), signal.SIGKILL)
    web.wait(lambda: any("was ended by SIGKILL; starting it again" in line for line in web.lines))
    assert web.answers(), "the other one does"
    second = web.wait(lambda: len(found := servers(web)) == 2 and found, seconds=60)
    assert len(first & second) == 1
    asked_at = time.monotonic()
    web.process.send_signal(signal.SIGTERM)
    assert web.process.wait(15) == 0 and time.monotonic() - asked_at < 10
    assert not [pid for pid in first | second if runs(pid)]


def test_a_used_port_is_said_in_a_sentence(web):
    with socket.create_server(("127.0.0.1", web.port)):
        web.start()
        assert web.process.wait(60) == 1
    web.wait(lambda: web.lines)
    assert f"Port {web.port} is in use" in web.lines[-1]
