"""Films by recipe: several shots by one call, exactly as long as asked, and in the studio afterwards."""

import base64

import pytest

from generation import offered
from generation.attempt import Attempt
from generation.models import Generation
from projects.export.run import Rendering
from projects.models import Export, Project, Timeline
from projects.stories import by_rules
from runwayweb.api.models import Task
from runwayweb.api.v1 import recipes
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Wallet
from tests.factories import finish_generation, make_shot
from tests.pictures import two_colors
from tests.screening import decoded

pytestmark = pytest.mark.django_db(transaction=True)
STORY = "A red fox waits by a river. A bear comes out of the forest and then they walk away together."
AUTO = {"mode": "auto", "version": "2026-06", "prompt": STORY, "duration": 5, "model": "animatic"}
CUSTOM = {
    "mode": "custom",
    "version": "2026-06",
    "duration": 5,
    "audio": False,
    "model": "animatic",
    "shots": [
        {"prompt": "a red fox in a forest", "duration": 1},
        {"prompt": "a bear in the snow", "duration": 3},
        {"prompt": "a rabbit on the beach", "duration": 1},
    ],
}


@pytest.fixture(autouse=True)
def small_takes(monkeypatch):
    """Takes of a few pixels: what is told here is the same of large ones."""
    for ratio in ("1280:720", "960:960"):
        monkeypatch.setitem(recipes.RATIOS, ratio, (64, 64) if ratio == "960:960" else (128, 64))


def ask(program, body, **more):
    return program.post("/v1/recipes/multi_shot_video", body | more)


def finish(program, answer, pulse):
    """The task of an answer after workers have done all there was to do."""
    assert answer.status_code == 200, answer.content
    while Attempt.run_next(pulse):
        pass
    for export in Export.objects.waiting():
        Rendering(export).run()
    return program.get(f"/v1/tasks/{answer.json()['id']}").json()


@pytest.mark.slow
def test_a_story_becomes_a_film_of_five_shots_with_its_sound(program, ada, pulse):
    wallet = Wallet.objects.of(ada.open_workspace())
    before = wallet.available
    told = finish(program, ask(program, AUTO), pulse)
    assert told["status"] == "SUCCEEDED", told
    film = Asset.objects.get(pk=told["output"][0].split("/media/")[1].split("/")[0])
    assert (film.width, film.height, film.duration_seconds, film.media_type) == (1280, 720, 5, "video/mp4")
    assert len(decoded(film.file.path)) == 5 * 24 and film.has_sound
    charged = sum(run.charged for run in Generation.objects.all())
    wallet.refresh_from_db()
    assert told["cost"] == {"credits": charged} and (wallet.available, wallet.held) == (before - charged, 0)
    project = Project.objects.get(name__startswith="A red fox waits")
    shots = list(project.shots.live())
    assert len(shots) == 5 and all(shot.chosen.origin == "finish" for shot in shots)
    cut = Timeline.objects.of(project).cut
    assert (cut.frames, cut.width, cut.height, len(list(cut.clips("video")))) == (120, 1280, 720, 5)


@pytest.mark.slow
def test_shots_that_are_told_are_as_long_as_they_are_told(program, pulse):
    quoted = program.post("/v1/quotes", CUSTOM | {"endpoint": "recipes/multi_shot_video"}).json()
    answer = ask(program, CUSTOM, ratio="960:960")
    assert answer.json()["estimatedCost"] == quoted["estimatedCost"] == {"credits": 10}
    told = finish(program, answer, pulse)
    assert told["status"] == "SUCCEEDED" and told["cost"] == {"credits": 10}, told
    film = Asset.objects.get(pk=told["output"][0].split("/media/")[1].split("/")[0])
    assert (film.width, film.height, film.duration_seconds) == (960, 960, 5)
    (project,) = Project.objects.filter(shots__isnull=False).distinct()
    assert [clip.frames for clip in Timeline.objects.of(project).cut.clips("video")] == [24, 72, 24]
    assert [shot.prompt for shot in project.shots.live()] == [shot["prompt"] for shot in CUSTOM["shots"]]
    assert program.delete(f"/v1/tasks/{told['id']}").status_code == 204
    film.refresh_from_db()
    assert film.deleted_at and project.shots.first().chosen.generation.deleted_at is None, "the film's takes stay"


