"""How much one request may bring along. Django writes a whole body to disk before it asks who sent it."""

from django.utils.translation import gettext as _


class TooMuch(Exception):
    """The body went on beyond the limit."""


class LimitedBodies:
    """An ASGI application over `application` that answers 413 to a body of more than `limit` bytes, said or sent."""

    def __init__(self, application, limit):
        self.application = application
        self.limit = limit

    async def __call__(self, scope, receive, send):
        left = self.limit

        async def receive_within_limit():
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooMuch
            return message

        try:
            if _said_length(scope) > self.limit:
                raise TooMuch
            await self.application(scope, receive_within_limit, send)
        except TooMuch:  # the body is read before anything is answered, so this is the first answer
            await self._refuse(send)

    async def _refuse(self, send):
        sentence = _("That is more than a form can hold: %(most)d KiB are allowed.") % {"most": self.limit // 1024}
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": sentence.encode()})


def _said_length(scope):
    """Bytes by the Content-Length header; 0 where it says nothing that can be believed."""
    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() and len(said) < 20 else 0
