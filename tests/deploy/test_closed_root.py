"""The program may lie where it cannot be written: everything goes into RUNWAYWEB_DATA and the folder for temporary
files."""

import os
import shutil
import subprocess
import time

import pytest
import requests
from django.conf import settings

from tests.servers.program import copy_of_program
from tests.servers.studio import Studio


class ClosedStudio(Studio):
    """A copy of the program, run by a user who may write nothing of it and has no home: by root without what makes it
    root, since others may not come by the Python that is tried here."""

    def __init__(self, source, folder, temporary):
        closed = {"HOME": "/nonexistent", "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
        production = {"DEBUG": "off", "ALLOWED_HOSTS": "localhost,127.0.0.1", "HTTPS": "off"}
        super().__init__(folder, **closed, **production)
        self.source = source

    def shut_in(self, *command):
        return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", *command]

    def manage(self, *arguments):
        python = os.path.abspath(settings.BASE_DIR / ".venv" / "bin" / "python")
        return self.shut_in(python, "manage.py", *arguments)

    def run(self, command):
        return subprocess.run(command, env=self.env, cwd=self.source, capture_output=True, text=True, timeout=300)


@pytest.fixture
def closed(tmp_path):
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root may give up being root, by setpriv of util-linux")
    source, data, temporary = (tmp_path / name for name in ("app", "data", "tmp"))
    copy_of_program(source)
    for folder in (data, temporary):
        folder.mkdir()
    subprocess.run(["chmod", "-R", "a-w,a+rX", str(source)], check=True)
    studio = ClosedStudio(source, data, temporary)
    yield studio
    studio.stop()


@pytest.mark.slow
def test_a_studio_works_where_nothing_but_its_data_can_be_written(closed):
    shut = closed.run(closed.shut_in("touch", str(closed.source / "x")))
    assert "denied" in shut.stderr, "the story would tell nothing otherwise"
    closed.start().ready(seconds=240)
    closed.env |= {"ADMIN_PASSWORD": "correct horse battery staple"}
    made = closed.run(closed.manage("make_admin", "ada@example.org"))
    assert made.returncode == 0, made.stderr
    key = closed.run(closed.manage("create_api_key", "ada@example.org"))
    assert key.returncode == 0, key.stderr
    plain = next(word for word in key.stdout.split() if word.startswith("rwk_"))
    program = {"Authorization": f"Bearer {plain}", "X-Runway-Version": "2024-11-06"}
    asked = {"model": "animatic", "promptText": "a red fox", "ratio": "64:64", "duration": 0.25}
    url = f"http://127.0.0.1:{closed.port}/v1"
    task = requests.post(f"{url}/text_to_video", json=asked, headers=program, timeout=30)
    assert task.status_code == 200, task.text

    def done():
        told = requests.get(f"{url}/tasks/{task.json()['id']}", headers=program, timeout=30).json()
        assert told["status"] != "FAILED", told
        return told["status"] == "SUCCEEDED" and told["output"][0]

    clip = requests.get(closed.wait(done, seconds=120), timeout=30)
    assert clip.status_code == 200 and b"ftyp" in clip.content[:16]
    asked_to_stop = time.monotonic()
    closed.stop()
    assert closed.process.returncode == 0 and time.monotonic() - asked_to_stop < 15
