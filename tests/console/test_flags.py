"""What an operator switches off, at the doors where it is asked."""

import json
import subprocess
import sys

import pytest
from django.urls import reverse
from django.utils.html import escape

from runwayweb.accounts import flags
from runwayweb.accounts.models import Flag, Workspace
from runwayweb.api.models import Key
from runwayweb.assets.models import Ephemeral, Upload
from runwayweb.assets.models.upload import Refused as FileRefused
from runwayweb.subscriptions import switches
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_project, make_user


def switch(console, name, state, workspace=""):
    return console.post(reverse("console:flag", args=[name]), {"state": state, "workspace": workspace})


@pytest.fixture
def project(ada):
    return make_project(ada)


def test_no_new_work_is_a_sentence_on_every_page_and_holds_no_credits(console, told, project, ada, client):
    queued = make_generation(project, ada)
    switch(console, "new-work", "off")
    with pytest.raises(switches.SwitchedOff, match="takes no new work"):
        make_generation(project, ada)
    assert Wallet.objects.of(project.workspace).held == queued.cost
    client.force_login(ada)
    words = escape(str(flags.FLAGS["new-work"].when_off))
    assert words in client.get(reverse("projects:project-list")).content.decode()
    assert told() == [("flag_switched", "new-work", {"state": "off"})]


def test_one_workspace_may_be_otherwise_than_the_studio(console, project, ada):
    other = make_project(make_user("grace"))
    switch(console, "new-work", "off")
    switch(console, "new-work", "on", workspace=str(project.workspace_id))
    assert make_generation(project, ada)
    with pytest.raises(switches.SwitchedOff):
        make_generation(other)
    assert project.workspace.audit_entries.filter(action="operator.flag_switched").exists()
    page = console.get(reverse("console:flags")).content.decode()
    assert escape(project.workspace.name) in page
    switch(console, "new-work", "default", workspace="ADA@example.org")
    with pytest.raises(switches.SwitchedOff):
        make_generation(project, ada)


def test_a_name_that_is_nobodys_or_several_is_told(console, ada):
    make_user("grace")
    Workspace.objects.update(name="Films")
    for told, words in (("Nowhere", "no workspace"), ("films", "several")):
        page = console.post(
            reverse("console:flag", args=["api"]), {"state": "off", "workspace": told}, follow=True
        ).content.decode()
        assert words in page and not Flag.objects.exists()
    assert switch(console, "nonsense", "off").status_code == 404
    assert switch(console, "api", "perhaps").status_code == 400


def test_the_api_answers_503_and_says_so(console, project, ada, client):
    key = Key.objects.issue(project.workspace, by=ada, name="Farm")[1]
    headers = {"Authorization": f"Bearer {key}", "X-Runway-Version": "2024-11-06"}
    assert client.get("/v1/organization", headers=headers).status_code == 200
    client.logout()
    Flag.objects.switch("api", False, by=None, workspace=project.workspace)
    answer = client.get("/v1/organization", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (503, flags.FLAGS["api"].when_off)


def test_files_stay_outside(project, ada):
    Flag.objects.switch("uploads", False, by=None)
    with pytest.raises(FileRefused, match="No files"):
        Upload.objects.begin(workspace=project.workspace, by=ada, name="a.mp4", size_bytes=10)
    with pytest.raises(FileRefused, match="No files"):
        Ephemeral.objects.announce(workspace=project.workspace, name="a.png")
    assert not Upload.objects.exists() and not Ephemeral.objects.exists()


def test_films_in_4k(project, ada):
    from projects.models import Export

    Flag.objects.switch("exports-4k", False, by=None)
    with pytest.raises(switches.SwitchedOff, match="1440"):
        Export.request_export(project, by=ada, format="mp4", height=2160)
    with pytest.raises(ValueError, match="empty"):  # which is asked afterwards
        Export.request_export(project, by=ada, format="mp4", height=1440)


def test_strangers_find_sign_up_closed(client, db):
    assert client.get(reverse("account_signup")).status_code == 200
    Flag.objects.switch("sign-up", False, by=None)
    assert "no new accounts" in client.get(reverse("account_signup")).content.decode()


def test_asking_costs_a_query_every_five_seconds(db, django_assert_num_queries, monkeypatch):
    flags.forget()
    with django_assert_num_queries(1):
        assert all(flags.is_on(name) for name in flags.FLAGS for _ in range(3))
    clock = flags.time.monotonic() + flags.KEPT_SECONDS + 1
    monkeypatch.setattr(flags.time, "monotonic", lambda: clock)
    with django_assert_num_queries(1):
        flags.is_on("api")


def test_another_process_hears_of_it(transactional_db, database_url):
    import os

    Flag.objects.switch("api", False, by=None)
    code = "import django; django.setup(); from runwayweb.accounts import flags; print(int(flags.is_on('api')))"
    environment = os.environ | {"DATABASE_URL": database_url}
    heard = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert json.loads(heard.stdout) == 0, heard.stderr
