"""A generation as its card shows it: the words and addresses a page needs, read from the row."""

from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation import previews
from generation.engine import catalogue
from generation.engine.camera_text import path_as_text
from generation.engine.request import check_camera_path
from generation.models.requested import WRITES, Joins
from generation.models.review import BLOCKED
from generation.waiting import Line
from projects.cameras import CAMERA_LABELS
from projects.edits import engine_to_edit, engine_to_widen
from projects.finishes import finishes_of
from projects.footage import FootageForm
from projects.forms import form_values
from projects.inputs import FRAMES, engine_for, engine_to_join
from projects.sounds import SoundForm, sound_values

SHOT_KEPT = {
    "": gettext_lazy("Same shot as “%(prompt)s”"),
    Joins.AFTER: gettext_lazy("Continues “%(prompt)s”"),
    Joins.BEFORE: gettext_lazy("Leads up to “%(prompt)s”"),
}
WAVE_HEIGHT = 40  # of a drawn sound
OTHER_CAMERAS = ("orbit left", "dolly in")  # which to propose for a shot that is taken again


class GenerationCard:
    """Wraps one generation for a template. Questions that cost a query are asked only where the card shows them."""

    def __init__(self, generation, line=None):
        """`line`: how everything stands, where several cards are shown."""
        self.generation, self.line = generation, line or Line()
        self.request = generation.request

    def __getattr__(self, name):
        return getattr(self.generation, name)

    @property
    def prompt(self):
        return self.request["prompt"]

    @property
    def seed(self):
        return self.request["seed"]

    @property
    def take(self):
        """The take that it is of a shot, or None."""
        return getattr(self.generation, "take", None)

    @property
    def review(self):
        """What the operator is to decide, or decided, of a run that was blocked; None of any other."""
        if not self.generation.failure_code.startswith(BLOCKED):
            return None
        return getattr(self.generation, "review", None)

    @property
    def model_card(self):
        try:
            return catalogue.card(self.generation.model)
        except catalogue.ModelNotFound:
            return None

    @property
    def model_name(self):
        return self.model_card.name if self.model_card else self.generation.model

    @property
    def size_label(self):
        return f"{self.request['width']}×{self.request['height']}"

    @property
    def seconds(self):
        return self.request["num_frames"] / self.request["fps"]

    @property
    def is_still(self):
        return self.request["num_frames"] == 1

    @property
    def length_label(self):
        if self.is_still:
            return _("Still")
        return in_seconds(self.seconds)

    @property
    def tag(self):
        """What it is, in a corner of its picture."""
        return f"{self.size_label} · {self.length_label}"

    @property
    def is_of_sound(self):
        """Whether nothing of it is to be seen."""
        return not self.generation.is_to_be_seen

    @property
    def fraction(self):
        return self.generation.step / self.generation.steps if self.generation.steps else 0

    @property
    def percent(self):
        return round(100 * self.fraction)

    @cached_property
    def wait(self):
        """What it waits for, a Wait; None for one that does not."""
        return self.line.wait_of(self.generation)

    @property
    def eta_seconds(self):
        """Whole seconds left of a running one; None while that is anybody's guess."""
        if self.generation.status != "running" or not self.generation.step:
            return None
        elapsed = (timezone.now() - self.generation.started_at).total_seconds()
        return round(elapsed / self.generation.step * (self.generation.steps - self.generation.step))

    @cached_property
    def loading_label(self):
        """What it waits for while its worker loads the model, and how long that took the last time; "" otherwise."""
        if self.generation.status != "running" or self.generation.loading_at is None:
            return ""
        seconds = self.generation.usual_load_seconds()
        if seconds is None or seconds < 1:
            return _("Loading %(model)s") % {"model": self.model_name}
        return _("Loading %(model)s, about %(seconds)d s") % {"model": self.model_name, "seconds": round(seconds)}

    @property
    def made_seconds(self):
        if not (self.generation.started_at and self.generation.finished_at):
            return None
        return round((self.generation.finished_at - self.generation.started_at).total_seconds(), 1)

    @property
    def understood_sentence(self):
        return self.generation.understood.get("sentence", "")

    @property
    def understood_ignored(self):
        return self.generation.understood.get("ignored", [])

    @property
    def understood_nearest(self):
        return [f"{said} → {taken}" for said, taken in self.generation.understood.get("nearest", {}).items()]

    @property
    def understood_assumed(self):
        assumed = self.generation.understood.get("assumed", {})
        return [f"{name.replace('_', ' ')}: {value}" for name, value in assumed.items()]

    @property
    def asset(self):
        return self.generation.asset and AssetView(self.generation.asset)

    @property
    def preview_url(self):
        return reverse("projects:generation-preview", args=[self.generation.pk])

    @property
    def has_preview(self):
        return self.generation.status == "running" and self.generation.step > 0 and previews.kept(self.generation.pk)

    @property
    def reuse_url(self):
        return self._prefilled(seed=False)

    @property
    def same_seed_url(self):
        return self._prefilled(seed=True)

    @property
    def other_world_url(self):
        """The form with this shot's blocking, the words to be changed; None where no shot or no engine has blocking."""
        engine = engine_for("blocking", prefer=[self.generation.model])
        if engine is None or self.generation.asset is None or not self.generation.tells_its_shot:
            return None
        kept = {"model": engine, "blocking": str(self.generation.pk)}
        kept |= {"camera": "", "camera_path": ""}  # the camera's move is kept too
        left_out = dict.fromkeys((*FRAMES, "joins"), "")  # they show the world that is to be another
        return self._prefilled(seed=False, **kept, **left_out)

    @property
    def other_camera_url(self):
        """The form with this very shot, seen by a camera that moves otherwise; None where none can."""
        if self.is_still or self.generation.joins or self.other_world_url is None:
            return None
        moved = self.request["camera"] or self.generation.recipe["scene"].get("camera", {}).get("move")
        engine = engine_for("blocking", prefer=[self.generation.model])
        camera = next(move for move in OTHER_CAMERAS if move != moved)
        kept = {"model": engine, "blocking": str(self.generation.pk), "camera": camera}
        return self._prefilled(seed=False, **kept, **dict.fromkeys((*FRAMES, "joins", "camera_path"), ""))

    @property
    def footage_url(self):
        """Where it is painted anew or acted out by another; None where no engine can."""
        if self.generation.asset is None or not self.generation.asset.is_clip:
            return None
        task = next((task for task in FootageForm.WORKS if catalogue.serving(task)), None)
        page = reverse("projects:footage", args=[self.generation.project_id])
        return task and f"{page}?{urlencode({'task': task, 'clip': self.generation.pk})}"

    @property
    def finishes(self):
        return finishes_of(self.generation)

    @property
    def edit_url(self):
        """Where a part of it is painted anew; None where no engine can."""
        return self._address("generation-edit") if engine_to_edit(self.generation) else None

    @property
    def widen_url(self):
        """Where it gets more around it; None where no engine can."""
        return self._address("generation-widening") if engine_to_widen(self.generation) else None

    @property
    def can_be_continued(self):
        return self._can_be_joined(Joins.AFTER)

    @property
    def can_be_led_up_to(self):
        return self._can_be_joined(Joins.BEFORE)

    def _can_be_joined(self, joins):
        return self.generation.asset is not None and engine_to_join(self.generation, joins)[0] is not None

    @property
    def references(self):
        """(what it is, its picture's address or None, the one to post to) of all that can be a reference for the next.

        Everybody in the clip first, then the whole frame; nothing where no engine takes references.
        """
        clip = self.asset
        if clip is None or engine_for("references") is None:
            return []
        cast = [
            (capfirst(one["name"]), clip.cast_url(number), self._address("generation-cast-reference", number))
            for number, one in enumerate(clip.cast, 1)
        ]
        return [*cast, (_("The whole frame, as a place"), clip.poster_url, self._address("generation-reference"))]

    @cached_property
    def given(self):
        """(what it is, its thumbnail's address, its own, its name or "") of each picture that it was given, and of the
        shot it keeps to."""
        shown = [(row.label, AssetView(row.asset), row.tag) for row in self.generation.inputs.all()]
        pictures = [(label, picture.poster_url, picture.file_url, tag) for label, picture, tag in shown]
        shot = self.generation.blocking_of
        if shot is None or shot.deleted_at or shot.asset is None:
            return pictures
        if self.generation.task:  # the clip itself, which is shown already
            return pictures
        label = SHOT_KEPT[self.generation.joins] % {"prompt": Truncator(shot.request["prompt"]).chars(60)}
        address = reverse("projects:generation", args=[shot.pk])
        return [*pictures, (label, AssetView(shot.asset).poster_url, address, "")]

    def _address(self, name, *which):
        return reverse(f"projects:{name}", args=[self.generation.pk, *which])

    def _prefilled(self, *, seed, **other):
        project = reverse("projects:project", args=[self.generation.project_id])
        values = form_values(self.generation, seed=seed) | other
        return f"{project}?{urlencode({name: value for name, value in values.items() if value != ''})}"

    @property
    def recipe_rows(self):
        """(label, value) of what made it, for people."""
        request, recipe = self.request, self.generation.recipe
        rows = [
            (_("Engine"), self.model_name),
            (_("Seed"), str(request["seed"])),
            (_("Size"), self.size_label),
            (_("Length"), self.length_label),
            (
                _("Frames"),
                not self.is_still
                and _("%(frames)d at %(fps)d a second") % {"frames": request["num_frames"], "fps": request["fps"]},
            ),
            (_("Camera"), self._camera),
            (_("Steps"), request["num_inference_steps"] or recipe.get("num_inference_steps")),
            (_("Exact"), request.get("exact") and _("no shortcuts")),
            (_("Leave out"), request["negative_prompt"]),
            (_("Made in"), self.made_seconds and _("%(seconds)s s") % {"seconds": number_format(self.made_seconds)}),
            (_("Weights"), (recipe.get("weights_sha256") or "")[:12]),
        ]
        return [(label, value) for label, value in rows if value]

    @property
    def _camera(self):
        """What was asked of the camera: a path key by key."""
        if keys := self.request.get("camera_path"):
            lines = path_as_text(check_camera_path(keys)).splitlines()
            return _("Own path: %(keys)s") % {"keys": " → ".join(lines)}
        return CAMERA_LABELS.get(self.request["camera"], _("From the prompt"))


