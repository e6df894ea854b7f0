"""A film once more, with all that belongs to it."""

import pytest

from projects.models import Entity, Scene, Script, Shot, Take, Timeline
from tests.factories import make_asset, make_generation, make_picture

pytestmark = pytest.mark.django_db


def finished(project, ada):
    generation = make_generation(project, ada)
    generation.asset = make_asset(project.workspace)
    generation.status = "succeeded"
    generation.save()
    return generation


def test_a_duplicate_is_the_same_film_and_not_the_same_rows(project, ada):
    Script.objects.create(project=project, text="INT. DEN")
    fox = Entity.objects.create(project=project, tag="nova", name="Nova")
    fox.views.create(asset=make_picture(project.workspace))
    scene = Scene.objects.create(project=project, position=0, heading="INT. DEN")
    first = Shot.objects.create(project=project, scene=scene, position=0, prompt="@nova waits")
    Shot.objects.create(project=project, scene=scene, position=1, follows=first)
    gone = Shot.objects.create(project=project, scene=scene, position=2, deleted_at="2026-11-24T00:00Z")
    old = Take.objects.create(shot=first, number=1, generation=finished(project, ada), rating=2)
    first.chosen = Take.objects.create(shot=first, number=2, generation=finished(project, ada), parent=old)
    first.save()
    Take.objects.create(shot=first, number=3, generation=make_generation(project, ada))  # still being made
    timeline = Timeline.objects.of(project)
    document = timeline.document
    clip = {"id": "a", "at": 0, "frames": 12, "source": {"kind": "shot", "id": str(first.pk)}}
    other = {"id": "b", "at": 12, "frames": 12, "source": {"kind": "take", "id": str(old.pk)}}
    document["tracks"][0]["clips"] = [clip, other]
    timeline.save_cut(document, version=0, by=ada)

    copy = project.duplicate()

    again, follower = copy.shots.all()
    assert (again.prompt, follower.follows) == ("@nova waits", again)
    assert gone.pk not in [shot.pk for shot in copy.shots.all()]
    takes = list(again.takes.all())
    assert [take.number for take in takes] == [1, 2] and takes[1].parent == takes[0] and takes[0].rating == 2
    assert again.chosen == takes[1] and takes[1].generation.project == copy
    assert takes[1].generation.asset == first.chosen.generation.asset, "files are shared"
    assert copy.entities.get().views.get().asset == fox.views.get().asset
    cut = Timeline.objects.of(copy).cut
    assert [part.source.id for part in cut.clips()] == [str(again.pk), str(takes[0].pk)]
    assert copy.script.text == "INT. DEN"
    first.refresh_from_db()
    assert first.project == project and project.shots.live().count() == 2
