"""Takes that nobody wanted go to the trash, where the operator said after how long; nothing that a film uses does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation import jobs
from generation.models import Generation, Input
from projects.models import Take, Timeline, Workflow
from projects.trash import bring_back
from runwayweb.assets.models import Asset, Favourite, Folder, Retention, Tag
from tests.factories import make_entity, make_shot, make_take

OLD = timedelta(days=40)


def swept():
    """The numbers of the takes that are left, after the clean-up."""
    jobs.sweep()
    return set(Take.objects.in_sight().values_list("number", flat=True))


@pytest.fixture
def shot(project):
    return make_shot(project)


@pytest.fixture
def takes(shot, ada):
    """Five that ended forty days ago, of which the first is chosen."""
    made = [make_take(shot, ada, "animatic", finished=True) for _time in range(5)]
    Generation.objects.update(finished_at=timezone.now() - OLD)
    shot.choose(made[0])
    return made


@pytest.fixture
def kept_a_month(ada):
    Retention.objects.say("takes", 30, by=ada)


def test_by_default_every_take_stays(takes):
    assert Retention.objects.days("takes") is None
    assert swept() == {1, 2, 3, 4, 5}


def test_what_nobody_wanted_goes_to_the_trash_and_may_come_back(takes, kept_a_month, settings):
    Generation.objects.filter(take=takes[4]).update(finished_at=timezone.now() - timedelta(days=29))
    assert swept() == {1, 5}
    asset = Asset.objects.get(pk=takes[1].generation.asset_id)
    assert asset.deleted_at and asset.file.storage.exists(asset.file.name)
    bring_back([asset])
    Generation.objects.filter(take=takes[1]).update(finished_at=timezone.now())
    assert swept() == {1, 2, 5}
    Asset.objects.exclude(deleted_at=None).update(deleted_at=timezone.now() - timedelta(days=settings.TRASH_DAYS + 1))
    jobs.sweep()
    left = {take.number for take in takes if Asset.objects.get(pk=take.generation.asset_id).is_ready}
    assert left == {1, 2, 5}, "and from there with it"


def rated(take, ada):
    take.rate(1)


def marked(take, ada):
    Favourite.objects.mark([take.generation.asset], by=ada)


def tagged(take, ada):
    Tag.objects.put_on([take.generation.asset], ["fox"], workspace=take.generation.workspace)


def filed(take, ada):
    folder = Folder.objects.create(workspace=take.generation.workspace, name="Foxes")
    Asset.objects.filter(pk=take.generation.asset_id).update(folder=folder)


def in_the_cut(take, ada):
    lay_in(take, {"kind": "take", "id": str(take.pk)}, ada)


def in_the_cut_as_a_file(take, ada):
    lay_in(take, {"kind": "asset", "id": str(take.generation.asset_id)}, ada)


def lay_in(take, source, ada):
    timeline = Timeline.objects.of(take.shot.project)
    document = timeline.document
    document["tracks"][0]["clips"] = [{"id": "a", "at": 0, "frames": 4, "source": source}]
    timeline.save_cut(document, version=timeline.version, by=ada)


def on_a_sheet(take, ada):
    make_entity(take.shot.project, "fox").views.create(asset_id=take.generation.asset_id)


def given_to_a_run(take, ada):
    other = Generation.objects.exclude(pk=take.generation_id).first()
    Input.objects.create(generation=other, asset_id=take.generation.asset_id, role="first_frame")


def whose_blocking_is_kept(take, ada):
    Generation.objects.filter(take__number=1).update(blocking_of=take.generation)


def copied_into_another_film(take, ada):
    Generation.objects.get(pk=take.generation_id).copy_to(take.shot.project)


def planned_with(take, ada):
    shot = take.shot
    shot.given = [{"role": "first_frame", "asset": str(take.generation.asset_id)}]
    shot.save(update_fields=["given"])


def in_a_workflow(take, ada):
    draft = {"nodes": [{"id": "clip", "kind": "video", "values": {"asset": str(take.generation.asset_id)}}]}
    Workflow.objects.create(workspace=take.generation.workspace, name="Fox", draft=draft)


WANTED = [rated, marked, tagged, filed, in_the_cut, in_the_cut_as_a_file, on_a_sheet, given_to_a_run]
WANTED += [whose_blocking_is_kept, copied_into_another_film, planned_with, in_a_workflow]


@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: wanted.__name__)
def test_what_a_film_uses_stays(takes, kept_a_month, ada, wanted):
    wanted(takes[2], ada)
    assert swept() == {1, 3}
