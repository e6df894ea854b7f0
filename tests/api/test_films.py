"""A program makes a film: a project, shots, takes, the cut, and the file it leaves as."""

import pytest

from generation.attempt import Attempt
from projects.jobs import run_export
from projects.models import Export, Project
from runwayweb.api.models import Task

pytestmark = pytest.mark.django_db

SHOT = {"promptText": "a red fox in a forest", "duration": 0.5, "ratio": "64:64", "model": "animatic"}


@pytest.fixture
def film(program):
    return program.post("/v1/projects", {"name": "The Fox Who Waited"}).json()


@pytest.fixture
def shot(program, film):
    scene = program.post(f"/v1/projects/{film['id']}/scenes", {"heading": "EXT. FOREST - DAY"}).json()
    return program.post(f"/v1/projects/{film['id']}/shots", SHOT | {"sceneId": scene["id"]}).json()


def test_a_film_is_made_from_nothing_to_a_file(program, film, shot, pulse):
    assert shot["number"] == "1.1" and shot["ratio"] == "64:64"
    takes = program.post(f"/v1/shots/{shot['id']}/takes", {"count": 2}, Idempotency_Key="takes")
    assert takes.status_code == 200, takes.content
    again = program.post(f"/v1/shots/{shot['id']}/takes", {"count": 2}, Idempotency_Key="takes")
    assert again.content == takes.content
    first, second = takes.json()["data"]
    assert {first["status"], second["status"]} == {"PENDING"} and first["seed"] != second["seed"]
    for _run in range(2):
        Attempt.run_next(pulse)
    assert program.get(f"/v1/tasks/{first['taskId']}").json()["status"] == "SUCCEEDED"
    chosen = program.post(f"/v1/takes/{second['id']}/choice", {}).json()
    assert chosen["chosen"] and chosen["output"]
    assert program.call("PATCH", f"/v1/takes/{second['id']}", {"rating": 4}).json()["rating"] == 4
    assert program.get(f"/v1/shots/{shot['id']}").json()["chosenTakeId"] == second["id"]
    empty = program.post(f"/v1/projects/{film['id']}/exports", {"height": 288})
    assert empty.status_code == 400 and "nothing in the cut" in empty.json()["error"]
    assert program.post(f"/v1/projects/{film['id']}/assembly", {}).json() == {"clips": 1, "durationSeconds": 0.5}
    asked = program.post(f"/v1/projects/{film['id']}/exports", {"height": 288})
    assert asked.status_code == 200, asked.content
    path = f"/v1/exports/{asked.json()['id']}"
    assert program.get(path).json()["status"] == "PENDING"
    run_export(asked.json()["id"])
    done = program.get(path).json()
    assert done["status"] == "SUCCEEDED" and done["progress"] == 1.0, done
    assert program.client.head(done["output"][0])["Content-Type"] == "video/mp4"
    assert program.get(f"/v1/projects/{film['id']}/exports").json()["data"][0]["id"] == done["id"]