def test_a_film_begins_with_the_picture_that_is_given(program, ada):
    import io

    data = io.BytesIO()
    two_colors().resize((96, 64)).save(data, "PNG")
    uri = f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"
    assert ask(program, CUSTOM, firstFrame={"uri": uri}).status_code == 200
    runs = list(Generation.objects.order_by("created_at"))
    assert [(run.model, run.inputs.count()) for run in runs] == [("built-in", 1), ("animatic", 0), ("animatic", 0)]


def let_them_be_drawn(answer):
    """The takes of a task are there, and it goes on; the task."""
    for run in Generation.objects.in_progress():
        finish_generation(run)
    task = Task.objects.get(pk=answer.json()["id"])
    task.chain.go_on()
    return task


def test_a_film_is_of_the_shots_that_were_drawn_for_it_whatever_somebody_does_to_it_meanwhile(program):
    answer = ask(program, CUSTOM)
    (project,) = Project.objects.filter(shots__isnull=False).distinct()
    drawn = list(project.shots.live())
    drawn[1].delete_softly()
    drawn[2].move(scene=drawn[2].scene, position=0)
    make_shot(project, prompt="an owl flies by")
    let_them_be_drawn(answer)
    export = Export.objects.get()
    clips = [(clip.source.id, clip.frames) for clip in export.cut.clips("video")]
    assert clips == [(str(shot.pk), frames) for shot, frames in zip(drawn, (24, 72, 24), strict=True)]
    assert len(set(export.sources.values())) == 3


def test_a_film_stays_silent_where_nothing_makes_sounds_any_more(program, ada):
    answer = ask(program, CUSTOM, audio=True)
    wallet = Wallet.objects.of(ada.open_workspace())
    takes = sum(run.cost for run in Generation.objects.all())
    assert wallet.held > takes
    offered.offer("foley", False, by=ada)
    task = let_them_be_drawn(answer)
    assert Export.objects.get().cut.frames == 120 and not task.chain.steps.filter(maker="hear_takes").exists()
    wallet.refresh_from_db()
    assert wallet.held == takes, "what was held for the sounds is free again"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"shots": CUSTOM["shots"][:2]}, ["shots"]),
        ({"duration": 10}, ["shots"]),
        ({"duration": 7}, ["duration"]),
        ({"ratio": "100:100"}, ["ratio"]),
        ({"version": "1999-01"}, ["version"]),
        ({"mode": "auto"}, ["prompt"]),
        ({"mode": "auto", "prompt": "…"}, ["prompt"]),
        ({"mode": "auto", "prompt": "@nobody waits"}, ["prompt"]),
        ({"firstFrame": {"uri": "no picture"}}, ["firstFrame", "uri"]),
        ({"model": "veo3.1"}, ["model"]),
    ],
    ids=str,
)
def test_what_is_no_film_is_refused_and_nothing_is_made(program, fields, path):
    answer = ask(program, CUSTOM, **fields)
    assert answer.status_code == 400 and answer.json()["issues"][0]["path"] == path, answer.content
    assert not Generation.objects.exists() and not Project.objects.filter(shots__isnull=False).exists()


def test_a_film_that_cannot_be_paid_for_leaves_nothing_behind(program, ada):
    wallet = Wallet.objects.of(ada.open_workspace())
    wallet.take_back(wallet.available - 9, reference="test")
    answer = ask(program, CUSTOM)
    assert (answer.status_code, answer.json()["error"]) == (400, "You do not have enough credits to run this task.")
    assert not Generation.objects.exists() and not Project.objects.filter(shots__isnull=False).exists()


@pytest.mark.parametrize(
    "story",
    [STORY, "A fox.", "One. Two. Three. Four. Five. Six. Seven.", "a fox walks and a bear sleeps", "a fox " * 166],
    ids=len,
)
def test_any_story_has_five_shots_that_tell_all_of_it(story):
    shots = by_rules(story, 5)
    assert len(shots) == 5 and len({(shot.prompt, shot.camera) for shot in shots}) == 5
    assert all(len(shot.prompt) <= 1000 for shot in shots)
    said = " ".join(shot.text for shot in shots).lower()
    for word in ("fox", "bear", "seven"):
        assert (word in story.lower()) == (word in said)
