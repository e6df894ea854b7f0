"""The process that brings messages away, with the certificate and the port of a receiver of the tests."""

import json
import sys

# `manage.py webhooks`, but that its guard takes the receiver for a machine of the internet.
PROCESS = """
import json, os, signal, socket, ssl, sys, django
django.setup()
from runwayweb.api.webhooks import addresses
from runwayweb.assets.guarded import Guard
edge = json.loads(sys.argv[1])
trust = ssl.create_default_context(cadata=edge["authority"])
def resolve(host, port, **_):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]
def connect(address, timeout):
    return socket.create_connection(("127.0.0.1", edge["port"]), timeout)
addresses.guard = Guard(resolve=resolve, connect=connect, trust=trust)
from django.core.management import call_command
call_command("webhooks")
"""


def command_of(receiver):
    """The command line of one that reaches this receiver alone."""
    authority = receiver.https.authority.cert_pem.bytes().decode()
    edge = {"port": receiver.https.server.server_port, "authority": authority}
    return [sys.executable, "-c", PROCESS, json.dumps(edge)]
