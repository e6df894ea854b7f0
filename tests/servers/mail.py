"""A mail server on this machine that keeps what it is given: for tests, and for the processes they start."""

import email
import email.policy
import logging
import re
import threading
import time

from aiosmtpd.controller import Controller

from tests.servers.ports import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of every line it hears


class Mail:
    """`url` is what EMAIL_URL takes; `messages` what came, oldest first, as email.message.EmailMessage.

    It listens in a thread of its own. Every recipient is taken, but those in `refuses` (answered 550).
    """

    def __init__(self):
        self.host, self.port = "127.0.0.1", free_port()
        self.url = f"smtp://{self.host}:{self.port}"
        self.messages = []
        self.refuses = set()
        self._came = threading.Condition()
        self._controller = Controller(self, hostname=self.host, port=self.port)

    def start(self):
        self._controller.start()
        return self

    def stop(self):
        self._controller.stop()

    def to(self, address):
        """What was sent to an address, oldest first."""
        return [message for message in self.messages if address.lower() in str(message["to"]).lower()]

    def wait_for(self, address, containing="", seconds=10.0):
        """The first message to `address` with these words in subject or text. An AssertionError when none comes."""
        deadline = time.monotonic() + seconds
        with self._came:
            while True:
                for message in self.to(address):
                    if containing in str(message["subject"]) or containing in text_of(message):
                        return message
                if not self._came.wait(max(0, deadline - time.monotonic())):
                    told = [f"{message['to']}: {message['subject']}" for message in self.messages]
                    raise AssertionError(f"No mail to {address} with {containing!r} within {seconds} s, only {told}")

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuses:
            return "550 There is nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self._came:
            self.messages.append(message)
            self._came.notify_all()
        return "250 OK"


def text_of(message):
    """The plain text of a message."""
    return message.get_body(("plain",)).get_content()


def links_in(message):
    """Every address in the text of a message, in their order."""
    return re.findall(r"https?://[^\s>)]+", text_of(message))
