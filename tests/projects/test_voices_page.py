"""The page of a workspace's voices: made, offered to others, taken away."""

import pytest
from django.urls import reverse

from generation.engine.cards import offline_sound
from generation.engine.cards.offline_sound import HIBARI
from projects.models import Voice
from projects.models import voice as voices
from projects.sounds import SoundForm
from projects.voices import SAMPLE
from runwayweb.accounts.models import Role
from tests.factories import make_asset, make_generation, make_member, make_project, make_user

pytestmark = pytest.mark.django_db
PAGE = "/settings/voices/"
NOVA = {"name": "Nova", "model": "hibari", "speed": "0.8", "description": "slow and warm"}


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def hers(client, ada, monkeypatch):
    """Her page, where an engine that speaks is installed."""
    monkeypatch.setattr(offline_sound, "installed", lambda: (HIBARI,))
    client.force_login(ada)
    return client


def test_a_voice_is_made_offered_and_taken_away(hers, ada):
    assert hers.post(PAGE, NOVA).status_code == 302
    voice = Voice.objects.get()
    assert (voice.workspace, voice.name, voice.model, voice.speed) == (ada.open_workspace(), "Nova", "hibari", 0.8)
    html = hers.get(PAGE).content.decode()
    assert "Nova" in html and "slow and warm" in html and "0.8 times as fast" in html and "<audio" not in html
    offered = SoundForm(task="text_to_speech", workspace=voice.workspace).fields["voice"].choices
    assert (voice.key, "Nova") in offered
    assert hers.post(reverse("projects:voice-deletion", args=[voice.pk])).status_code == 302
    assert not Voice.objects.live().exists() and "slow and warm" not in hers.get(PAGE).content.decode()


def test_how_it_sounds_is_heard_where_that_was_spoken(hers, ada):
    hers.post(PAGE, NOVA)
    asked = Voice.objects.get().says(SAMPLE, 0)
    run = make_generation(make_project(ada), ada, "hibari")
    sample = make_asset(run.workspace, media_type="audio/mp4")
    type(run).objects.filter(pk=run.pk).update(
        task="text_to_speech", status="succeeded", asset=sample, request=asked.as_recipe()
    )
    assert reverse("assets:file", args=[sample.pk, sample.file_name]) in hers.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 61}, {"model": "nobody"}, {"speed": "9"}, {"speed": "nan"}]
)
def test_what_cannot_be_is_said_beside_its_field(hers, wrong):
    answer = hers.post(PAGE, NOVA | wrong)
    assert answer.status_code == 422 and b"field__error" in answer.content and not Voice.objects.exists()


def test_there_are_so_many_and_no_more(hers, monkeypatch):
    monkeypatch.setattr(voices, "MOST", 1)
    hers.post(PAGE, NOVA)
    answer = hers.post(PAGE, NOVA)
    assert answer.status_code == 422 and "at most 1 voices" in answer.content.decode()


def test_without_an_engine_that_speaks_the_page_says_how_to_add_one(hers, ada, monkeypatch):
    hers.post(PAGE, NOVA)
    monkeypatch.setattr(offline_sound, "installed", tuple)
    html = hers.get(PAGE).content.decode()
    assert "make run EXTRAS=offline" in html and "not installed" in html and "<form class" not in html


def test_it_is_for_those_who_make_films(client, ada):
    voice = Voice.objects.create(workspace=ada.open_workspace(), name="Nova", model="hibari")
    deletion = reverse("projects:voice-deletion", args=[voice.pk])
    client.force_login(make_member(ada.open_workspace(), Role.VIEWER, make_user("grace")))
    assert client.post(deletion).status_code == 403
    client.force_login(make_user("mallory"))
    assert client.post(deletion).status_code == 404
    assert "Nova" not in client.get(PAGE).content.decode()
    assert Voice.objects.live().exists()
