"""What a creator fills in."""

import secrets

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation import machines
from generation.engine import catalogue
from generation.engine.camera_text import path_as_text, path_from_text
from generation.engine.request import (
    CAMERA_KEY_LIMITS,
    CAMERA_KEYS,
    CAMERA_MOVES,
    OWN_PATH,
    SEED,
    STEPS,
    InvalidRequest,
    VideoRequest,
    check_camera_path,
)
from generation.engine.switches import takes_shortcuts
from generation.models.requested import Joins
from projects.cameras import CAMERA_LABELS
from projects.inputs import KEYFRAMES, REFERENCES, InputsForm, input_values, takers, told
from projects.models import Project, Shot, Take
from projects.models.budget import MOST as BUDGET_MOST
from projects.plan_choices import Closable, ClosableSelect, close, plan_shown
from projects.references import Spoken, spoken_in
from projects.sizes import LENGTH_SECONDS, SIZES, sides_of
from projects.slow_lane import offer_slow_lane
from runwayweb.subscriptions import limits

ENGINES_IN_SIGHT = 3
WORDS = ("prompt", "negative_prompt")
VARIATIONS = 4

CAMERA_RESTS = {
    Joins.AFTER: _("The camera stays where the shot ended. Choose Auto, or do not continue it."),
    Joins.BEFORE: _("The camera waits where the shot begins. Choose Auto, or do not lead up to it."),
}
# What a key of a path says besides its moment: (name, label, unit, step of the control, as framed).
KEY_QUANTITIES = (
    ("orbit", _("Orbit"), "°", "5", "0"),
    ("rise", _("Height"), "m", "0.1", "0"),
    ("dolly", _("Closer"), "m", "0.1", "0"),
    ("truck", _("Side"), "m", "0.1", "0"),
    ("pan", _("Pan"), "°", "1", "0"),
    ("tilt", _("Tilt"), "°", "1", "0"),
    ("zoom", _("Zoom"), "×", "0.05", "1"),
)

# Where the engine's own checks speak of fields that the form calls otherwise.
FORM_FIELDS = {
    "num_frames": "length",
    "width": "size",
    "height": "size",
    "num_inference_steps": "steps",
    "fps": "model",
}


# The same for the limits of a plan.
LIMITED_FIELDS = {"allowed_models": "model", "longest_seconds": "length", "largest_pixels": "size"}
SIDES = ("width", "height")


class ProjectForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = ["name"]
        labels = {"name": _("Name")}


class BudgetForm(forms.Form):
    """How many credits a film may cost in all."""

    credits = forms.IntegerField(
        label=_("Credits"),
        required=False,
        min_value=0,
        max_value=BUDGET_MOST,
        help_text=_("Empty: no budget."),
    )

    @classmethod
    def of(cls, project):
        """The form with the line as it is drawn now."""
        budget = project.budget_or_none
        return cls(initial={"credits": budget.credits if budget else None})


class SaysWhatItTakes:
    """Each engine with what it takes besides words: what the chosen one does not is not shown (picture-slot.css,
    camera-path.css).

    `form`: whose field it is, for some take a frame only beside the shot it is from.
    """

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        given = ["blocking"] if self.form.shot else []
        card = catalogue.card(str(value))
        option["attrs"]["data-takes"] = " ".join(sorted(card.usable(given)))
        if beyond := range(card.most_references + 1, len(REFERENCES) + 1) if card.most_references else ():
            option["attrs"]["data-beyond"] = " ".join(map(str, beyond))
        if card.can_follow_path(given):
            option["attrs"]["data-follows-paths"] = True
        return option


class EngineChoice(Closable, SaysWhatItTakes, forms.RadioSelect):
    """A few engines beside each other: the animatic is one click away."""


class EngineSelect(Closable, SaysWhatItTakes, forms.Select):
    """More engines than fit beside each other."""


