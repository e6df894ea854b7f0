"""A key is read in one place, once: not in logs, not in a dump of the database, not in what servers keep."""

import io
import logging
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from django.conf import settings
from django.core.management import call_command

from runwayweb.api import keys
from runwayweb.masking import KeyFilter, masked
from tests.api.callers import ask, make_key
from tests.factories import make_user
from tests.servers.ports import free_port


def test_a_key_in_a_log_line_is_cut():
    plain = keys.new_key()
    assert (
        masked(f"GET /v1/tasks?key={plain} and {plain}!")
        == f"GET /v1/tasks?key=rwk_…{plain[-4:]} and rwk_…{plain[-4:]}!"
    )
    assert masked("rwk_ alone, and rwk_short") == "rwk_ alone, and rwk_short"
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s of %d", (f"/?{plain}", 3), None)
    assert KeyFilter().filter(record) and record.getMessage() == f"/?rwk_…{plain[-4:]} of 3"
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s: %s", ("GET", ValueError(plain)), None)
    assert KeyFilter().filter(record) and record.getMessage() == f"GET: rwk_…{plain[-4:]}"
    try:
        raise ValueError(plain)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "It broke", (), sys.exc_info())
    KeyFilter().filter(record)
    assert plain not in logging.Formatter().format(record) and "ValueError" in logging.Formatter().format(record)


@pytest.mark.django_db
def test_no_dump_of_the_database_holds_one(client):
    ada = make_user("ada")
    client.force_login(ada)
    shown = client.post("/settings/keys/", {"name": "Farm", "scopes": ["read"]}).content.decode()
    plains = [make_key(ada, name="Other"), re.search(r"rwk_\w{38}", shown)[0]]
    assert all(keys.is_well_formed(plain) for plain in plains)
    for plain in plains:
        ask("GET", "/v1/organization", plain)
        client.get("/v1/organization", {"key": plain})
    dump = io.StringIO()
    call_command("dumpdata", exclude=["django_rq"], stdout=dump)  # which has a model without a table
    assert "Farm" in dump.getvalue(), "it holds what there is of keys"
    assert not [plain for plain in plains if plain[4:-4] in dump.getvalue()]


@pytest.mark.django_db(transaction=True)
def test_no_log_of_a_server_holds_one_even_where_it_writes_down_every_call(database_url, tmp_path):
    plain = make_key(make_user("ada"))
    port, log = free_port(), tmp_path / "web.log"
    command = [sys.executable, "-m", "uvicorn", "runwayweb.asgi:application", "--port", str(port), "--lifespan", "off"]
    env = os.environ | {"DATABASE_URL": database_url, "LOG_LEVEL": "DEBUG"}
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        answers = []
        deadline = time.monotonic() + 60
        while len(answers) < 4 and time.monotonic() < deadline:
            for address, headers in (
                (f"/v1/organization?key={plain}", {}),
                (f"/v1/organization?key={plain}", {"Authorization": f"Bearer {plain}"}),
                (f"/v1/{plain}", {"Authorization": f"Bearer {plain}"}),
                (f"/settings/keys/?{plain}", {}),
            ):
                request = urllib.request.Request(
                    f"http://127.0.0.1:{port}{address}", headers=headers | {"X-Runway-Version": "2024-11-06"}
                )
                try:
                    answers.append(urllib.request.urlopen(request, timeout=10).status)
                except urllib.error.HTTPError as refused:
                    answers.append(refused.code)
                except OSError:
                    time.sleep(0.3)
                    break
        assert answers[:3] == [401, 200, 404]
    finally:
        server.terminate()
        server.wait(20)
    written = log.read_text()
    assert f"?key=rwk_…{plain[-4:]}" in written, "calls were written down"
    assert plain not in written and plain[4:-4] not in written
