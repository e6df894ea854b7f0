"""A cut comes back through the page: looked at first, then taken."""

import re

import opentimelineio as otio
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.export.interchange import timeline_of, write
from projects.export.media import film_media, only_media
from projects.models import Scene, Shot, Take, Timeline
from tests.factories import make_asset, make_generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(project, ada):
    """A cut of one take, 12 frames at 12 a second, all of it."""
    scene = Scene.objects.create(project=project, position=0, heading="INT. DEN")
    shot = Shot.objects.create(project=project, scene=scene, position=0)
    generation = make_generation(project, ada)
    generation.asset = make_asset(project.workspace, duration_seconds=1)
    generation.save()
    shot.chosen = Take.objects.create(shot=shot, number=1, generation=generation)
    shot.save()
    timeline = Timeline.objects.of(project)
    document = timeline.document
    clip = {"id": "a", "at": 0, "frames": 24, "source": {"kind": "shot", "id": str(shot.pk)}}
    document["tracks"][0]["clips"] = [clip]
    timeline.save_cut(document, version=0, by=ada)
    return timeline


def edited(timeline, folder, frames):
    """The film's cut as an editor's tool gives it back, its one clip `frames` long."""
    write(timeline_of(timeline.cut, "film", only_media(film_media(timeline))), folder / "film.otio", "otio")
    told = otio.adapters.read_from_file(str(folder / "film.otio"))
    clip = told.video_tracks()[0].find_clips()[0]
    length = otio.opentime.RationalTime(frames, 24)
    clip.source_range = otio.opentime.TimeRange(clip.source_range.start_time, length)
    return SimpleUploadedFile("film.otio", told.to_json_string().encode())


def test_a_longer_shot_comes_back_and_is_offered_for_going_on(studio, film, tmp_path):
    page = studio.post(reverse("projects:comeback", args=[film.project_id]), {"file": edited(film, tmp_path, 36)})
    text = page.content.decode()
    assert "1.0 s → 1.5 s" in text and "0.5 s more are wanted" in text
    assert reverse("projects:generation-continuation", args=[film.project.generations.get().pk]) in text
    film.refresh_from_db()
    assert film.version == 1, "nothing is taken before it was looked at"
    taken = {"document": page.context["document"], "version": re.search(r'name="version" value="(\d+)"', text)[1]}
    assert studio.post(reverse("projects:comeback-taken", args=[film.project_id]), taken).status_code == 302
    film.refresh_from_db()
    assert film.cut.frames == 36 and film.version == 2


def test_a_cut_that_was_changed_meanwhile_is_not_overwritten(studio, ada, film, tmp_path):
    page = studio.post(reverse("projects:comeback", args=[film.project_id]), {"file": edited(film, tmp_path, 36)})
    film.save_cut(film.document, version=1, by=ada)
    answer = studio.post(
        reverse("projects:comeback-taken", args=[film.project_id]),
        {"document": page.context["document"], "version": 1},
        follow=True,
    )
    assert "changed meanwhile" in answer.content.decode()
    film.refresh_from_db()
    assert film.cut.frames == 24


@pytest.mark.parametrize("data", [{}, {"document": "[" * 9000, "version": 1}, {"document": "{}", "version": "x"}])
def test_half_a_cut_is_not_taken(studio, film, data):
    answer = studio.post(reverse("projects:comeback-taken", args=[film.project_id]), data, follow=True)
    assert "did not arrive whole" in answer.content.decode()


def test_a_file_that_is_none_gets_a_sentence(studio, film):
    file = SimpleUploadedFile("film.otio", b"<xml>")
    page = studio.post(reverse("projects:comeback", args=[film.project_id]), {"file": file})
    assert page.status_code == 422
    assert "no OpenTimelineIO file" in page.content.decode()


@pytest.mark.parametrize("name", ["comeback", "comeback-taken"])
def test_a_strangers_film_is_not_there(client, mallory, film, name):
    client.force_login(mallory)
    assert client.post(reverse(f"projects:{name}", args=[film.project_id])).status_code == 404