class SoundCard(GenerationCard):
    """One of which nothing is to be seen: a sound, music, speech, captions."""

    other_world_url = other_camera_url = edit_url = widen_url = same_seed_url = None
    can_be_continued = can_be_led_up_to = is_still = False
    references = ()

    @property
    def prompt(self):
        return self.generation.words or _("“%(name)s”") % {"name": self._recording_name}

    @property
    def seed(self):
        return self.request.get("seed")

    @property
    def tag(self):
        return f"{self.work_label} · {self.length_label}" if self.seconds else str(self.work_label)

    @property
    def work_label(self):
        label, _icon, _fields = SoundForm.WORKS[self.generation.task]
        return label

    @property
    def seconds(self):
        """Of what was made; else of what was asked for, where that says it."""
        made = self.generation.asset
        return round(made.duration_seconds, 1) if made else self.request.get("duration_seconds")

    @property
    def length_label(self):
        return in_seconds(self.seconds) if self.seconds else ""

    @property
    def said(self):
        """What was written down, or None where nothing was to be."""
        return self.generation.understood.get("said") if self.generation.task in WRITES else None

    @property
    def reuse_url(self):
        page = reverse("projects:sound", args=[self.generation.project_id])
        return f"{page}?{urlencode({'task': self.generation.task} | sound_values(self.generation))}"

    @property
    def recipe_rows(self):
        rows = [
            (_("Engine"), self.model_name),
            (_("Seed"), str(self.seed) if self.seed is not None else None),
            (_("Length"), self.length_label),
            (_("Lyrics"), self.request.get("lyrics")),
            (_("Speed"), self.request.get("speed") and f"{number_format(format(self.request['speed'], 'g'))} ×"),
            (_("Made in"), self.made_seconds and _("%(seconds)s s") % {"seconds": number_format(self.made_seconds)}),
            (_("Weights"), (self.generation.recipe.get("weights_sha256") or "")[:12]),
        ]
        return [(label, value) for label, value in rows if value]

    @property
    def _recording_name(self):
        return next((given.asset.name for given in self.generation.inputs.all()), "")


