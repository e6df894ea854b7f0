"""A proxy of TCP on loopback that cuts its connections after as many bytes as chance says, or lets them hang."""

import socket
import threading


class Cutter:
    """Leads from `port` to `to`. Each connection ends after a number of bytes that came from there, `most` at most; a
    share of them, `hang`, is not closed then, but forwards nothing any more."""

    def __init__(self, to, random, most=4000, hang=0.0):
        self.to, self.random, self.most, self.hang = to, random, most, hang
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.whole = False  # from now on nothing is cut
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:  # nobody is there just now
                near.close()
                continue
            self._open += [near, far]
            left = self.random.randint(200, self.most)
            threading.Thread(target=self._forward, args=(near, far, None), daemon=True).start()
            threading.Thread(target=self._forward, args=(far, near, left), daemon=True).start()

    def _forward(self, source, target, left):
        try:
            while data := source.recv(65536):
                if left is not None and not self.whole:
                    if len(data) >= left:
                        target.sendall(data[:left])
                        self.cuts += 1
                        if self.random.random() < self.hang:
                            return  # nobody hears of it
                        break
                    left -= len(data)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.listener.close()
        for end in self._open:
            end.close()
