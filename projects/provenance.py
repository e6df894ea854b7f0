"""What the studio itself knows of a file that somebody brings: which takes it came from, one before the other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.engine import catalogue
from generation.models import Generation, Input
from generation.models.requested import Joins
from projects.inputs import FRAMES
from projects.models import Export, Take
from runwayweb.assets.models import Asset

STEPS = 100
# How a run made what it did: by its task, by how its take came to be, by what it was given.
HOW = {
    "": gettext_lazy("made with AI"),
    "text_to_sound": gettext_lazy("made with AI"),
    "text_to_music": gettext_lazy("music made with AI"),
    "text_to_speech": gettext_lazy("spoken by AI"),
    "video_to_sound": gettext_lazy("given a sound by AI"),
    "voice_isolation": gettext_lazy("its voice cleaned by AI"),
    "captions": gettext_lazy("written down by AI from what is said"),
    "translation": gettext_lazy("written down in English by AI from what is said"),
    "edit": gettext_lazy("a part of it painted anew"),
    "outpaint": gettext_lazy("painted on around an earlier one"),
    "upscale": gettext_lazy("made larger"),
    "interpolate": gettext_lazy("made smoother"),
    "performance": gettext_lazy("an earlier one acted out by somebody else"),
    "video_to_video": gettext_lazy("painted anew over an earlier one"),
    "world": gettext_lazy("an earlier shot in another world"),
    Take.Origin.CAMERA: gettext_lazy("an earlier shot from another camera"),
    Joins.AFTER: gettext_lazy("going on from an earlier one"),
    Joins.BEFORE: gettext_lazy("leading up to an earlier one"),
    Take.Origin.BRANCH: gettext_lazy("an earlier one taken again"),
    Take.Origin.FINISH: gettext_lazy("made from an earlier one"),
    "first_frame": gettext_lazy("begun with a picture"),
    "first_frame of a clip": gettext_lazy("begun with a frame of an earlier one"),
    "keyframe": gettext_lazy("made to pass through a picture"),
    "keyframe of a clip": gettext_lazy("made to pass through a frame of an earlier one"),
    "last_frame": gettext_lazy("made to end with a picture"),
    "last_frame of a clip": gettext_lazy("made to end with a frame of an earlier one"),
    "reference": gettext_lazy("made with what pictures show"),
}


@dataclass(frozen=True)
class Step:
    """One thing that was made: by what, when, as what. `prompt` is "" where its owner does not show it."""

    what: str
    model: str
    when: datetime | None
    prompt: str = ""


def known_steps(sha256: str) -> list[Step]:
    """How a file of these bytes came to be here, the last step first; [] for what was not made here."""
    export = Export.objects.filter(asset__sha256=sha256).select_related("asset", "project").first()
    if export and export.asset:
        steps = [Step(_("A film, cut and rendered"), "Runwayweb", export.asset.created_at)]
        return steps + _before([asset.pk for asset in export.assets().values()])
    made = Generation.objects.filter(asset__sha256=sha256).order_by("created_at").first()
    return _before([made.asset_id]) if made else []


def _before(assets: list[Any]) -> list[Step]:
    """The runs that made these assets, then those that made what those were made of, and so on."""
    steps: list[Step] = []
    seen: set[Any] = set()
    while assets and len(steps) < STEPS:
        seen |= set(assets)
        runs = Generation.objects.filter(asset__in=assets).order_by("-created_at")
        runs = runs.select_related("project", "asset", "blocking_of", "take__parent__generation")
        found, following = set(), set(_clips_of(assets))
        for run in runs.prefetch_related("inputs__asset"):
            if run.asset_id in found:  # a copied film shares its files
                continue
            found.add(run.asset_id)
            steps.append(_step(run))
            following |= _made_of(run)
        assets = list(following - seen)
    return steps[:STEPS]


def _clips_of(assets):
    """What those of these assets were taken from that are pictures of a clip: no run made them."""
    return Asset.objects.filter(pk__in=assets).exclude(made_of=None).values_list("made_of", flat=True)


def _made_of(run):
    """What a run was given, whose shot it keeps to, and the take that it goes on from."""
    before = {one.asset_id for one in run.inputs.all()}
    take = getattr(run, "take", None)
    others = [run.blocking_of, take and take.parent and take.parent.generation]
    return before | {other.asset_id for other in others if other and other.asset_id}


def _step(run):
    try:
        model = catalogue.card(run.model).name
    except catalogue.ModelNotFound:
        model = run.model
    prompt = run.request.get("prompt", "") if run.project.shows_prompts else ""
    return Step(_what(run), model, run.finished_at, prompt)


def _what(run):
    """What came of a run and how, in words: “A clip, made larger”."""
    if run.asset.is_captions:
        what = _("Captions")
    elif run.asset.is_sound:
        what = _("A sound")
    else:
        what = _("A clip") if run.asset.is_clip else _("A picture")
    return _("%(what)s, %(how)s") % {"what": what, "how": HOW[_way(run)]}


def _way(run):
    """One of HOW: its task where it is of sounds; else what was done to a clip, what it keeps to, what it was given."""
    if run.task:
        return run.task
    given = {one.role: one.asset for one in run.inputs.all()}
    if Input.Role.VIDEO in given:
        return _done_to(given, run)
    if run.blocking_of_id:
        moved = run.request.get("camera") or run.request.get("camera_path")
        return run.joins or ("camera" if moved else "world")
    if getattr(run, "take", None) and run.take.parent_id:
        return run.take.origin or "branch"
    frames = [role for role in FRAMES if role in given]
    if frames:
        return f"{frames[0]} of a clip" if given[frames[0]].made_of_id else frames[0]
    return "reference" if Input.Role.REFERENCE in given else ""


def _done_to(given, run):
    clip = given[Input.Role.VIDEO]
    if Input.Role.MASK in given or run.request.get("subject") is not None:
        return "edit"
    if run.request.get("placed"):
        return "outpaint"
    if run.asset.width > clip.width:
        return "upscale"
    if run.asset.fps > clip.fps:
        return "interpolate"
    return "performance" if Input.Role.REFERENCE in given else "video_to_video"