def in_seconds(seconds):
    """“2 s”, “0.33 s”: nobody reads more of it."""
    return _("%(seconds)s s") % {"seconds": number_format(f"{round(seconds, 2):g}")}


def card_of(generation, line=None):
    """The card of a generation, by what comes of it."""
    return (GenerationCard if generation.is_to_be_seen else SoundCard)(generation, line)


def cards_of(generations):
    """The cards of several, who look at the line together."""
    line = Line()
    return [card_of(generation, line) for generation in generations]


class AssetView:
    """The addresses of a clip and its pictures."""

    def __init__(self, asset):
        self.asset = asset

    def __getattr__(self, name):
        return getattr(self.asset, name)

    @property
    def file_url(self):
        return reverse("assets:file", args=[self.asset.pk, self.asset.file_name])

    @property
    def download_url(self):
        return f"{self.file_url}?download=1"

    @property
    def poster_url(self):
        return reverse("assets:file", args=[self.asset.pk, "poster.webp"]) if self.asset.poster else None

    @property
    def wave(self):
        """The bars of a sound as an SVG path, each a unit wide, WAVE_HEIGHT high at its loudest."""
        half = WAVE_HEIGHT / 2
        heights = [max(0.5, half * peak / 100) for peak in self.asset.peaks]
        return "".join(f"M{x}.5 {half - height:.1f}V{half + height:.1f}" for x, height in enumerate(heights))

    def cast_url(self, number):
        return reverse("assets:file", args=[self.asset.pk, f"cast-{number}.webp"])

    @property
    def sprite_url(self):
        return reverse("assets:file", args=[self.asset.pk, "sprite.webp"]) if self.asset.sprite else None
