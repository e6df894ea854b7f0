"""Files of the library by API: found, brought in, taken out; and the addresses they are watched by."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from generation import jobs
from generation.models import Input
from runwayweb.assets import signing
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.signing import signed_path
from tests.api.test_media import data_uri, png
from tests.factories import finish_generation, make_asset, make_generation, make_picture, make_project
from tests.media import media_file
from tests.pictures import two_colors

pytestmark = pytest.mark.django_db
watched = pytest.mark.django_db(transaction=True)  # a file that is sent lets go of its connection to the database


def bring(program, uri, name=None):
    """The answer to bringing it in, once a media worker was at it."""
    answer = program.post("/v1/assets", {"uri": uri} | ({"name": name} if name else {}))
    assert answer.status_code == 200, answer.content
    told = answer.json()
    jobs.take_in_upload(told["id"])
    return told, program.get(f"/v1/assets/{told['id']}")


def refusal(answer):
    assert answer.status_code == 400, answer.content
    (issue,) = answer.json()["issues"]
    assert issue["path"] == ["uri"]
    return issue["message"]


@watched
def test_a_film_is_brought_into_the_library_as_people_do_it(program):
    came, answer = bring(program, data_uri(media_file(frames=12), "video/mp4"), "Fox at dawn")
    assert came["state"] == "preparing" and "url" not in came
    told = answer.json()
    assert (told["id"], told["state"], told["origin"], told["type"]) == (came["id"], "ready", "uploaded", "video")
    assert (told["name"], told["mediaType"], told["width"], told["height"]) == ("Fox at dawn", "video/mp4", 320, 180)
    assert (told["fps"], told["durationSeconds"], told["hasSound"]) == (24, 0.5, True)
    for name in ("url", "posterUrl"):
        path = told[name].removeprefix("http://testserver")
        assert program.client.get(path).status_code == 200
    assert Asset.objects.get().proxy


def test_a_file_that_is_there_already_is_told_by_the_id_of_the_new_one(program, ada):
    there = make_picture(ada.open_workspace())
    came, answer = bring(program, data_uri(png()))
    assert came["id"] != str(there.pk) and answer.json()["id"] == str(there.pk)
    assert program.get("/v1/assets").json()["data"][0]["id"] == str(there.pk)
    assert Asset.objects.count() == 1


def test_what_cannot_be_used_is_refused_at_once_or_once_it_was_looked_at(program):
    _came, answer = bring(program, data_uri(b"just words"))
    assert answer.json()["state"] == "refused" and "no picture, video or sound" in answer.json()["refusal"]
    assert "HTTPS URL" in refusal(program.post("/v1/assets", {"uri": "http://example.org/"}))
    assert "is expected" in refusal(program.post("/v1/assets", {"uri": "data:text/html;base64,QUJD"}))
    assert "cannot be used" in refusal(program.post("/v1/assets", {"uri": "runway://nothing"}))
    assert "empty" in refusal(program.post("/v1/assets", {"uri": "data:image/png;base64,"}))


def test_an_address_is_fetched_after_the_answer(program):
    answer = program.post("/v1/assets", {"uri": "https://files.example.org/fox.mp4"})
    told = answer.json()
    assert (told["state"], told["origin"], told["name"]) == ("arriving", "imported", "fox.mp4")
    assert Upload.objects.get().url == "https://files.example.org/fox.mp4"
    assert program.delete(f"/v1/assets/{told['id']}").status_code == 204
    assert program.get(f"/v1/assets/{told['id']}").status_code == 404
    assert not Upload.objects.exists()


def test_files_are_listed_page_by_page_and_by_what_they_are(program, stranger, ada):
    workspace = ada.open_workspace()
    for number in range(5):
        make_asset(workspace, name=f"clip {number}", sha256=f"{number}" * 64)
    make_picture(workspace)
    trashed = make_asset(workspace)
    Asset.objects.filter(pk=trashed.pk).trash()
    seen, cursor = [], ""
    while True:
        page = program.get(f"/v1/assets?type=video&limit=2&cursor={cursor}").json()
        seen += [one["name"] for one in page["data"]]
        cursor = page.get("nextCursor")
        if not cursor:
            break
    assert seen == [f"clip {number}" for number in (4, 3, 2, 1, 0)]
    assert [one["type"] for one in program.get("/v1/assets?type=image").json()["data"]] == ["image"]
    assert program.get("/v1/assets?origin=api").json()["data"] == []
    assert program.get("/v1/assets?type=paintings").status_code == 400
    assert program.get("/v1/assets?limit=1000").status_code == 400
    assert stranger.get("/v1/assets").json()["data"] == []


def test_a_file_of_somebody_else_is_not_there(program, stranger, ada):
    mine = make_asset(ada.open_workspace())
    nowhere = stranger.get("/v1/assets/00000000-0000-0000-0000-000000000000")
    for id in (mine.pk, "nothing", "..%2Fassets"):
        for method in ("GET", "DELETE"):
            answer = stranger.call(method, f"/v1/assets/{id}")
            assert answer.status_code == 404 and answer.json() == nowhere.json()
    assert program.get(f"/v1/assets/{mine.pk}").status_code == 200


@watched
def test_a_deleted_file_is_gone_and_so_are_its_addresses(program, ada):
    asset = make_asset(ada.open_workspace())
    path = signed_path(asset)
    assert program.client.get(path).status_code == 200
    assert program.delete(f"/v1/assets/{asset.pk}").status_code == 204
    assert program.client.get(path).status_code == 404
    assert program.get(f"/v1/assets/{asset.pk}").status_code == 404
    assert not asset.file.storage.exists(asset.file.name)


def test_what_something_was_made_of_stays(program, ada):
    asset = make_picture(ada.open_workspace(), two_colors(size=(80, 80)))
    run = make_generation(make_project(ada), ada, "built-in", inputs=[Input(role="first_frame", asset=asset)])
    answer = program.delete(f"/v1/assets/{asset.pk}")
    assert answer.status_code == 409 and "is in use" in answer.json()["error"]
    asset.refresh_from_db()
    assert asset.trashed_at is None and program.get(f"/v1/assets/{asset.pk}").status_code == 200
    finish_generation(run)
    assert program.delete(f"/v1/assets/{run.asset_id}").status_code == 204, "a clip goes with its own card"


# Case 37
@watched
def test_an_address_is_good_for_its_file_its_time_and_whatever_it_says(program, ada, client):
    workspace = ada.open_workspace()
    asset, other = make_asset(workspace), make_asset(workspace, sha256="1" * 64)
    path, query = signed_path(asset).split("?")
    assert client.get(f"{path}?{query}").status_code == 200
    for wrong in (
        path,
        f"{path}?{query}x",
        f"{path}?{query.replace('expires=', 'expires=9')}",
        f"{path}?{query.partition('&')[2]}",
        f"{path.replace(str(asset.pk), str(other.pk))}?{query}",
        f"{path.replace('clip.mp4', 'poster.webp')}?{query}",
        f"{path.replace('clip.mp4', '../secret_key')}?{query}",
        signed_path(asset, expires_in=-1),
    ):
        assert client.get(wrong).status_code in (302, 404), wrong
        assert b"\x00" * 100 not in client.get(wrong).content
    for abuse in ("bytes=0-,0-,0-", "bytes=0-1,5-6", "bytes=99999-", "bytes=5-2", "bytes=-0", "bytes=a-b"):
        for method in ("GET", "HEAD"):
            answer = client.generic(method, f"{path}?{query}", headers={"Range": abuse})
            assert answer.status_code == 416, (method, abuse)
    assert client.head(f"{path}?{query}").status_code == 200
    assert client.post(f"{path}?{query}").status_code == 405


@watched
def test_an_address_is_over_after_a_day(ada, client, monkeypatch):
    asset = make_asset(ada.open_workspace())
    path = signed_path(asset)
    later = time.time() + timedelta(hours=24, minutes=1).total_seconds()
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert client.get(path).status_code == 404
    assert timezone.now().timestamp() < later
