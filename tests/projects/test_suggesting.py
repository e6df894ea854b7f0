"""A language model of the operator's tells the shots of a scene; what it tells badly is told by the rules."""

import json
import logging
import subprocess
import sys
import time

import pytest
from django.conf import settings as studio_settings
from django.urls import reverse

from projects import suggesting
from projects.breakdown import SHOT_SECONDS
from projects.models import Shot
from projects.planning import plan_of, rewritten_shots
from projects.stories import by_rules, shots_of
from tests.factories import make_entity
from tests.house.test_refusals import refusal
from tests.projects.test_script_room import SCRIPT, save
from tests.servers.chat import ANSWERS, RAW
from tests.servers.ports import free_port, wait_for

pytestmark = pytest.mark.django_db
KEY = "sk-0123456789"


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    """The service's address, and the log of what was asked of it."""
    port, log = free_port(), tmp_path_factory.mktemp("chat") / "asked.log"
    with open(log, "w") as said:
        server = subprocess.Popen(
            [sys.executable, studio_settings.BASE_DIR / "tests/servers/chat.py", str(port)], stdout=said
        )
    wait_for(port, seconds=20)
    yield f"http://127.0.0.1:{port}", log
    server.kill()
    server.wait()


@pytest.fixture
def ask(studio, project, chat, settings):
    """Press the button of the first scene, the service answering in this way; what the page says then."""
    make_entity(project, "nova", description="a red fox")
    save(studio, project, SCRIPT)

    def press(how):
        settings.SUGGESTIONS_URL = f"{chat[0]}/{how}"
        settings.SUGGESTIONS_KEY, settings.SUGGESTIONS_MODEL = KEY, "llama-4"
        sent = {"scene": project.scenes.first().pk, "by": "model"}
        answer = studio.post(reverse("projects:script-suggestions", args=[project.pk]), sent, follow=True)
        return answer.content.decode()

    return press


def test_a_story_is_told_in_its_words_and_where_it_fails_by_the_rules(chat, settings):
    story = "A red fox waits by a river. A bear comes out of the forest."
    settings.SUGGESTIONS_URL, settings.SUGGESTIONS_MODEL = f"{chat[0]}/good", "llama-4"
    assert [one.title for one in shots_of(story, 5)] == [f"Told {n}" for n in range(1, 6)]
    settings.SUGGESTIONS_URL = f"{chat[0]}/too-few"
    assert shots_of(story, 5) == by_rules(story, 5)


def by_the_rules(project):
    return [(one.title, one.prompt, one.camera) for one in plan_of(project).scenes[0].suggestions]


def planned(project):
    return [(shot.title, shot.prompt, shot.camera) for shot in Shot.objects.filter(project=project)]


def test_a_model_tells_the_shots_of_one_scene(ask, project, chat):
    told = [one.text for one in plan_of(project).scenes[0].suggestions]
    page = ask("good")
    shots = list(Shot.objects.filter(project=project))
    assert "2 shots are on the storyboard." in page and "the studio itself" not in page
    assert [(shot.title, shot.camera, shot.duration_seconds) for shot in shots] == [
        ("Told 1", "dolly in", 4.0), ("Told 2", "dolly in", 4.0),
    ]  # fmt: skip
    assert shots[0].prompt.startswith("@nova is seen, ")
    assert [shot.script_text for shot in shots] == told and not rewritten_shots(project), "they tell these very lines"
    asked = json.loads(chat[1].read_text().splitlines()[-1])
    assert (asked["path"], asked["key"], asked["model"]) == ("/good/chat/completions", f"Bearer {KEY}", "llama-4")
    assert asked["response_format"] == {"type": "json_object"}
    sent = json.loads(asked["messages"][-1]["content"])
    assert sent["heading"] == "EXT. PINE FOREST - DUSK" and [part["text"] for part in sent["parts"]] == told
    assert sent["world"] == [{"name": "@nova", "kind": "character", "is": "a red fox"}]
    assert "He said morning." not in json.dumps(asked), "another scene is nobody's business"


@pytest.mark.parametrize("how", [*sorted(set(ANSWERS) - {"good"}), *RAW, "redirect", "refused", "huge", "no-chat"])
def test_where_it_answers_badly_the_rules_shots_are_planned_and_it_is_said(ask, project, how, caplog):
    rules = by_the_rules(project)
    with caplog.at_level(logging.DEBUG):
        page = ask(how)
    assert planned(project) == rules and len(rules) == 2
    assert "llama-4" in page and "the shots that the studio itself reads from your words" in page
    assert KEY not in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize(("how", "limit"), [("slow", "SILENT_SECONDS"), ("dripping", "SECONDS")])
def test_nobody_waits_for_it_for_ever(ask, project, how, limit, monkeypatch):
    monkeypatch.setattr(suggesting, limit, 0.5)
    began = time.monotonic()
    page = ask(how)
    assert "llama-4 did not answer." in page and len(planned(project)) == 2
    assert time.monotonic() - began < 2.5


def test_a_service_that_is_away_costs_nothing_but_a_sentence(ask, project, settings, monkeypatch):
    monkeypatch.setattr(suggesting, "MOST_PARTS", 1)
    assert "This scene is too long for llama-4." in ask("good")
    Shot.objects.all().delete()
    monkeypatch.undo()
    settings.SUGGESTIONS_URL, settings.SUGGESTIONS_MODEL = f"http://127.0.0.1:{free_port()}", "llama-4"
    with pytest.raises(suggesting.NoSuggestions, match="did not answer"):
        suggesting.suggestions_of(plan_of(project).scenes[0], project.cast)


def test_without_it_there_is_no_button_and_the_rules_are_asked(studio, project, chat, settings):
    save(studio, project, SCRIPT)
    room = reverse("projects:script", args=[project.pk])
    assert "Suggest with" not in studio.get(room).content.decode()
    before = chat[1].read_text()
    sent = {"scene": project.scenes.first().pk, "by": "model"}
    studio.post(reverse("projects:script-suggestions", args=[project.pk]), sent)
    assert len(planned(project)) == 2 and chat[1].read_text() == before
    settings.SUGGESTIONS_URL, settings.SUGGESTIONS_MODEL = f"{chat[0]}/good", "llama-4"
    assert studio.get(room).content.decode().count("Suggest with llama-4") == 1, "one scene is left to plan"
    studio.post(reverse("projects:script-suggestions", args=[project.pk]), {})
    assert chat[1].read_text() == before, "only that button asks it"


def test_lengths_are_said_to_it_as_they_are():
    assert f"from {SHOT_SECONDS[0]:g} to {SHOT_SECONDS[1]:g}." in suggesting.ASKED


def test_half_a_configuration_is_refused_in_one_sentence(tmp_path):
    assert "SUGGESTIONS_URL is no http" in refusal(RUNWAYWEB_DATA=tmp_path, SUGGESTIONS_URL="file:///etc/passwd")
    assert "say which model to ask" in refusal(RUNWAYWEB_DATA=tmp_path, SUGGESTIONS_URL="http://127.0.0.1:11434/v1")
