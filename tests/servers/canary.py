"""Listens on all addresses of this machine where something worth reaching might, and hears who comes."""

import socket
import threading
import time
from contextlib import suppress

# Of the web, of databases and caches, of containers and of metadata; those that others hold are left to them.
PORTS = (80, 443, 2375, 3000, 3306, 5000, 5432, 6379, 8000, 8080, 8443, 9000, 9200, 11211, 27017)


class Canary:
    """`port` is one that is always its own. `heard` holds the port of everybody who came."""

    def __init__(self):
        self.heard = []
        self.doors = []
        self.port = self._open(0)
        self.ports = {self.port}
        for port in PORTS:
            with suppress(OSError):  # held by somebody, or not to be had by whoever runs the tests
                self.ports.add(self._open(port))
        for door in self.doors:
            threading.Thread(target=self._listen, args=[door], daemon=True).start()

    def _open(self, port):
        six = socket.has_dualstack_ipv6()
        family, host = (socket.AF_INET6, "::") if six else (socket.AF_INET, "0.0.0.0")
        self.doors.append(socket.create_server((host, port), family=family, dualstack_ipv6=six))
        return self.doors[-1].getsockname()[1]

    def _listen(self, door):
        with suppress(OSError):
            while True:
                line, _whence = door.accept()
                self.heard.append(door.getsockname()[1])
                line.close()

    def sings(self, *hosts):
        """Whether it hears who comes by each of these addresses; it forgets them again."""
        for number, host in enumerate(hosts, 1):
            with socket.create_connection((host, self.port), timeout=5):
                until = time.monotonic() + 5
                while len(self.heard) < number and time.monotonic() < until:
                    time.sleep(0.01)
        heard = len(self.heard)
        self.heard.clear()
        return heard == len(hosts)

    def stop(self):
        for door in self.doors:
            door.close()
