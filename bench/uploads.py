"""What uploads cost the web server: its memory while four files of 200 MB come in at once; and how other pages fare.

In a studio of its own. Goals: at most 100 MB more memory, 95 of 100 other pages within 400 ms.
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

FILES = 4
FILE_BYTES = 200 * 1024**2
PIECE_BYTES = 8 * 1024**2
MIB = 1024**2


def main():
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        os.environ["RUNWAYWEB_DATA"] = str(data)
        from tests.servers.studio import Studio

        studio = Studio(data, GPU_WORKERS="1", RUNWAYWEB_DEFAULT_MODEL="animatic")
        studio.start().ready()
        try:
            figures = in_the_studio(studio)
        finally:
            studio.stop()
    (ROOT / "bench" / "uploads.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures))


def in_the_studio(studio):
    import django

    django.setup()
    visitor = Visitor(f"http://127.0.0.1:{studio.port}", *signed_in())
    for _ in range(20):
        visitor.ask("GET", "/projects/")
    web = studio.pid_of("uvicorn") or studio.pid_of("runwayweb.asgi")
    before = memory_bytes(web)
    coming = [threading.Thread(target=visitor.upload, args=(number,)) for number in range(FILES)]
    began = time.perf_counter()
    for thread in coming:
        thread.start()
    highest, pages = before, []
    while any(thread.is_alive() for thread in coming):
        asked = time.perf_counter()
        visitor.ask("GET", "/projects/")
        pages.append(time.perf_counter() - asked)
        highest = max(highest, memory_bytes(web))
        time.sleep(0.1)
    took = time.perf_counter() - began
    return {
        "what": f"{FILES} files of {FILE_BYTES // MIB} MB at once, in pieces of {PIECE_BYTES // MIB} MB",
        "cores": os.cpu_count(),
        "seconds": round(took, 1),
        "megabytes_a_second": round(FILES * FILE_BYTES / MIB / took, 1),
        "web_memory_mb": {"before": round(before / MIB, 1), "highest": round(highest / MIB, 1)},
        "web_memory_grew_mb": {"value": round((highest - before) / MIB, 1), "goal": 100},
        "other_pages_seconds": {"n": len(pages), "p95": round(statistics.quantiles(pages, n=20)[-1], 3), "goal": 0.4},
    }


def signed_in():
    """The session and the CSRF token of somebody new."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.middleware.csrf import _get_new_csrf_string

    from runwayweb.accounts.models import User

    ada = User.objects.create_user("ada@example.org", "a-long-pass-phrase-9")
    session = SessionStore()
    session[SESSION_KEY] = str(ada.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = ada.get_session_auth_hash()
    session.save()
    return session.session_key, _get_new_csrf_string()


class Visitor:
    """Somebody's browser, as far as these requests go."""

    def __init__(self, url, session, token):
        self.url = url
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
        self.headers |= {"Tus-Resumable": "1.0.0"}

    def ask(self, method, path, body=None, **headers):
        headers = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()
            return answer.headers

    def upload(self, number):
        """Noise, which is no media: what is measured ends before anybody looks into it."""
        address = self.ask("POST", "/uploads/", Upload_Length=str(FILE_BYTES))["Location"]
        for offset in range(0, FILE_BYTES, PIECE_BYTES):
            piece = os.urandom(min(PIECE_BYTES, FILE_BYTES - offset))
            kind = "application/offset+octet-stream"
            self.ask("PATCH", address, piece, Upload_Offset=str(offset), Content_Type=kind)


def memory_bytes(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


if __name__ == "__main__":
    main()
