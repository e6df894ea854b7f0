"""`runwayweb COMMAND`, manage.py by hand on a machine of services: with their settings, as their user."""

import json
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OURS = pwd.getpwuid(os.getuid()).pw_name
GENERATOR = Path("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")

FILE = r"""# A comment with A=1
; and another=1

DEFAULT_FROM_EMAIL=Our studio <studio@example.org>
EMAIL_URL = smtp+tls://user:pass#word@mail.example.org:587
SECRET_KEY='$(touch x) `y` "quoted" \n'
WATERMARK="Say \"cheese\" \\ and \n more"
OIDC_NAME=it's "ours"   
EMPTY=
LONG=one,\
two
OIDC_PROVIDERS='[
  {"name": "one"}
]'
no assignment
"""  # noqa: W291  # systemd takes blanks at an end away
READ = {
    "DEFAULT_FROM_EMAIL": "Our studio <studio@example.org>",
    "EMAIL_URL": "smtp+tls://user:pass#word@mail.example.org:587",
    "SECRET_KEY": '$(touch x) `y` "quoted" \\n',
    "WATERMARK": 'Say "cheese" \\ and \\n more',
    "OIDC_NAME": 'it\'s "ours"',
    "EMPTY": "",
    "LONG": "one,two",
    "OIDC_PROVIDERS": '[\n  {"name": "one"}\n]',
}
# In the place of manage.py: what it would find.
TELLS = """
import json, os, sys
print(json.dumps({
    "arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd(), "uid": os.getuid(),
    "groups": os.getgroups(), "umask": os.umask(0),
}))
"""


class Machine:
    """Where the program, its settings and its user are others than in the file that is copied to /usr/local/bin."""

    def __init__(self, folder, program, user):
        self.env_file = folder / "runwayweb.env"
        text = (ROOT / "deploy" / "systemd" / "runwayweb").read_text()
        for theirs, ours in {
            'PROGRAM = "/opt/runwayweb"': f"PROGRAM = {str(program)!r}",
            'SETTINGS = "/etc/runwayweb/runwayweb.env"': f"SETTINGS = {str(self.env_file)!r}",
            'USER = "runwayweb"': f"USER = {user!r}",
        }.items():
            assert theirs in text
            text = text.replace(theirs, ours)
        self.script = folder / "runwayweb"
        self.script.write_text(text)

    def run(self, *arguments, **options):
        bare = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}  # of a shell that knows nothing of the studio
        python = options.pop("python", sys.executable)
        command = [python, "-I", str(self.script), *arguments]
        return subprocess.run(command, env=bare, cwd="/", capture_output=True, text=True, timeout=170, **options)


def test_the_database_of_the_services_is_brought_up_and_no_other(tmp_path):
    machine = Machine(tmp_path, ROOT, OURS)
    database = tmp_path / "of the services.sqlite3"
    machine.env_file.write_text(f"RUNWAYWEB_DATA={tmp_path / 'data'}\nDATABASE_URL=sqlite:///{database}\n")
    done = machine.run("migrate", "contenttypes")
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(database)) as there:
        assert there.execute("SELECT COUNT(*) FROM django_migrations").fetchone()[0] > 0
    assert not (tmp_path / "data" / "runwayweb.sqlite3").exists()


@pytest.fixture
def stub():
    """A program that tells what it was given, in a folder that everybody may read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / "bin" / "python").symlink_to(open_python())
        (folder / "manage.py").write_text(TELLS)
        (folder / "runwayweb.env").write_text(FILE)
        yield folder


def open_python():
    """A Python that any user may start; the one of the tests may lie in somebody's home."""
    return shutil.which("python3", path="/usr/bin:/usr/local/bin") or pytest.skip("there is no Python for all users")


def test_settings_are_read_as_systemd_reads_them(stub):
    told = json.loads(Machine(stub, stub, OURS).run("audit", "--within", "60").stdout)
    assert {name: told["environment"].get(name) for name in READ} == READ
    assert told["arguments"] == ["audit", "--within", "60"]
    assert told["folder"] == str(stub.resolve()) and told["umask"] == 0o027
    assert told["environment"]["HOME"] == pwd.getpwnam(OURS).pw_dir


@pytest.mark.skipif(not GENERATOR.exists(), reason="systemd is missing: apt-get install systemd")
def test_systemd_itself_reads_them_so(tmp_path):
    """By the part of it that reads such files for sessions. It fills in variables as well, so there are none here."""
    (tmp_path / "environment.d").mkdir()
    without = "".join(line for line in FILE.splitlines(keepends=True) if "$(" not in line)
    (tmp_path / "environment.d" / "50-studio.conf").write_text(without)
    # What comes out is for a shell.
    told = subprocess.run([GENERATOR], env={"XDG_CONFIG_HOME": str(tmp_path)}, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    script = f"set -a\n{told.stdout}\nenv -0"
    lines = subprocess.run(["bash", "-c", script], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    found = dict(one.split("=", 1) for one in lines.stdout.split("\0") if "=" in one)
    # It leaves out what is empty, and writes the end of a line in a value as two characters.
    told_otherwise = {"SECRET_KEY", "EMPTY"}
    expected = {name: value.replace("\n", "\\n") for name, value in READ.items() if name not in told_otherwise}
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody else")
def test_root_becomes_the_user_of_the_services(stub):
    (stub / "runwayweb.env").chmod(0o600)
    told = json.loads(Machine(stub, stub, "nobody").run("upgrade").stdout)
    nobody = pwd.getpwnam("nobody")
    assert told["uid"] == nobody.pw_uid and 0 not in told["groups"]
    assert told["environment"]["USER"] == "nobody" and told["environment"]["EMPTY"] == ""


def test_what_is_missing_is_said_in_a_sentence(stub):
    (stub / "runwayweb.env").unlink()
    done = Machine(stub, stub, OURS).run("upgrade")
    assert done.returncode == 1 and "runwayweb.env: No such file or directory. docs/deploy.md" in done.stderr
    (stub / "runwayweb.env").write_text(FILE)
    done = Machine(stub, stub, "nobody-of-this-name").run("upgrade")
    assert done.returncode == 1 and "There is no user nobody-of-this-name" in done.stderr
    if os.getuid() == 0:
        machine = Machine(stub, stub, "root")
        (stub / "runwayweb.env").chmod(0o600)
        done = machine.run("upgrade", python=open_python(), user="nobody", group="nogroup", extra_groups=[])
    else:
        done = Machine(stub, stub, "root").run("upgrade")
    assert done.returncode == 1 and "Only root and root may do this: sudo runwayweb upgrade" in done.stderr


def test_the_page_about_services_says_no_command_that_would_miss_their_settings():
    """What units run by themselves has no place in a shell either."""
    page = (ROOT / "docs" / "deploy.md").read_text()
    services = page[page.index("## One machine") : page.index("## Containers")]
    assert set(re.findall(r"manage\.py (\w+)", services)) <= {"up", "web", "COMMAND"}
    assert {"make_admin", "upgrade", "models", "alive", "audit", "backup"} <= set(
        re.findall(r"runwayweb ([a-z_]+)", services)
    )
