"""The examples of docs/webhooks.md, run as they stand there on a message that was really sent."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runwayweb.api.models import Endpoint
from runwayweb.api.models.delivery import PAUSES
from runwayweb.api.webhooks.kinds import STATUSES
from tests.api.receiver import URL, Receiver

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
RUN = """
const told = JSON.parse(await new Response(process.stdin).text())
console.log(JSON.stringify(told.map((one) => receive(Buffer.from(one.body), one.headers, one.secret))))
"""


def example(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture
def sent(ada, monkeypatch):
    """(body, headers in small letters, the old secret, the new one)."""
    receiver = Receiver()
    receiver.reach(monkeypatch)
    endpoint, old = Endpoint.objects.add(ada.open_workspace(), by=ada, url=URL)
    new = endpoint.rotate(by=ada)
    endpoint.send_test()
    receiver.bring()
    receiver.stop()
    [post] = receiver.posted
    return post.body, {name.lower(): value for name, value in post.headers.items()}, old, new


def cases(sent):
    """[(body, headers, secret, whether it is to be believed)]."""
    body, headers, old, new = sent
    return [
        (body, headers, new, True),
        (body, headers, old, True),
        (body + b" ", headers, new, False),
        (body, headers, "whsec_" + "A" * 43 + "=", False),
        (body, headers | {"webhook-timestamp": "1700000000"}, new, False),
        (body, headers | {"webhook-id": "msg_other"}, new, False),
        (body, {}, new, False),
        (body, headers | {"webhook-signature": "v1,"}, new, False),
    ]


def test_the_example_in_python(sent):
    example_of = {}
    exec(example("python"), example_of)
    for body, headers, secret, believed in cases(sent):
        told = example_of["receive"](body, headers, secret)
        assert told == (json.loads(sent[0]) if believed else None)


@pytest.mark.skipif(not shutil.which("node"), reason="Node is missing: install it with `apt-get install nodejs`")
def test_the_example_in_node(sent, tmp_path):
    (tmp_path / "receive.mjs").write_text(example("js") + RUN)
    told = [{"body": body.decode(), "headers": headers, "secret": secret} for body, headers, secret, _ in cases(sent)]
    ran = subprocess.run(
        ["node", "receive.mjs"], input=json.dumps(told), capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [json.loads(sent[0]) if believed else None for *_, believed in cases(sent)]


def test_the_page_names_every_type_and_every_pause():
    assert all(f"`{type}`" in PAGE for type in STATUSES.values())
    assert "5 seconds, 5 minutes, half an hour, 2, 5, 10, 14, 20 and 24 hours" in PAGE
    assert [round(pause.total_seconds() / 3600, 2) for pause in PAUSES[3:]] == [2, 5, 10, 14, 20, 24]
