"""A cut comes back through the page: looked at first, then taken."""

import re

import numpy as np
import opentimelineio as otio
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation.engine.encode import write_mp4
from projects.export.interchange import timeline_of, write
from projects.export.media import film_media, only_media
from projects.going_on import take_over
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
    assert 'name="going_on" value="c1" form="use-cut"' in text and "a new shot of the missing length" in text
    film.refresh_from_db()
    assert film.version == 1, "nothing is taken before it was looked at"
    taken = {"document": page.context["document"], "version": re.search(r'name="version" value="(\d+)"', text)[1]}
    assert studio.post(reverse("projects:comeback-taken", args=[film.project_id]), taken).status_code == 302
    film.refresh_from_db()
    assert film.cut.frames == 36 and film.version == 2


def take_it(studio, film, tmp_path, frames, **more):
    """Bring the cut back with its clip this long and use it, letting it go on."""
    page = studio.post(reverse("projects:comeback", args=[film.project_id]), {"file": edited(film, tmp_path, frames)})
    sent = {"document": page.context["document"], "version": film.version, "going_on": "c1"} | more
    return studio.post(reverse("projects:comeback-taken", args=[film.project_id]), sent)


def drawn(film, colors, tmp_path):
    """Let the chosen take be a clip of these colours, a frame each at 12 a second."""
    frames = np.stack([np.full((64, 96, 3), color, np.uint8) for color in colors])
    write_mp4(frames, 12, tmp_path / "take.mp4", metadata={})
    run = film.project.generations.get()
    run.asset = make_asset(film.project.workspace, (tmp_path / "take.mp4").read_bytes())
    run.save()
    return run


def test_what_is_missing_becomes_a_shot_behind_the_clip(studio, film, tmp_path):
    run = drawn(film, [(200, 30, 30)] * 11 + [(30, 30, 200)], tmp_path)
    first = film.project.shots.get()
    Shot(scene=first.scene, title="The next").add()
    answer = take_it(studio, film, tmp_path, 42)
    going = Shot.objects.get(follows=first)
    assert answer.url == reverse("projects:shot", args=[going.pk])
    assert (going.number, going.duration_seconds, going.prompt) == ("1.2", 0.75, run.request["prompt"])
    film.refresh_from_db()
    assert [(clip.at, clip.frames, clip.source.id) for clip in film.cut.clips()] == [
        (0, 24, str(first.pk)),
        (24, 18, str(going.pk)),
    ]
    page = studio.get(answer.url)
    assert "Shot 1.2 is laid in behind the clip that goes on" in page.content.decode()
    frame = page.context["form"].slot("first_frame").asset
    assert np.asarray(frame.open_picture()).mean((0, 1)).argmax() == 2, "it begins blue, where the take ends"
    form = {"planned": going.pk, "prompt": going.prompt, "model": going.model, "size": "512x288", "length": "0.75"}
    form |= {"variations": "1", "first_frame": frame.pk}
    studio.post(reverse("projects:generation-new", args=[film.project_id]), form)
    take = going.takes.get()
    assert take.generation.inputs.get().asset == frame and take.generation.request["num_frames"] / 12 == 0.75


def test_an_engine_that_can_goes_on_with_the_very_shot(studio, film, tmp_path):
    scene = {"place": "meadow", "characters": [{"species": "fox", "action": "walk"}]}
    run = drawn(film, [(200, 30, 30)] * 12, tmp_path)
    run.status = "succeeded"
    run.recipe = {"scene": scene, "request": {"seed": 42, "num_frames": 12}}
    run.save()
    form = studio.get(take_it(studio, film, tmp_path, 36).url).context["form"]
    assert (form.shot, form.joined, form.slot("first_frame").asset is not None) == (run, "after", True)


def test_what_ends_a_clip_ends_what_goes_on_from_it(film, ada):
    document = film.cut.as_document()
    clip = document["tracks"][0]["clips"][0]
    clip |= {"frames": 36, "fade_to_black": 20, "fade_out": 6, "transition": {"kind": "fade", "frames": 30}}
    take_over(film, document, version=film.version, by=ada, going_on=[clip["id"]])
    first, second = film.cut.clips()
    assert (first.fade_to_black, first.fade_out, first.transition.frames) == (0, 0, 24)
    assert (second.fade_to_black, second.fade_out, second.transition) == (12, 6, None)


def test_where_nothing_is_missing_or_the_cut_was_changed_no_shot_is_planned(studio, ada, film, tmp_path):
    assert take_it(studio, film, tmp_path, 24).url == reverse("projects:exports", args=[film.project_id])
    assert "changed meanwhile" in studio.get(take_it(studio, film, tmp_path, 36).url).content.decode()
    film.refresh_from_db()
    take_it(studio, film, tmp_path, 36, going_on=["zebra", "x" * 99])
    film.refresh_from_db()
    assert film.project.shots.count() == 1 and film.cut.frames == 36


def test_a_take_that_is_not_chosen_gives_its_own_last_frame(studio, ada, film, tmp_path):
    run = drawn(film, [(30, 180, 60)] * 12, tmp_path)
    take = run.take
    other = Take.objects.create(shot=take.shot, number=2, generation=make_generation(film.project, ada))
    take.shot.choose(other)
    document = film.cut.as_document()
    clip = document["tracks"][0]["clips"][0]
    clip |= {"frames": 36, "source": {"kind": "take", "id": str(take.pk)}}
    (going,) = take_over(film, document, version=film.version, by=ada, going_on=[clip["id"]])
    assert going.shot.follows is None
    assert [(one["role"], one["asset"]) for one in going.shot.given] == [("first_frame", str(run.still("last").pk))]


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
