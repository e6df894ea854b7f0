"""TLS in front of a server of this machine, with a certificate of its own authority's making."""

import asyncio
import contextlib
import ssl
import threading

import trustme


class TlsFront:
    """Passes every byte on to `socket`, the path of one or the number of a port. `port` of localhost; `ca_file` vouches
    for it, `another_ca_file` does not."""

    def __init__(self, socket, folder):
        authority, another = trustme.CA(), trustme.CA()
        self.ca_file, self.another_ca_file = folder / "ca.pem", folder / "another-ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        another.cert_pem.write_to_path(self.another_ca_file)
        self.socket = socket
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.context)
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="tls", daemon=True).start()
        self.server = self._call(asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=self.context))
        self.port = self.server.sockets[0].getsockname()[1]

    def stop(self):
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    async def _meet(self, reader, writer):
        try:
            if isinstance(self.socket, int):
                answers, questions = await asyncio.open_connection("127.0.0.1", self.socket)
            else:
                answers, questions = await asyncio.open_unix_connection(str(self.socket))
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass(reader, questions), _pass(answers, writer))


async def _pass(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
