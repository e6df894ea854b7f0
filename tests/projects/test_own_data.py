"""Taking one's data along: everything that is one's own, and nothing that is somebody else's."""

import io
import json
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone

from runwayweb.accounts import agreeing
from tests.factories import finish_generation, make_generation, make_project, make_shot, make_user

pytestmark = pytest.mark.django_db(transaction=True)


async def _bytes(answer):
    return b"".join([piece async for piece in answer.streaming_content])


def taken(client):
    from asgiref.sync import async_to_sync

    answer = client.get(reverse("projects:own-data"))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    return zipfile.ZipFile(io.BytesIO(async_to_sync(_bytes)(answer)))


def test_films_recipes_and_files_are_in_it_and_nothing_of_others(client):
    ada, mallory = make_user("ada"), make_user("mallory")
    film = make_project(ada)
    make_shot(film, prompt="a red fox waits")
    agreeing.accept(ada)
    finish_generation(make_generation(film, ada))
    finish_generation(make_generation(make_project(mallory, "Secret"), mallory))
    client.force_login(ada)
    archive = taken(client)
    assert archive.testzip() is None
    told = {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}
    assert told["account.json"]["email"] == "ada@example.org"
    assert {one["version__document"] for one in told["account.json"]["accepted"]} == {"terms", "privacy"}
    assert told["workspaces.json"][0]["role"] == "owner"
    assert told[f"projects/{film.pk}.json"]["rows"]["projects.Shot"][0]["prompt"] == "a red fox waits"
    assert [run["request"]["prompt"] for run in told["generations.json"]] == ["a red fox in a forest"]
    assert len(told["files.json"]) == 1
    assert [name for name in archive.namelist() if name.startswith("files/")] == ["files/clip.mp4"]
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"mallory" not in everything
    assert b"Secret" not in everything


def test_what_the_operator_took_down_is_not_handed_out(client):
    ada = make_user("ada")
    run = make_generation(make_project(ada), ada)
    finish_generation(run)
    clip = run.asset
    type(clip).objects.filter(pk=clip.pk).update(taken_down_at=timezone.now())
    client.force_login(ada)
    archive = taken(client)
    assert json.loads(archive.read("files.json")) == []
    assert [run["asset"] for run in json.loads(archive.read("generations.json"))] == [str(clip.pk)]
    assert not [name for name in archive.namelist() if name.startswith("files/")]


def test_it_is_for_whoever_is_signed_in(client):
    assert client.get(reverse("projects:own-data")).status_code == 302
    assert client.post(reverse("projects:own-data")).status_code in (302, 405)
