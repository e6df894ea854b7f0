"""What cannot work is said in one sentence, with exit code 1, before anything is started."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.servers.ports import free_port


def manage(*arguments, before=(), **env):
    """What `manage.py` answers, run by itself or by the command `before` it."""
    theirs = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VALKEY_URL")}
    return subprocess.run(
        [*before, sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=theirs | {name: str(value) for name, value in env.items()},
        capture_output=True,
        text=True,
        timeout=60,
    )


def refusal(**env):
    """What `up` says instead of starting."""
    answer = manage("up", **env)
    assert answer.returncode == 1
    assert answer.stdout == ""
    (sentence,) = answer.stderr.splitlines()
    return sentence


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "data"
    assert f"The data folder {folder} cannot be made" in refusal(RUNWAYWEB_DATA=folder)


def test_a_data_folder_that_cannot_be_written():
    assert "The data folder /proc cannot be written" in refusal(RUNWAYWEB_DATA="/proc")


def test_debug_off_without_allowed_hosts(tmp_path):
    assert "ALLOWED_HOSTS is empty" in refusal(RUNWAYWEB_DATA=tmp_path, DEBUG="off")


def test_debug_on_where_others_can_reach_it(tmp_path):
    assert "DEBUG is on and BIND is 0.0.0.0" in refusal(RUNWAYWEB_DATA=tmp_path, BIND="0.0.0.0")


@pytest.mark.parametrize(
    "url", ["redis://valkey.example.org:6379/0", "rediss://studio@10.0.0.7/0", "redis://[2001:db8::7]/"]
)
def test_a_valkey_on_the_network_that_lets_everybody_in(tmp_path, url):
    sentence = refusal(RUNWAYWEB_DATA=tmp_path, VALKEY_URL=url)
    assert "VALKEY_URL names a server on the network and no password" in sentence and url not in sentence


@pytest.mark.slow
@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1/0", "redis://:secret@127.0.0.1:1/0", "redis://h.invalid?password=secret"]
)
def test_a_valkey_of_this_machine_or_with_a_password_is_only_asked_whether_it_answers(tmp_path, url):
    answer = manage("doctor", RUNWAYWEB_DATA=tmp_path, VALKEY_URL=url)
    assert "Valkey does not answer" in answer.stdout and "secret" not in answer.stdout + answer.stderr


@pytest.mark.parametrize(("port", "reason"), [("web", "PORT is 'web', which is not a number"), ("70000", "65535")])
def test_a_port_that_is_none(tmp_path, port, reason):
    assert reason in refusal(RUNWAYWEB_DATA=tmp_path, PORT=port)


@pytest.mark.parametrize("nonsense", ["htps://typo", "https://", "yes"])
def test_moderation_by_nobody_that_could_be_asked(tmp_path, nonsense):
    sentence = refusal(RUNWAYWEB_DATA=tmp_path, MODERATION=nonsense)
    assert f"MODERATION is {nonsense!r}" in sentence and "auto, to off" in sentence


def test_a_database_that_is_away(tmp_path):
    sentence = refusal(RUNWAYWEB_DATA=tmp_path, DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing", PORT=free_port())
    assert "The database cannot be used" in sentence and "Check DATABASE_URL" in sentence


def test_an_address_that_is_not_ours(tmp_path):
    sentence = refusal(
        RUNWAYWEB_DATA=tmp_path, BIND="192.0.2.1", DEBUG="off", ALLOWED_HOSTS="studio.example.org", PORT=free_port()
    )
    assert "Nobody can listen on 192.0.2.1" in sentence
