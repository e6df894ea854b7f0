"""Plain functions that make the least that is valid. The cast: ada owns the film, grace has her own, mallory snoops."""

import itertools
import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from generation.engine import catalogue
from generation.engine.request import VideoRequest
from generation.models import Generation
from projects.models import Entity, Project, Shot
from projects.references import spoken_in
from runwayweb.accounts.models import Membership, Role, User
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Plan
from runwayweb.subscriptions.seeds import PLANS
from tests.cast import PASSWORD
from tests.pictures import two_colors

_numbers = itertools.count(1)


def make_user(name=None, **fields):
    name = name or f"user{next(_numbers)}"
    return User.objects.create_user(f"{name}@example.org", PASSWORD, name=name.title(), **fields)


def make_plan(slug="pro", **fields):
    """The plan of that name as a new installation has it, or a new one after Pro, with these columns."""
    seeded = next((plan for plan in PLANS if plan["slug"] == slug), {"name": slug.title(), "position": 35})
    return Plan.objects.update_or_create(slug=slug, defaults=seeded | fields)[0]


def make_member(workspace, role=Role.EDITOR, user=None):
    """Somebody who is in a workspace as `role`, and has it in use."""
    user = user or make_user()
    Membership.objects.create(workspace=workspace, user=user, role=role)
    user.use(workspace)
    return user


def make_project(owner=None, name="The Fox Who Waited", **fields):
    owner = owner or make_user()
    return Project.objects.create(workspace=owner.open_workspace(), name=name, **fields)


def make_request(**fields):
    """The smallest clip the animatic draws: quick, and still the real engine."""
    small = {"prompt": "a red fox in a forest", "width": 64, "height": 64, "num_frames": 2, "fps": 12, "seed": 7}
    small["num_inference_steps"] = 2
    return VideoRequest(**small | fields)


def make_generation(
    project=None,
    by=None,
    model="animatic",
    inputs=(),
    blocking_of=None,
    joins="",
    slow_lane=False,
    delivery=None,
    **request,
):
    """A queued generation with its credits held, as the studio makes it."""
    return Generation.request_run(
        make_request(**request),
        card=catalogue.card(model),
        project=project or make_project(by),
        by=by,
        inputs=inputs,
        blocking_of=blocking_of,
        joins=joins,
        slow_lane=slow_lane,
        delivery=delivery,
    )


def make_picture(workspace, picture=None):
    """A picture of a workspace: red to the left, blue to the right unless one is given."""
    return Asset.objects.keep_picture(picture or two_colors(), workspace=workspace, name="fox.png")


def make_asset(workspace, data=b"\x00" * 1000, **fields):
    """An asset with these bytes as its file; not a playable one."""
    name = default_storage.save(f"clips/test/{uuid.uuid4()}/clip.mp4", ContentFile(data))
    columns = {"name": "clip.mp4", "media_type": "video/mp4", "sha256": "0" * 64, "width": 64, "height": 64}
    columns |= {"duration_seconds": 1, "fps": 12, "size_bytes": len(data)}
    return Asset.objects.create(workspace=workspace, file=name, **columns | fields)


def make_entity(project, tag, kind="character", **fields):
    """Somebody of a film's world, without a view."""
    entity = Entity(project=project, tag=tag, kind=kind, **{"name": tag.title()} | fields)
    entity.save_new()
    return entity


def make_shot(project, **fields):
    """A shot of the film's one scene, behind the others."""
    scene, _ = project.scenes.get_or_create(position=0, defaults={"heading": "INT. STUDIO"})
    columns = {"position": scene.shots.count(), "prompt": "a red fox waits", "width": 64, "height": 64}
    return Shot.objects.create(project=project, scene=scene, **columns | fields)


def make_take(shot, by, model="built-in", *, finished=False, cast=()):
    """A take of what the shot says; `finished`: with a clip of `cast`, (name, role, picture, tag) each."""
    project = Project.objects.get(pk=shot.project_id)  # who was looked at before may have changed
    spoken = spoken_in(project, shot.prompt, catalogue.card(model))
    run = make_generation(project, by, model, spoken.inputs, prompt=shot.prompt, **spoken.asked)
    if finished:
        finish_generation(run, cast)
    return shot.takes.create(number=shot.takes.count() + 1, generation=run)


def finish_generation(run, cast=()):
    """Let a run have succeeded, its clip being of `cast`."""
    asset = make_asset(run.workspace)
    asset.store_cast(cast)
    asset.save(update_fields=["cast"])
    Generation.objects.filter(pk=run.pk).update(
        status=Generation.Status.SUCCEEDED, asset=asset, finished_at=timezone.now()
    )
    run.refresh_from_db()