class GenerationForm(InputsForm):
    """One request of the studio: becomes one to four frozen VideoRequests, which share their pictures."""

    prompt = forms.CharField(label=_("Prompt"), widget=forms.Textarea(attrs={"rows": 4}), strip=False)
    model = forms.ChoiceField(label=_("Engine"), widget=EngineSelect)
    size = forms.ChoiceField(label=_("Size"), choices=SIZES, initial=next(iter(SIZES)), widget=ClosableSelect)
    still = forms.BooleanField(label=_("Still"), required=False)
    length = forms.FloatField(
        label=_("Length"),
        initial=2,
        min_value=LENGTH_SECONDS[0],
        max_value=LENGTH_SECONDS[1],
        widget=forms.NumberInput(attrs={"step": "0.5"}),
    )
    camera = forms.ChoiceField(
        label=_("Camera"),
        required=False,
        choices=[("", _("From the prompt")), *((move, CAMERA_LABELS[move]) for move in (*CAMERA_MOVES, OWN_PATH))],
    )
    camera_path = forms.CharField(
        label=_("Keys of the path, one a line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "0% orbit -30\n100% orbit 30, rise 0.5"}),
    )
    seed = forms.IntegerField(label=_("Seed"), required=False, min_value=SEED[0], max_value=SEED[1])
    steps = forms.IntegerField(label=_("Steps"), required=False, min_value=STEPS[0], max_value=STEPS[1])
    negative_prompt = forms.CharField(label=_("Leave out"), required=False, strip=False)
    exact = forms.BooleanField(label=_("Exact: no shortcuts"), label_suffix="", required=False)
    variations = forms.TypedChoiceField(
        label=_("Variations"), coerce=int, initial=1, choices=[(n, str(n)) for n in range(1, VARIATIONS + 1)]
    )

    # The shot that what is made becomes a take of, and the take that it comes from.
    planned = forms.UUIDField(required=False, widget=forms.HiddenInput)
    parent = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, project=None, **kwargs):
        """`project`: whose cast the prompt can call by name."""
        super().__init__(*args, **kwargs)
        self.project, self.spoken = project, Spoken()
        offer_slow_lane(self, self.workspace)
        cards = [card for card in catalogue.cards() if card.draws]
        if 1 < len(cards) <= ENGINES_IN_SIGHT:
            self.fields["model"].widget = EngineChoice()
        self.fields["model"].choices = [(card.id, card.name) for card in cards]
        self.fields["model"].initial = cards[0].id
        self.fields["model"].widget.form = self
        self._keep_to_the_plan()
        if not takes_shortcuts():
            del self.fields["exact"]
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def _keep_to_the_plan(self):
        """Close what the plan of the workspace does not allow."""
        self.plan = plan = plan_shown(self.workspace)
        close(self.fields["model"], lambda model: limits.refusals(plan, model=model))
        close(self.fields["size"], lambda size: limits.refusals(plan, **dict(zip(SIDES, sides_of(size), strict=True))))
        length = self.fields["length"]
        if reached := next(limits.refusals(plan, seconds=LENGTH_SECONDS[1]), None):
            length.help_text = self._shortly(reached)
            length.widget.attrs["max"] = plan.longest_seconds
            length.initial = min(length.initial, plan.longest_seconds)

    def _shortly(self, reached):
        """The limit of a length in the few words that fit below it."""
        told = {"seconds": self.plan.longest_seconds, "plan": self.plan, "larger": reached.lifted_by}
        if reached.lifted_by:
            return gettext("Up to %(seconds)g s on %(plan)s; longer on %(larger)s.") % told
        return gettext("Up to %(seconds)g s on %(plan)s.") % told

    @property
    def card(self):
        return catalogue.card(self.cleaned_data["model"])

    @property
    def offers_pictures(self):
        """Whether any engine here takes some."""
        return any(takers(name) for name in ("first_frame", "keyframes", "last_frame", "references"))

    @property
    def key_quantities(self):
        """KEY_QUANTITIES with the lowest and the highest that each may be."""
        return [(*quantity, *CAMERA_KEY_LIMITS[quantity[0]]) for quantity in KEY_QUANTITIES]

    @property
    def most_keys(self):
        return CAMERA_KEYS[1]

    def clean_planned(self):
        """The Shot, or None."""
        if not self.cleaned_data["planned"]:
            return None
        shots = Shot.objects.live().filter(project=self.project).select_related("scene", "project")
        shot = shots.filter(pk=self.cleaned_data["planned"]).first()
        if shot is None:
            raise forms.ValidationError(_("The shot that this was to be a take of is not there any more."))
        return shot

    def clean_parent(self):
        """The Take, or None where it is not there any more."""
        return Take.objects.live().filter(pk=self.cleaned_data["parent"], shot__project=self.project).first()

    @property
    def planned_shot(self):
        """The shot that it is filled for, or None: of a form that came, and of one that is shown first."""
        if self.is_bound:
            return getattr(self, "cleaned_data", {}).get("planned")
        planned = self.initial.get("planned")
        return planned and Shot.objects.live().filter(pk=planned, project=self.project).select_related("scene").first()

    def lay_in(self, made):
        """Make takes of what came of it, where it was filled for a shot; the shot keeps what it was asked for."""
        shot = self.planned_shot
        if not shot:
            return []
        origin = self.joined or self._other_than_the_shot
        if not origin:
            shot.plan(request=self.cleaned_data["requests"][0], model=self.card.id, given=self.as_planned())
            origin = Take.Origin.BRANCH if self.cleaned_data["parent"] else Take.Origin.FRESH
        parent = self.cleaned_data["parent"]
        return [shot.lay_in(generation, parent=parent, origin=origin) for generation in made]

    @property
    def _other_than_the_shot(self):
        """What differs from the shot whose blocking is kept: its world, or its camera alone; "" where none is."""
        if not self.shot:
            return ""
        told, camera = self.cleaned_data["prompt"], self.cleaned_data["camera"]
        return Take.Origin.CAMERA if camera and told == self.shot.request["prompt"] else Take.Origin.WORLD

    def clean_camera_path(self):
        """The keys of the path; none where another camera was chosen."""
        if self.cleaned_data.get("camera") != OWN_PATH:
            return ()
        try:
            keys = path_from_text(self.cleaned_data["camera_path"])
        except InvalidRequest as error:
            raise forms.ValidationError(told(error)) from error
        if not keys:
            raise forms.ValidationError(_("Say where the camera goes: at least two keys, one a line."))
        return keys

    def clean(self):
        cleaned = super().clean()
        given = {"blocking"} if self.shot else set()
        if "model" in cleaned and cleaned.get("camera") == OWN_PATH and not self.card.can_follow_path(given):
            why = _("%(model)s cannot follow a path of your own. Choose a move, or another engine.")
            self.add_error("camera", why % {"model": self.card.name})
        if "model" in cleaned:
            self.refuse_what_it_cannot_use(self.card)
            self.refuse_what_it_lacks(self.card)
            if why := machines.refusal(self.card):
                self.add_error(None, why)
        if self.joined and cleaned.get("camera") not in ("", "static", None):
            self.add_error("camera", CAMERA_RESTS[self.joined])
        if not self.errors:
            try:
                self._find_cast(cleaned)
                cleaned["requests"] = list(self._requests(cleaned))
                self._refuse_what_the_plan_does_not_allow(cleaned["requests"][0])
                self._place_keyframes(cleaned)
            except InvalidRequest as error:
                self.add_error(FORM_FIELDS.get(error.field, error.field), told(error))
        return cleaned

    def _refuse_what_the_plan_does_not_allow(self, video):
        extent = {"seconds": video.duration_seconds, "width": video.width, "height": video.height}
        for reached in limits.refusals(self.plan, model=self.card.id, **extent):
            self.add_error(LIMITED_FIELDS[reached.limit], str(reached))

    def _find_cast(self, cleaned):
        """Whom of the film's own cast the prompt calls; references of the form keep their names."""
        if self.project is not None:
            given = {slot.takes for slot in self.given_slots} | ({"blocking"} if self.shot else set())
            self.spoken = spoken_in(
                self.project, cleaned["prompt"], self.card, given=given, called=self.tags, first=len(self.tags)
            )

    def inputs(self):
        return super().inputs() + self.spoken.inputs

    def _place_keyframes(self, cleaned):
        """The frame at which each keyframe is to be seen: one between the first and the last, and its own."""
        video = cleaned["requests"][0]
        cleaned["keyframes_at"] = {}
        for name in (name for name in KEYFRAMES if name in self.found):
            at = round((cleaned[f"{name}_seconds"] or 0) * video.fps)
            if not 0 < at < video.num_frames - 1:
                self.add_error(f"{name}_seconds", _("Choose a moment between the first frame and the last."))
            elif at in cleaned["keyframes_at"].values():
                self.add_error(f"{name}_seconds", _("Another keyframe is at this moment already."))
            cleaned["keyframes_at"][name] = at

    def _requests(self, cleaned):
        """One request for each variation; their seeds follow each other, so that each can be asked for again."""
        card = catalogue.card(cleaned["model"])
        # The frames of a shot are counted at its own rate; at another one they would be other moments.
        fps = self.shot.request["fps"] if self.shot else card.fps
        width, height = sides_of(cleaned["size"])
        lowest, highest = SEED
        seed = cleaned["seed"] if cleaned["seed"] is not None else secrets.randbelow(10**6)
        still = cleaned["still"] or card.draws_stills_alone
        for variation in range(cleaned["variations"]):
            yield VideoRequest(
                num_frames=1 if still else max(1, round(cleaned["length"] * fps)),
                prompt=cleaned["prompt"],
                negative_prompt=cleaned["negative_prompt"],
                width=width,
                height=height,
                fps=fps,
                seed=lowest + (seed + variation - lowest) % (highest - lowest + 1),
                num_inference_steps=cleaned["steps"],
                camera=None if cleaned["camera_path"] else cleaned["camera"] or None,
                camera_path=cleaned["camera_path"],
                reference_tags=(*self.tags, *(given.tag for given in self.spoken.inputs)),
                names=self.spoken.names,
                exact=cleaned.get("exact", False),
            )


