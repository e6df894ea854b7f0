"""A service that speaks OpenAI's /chat/completions, answering well or badly as the first part of its path says.

`python tests/servers/chat.py PORT`. What was asked is printed, a line of JSON each.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def shots(asked):
    """One for each part, in words of its own."""
    name = next((one["name"] for one in asked["world"]), "somebody")
    return [
        {
            "part": one["part"],
            "title": f"Told {one['part']}",
            "prompt": f"{name} is seen, {one['text'][:40].lower().replace('@', '')}",
            "camera": "dolly in",
            "duration_seconds": 4.2,
        }
        for one in asked["parts"]
    ]


def but(**changed):
    """The first shot otherwise."""
    return lambda asked: {"shots": [shots(asked)[0] | changed, *shots(asked)[1:]]}


ANSWERS = {
    "good": lambda asked: {"shots": shots(asked)},
    "too-few": lambda asked: {"shots": shots(asked)[1:]},
    "too-many": lambda asked: {"shots": [*shots(asked), shots(asked)[0]]},
    "other-order": lambda asked: {"shots": shots(asked)[::-1]},
    "no-list": lambda asked: {"shots": {"1": shots(asked)[0]}},
    "a-list": shots,
    "more-fields": but(seed=7),
    "no-title": but(title=" "),
    "long-title": but(title="x" * 61),
    "no-prompt": but(prompt=""),
    "long-prompt": but(prompt="x" * 1001),
    "stranger": but(prompt="@zebra waits"),
    "half-a-letter": but(prompt="a fox \ud800"),
    "null": but(prompt="a fox \x00"),
    "words-that-are-none": but(title=["x"]),
    "other-camera": but(camera="fly"),
    "too-short": but(duration_seconds=0.1),
    "too-long": but(duration_seconds=90),
    "no-length": but(duration_seconds="3"),
    "not-a-number": but(duration_seconds=float("nan")),
    "true": but(duration_seconds=True),
}
RAW = {
    "no-json": "Sure! Here are your shots: …",
    "deep": "[" * 100_000,
    "nothing": None,
}


class Chat(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print(json.dumps({"path": self.path, "key": self.headers.get("Authorization")} | body), flush=True)
        how = self.path.split("/")[1]
        if how == "redirect":
            self.send_response(307)
            self.send_header("Location", "/good/chat/completions")
            self.end_headers()
        elif how == "refused":
            self.answer(b'{"error": "secret"}', status=401)
        elif how == "huge":
            self.answer(b" " * 3_000_000)
        elif how == "no-chat":
            self.answer(b'{"choices": []}')
        elif how == "slow":
            time.sleep(3)
        elif how == "dripping":
            self.drip()
        else:
            asked = json.loads(body["messages"][-1]["content"])
            told = RAW[how] if how in RAW else json.dumps(ANSWERS[how](asked))
            self.answer(json.dumps({"choices": [{"message": {"role": "assistant", "content": told}}]}).encode())

    def answer(self, body, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # whoever asked went away

    def drip(self):
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(50):
                self.wfile.write(b" ")
                time.sleep(0.1)
        except OSError:
            pass

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Chat).serve_forever()
