"""An OpenID provider on this machine, whose people are told below: discovery, a page to allow or refuse, tokens.

`python tests/servers/openid.py PORT`. It knows CLIENTS by their secrets, and holds them to what the protocol
asks for: a code is good once, for the address it was asked for, with the verifier of its challenge (RFC 7636).
"""

import base64
import hashlib
import html
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENTS = {"runwayweb": "told to nobody", "runwayweb-too": "nor this"}
PEOPLE = {
    "ada": {"email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"},
    "grace": {"email": "grace@example.org", "email_verified": True, "name": "Grace Hopper"},
    "mallory": {"email": "ada@example.org", "email_verified": False, "name": "Ada Lovelace"},
    "nobody": {"name": "Nobody"},
    "nonsense": {"email": "a\x00b", "email_verified": "perhaps", "name": ["x"]},
}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PAGE = """<!doctype html><title>Test ID</title><h1>Test ID</h1><form method="post" action="/allow?{query}">
{buttons}<button name="person" value="">Refuse</button></form>"""


class OpenID(BaseHTTPRequestHandler):
    asked: dict[str, dict] = {}  # code → what it was asked with, and by whom
    tokens: dict[str, str] = {}  # access token → person

    @property
    def issuer(self):
        return f"http://{self.headers['Host']}"

    def do_GET(self):
        place, query = self._asked()
        if place == "/.well-known/openid-configuration":
            ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            told = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in ends.items()}
            self._answer(told | {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"})
        elif place == "/authorize" and query.get("client_id") in CLIENTS and query.get("response_type") == "code":
            buttons = "".join(f'<button name="person" value="{one}">{one}</button>' for one in PEOPLE)
            self._answer(PAGE.format(query=html.escape(urlencode(query)), buttons=buttons))
        elif place == "/userinfo":
            person = self.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            self._answer({"sub": person} | PEOPLE[person]) if person else self._answer({"error": "who?"}, 401)
        elif place == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self._answer({"keys": [key | {"kid": "1", "use": "sig", "alg": "RS256"}]})
        elif place == "/favicon.ico":
            self._answer("")
        else:
            self._answer({"error": "not found"}, 404)

    def do_POST(self):
        place, query = self._asked()
        posted = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        form = {name: values[0] for name, values in parse_qs(posted).items()}
        if place == "/allow":
            self._allow(query, form.get("person"))
        elif place == "/token":
            self._give_tokens(form)
        else:
            self._answer({"error": "not found"}, 404)

    def _allow(self, query, person):
        """Back to whoever asked: with a code, or with the word that it was refused."""
        if person:
            code = secrets.token_urlsafe()
            self.asked[code] = query | {"person": person}
            told = {"code": code}
        else:
            told = {"error": "access_denied"}
        self.send_response(302)
        self.send_header("Location", f"{query['redirect_uri']}?{urlencode(told | {'state': query['state']})}")
        self.end_headers()

    def _give_tokens(self, form):
        asked = self.asked.pop(form.get("code"), None)
        client, secret = self._client(form)
        ours = secret == CLIENTS.get(client, "")
        if not (asked and ours and asked["redirect_uri"] == form.get("redirect_uri") and self._verified(asked, form)):
            return self._answer({"error": "invalid_grant"}, 400)
        token, now = secrets.token_urlsafe(), int(time.time())
        self.tokens[token] = asked["person"]
        claims = {"iss": self.issuer, "aud": client, "sub": asked["person"], "iat": now, "exp": now + 300}
        signed = jwt.encode(claims | PEOPLE[asked["person"]], KEY, "RS256", headers={"kid": "1"})
        self._answer({"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def _client(self, form):
        basic = self.headers.get("Authorization", "").removeprefix("Basic ")
        if basic:
            return tuple(base64.b64decode(basic).decode().split(":", 1))
        return form.get("client_id"), form.get("client_secret")

    def _verified(self, asked, form):
        if "code_challenge" not in asked:
            return True
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]

    def _asked(self):
        parts = urlsplit(self.path)
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _answer(self, told, status=200):
        is_page = isinstance(told, str)
        body = told.encode() if is_page else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if is_page else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), OpenID).serve_forever()
