"""A script becomes scenes, cast and shots; what is rewritten marks only the shots that tell it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.breakdown import suggestions_for
from projects.fountain import read_script
from projects.models import Script, Shot, Timeline
from projects.planning import plan_of, rewritten_shots
from tests.factories import make_shot

pytestmark = pytest.mark.django_db

SCRIPT = """\
EXT. PINE FOREST - DUSK

NOVA, a red fox with a blue scarf, sits among the trees.

PAN LEFT to an owl that sleeps.

INT. DEN - NIGHT

NOVA
He said morning.
"""


def save(studio, project, text, **more):
    version = Script.objects.of(project).version
    return studio.post(reverse("projects:script", args=[project.pk]), {"text": text, "version": version} | more)


def test_a_page_of_script_becomes_scenes_cast_and_shots(studio, project):
    assert save(studio, project, SCRIPT).status_code == 302
    assert [scene.heading for scene in project.scenes.all()] == ["EXT. PINE FOREST - DUSK", "INT. DEN - NIGHT"]
    page = studio.get(reverse("projects:script", args=[project.pk])).content.decode()
    assert "3 shots to plan" in page and "Nova" in page and "Pine forest" in page
    studio.post(reverse("projects:script-cast", args=[project.pk]))
    cast = {entity.tag: (entity.kind, entity.description) for entity in project.entities.all()}
    assert cast == {
        "nova": ("character", "a red fox with a blue scarf"),
        "pine_forest": ("place", "pine forest"),
        "den": ("place", "den"),
    }
    studio.post(reverse("projects:script-suggestions", args=[project.pk]))
    shots = list(Shot.objects.filter(project=project))
    assert [shot.number for shot in shots] == ["1.1", "1.2", "2.1"]
    assert "@nova" in shots[0].prompt and shots[1].camera == "pan left" and shots[0].duration_seconds >= 2
    studio.post(reverse("projects:script-suggestions", args=[project.pk]))
    assert Shot.objects.count() == 3, "what is planned is not suggested again"


def test_a_title_is_a_few_words_that_end_somewhere():
    lines = "EXT. BEACH - DUSK", "MIRA, a rabbit, walks along the water.", "Mira and Bruno dance beside the lantern."
    (scene,) = read_script("\n\n".join(lines)).scenes
    assert [shot.title for shot in suggestions_for(scene)] == ["Mira walks along the water", "Mira and Bruno dance"]


def test_rewriting_marks_only_the_shot_that_told_it(studio, project):
    save(studio, project, SCRIPT)
    studio.post(reverse("projects:script-suggestions", args=[project.pk]))
    first, owl, speech = Shot.objects.filter(project=project)
    save(studio, project, SCRIPT.replace("an owl that sleeps", "an owl that flies"))
    page = studio.get(reverse("projects:script", args=[project.pk]))
    changed = [one.shot for scene in page.context["plan"].scenes for one in scene.changed]
    assert changed == [owl] and page.content.decode().count("the script changed") == 1
    assert [scene.heading for scene in project.scenes.all()] == ["EXT. PINE FOREST - DUSK", "INT. DEN - NIGHT"]
    studio.post(reverse("projects:shot-script", args=[owl.pk]), {"take": "rewritten"})
    owl.refresh_from_db()
    assert "flies" in owl.prompt and "flies" in owl.script_text
    assert not [one for scene in plan(studio, project).scenes for one in scene.changed]
    save(studio, project, SCRIPT.replace("PAN LEFT to an owl that sleeps.", ""))
    studio.post(reverse("projects:shot-script", args=[owl.pk]), {"take": "kept"})
    owl.refresh_from_db()
    assert "flies" in owl.prompt and owl.script_text == ""


def test_every_room_says_which_shots_tell_other_lines_now(studio, ada, project, django_assert_num_queries):
    save(studio, project, SCRIPT)
    studio.post(reverse("projects:script-suggestions", args=[project.pk]))
    first, owl, speech = Shot.objects.filter(project=project)
    timeline = Timeline.objects.of(project)
    document = timeline.cut.as_document()
    sources = [{"kind": "shot", "id": str(shot.pk)} for shot in (first, owl)]
    document["tracks"][0]["clips"] = [
        {"id": f"c{at}", "at": at, "frames": 1, "source": source} for at, source in enumerate(sources)
    ]
    timeline.save_cut(document, version=timeline.version, by=ada)
    rooms = {name: reverse(f"projects:{name}", args=[project.pk]) for name in ("shots", "timeline")}
    rooms["shot"] = reverse("projects:shot", args=[first.pk])
    note = '__note--warn">the script changed'
    for address in rooms.values():
        assert note not in studio.get(address).content.decode()
    save(studio, project, SCRIPT.replace("an owl that sleeps", "an owl that flies"))
    for name, address in rooms.items():
        assert studio.get(address).content.decode().count(note) == 1, name
    material = studio.get(reverse("projects:timeline-material", args=[project.pk])).json()["material"]
    assert {key for key, told in material.items() if told["rewritten"]} == {f"shot:{owl.pk}"}
    with django_assert_num_queries(2):
        assert rewritten_shots(project) == {owl.pk}
    # Whatever is written, it is what the plan of the script says.
    for text in (SCRIPT, SCRIPT.split("INT. DEN")[0], SCRIPT.replace("DEN", "CAVE"), SCRIPT.upper(), ""):
        save(studio, project, text)
        found = {one.shot.pk for scene in plan_of(project).scenes for one in scene.changed}
        assert rewritten_shots(project) == found, text
    save(studio, project, SCRIPT.replace("He said morning.", "He said night."))
    assert rewritten_shots(project) == {speech.pk}


def test_however_many_shots_were_rewritten_the_rooms_ask_the_same_questions(studio, project):
    counted = []
    for lines in (1, 3, 12):
        told = [f"An owl sits on tree {number}." for number in range(lines)]
        save(studio, project, "EXT. WOOD - DAY\n\n" + "\n\n".join(told))
        studio.post(reverse("projects:script-suggestions", args=[project.pk]))
        save(studio, project, "EXT. WOOD - DAY\n\nNobody is there.")
        assert len(rewritten_shots(project)) == lines
        asked = []
        for name in ("shots", "timeline", "timeline-material"):
            with CaptureQueriesContext(connection) as queries:
                studio.get(reverse(f"projects:{name}", args=[project.pk]))
            asked.append(len(queries))
        counted.append(asked)
    assert counted[1] == counted[2], "the first visit made what was not there yet"


def test_a_film_without_a_script_is_asked_once(project, django_assert_num_queries):
    make_shot(project)
    with django_assert_num_queries(1):
        assert rewritten_shots(project) == frozenset()


def plan(studio, project):
    return studio.get(reverse("projects:script", args=[project.pk])).context["plan"]


def test_a_scene_that_is_cut_stays_where_something_was_planned(studio, project):
    save(studio, project, SCRIPT)
    den = project.scenes.last()
    Shot(scene=den, prompt="a fox").add()
    save(studio, project, SCRIPT.split("INT. DEN")[0])
    assert [scene.heading for scene in project.scenes.all()] == ["EXT. PINE FOREST - DUSK", "INT. DEN - NIGHT"]
    save(studio, project, "")
    assert [scene.pk for scene in project.scenes.all()] == [den.pk]
    save(studio, project, SCRIPT)
    assert project.scenes.count() == 2, "it is found again by its heading"
    assert project.scenes.last() == den


def test_two_windows_write_the_script_and_nothing_is_lost(studio, project):
    save(studio, project, SCRIPT)
    answer = studio.post(reverse("projects:script", args=[project.pk]), {"text": "INT. MINE", "version": 0})
    text = answer.content.decode()
    assert answer.status_code == 409 and "INT. MINE" in text and "He said morning." in text
    assert Script.objects.of(project).text == SCRIPT


@pytest.mark.parametrize(("data", "sentence"), [(b"INT. DEN\n" * 700_000, "MB"), (b"\x00\x01\x02", "cannot be stored")])
def test_a_file_that_is_no_script_gets_a_sentence_and_nothing_is_lost(studio, project, data, sentence):
    save(studio, project, SCRIPT)
    answer = save(studio, project, SCRIPT, file=SimpleUploadedFile("film.fountain", data))
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert Script.objects.of(project).text == SCRIPT and project.scenes.count() == 2


@pytest.mark.parametrize("size_bytes", [1_500_000, 5_000_000])
def test_a_script_that_was_pasted_and_is_too_large_gets_a_sentence(studio, ada, project, size_bytes):
    save(studio, project, SCRIPT)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    address = reverse("projects:script", args=[project.pk])
    token = browser.get(address).context["csrf_token"]
    sent = {"text": "x" * size_bytes, "version": 1}
    answer = browser.post(address, sent | {"csrfmiddlewaretoken": str(token)})
    text = answer.content.decode()
    assert answer.status_code == (422 if size_bytes < 2_000_000 else 413)
    assert f"The script has {size_bytes / 1e6:.1f} MB. At most 1 MB can be read" in text
    assert 'name="text"' in text, "it is the page of the script that says so"
    assert Script.objects.of(project).text == SCRIPT and project.scenes.count() == 2


def test_the_page_of_the_script_takes_no_forged_form(ada, project):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    answer = browser.post(reverse("projects:script", args=[project.pk]), {"text": SCRIPT, "version": 0})
    assert answer.status_code == 403 and not Script.objects.of(project).text


def test_a_file_takes_the_place_of_what_was_written(studio, project):
    save(studio, project, "INT. MINE", file=SimpleUploadedFile("film.fountain", SCRIPT.encode("utf-16")))
    assert project.scenes.count() == 2


@pytest.mark.parametrize("name", ["script", "script-suggestions", "script-cast"])
def test_a_strangers_script_is_not_there(client, mallory, project, name):
    client.force_login(mallory)
    assert client.post(reverse(f"projects:{name}", args=[project.pk])).status_code == 404
