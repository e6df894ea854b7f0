"""The real Valkey the tests use, on a unix socket, started by the same command as the product's."""

import os
import signal
import subprocess
import time

import redis

from runwayweb.supervisor.tether import tethered
from runwayweb.valkey import valkey_command


class Valkey:
    """One server. A test may freeze, thaw, kill and start it; the next test finds it running and empty again."""

    def __init__(self, socket, password=""):
        self.socket = socket
        self.password = password
        self.url = f"unix://{f':{password}@' if password else ''}{socket}?db=0"
        self.process = None

    def start(self):
        """Start it unless it runs, and wait until it answers."""
        if self.process is None or self.process.poll() is not None:
            command = valkey_command(self.socket) + (["--requirepass", self.password] if self.password else [])
            self.process = subprocess.Popen(tethered(command), stdout=subprocess.DEVNULL, cwd=self.socket.parent)
        deadline = time.monotonic() + 10
        while True:
            try:
                with redis.from_url(self.url) as client:
                    client.ping()
                return
            except redis.RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def ready(self):
        """Running, thawed and empty, whatever the last test did to it."""
        if self.process is not None:
            self.thaw()
        self.start()
        with redis.from_url(self.url) as client:
            client.flushall()

    def freeze(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is not None:
            self.thaw()
            self.process.terminate()
            self.process.wait(10)