def prefilled_form(values, workspace, project=None):
    """The empty form, or one filled from `values` of an address; nonsense in them is left out, words are left alone."""
    form = GenerationForm(workspace=workspace, project=project)
    given = {name: values[name] for name in form.fields if name in values}
    asked = {name: field.initial for name, field in form.fields.items() if name not in InputsForm.base_fields}
    checked = GenerationForm({**asked, "prompt": "x"} | given, workspace=workspace, project=project)
    checked.is_valid()
    sound = {name: value for name, value in given.items() if name not in checked.errors or name in WORDS}
    form.initial = {name: checked.found.get(name, value) for name, value in sound.items()}
    for name in ("planned", "parent"):
        if name in form.initial:
            form.initial[name] = checked.cleaned_data[name] and checked.cleaned_data[name].pk
    return form


def form_values(generation, *, seed=True):
    """The form fields that ask for the same as `generation` did, with the same pictures."""
    values = request_values(generation.request, generation.model, seed=seed) | input_values(generation)
    if take := getattr(generation, "take", None):
        values |= {"planned": str(take.shot_id), "parent": str(take.pk)}
    return values


def request_values(request, model, *, seed=True):
    """The form fields that ask an engine for what a request, as a row keeps it, says."""
    path = path_as_text(check_camera_path(request.get("camera_path", ())))
    values = {
        "prompt": request["prompt"],
        "model": model,
        "size": f"{request['width']}x{request['height']}",
        "length": round(request["num_frames"] / request["fps"], 3) if request["num_frames"] > 1 else "",
        "still": "on" if request["num_frames"] == 1 else "",
        "camera": OWN_PATH if path else request["camera"] or "",
        "camera_path": path,
        "steps": request["num_inference_steps"] or "",
        "negative_prompt": request["negative_prompt"],
        "exact": "on" if request.get("exact") else "",
    }
    if seed:
        values["seed"] = request["seed"]
    return {name: value for name, value in values.items() if value != ""}
