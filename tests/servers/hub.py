"""A hub of models, as huggingface_hub asks one: folders of a disk served over HTTP, in pieces where they are asked for.

`python tests/servers/hub.py FOLDER PORT`: FOLDER/owner/name/files. A file FOLDER/owner/name/.gated closes a repository,
and .break-after holds how many bytes of a file are sent before the connection is dropped.
"""

import hashlib
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlparse

FOLDER = Path(sys.argv[1])
REVISION = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = unquote(urlparse(self.path).path)
        if model := re.fullmatch(r"/api/models/([\w.-]+/[\w.-]+?)(?:/revision/([\w.-]+))?", path):
            self.tell_of(*model.groups())
        elif file := re.fullmatch(r"/([\w.-]+/[\w.-]+)/resolve/([\w.-]+)/(.+)", path):
            self.send(*file.groups())
        else:
            self.answer(404)

    do_HEAD = do_GET

    def tell_of(self, repository, revision):
        if self.is_closed(repository):
            return
        files = [file for file in sorted((FOLDER / repository).rglob("*")) if file.is_file() and file.name[0] != "."]
        told = [
            {
                "rfilename": file.relative_to(FOLDER / repository).as_posix(),
                "size": file.stat().st_size,
                **(
                    {"lfs": {"sha256": sha256(file), "size": file.stat().st_size, "pointerSize": 130}}
                    if is_large(file)
                    else {}
                ),
            }
            for file in files
        ]
        body = json.dumps({"id": repository, "sha": REVISION, "siblings": told}).encode()
        self.answer(200, body, {"Content-Type": "application/json"})

    def send(self, repository, revision, name):
        file = FOLDER / repository / name
        if self.is_closed(repository):
            return
        if not file.is_file():
            self.answer(404, headers={"X-Error-Code": "EntryNotFound"})
            return
        content = file.read_bytes()
        headers = {"ETag": f'"{sha256(file)}"', "X-Repo-Commit": REVISION, "Accept-Ranges": "bytes"}
        first = 0
        if asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first = int(asked[1])
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        print(self.command, name, first, flush=True)
        dropped = FOLDER / repository / ".break-after"
        if self.command == "GET" and dropped.exists() and len(content) > int(dropped.read_text()):
            self.answer(206 if first else 200, content[first:], headers, only=int(dropped.read_text()))
            return
        self.answer(206 if first else 200, content[first:], headers)

    def is_closed(self, repository):
        if not (FOLDER / repository).is_dir():
            self.answer(404, headers={"X-Error-Code": "RepoNotFound"})
            return True
        if (FOLDER / repository / ".gated").exists() and "Authorization" not in self.headers:
            self.answer(401, headers={"X-Error-Code": "GatedRepo"})
            return True
        return False

    def answer(self, status, body=b"", headers=None, only=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if only is None else body[:only])
        if only is not None:
            self.close_connection = True

    def log_message(self, *_):
        pass


def is_large(file):
    return file.suffix == ".safetensors"


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Hub).serve_forever()
