"""The film that a new workspace can open."""

import pytest
from django.urls import reverse

from generation.models import Generation
from projects.models import Project, Timeline

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_creator_opens_the_sample_film_and_it_is_theirs(studio, ada, mallory, client):
    assert "Open a sample film" in studio.get(reverse("projects:project-list")).content.decode()
    answer = studio.post(reverse("projects:sample"))
    film = Project.objects.visible_to(ada).get()
    assert answer.url == reverse("projects:project", args=[film.pk])
    assert film.shots.count() == 6 and film.entities.count() == 4
    assert all(shot.chosen for shot in film.shots.all())
    cut = Timeline.objects.of(film).cut
    assert cut.duration_seconds == 17
    take = film.shots.first().chosen
    assert take.generation.asset.frames().shape == (36, 288, 512, 3)
    assert take.generation.requested_by == ada and take.generation.cost == 0
    assert Generation.objects.visible_to(mallory).count() == 0
    assert studio.get(answer.url).status_code == 200


def test_without_room_for_the_sample_film_that_is_said(studio, ada, settings):
    settings.STORAGE_BYTES = 100_000
    page = studio.post(reverse("projects:sample"), follow=True).content.decode()
    assert "This film does not fit into the workspace" in page
    assert not Project.objects.visible_to(ada).exists()
