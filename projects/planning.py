"""What a film's script asks to be shot, beside what is planned: new shots to suggest, and shots whose lines changed."""

import difflib
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction

from projects.breakdown import Suggestion, beats_of, people_in, places_in, suggestions_for, tag_of
from projects.fountain import ScriptScene
from projects.models import Entity, Scene, Script, Shot
from projects.models.entity import free_tag
from projects.models.script import keyed

LIKE = 0.35  # from there on two texts are the same lines, rewritten


@dataclass
class Changed:
    """A shot whose lines are not in the script any more; `now`: those that took their place, or None."""

    shot: Shot
    now: Suggestion | None


@dataclass
class ScenePlan:
    """A scene of the script: what it suggests that no shot tells yet, and what changed."""

    scene: Scene
    written: ScriptScene
    suggestions: list[Suggestion] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)


@dataclass
class Plan:
    """All of it. found: (kind, name, description) of whom and where the script has and the world does not."""

    scenes: list[ScenePlan]
    found: list[tuple[str, str, str]]

    @property
    def suggested(self):
        return sum(len(scene.suggestions) for scene in self.scenes)

    def change_of(self, shot):
        """The Changed of a shot, or None where its lines stand as they stood."""
        return next((one for scene in self.scenes for one in scene.changed if one.shot.pk == shot.pk), None)


def plan_of(project) -> Plan:
    """The Plan of a film as its script stands. Four queries; reads the whole script."""
    screenplay = Script.objects.of(project).screenplay
    people = people_in(screenplay)
    called = {entity.name.lower(): entity.tag for entity in project.cast if not entity.is_style}
    scenes = {scene.script_key: scene for scene in project.scenes.exclude(script_key="")}
    shots = defaultdict(list)
    for shot in Shot.objects.live().filter(project=project).exclude(script_text="").select_related("scene"):
        shots[shot.scene_id].append(shot)
    plans = []
    for key, written in keyed(screenplay.scenes):
        if scene := scenes.get(key):
            plans.append(_plan(scene, written, suggestions_for(written, people, called), shots.pop(scene.pk, [])))
    # Shots of scenes that are not in the script any more.
    lost = [Changed(shot, None) for left in shots.values() for shot in left]
    if lost and plans:
        plans[-1].changed += lost
    return Plan(plans, list(_found(project, people, places_in(screenplay))))


def rewritten_shots(project) -> frozenset[uuid.UUID]:
    """The ids of the shots that `plan_of` finds changed, without what it suggests. Two queries; reads the whole script,
    where any shot tells some of it."""
    shots = Shot.objects.live().filter(project=project).exclude(script_text="").order_by()
    telling = list(shots.values_list("pk", "scene__script_key", "script_text"))
    if not telling:
        return frozenset()
    written = dict(keyed(Script.objects.of(project).screenplay.scenes))
    keys = {key for _pk, key, _text in telling}
    there = {key: {beat.text for beat in beats_of(scene)} for key, scene in written.items() if key in keys}
    return frozenset(pk for pk, key, text in telling if written and text not in there.get(key, ()))


def add_suggested(project, scene=None) -> int:
    """Make shots of what the script suggests, for one scene or for all; how many."""
    plans = [plan for plan in plan_of(project).scenes if scene is None or plan.scene.pk == scene.pk]
    return sum(add_shots(plan.scene, plan.suggestions) for plan in plans)


@transaction.atomic
def add_shots(scene, suggestions) -> int:
    """Make shots of suggestions, behind the others of a scene; how many."""
    for suggestion in suggestions:
        Shot(scene=scene, **told_by(suggestion)).add()
    return len(suggestions)


def accept(changed: Changed, *, rewritten: bool):
    """Let a shot stand by what the script says now; `rewritten`: and ask for that."""
    shot = changed.shot
    if changed.now is None:
        shot.script_text = ""
        fields = ["script_text"]
    else:
        told = told_by(changed.now) if rewritten else {"script_text": changed.now.text}
        for name, value in told.items():
            setattr(shot, name, value)
        fields = list(told)
    shot.save(update_fields=fields)


def told_by(suggestion: Suggestion):
    """The columns of a shot that tells what is suggested."""
    return {
        "title": suggestion.title,
        "prompt": suggestion.prompt,
        "camera": suggestion.camera,
        "duration_seconds": suggestion.duration_seconds,
        "script_text": suggestion.text,
    }


def add_to_cast(project, kind, name, description) -> Entity:
    """An entity of the world for whom or where the script speaks of."""
    entity = Entity(project=project, kind=kind, name=name[:60], description=description[:500])
    entity.tag = free_tag(tag_of(name), project)
    entity.save_new()
    return entity


def _plan(scene, written, suggestions, shots):
    plan = ScenePlan(scene, written)
    told = {shot.script_text for shot in shots}
    plan.suggestions = [one for one in suggestions if one.text not in told]
    there = {one.text for one in suggestions}
    for shot in shots:
        if shot.script_text in there:
            continue
        like = max(plan.suggestions, key=lambda one: _alike(one.text, shot.script_text), default=None)
        if like and _alike(like.text, shot.script_text) < LIKE:
            like = None
        if like:
            plan.suggestions.remove(like)
        plan.changed.append(Changed(shot, like))
    return plan


def _alike(one, other):
    return difflib.SequenceMatcher(None, one.lower().split(), other.lower().split()).ratio()


def _found(project, people, places):
    there = {entity.name.lower() for entity in project.cast}
    for person in people:
        if person.name.lower() not in there:
            yield Entity.Kind.CHARACTER.value, person.name, person.description
    for place in places:
        if place.name.lower() not in there:
            yield Entity.Kind.PLACE.value, place.name, place.name.lower()
