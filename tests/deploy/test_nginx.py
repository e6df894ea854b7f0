"""The example of nginx in front of the studio: pages, websockets, events, ranges of films, uploads, and what it keeps
shut."""

import asyncio
import base64
import itertools
import json
import shutil
import time
from urllib.parse import urlsplit

import pytest
import requests
import websockets
from django.conf import settings
from django.test import Client

from generation.attempt import Attempt
from generation.pulse import Pulse
from runwayweb.api.models import Key
from runwayweb.assets.models import Ephemeral, Upload
from tests.factories import make_generation, make_project, make_user
from tests.servers.nginx import Nginx

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is missing: apt-get install nginx-light"),
]


@pytest.fixture
def nginx(site, tmp_path):
    site.start("web", env={"BEHIND_PROXY": "on", "X_ACCEL": "/accel/"})
    server = Nginx(tmp_path / "nginx", site.port)
    checked = server.check()
    assert checked.returncode == 0, checked.stderr
    yield server.start()
    server.stop()


def session_of(nginx, user=None):
    session = requests.Session()
    session.trust_env = False  # variables there name other authorities
    session.verify = nginx.trusts
    if user:
        client = Client()
        client.force_login(user)
        session.cookies.set("sessionid", client.cookies["sessionid"].value)
    return session


def test_all_that_goes_through(nginx):
    ada, stranger = make_user("ada"), make_user("mallory")
    project = make_project(ada)
    run = make_generation(project)
    Attempt.run_next(Pulse("gpu"))
    run.refresh_from_db()
    signed_in, foreign, nobody = session_of(nginx, ada), session_of(nginx, stranger), session_of(nginx)
    look_at_pages(nginx, nobody)
    look_at_a_clip(nginx, run.asset, signed_in, foreign)
    asyncio.run(listen(nginx, project, signed_in.cookies["sessionid"]))
    follow_a_task(nginx, project, ada)
    bring_a_file(nginx, signed_in, project)
    bring_a_large_file_by_program(nginx, ada, project)


def look_at_pages(nginx, nobody):
    page = nobody.get(f"{nginx.url}/accounts/login/", timeout=20)
    assert page.status_code == 200 and "script-src" in page.headers["Content-Security-Policy"]
    assert len(page.headers["X-Request-Id"]) == 32
    assert nobody.get(f"{nginx.url}/metrics", timeout=20).status_code == 404
    assert nobody.get(f"{nginx.url}/accel/secret_key", timeout=20).status_code == 404


def look_at_a_clip(nginx, asset, signed_in, foreign):
    address = f"{nginx.url}/media/{asset.pk}/clip.mp4"
    stored = (settings.MEDIA_ROOT / asset.file.name).read_bytes()
    whole = signed_in.get(address, timeout=20)
    assert whole.status_code == 200 and whole.content == stored
    assert whole.headers["Content-Type"] == "video/mp4" and "sandbox" in whole.headers["Content-Security-Policy"]
    assert whole.headers["X-Content-Type-Options"] == "nosniff" and "private" in whole.headers["Cache-Control"]
    part = signed_in.get(address, headers={"Range": "bytes=100-199", "If-Range": whole.headers["ETag"]}, timeout=20)
    assert (part.status_code, part.content) == (206, stored[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(stored)}"
    many = signed_in.get(address, headers={"Range": "bytes=" + ",".join(["0-"] * 50)}, timeout=20)
    assert (many.status_code, len(many.content)) == (200, len(stored)), "once, however often it is asked for"
    same = signed_in.get(address, headers={"If-None-Match": whole.headers["ETag"]}, timeout=20)
    assert same.status_code == 304
    kept = signed_in.get(f"{address}?download=1", timeout=20)
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert foreign.get(address, timeout=20).status_code == 404
    assert foreign.get(f"{nginx.url}/accel/{asset.file.name}", timeout=20).status_code == 404


async def listen(nginx, project, cookie):
    address = nginx.url.replace("https", "wss") + f"/ws/workspaces/{project.workspace_id}/"
    headers = {"Cookie": f"sessionid={cookie}"}
    async with websockets.connect(address, ssl=nginx.trust, origin=nginx.url, additional_headers=headers) as line:
        assert json.loads(await asyncio.wait_for(line.recv(), 20))["type"] == "ready"
        await line.send('{"type": "ping"}')
        assert json.loads(await asyncio.wait_for(line.recv(), 20))["type"] == "pong"


def follow_a_task(nginx, project, ada):
    """Its first event comes while nothing is there yet to end the answer."""
    _key, plain = Key.objects.issue(project.workspace, by=ada, name="nginx")
    program = {"Authorization": f"Bearer {plain}", "X-Runway-Version": "2024-11-06"}
    asked = {"model": "animatic", "promptText": "a red fox", "ratio": "64:64", "duration": 0.25}
    task = requests.post(f"{nginx.url}/v1/text_to_video", json=asked, headers=program, verify=nginx.trusts, timeout=20)
    assert task.status_code == 200, task.text
    events = f"{nginx.url}/v1/tasks/{task.json()['id']}/events"
    began = time.monotonic()
    with requests.get(events, headers=program, verify=nginx.trusts, stream=True, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert b"event: task" in itertools.islice(answer.iter_lines(), 4)
    assert time.monotonic() - began < 15


def bring_a_file(nginx, signed_in, project):
    """A piece of 6 MB goes through, and one that is larger than any may be is refused."""
    signed_in.get(f"{nginx.url}/library/", timeout=30)
    name = base64.b64encode(b"harbour.mp4").decode()
    tus = {"Tus-Resumable": "1.0.0", "X-CSRFToken": signed_in.cookies["csrftoken"], "Referer": nginx.url + "/"}
    size = 6 * 1024**2
    told = {"Upload-Length": str(size), "Upload-Metadata": f"filename {name},filetype dmlkZW8="}
    begun = signed_in.post(f"{nginx.url}/uploads/", headers=tus | told, timeout=20)
    assert begun.status_code == 201, begun.text
    piece = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    address = requests.compat.urljoin(nginx.url, begun.headers["Location"])
    sent = signed_in.patch(address, b"x" * size, headers=tus | piece, timeout=60)
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(size))
    assert Upload.objects.get(asset__workspace=project.workspace).path.stat().st_size == size
    huge = signed_in.post(
        f"{nginx.url}/accounts/login/",
        headers={"Content-Length": str(200 * 1024**2), "Connection": "close"},
        timeout=20,
    )
    assert huge.status_code == 413


def bring_a_large_file_by_program(nginx, ada, project):
    """Larger than any form with pictures, and taken: by the API a file may have 200 MB."""
    _key, plain = Key.objects.issue(project.workspace, by=ada, name="large files")
    program = {"Authorization": f"Bearer {plain}", "X-Runway-Version": "2024-11-06"}
    announced = requests.post(
        f"{nginx.url}/v1/uploads",
        json={"filename": "harbour.mp4", "type": "ephemeral"},
        headers=program,
        verify=nginx.trusts,
        timeout=20,
    )
    assert announced.status_code == 200, announced.text
    started = announced.json()
    size = 130 * 1024**2
    address = nginx.url + urlsplit(started["uploadUrl"]).path + "?" + urlsplit(started["uploadUrl"]).query
    files = {"file": ("harbour.mp4", bytes(size))}
    sent = requests.post(address, data=started["fields"], files=files, verify=nginx.trusts, timeout=120)
    assert sent.status_code < 300, (sent.status_code, sent.text)
    assert [one.size_bytes for one in Ephemeral.objects.all()] == [size]