def test_another_plan_makes_its_takes_stale(program, shot):
    take = program.post(f"/v1/shots/{shot['id']}/takes", {"seed": 7}).json()["data"][0]
    assert take["seed"] == 7 and take["staleBecause"] == []
    changed = program.call(
        "PATCH", f"/v1/shots/{shot['id']}", {"promptText": "a blue fox in a forest", "camera": "pan left"}
    )
    assert changed.json()["promptText"] == "a blue fox in a forest" and changed.json()["duration"] == 0.5
    assert program.get(f"/v1/takes/{take['id']}").json()["staleBecause"] == ["the words", "the camera"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"camera": "somersault"}, "camera"),
        ({"duration": 0}, "duration"),
        ({"ratio": "60:60"}, "ratio"),
        ({"ratio": "70:70"}, "ratio"),
        ({"promptText": "x" * 1001}, "promptText"),
        ({"promptText": "a\x00"}, "promptText"),
        ({"title": "x" * 101}, "title"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_changes_nothing(program, shot, wrong, path):
    answer = program.call("PATCH", f"/v1/shots/{shot['id']}", wrong)
    assert answer.status_code == 400 and answer.json()["issues"][0]["path"] == [path]
    assert program.get(f"/v1/shots/{shot['id']}").json() == shot


def test_a_model_that_is_not_there_is_told(program, shot):
    program.call("PATCH", f"/v1/shots/{shot['id']}", {"model": "ltx-2.5"})
    answer = program.post(f"/v1/shots/{shot['id']}/takes", {})
    assert answer.status_code == 400 and "manage.py models pull ltx-2.5" in answer.json()["issues"][0]["message"]
    assert not Task.objects.exists()


def test_nobody_reaches_the_films_of_others(program, stranger, film, shot):
    take = program.post(f"/v1/shots/{shot['id']}/takes", {}).json()["data"][0]
    project, shots, takes = f"/v1/projects/{film['id']}", f"/v1/shots/{shot['id']}", f"/v1/takes/{take['id']}"
    calls = [
        ("GET", project, None),
        ("GET", f"{project}/shots", None),
        ("GET", f"{project}/scenes", None),
        ("GET", f"{project}/exports", None),
        ("GET", shots, None),
        ("GET", f"{shots}/takes", None),
        ("GET", takes, None),
        ("DELETE", project, None),
        ("DELETE", shots, None),
        ("PATCH", project, {"name": "Mine"}),
        ("PATCH", shots, {"title": "Mine"}),
        ("PATCH", takes, {"rating": 1}),
        ("POST", f"{project}/assembly", {}),
        ("POST", f"{project}/exports", {}),
        ("POST", f"{project}/scenes", {"heading": "INT. DEN"}),
        ("POST", f"{project}/shots", SHOT | {"sceneId": shot["sceneId"]}),
        ("POST", f"{shots}/takes", {}),
        ("POST", f"{takes}/choice", {}),
    ]
    nothing = stranger.get("/v1/projects/nothing").content
    for method, path, body in calls:
        answer = stranger.call(method, path, body)
        assert (answer.status_code, answer.content) == (404, nothing), (method, path)
    own = stranger.post("/v1/projects", {"name": "Mine"}).json()
    mixed = stranger.post(f"/v1/projects/{own['id']}/shots", SHOT | {"sceneId": shot["sceneId"]})
    assert mixed.status_code == 404
    assert [one["id"] for one in stranger.get("/v1/projects").json()["data"]] == [own["id"]]
    assert program.get(project).json()["name"] == "The Fox Who Waited"


def test_a_film_is_renamed_and_deleted_and_can_be_brought_back_in_the_studio(program, film, shot):
    path = f"/v1/projects/{film['id']}"
    assert program.call("PATCH", path, {"name": "The Fox"}).json()["name"] == "The Fox"
    assert program.call("PATCH", path, {"name": "  "}).status_code == 400
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404 and program.get(f"/v1/shots/{shot['id']}").status_code == 404
    assert Project.objects.get(pk=film["id"]).restore()
    assert program.get(path).json()["name"] == "The Fox"


def test_an_export_is_stopped(program, film, shot, pulse):
    program.post(f"/v1/shots/{shot['id']}/takes", {})
    Attempt.run_next(pulse)
    take = program.get(f"/v1/shots/{shot['id']}/takes").json()["data"][0]
    program.post(f"/v1/takes/{take['id']}/choice", {})
    program.post(f"/v1/projects/{film['id']}/assembly", {})
    asked = program.post(f"/v1/projects/{film['id']}/exports", {"format": "otio"}).json()
    path = f"/v1/exports/{asked['id']}"
    assert program.delete(path).status_code == 204
    assert program.get(path).json()["status"] == "CANCELLED" and Export.objects.get().status == "cancelled"


def test_exports_have_a_bound(program, film, shot, pulse, settings):
    program.post(f"/v1/shots/{shot['id']}/takes", {})
    Attempt.run_next(pulse)
    take = program.get(f"/v1/shots/{shot['id']}/takes").json()["data"][0]
    program.post(f"/v1/takes/{take['id']}/choice", {})
    program.post(f"/v1/projects/{film['id']}/assembly", {})
    path = f"/v1/projects/{film['id']}/exports"
    settings.EXPORT_HOURS = 0.0001
    refused = program.post(path, {"height": 288})
    assert refused.status_code == 400 and "hours long" in refused.json()["error"]
    assert {program.post(path, {"format": "otio"}).status_code for _ in range(2)} == {200}
    refused = program.post(path, {"format": "otio"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "2 exports are being made already." in refused.json()["error"] and Export.objects.count() == 2


def test_takes_are_quoted_before_they_are_asked_for(program, stranger, shot):
    asked = {"endpoint": f"shots/{shot['id']}/takes", "count": 3}
    quoted = program.post("/v1/quotes", asked)
    assert quoted.status_code == 200, quoted.content
    assert stranger.post("/v1/quotes", asked).status_code == 404
    assert not Task.objects.exists()
    before = quoted.json()["creditBalance"]
    program.post(f"/v1/shots/{shot['id']}/takes", {"count": 3})
    after = program.post("/v1/quotes", asked).json()
    assert before - after["creditBalance"] == quoted.json()["estimatedCost"]["credits"] > 0
    assert after["estimatedCost"] == quoted.json()["estimatedCost"] and after["queuePosition"] == 3
    assert program.post("/v1/quotes", asked | {"count": 99}).json()["issues"][0]["path"] == ["count"]
