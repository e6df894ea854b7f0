"""The voices of a workspace: made of those that engines have, chosen for the cast and for speech, gone with it."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from generation.engine.cards import offline_sound
from generation.engine.cards.offline_sound import HIBARI
from generation.models import Generation
from generation.models.status import Status
from projects.erasing import erase
from projects.models import Entity, Voice
from projects.voices import SAMPLE, presets, speak_sample, spoken_sample, voice_called, voices_of
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_entity, make_project, make_user
from tests.projects.test_edits import run_next

pytestmark = pytest.mark.django_db


@pytest.fixture
def hibari(monkeypatch):
    """An engine that speaks is installed; nobody here asks it to."""
    monkeypatch.setattr(offline_sound, "installed", lambda: (HIBARI,))


def make_voice(workspace, name="Old Nova", **fields):
    return Voice.objects.create(workspace=workspace, name=name, **{"model": "hibari", "speed": 0.8} | fields)


def test_engines_that_speak_offer_a_voice_each_and_a_workspace_has_its_own(project, hibari):
    voice = make_voice(project.workspace)
    make_voice(make_project(make_user()).workspace, "Somebody else's")
    assert [one.name for one in voices_of(project.workspace)] == ["Hibari", "Old Nova"]
    assert voice_called(project.workspace, "hibari") == presets()[0]
    assert voice_called(project.workspace, voice.key) == voice
    for nobody in ("heart", "", "not-an-id", Voice.objects.exclude(pk=voice.pk).get().key):
        assert voice_called(project.workspace, nobody) is None, nobody


def test_a_voice_speaks_as_fast_as_it_is_within_what_engines_can(project, hibari):
    voice = make_voice(project.workspace, speed=0.8)
    assert (voice.says("Hello", 7).speed, voice.says("Hello", 7, speed=2).speed) == (0.8, 1.6)
    assert voice.says("Hello", 7, speed=0.5).speed == 0.5
    with pytest.raises(IntegrityError), transaction.atomic():
        make_voice(project.workspace, speed=3)


def test_a_voice_whose_engine_went_away_speaks_no_more(project, hibari, monkeypatch):
    voice = make_voice(project.workspace)
    monkeypatch.setattr(offline_sound, "installed", tuple)
    assert voice.card is None and voices_of(project.workspace) == []
    assert voice_called(project.workspace, voice.key) is None


def test_a_sample_is_spoken_once_and_paid_for_once(project, ada, hibari):
    voice = make_voice(project.workspace)
    before = Wallet.objects.of(project.workspace).available
    run = speak_sample(project, voice, by=ada)
    assert (run.request["text"], run.request["speed"], run.cost) == (SAMPLE, 0.8, 1)
    assert speak_sample(project, voice, by=ada) == run == spoken_sample(project.workspace, voice)
    assert Wallet.objects.of(project.workspace).available == before - 1
    assert speak_sample(project, presets()[0], by=ada) != run, "another speed is another sample"
    run.cancel()
    assert spoken_sample(project.workspace, voice) is None


def test_the_cast_speaks_with_a_voice_of_the_workspace(studio, project, hibari):
    voice, nova = make_voice(project.workspace), make_entity(project, "nova")
    page = reverse("projects:entity", args=[nova.pk])
    assert f'<option value="{voice.key}">Old Nova</option>' in studio.get(page).content.decode()
    told = {"kind": "character", "name": "Nova", "tag": "nova", "description": "", "voice": voice.key}
    assert studio.post(page, told).status_code == 302
    assert Entity.objects.get().voice == voice.key
    assert "Old Nova" in studio.get(reverse("projects:world", args=[project.pk])).content.decode()
    studio.post(reverse("projects:entity-line", args=[nova.pk]), {"line": "I waited for you."})
    said = Generation.objects.get()
    assert (said.model, said.request["text"], said.request["speed"]) == ("hibari", "I waited for you.", 0.8)


def test_the_sound_room_lets_a_voice_of_the_workspace_speak(studio, project, hibari):
    room = reverse("projects:sound", args=[project.pk])
    assert 'name="voice"' not in studio.get(room, {"task": "text_to_speech"}).content.decode(), "nobody to choose"
    voice = make_voice(project.workspace)
    assert "Old Nova" in studio.get(room, {"task": "text_to_speech"}).content.decode()
    asked = {"task": "text_to_speech", "text": "I waited.", "speed": "1.5", "voice": voice.key}
    assert studio.post(reverse("projects:work-new", args=[project.pk, "sound"]), asked).status_code == 302
    said = Generation.objects.get()
    assert (said.model, said.request["speed"]) == ("hibari", pytest.approx(1.2))
    wrong = studio.post(reverse("projects:work-new", args=[project.pk, "sound"]), asked | {"voice": "nonsense"})
    assert wrong.status_code == 422 and Generation.objects.count() == 1


def test_a_voice_is_renamed_deleted_and_goes_with_its_workspace(project, hibari):
    voice = make_voice(project.workspace)
    voice.rename(description="slow and warm")
    voice.rename(name="Nova")
    voice.refresh_from_db()
    assert (voice.name, voice.description) == ("Nova", "slow and warm")
    assert voice.delete_softly() and not voice.delete_softly()
    assert voice_called(project.workspace, voice.key) is None
    erase(project.workspace)
    assert not Voice.objects.exists()


@pytest.mark.skipif(bool(offline_sound.missing(HIBARI)), reason="Hibari is not installed: make run EXTRAS=offline")
def test_the_packaged_voice_says_its_sample(project, ada):
    run = speak_sample(project, presets()[0], by=ada)
    made = run_next()
    assert (made.pk, made.status) == (run.pk, Status.SUCCEEDED), made.failure
    assert made.asset.duration_seconds > 2 and made.asset.has_sound
