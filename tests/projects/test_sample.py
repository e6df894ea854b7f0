"""The film that a new workspace can open, play and change."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from generation.models import Generation
from generation.rerender import rerender
from projects import jobs
from projects.models import Measurement, Project, Take, Timeline
from projects.planning import plan_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def film(studio, ada):
    """Ada's own sample film, as she finds it a minute later."""
    studio.post(reverse("projects:sample"))
    Measurement.objects.update(changed_at=timezone.now() - timedelta(minutes=1))
    return Project.objects.visible_to(ada).get()


def test_a_new_creator_opens_the_sample_film_and_it_is_theirs(studio, ada, mallory):
    assert "Open a sample film" in studio.get(reverse("projects:project-list")).content.decode()
    answer = studio.post(reverse("projects:sample"))
    film = Project.objects.visible_to(ada).get()
    assert answer.url == reverse("projects:shots", args=[film.pk])
    assert film.shots.count() == 6 and film.entities.count() == 4
    assert all(shot.chosen for shot in film.shots.all())
    cut = Timeline.objects.of(film).cut
    assert cut.duration_seconds == 17
    take = film.shots.first().chosen
    assert take.generation.asset.frames().shape == (36, 288, 512, 3)
    assert take.generation.requested_by == ada and take.generation.cost == 0
    assert Generation.objects.visible_to(mallory).count() == 0
    board = studio.get(answer.url).content.decode()
    assert board.count('<li class="shot-card" ') == 6 and "<clip-row" in board, "where she lands, the film plays"


def test_who_has_films_is_offered_it_too(studio, project):
    page = studio.get(reverse("projects:project-list")).content.decode()
    assert project.name in page and "Open a sample film" in page
    assert "Open a sample film" not in studio.get(f"{reverse('projects:project-list')}?archived=1").content.decode()


def test_every_line_of_its_script_is_planned(studio, film):
    plan = plan_of(film)
    assert len(plan.scenes) == 4 and plan.suggested == 0 and plan.found == []
    assert all(shot.script_text in " ".join(film.script.text.split()) for shot in film.shots.all())
    page = studio.get(reverse("projects:script", args=[film.pk])).content.decode()
    assert page.count("All of it is planned.") == 4
    changed = film.script.text.replace("waves to somebody we do not see", "waves to nobody")
    studio.post(reverse("projects:script", args=[film.pk]), {"text": changed, "version": film.script.version})
    plan = plan_of(film)
    assert [one.shot.title for scene in plan.scenes for one in scene.changed] == ["He waves"] and not plan.suggested


def test_its_takes_become_stale_when_the_cast_changes(film):
    takes = {take.shot.title: take for take in Take.objects.filter(shot__project=film, number=1)}
    assert not any(take.stale_because for take in takes.values()), "as it comes, all of it stands"
    pim = film.entities.get(tag="pim")
    pim.description = "a white rabbit with a red hat"
    pim.change(was="pim")
    stale = {title for title, take in takes.items() if Take.objects.get(pk=take.pk).stale_because == ["@pim"]}
    assert stale == {"Along the water", "He waves", "Together"}


def test_its_takes_are_scored_where_they_are_opened(film):
    wanted = Measurement.wanted(Take.objects.live())
    assert wanted.count() == 8, "the dispatcher finds them"
    for take in wanted:
        jobs.measure_take(take.pk)
    scores = {
        (score.entity.tag, score.level)
        for take in Take.objects.filter(shot__project=film)
        for score in take.scores.all()
    }
    assert scores == {("nova", "good"), ("pim", "good")}


@pytest.mark.slow
def test_a_take_of_it_can_be_made_again(film, tmp_path):
    verdict = rerender(film.shots.first().chosen.generation, Path(tmp_path))
    assert verdict.kind in ("identical", "same"), verdict.why  # another processor rounds otherwise


def test_without_room_for_the_sample_film_that_is_said(studio, ada, settings):
    settings.STORAGE_BYTES = 100_000
    page = studio.post(reverse("projects:sample"), follow=True).content.decode()
    assert "This film does not fit into the workspace" in page
    assert not Project.objects.visible_to(ada).exists()
