"""The storyboard of a film: its scenes, their shots, and the takes of each."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation import pricing
from generation.engine import catalogue
from generation.engine.camera_text import path_as_text
from generation.engine.request import OWN_PATH, InvalidRequest, check_camera_path
from generation.models import Generation
from projects.cards import card_of, cards_of
from projects.forms import prefilled_form
from projects.inputs import engine_for, planned_values, told
from projects.models import Project, Scene, Shot, Take
from projects.models.shooting import default_card
from projects.planning import plan_of, rewritten_shots
from projects.views.projects import quote_for
from runwayweb.accounts.doors import editable, visible
from runwayweb.accounts.models import Right
from runwayweb.redirects import next_address
from runwayweb.subscriptions.refused import Refused

ANIMATIC = "animatic"
TAKES = 60  # of a shot on its page; the newest
TILES = 48  # of those on its contact sheet


class SceneForm(forms.ModelForm):
    class Meta:
        model = Scene
        fields = ["heading"]


class ShotForm(forms.ModelForm):
    """What a shot is called; what its takes are asked for stands in the request form."""

    class Meta:
        model = Shot
        fields = ["title"]


@login_required
@require_safe
def board(request, id):
    """All shots, scene by scene."""
    project = visible(request, Project, pk=id)
    scenes = scenes_of(project)
    unplanned = [shot for scene in scenes for shot in scene.board if not shot.take_count and shot.prompt]
    context = {
        "project": project,
        "scenes": scenes,
        "unplanned": unplanned,
        "animatic_credits": sum(_animatic_credits(shot) for shot in unplanned),
        "played": [
            shot.chosen.generation.asset
            for scene in scenes
            for shot in scene.board
            if shot.chosen and shot.chosen.generation.asset and shot.chosen.generation.asset.is_clip
        ],
        "undo": Shot.objects.owned_by(request.user, Right.MAKE)
        .filter(project=project, deleted_at__isnull=False, pk=_id(request.GET.get("deleted")))
        .first(),
    }
    return render(request, "projects/shots.html", context)


@login_required
@require_safe
def shot(request, id):
    """One shot: its takes, and the request for the next."""
    shot = find_shot(request, id)
    values = plan_values(shot) | begins_with(request, shot) | request.GET.dict() | {"planned": str(shot.pk)}
    form = prefilled_form(values, shot.project.workspace, shot.project)
    context = takes_page(shot) | {"form": form, "quote": quote_for(form, shot.project)}
    context["strip"] = strip_of(shot.project)
    is_rewritten = any(one.is_rewritten for one in context["strip"] if one.pk == shot.pk)
    context["changed"] = plan_of(shot.project).change_of(shot) if is_rewritten else None
    return render(request, "projects/shot.html", context)


@login_required
@require_safe
def takes(request, id):
    """The takes of a shot, for a page that was away."""
    return render(request, "projects/shot.html#takes", takes_page(find_shot(request, id)))


@login_required
@require_POST
def scene_new(request, id):
    project = editable(request, Project, pk=id)
    form = SceneForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the scene a heading, such as “INT. DEN - NIGHT”."))
        return redirect("projects:shots", project.pk)
    form.instance.project = project
    scene = form.instance.add()
    return redirect(f"{reverse('projects:shots', args=[project.pk])}#scene-{scene.pk}")


@login_required
@require_POST
def scene_name(request, id):
    scene = editable(request, Scene, pk=id)
    form = SceneForm(request.POST, instance=scene)
    if form.is_valid():
        form.save()
    return redirect(f"{reverse('projects:shots', args=[scene.project_id])}#scene-{scene.pk}")


@login_required
@require_POST
def scene_move(request, id):
    """One place earlier or later among the scenes."""
    scene = editable(request, Scene, pk=id)
    scene.move(scene.position + (1 if request.POST.get("to") == "later" else -1))
    return redirect(f"{reverse('projects:shots', args=[scene.project_id])}#scene-{scene.pk}")


@login_required
@require_POST
def scene_deletion(request, id):
    """Away with a scene that holds no shots."""
    scene = editable(request, Scene, pk=id)
    if scene.shots.live().exists():
        messages.error(request, _("There are shots in this scene. Move or delete them first."))
    else:
        scene.remove()
    return redirect("projects:shots", scene.project_id)


@login_required
@require_POST
def shot_new(request, id):
    """A shot at the end of a scene; its page opens."""
    scene = editable(request, Scene, pk=id)
    last = scene.shots.live().last()
    size = {"width": last.width, "height": last.height} if last else {}
    return redirect("projects:shot", Shot(scene=scene, **size).add().pk)


@login_required
@require_POST
def shot_title(request, id):
    shot = find_shot(request, id, editable)
    form = ShotForm(request.POST, instance=shot)
    if form.is_valid():
        form.save()
    return redirect("projects:shot", shot.pk)


@login_required
@require_POST
def shot_copy(request, id):
    return redirect("projects:shot", find_shot(request, id, editable).duplicate().pk)


@login_required
@require_POST
def shot_deletion(request, id):
    shot = find_shot(request, id, editable)
    shot.delete_softly()
    return redirect(f"{reverse('projects:shots', args=[shot.project_id])}?deleted={shot.pk}")


@login_required
@require_POST
def shot_restoration(request, id):
    shot = editable(request, Shot, deleted_too=True, pk=id)
    shot.restore()
    return redirect(f"{reverse('projects:shots', args=[shot.project_id])}#shot-{shot.pk}")


@login_required
@require_POST
def shot_order(request, id):
    """Put the shots of a scene into the order of the ids that came; ids of other scenes of the film move there."""
    scene = editable(request, Scene, pk=id)
    shots = {str(shot.pk): shot for shot in Shot.objects.live().filter(project=scene.project_id)}
    with transaction.atomic():
        for position, key in enumerate(key for key in request.POST.getlist("id") if key in shots):
            shots[key].refresh_from_db()
            shots[key].move(scene=scene, position=position)
    return redirect("projects:shots", scene.project_id)


@login_required
@require_POST
def shot_move(request, id):
    """One place earlier or later; beyond the edge of its scene into the next one."""
    shot = find_shot(request, id, editable)
    later = request.POST.get("to") == "later"
    there = shot.scene.shots.live().count()
    if 0 <= (position := shot.position + (1 if later else -1)) < there:
        shot.move(scene=shot.scene, position=position)
    else:
        scenes = list(shot.project.scenes.all())
        beyond = scenes.index(shot.scene) + (1 if later else -1)
        if 0 <= beyond < len(scenes):
            shot.move(scene=scenes[beyond], position=0 if later else 10**6)
    return redirect(f"{reverse('projects:shots', args=[shot.project_id])}#shot-{shot.pk}")


@login_required
@require_POST
def animatics(request, id):
    """A quick animatic of every shot that has no take yet: all of them, or none when the credits do not reach."""
    project = editable(request, Project, pk=id)
    shots = Shot.objects.live().filter(project=project, takes=None).exclude(prompt="").select_related("scene")
    try:
        with transaction.atomic():
            for shot in shots:
                shot.project = project
                shot.request_take(by=request.user, model=ANIMATIC)
    except (Refused, InvalidRequest) as error:
        why = told(error) if isinstance(error, InvalidRequest) else str(error)
        messages.error(request, f"{shot.number}: {why}" if isinstance(error, InvalidRequest) else why)
    return redirect("projects:shots", project.pk)


@login_required
@require_POST
def take_choice(request, id):
    """Let a take stand in the film."""
    take = find_take(request, id, editable)
    take.shot.choose(take)
    return answer(request, take)


@login_required
@require_POST
def take_rating(request, id):
    take = find_take(request, id, editable)
    stars = request.POST.get("stars", "")
    take.rate(int(stars) if stars.isdecimal() and len(stars) < 3 else 0)
    return answer(request, take)


@login_required
@require_POST
def take_again(request, id):
    """The same once more, with everybody as they are today and as the shot is planned now."""
    take = find_take(request, id, editable)
    try:
        take.shot.request_take(by=request.user) if take.stale_because else take.again(by=request.user)
    except (Refused, InvalidRequest, catalogue.ModelNotFound) as error:
        messages.error(request, told(error) if isinstance(error, InvalidRequest) else str(error))
    return redirect("projects:shot", take.shot_id)


@login_required
@require_POST
def take_followed(request, id):
    """The next shot of the film begins where this take ends; what that changes is said on its page, which opens."""
    take = find_take(request, id, editable)
    shots = list(Shot.objects.live().filter(project=take.shot.project_id).select_related("scene"))
    following = next(iter(shots[shots.index(take.shot) + 1 :]), None)
    before = (following and following.model) or default_card().id
    prefer = [before, take.generation.model]
    others = following.taken_as if following else ()
    engine = engine_for("first_frame", *others, prefer=prefer) or engine_for("first_frame", prefer=prefer)
    if engine is None:
        messages.error(request, _("No engine here begins with a picture, so the next shot cannot begin with this one."))
        return redirect("projects:shot", take.shot_id)
    with transaction.atomic():
        if following is None:
            size = {"width": take.shot.width, "height": take.shot.height}
            following = Shot(scene=take.shot.scene, **size).add()
        chosen = take.shot.choose(take)
        following.follow(take.shot, model=engine)
    told = [_("Shot %(shot)s begins with the last frame of take %(take)s.")]
    told += [_("Take %(take)s stands in the film now.")] if chosen else []
    told += [_("%(before)s begins with no picture, so %(engine)s draws the shot.")] if engine != before else []
    names = {"before": _engine_name(before), "engine": _engine_name(engine)}
    messages.success(request, " ".join(told) % {"shot": following.number, "take": take.number, **names})
    return redirect("projects:shot", following.pk)


def _engine_name(id):
    try:
        return catalogue.card(id).name
    except catalogue.ModelNotFound:
        return id


# What the pages show


def scenes_of(project):
    """The scenes of a film, each with its shots in `board`, those marked whose lines were rewritten. Five queries."""
    rewritten = rewritten_shots(project)
    shots = Shot.objects.live().with_what_boards_show().order_by("position", "created_at")
    scenes = list(project.scenes.prefetch_related(Prefetch("shots", queryset=shots, to_attr="board")))
    for scene in scenes:
        for shot in scene.board:
            shot.project = project  # whose cast is looked at once
            shot.is_rewritten = shot.pk in rewritten
            if shot.chosen:
                shot.chosen.shot = shot
    return scenes


def strip_of(project):
    """All shots in a row, for the strip at the foot of a room."""
    return [shot for scene in scenes_of(project) for shot in scene.board]


def takes_page(shot):
    """What a page of takes shows."""
    rows = Generation.objects.filter(take__shot=shot, deleted_at=None).with_what_cards_show()
    rows = rows.select_related("take__measurement").prefetch_related("take__scores__entity", "take__pursuits")
    newest = list(rows.order_by("-take__number")[:TAKES])
    for generation in newest:
        generation.take.shot = shot
    return {"project": shot.project, "shot": shot, "generations": cards_of(newest)}


def tiles_of(shot):
    """The cards of its takes, in the order of their numbers."""
    rows = Generation.objects.filter(take__shot=shot, deleted_at=None).with_what_cards_show().select_related("take")
    newest = sorted(rows.order_by("-take__number")[:TILES], key=lambda row: row.take.number)
    for row in newest:
        row.take.shot = shot
    return cards_of(newest)


def plan_values(shot):
    """The fields of the request form that ask for what a shot is planned as."""
    values = {
        "prompt": shot.prompt,
        "negative_prompt": shot.negative_prompt,
        "camera": OWN_PATH if shot.camera_path else shot.camera,
        "camera_path": path_as_text(check_camera_path(shot.camera_path)),
        "length": "" if shot.is_still else shot.duration_seconds,
        "still": "on" if shot.is_still else "",
        "size": f"{shot.width}x{shot.height}",
        "model": shot.model,
    }
    return {name: value for name, value in values.items() if value} | planned_values(shot.given_by_hand)


def begins_with(request, shot):
    """The field of the request form with the frame at which the shot before it ends, where its engine takes one."""
    try:
        card = catalogue.card(shot.model)
    except catalogue.ModelNotFound:
        card = default_card()
    if "first_frame" not in card.inputs or any(one["role"] == "first_frame" for one in shot.given_by_hand):
        return {}
    try:
        frame = shot.first_frame()
    except InvalidRequest as error:
        messages.error(request, told(error))
        return {}
    return {"first_frame": str(frame.pk)} if frame else {}


def answer(request, take):
    """The card of a take for htmx, or the tiles of a contact sheet; else the page that the form names or the shot's."""
    if not request.htmx:
        return redirect(next_address(request, reverse("projects:shot", args=[take.shot_id])))
    if request.htmx.target == "sheet-tiles":
        return render(request, "projects/contact_sheet.html#tiles", {"shot": take.shot, "tiles": tiles_of(take.shot)})
    card = card_of(Generation.objects.with_what_cards_show().get(pk=take.generation_id))
    card.generation.take = take
    return render(request, "projects/generation.html#card", {"generation": card, "project": take.shot.project})


def find_shot(request, id, door=visible):
    shots = Shot.objects.with_what_boards_show().select_related("project__workspace", "scene", "chosen", "follows")
    return door(request, shots, pk=id)


def find_take(request, id, door=visible):
    return door(request, Take.objects.select_related("shot__scene", "shot__project__workspace", "generation"), pk=id)


def _animatic_credits(shot):
    return pricing.credits_for_seconds(catalogue.card(ANIMATIC), shot.duration_seconds)


def _id(text):
    try:
        return forms.UUIDField().clean(text)
    except forms.ValidationError:
        return None
