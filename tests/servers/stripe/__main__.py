"""`python -m tests.servers.stripe --port PORT [--webhook URL --secret SECRET …]`."""

import argparse

from .server import Stripe

parser = argparse.ArgumentParser(prog="python -m tests.servers.stripe", description="A practice Stripe.")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--webhook", default="", help="where events go: http://127.0.0.1:8000/billing/webhook")
parser.add_argument("--secret", action="append", default=[], help="signs events; several while one is rolled over")
options = parser.parse_args()

server = Stripe(options.port)
server.courier.url = options.webhook
server.courier.secrets = options.secret
print(f"Practice Stripe on {server.book.url}", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    pass
