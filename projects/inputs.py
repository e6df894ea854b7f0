"""What a clip can be given besides words, as fields of the request form: pictures, a shot's blocking."""

import re
from dataclasses import dataclass
from itertools import chain, count

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.engine import catalogue
from generation.engine.request import REFERENCES as MOST_REFERENCES
from generation.engine.request import InvalidRequest, check_tags
from generation.engine.tags import NAME
from generation.models import Generation, Input
from generation.models.input import ReferenceRole
from generation.models.requested import Joins
from runwayweb.assets.models import Asset
from runwayweb.assets.upload import MOST_BYTES, BadPicture, read_picture

KEYFRAMES = ("keyframe", "keyframe_2", "keyframe_3")
FRAMES = ("first_frame", *KEYFRAMES, "last_frame")
REFERENCES = tuple(f"reference_{number}" for number in range(1, MOST_REFERENCES + 1))
# Places that come into sight when the one before them holds something; of a card that takes fewer, none.
SPARE = (*KEYFRAMES[1:], *REFERENCES[3:])
GIVEN = (*FRAMES, *REFERENCES, "blocking", "joins")
SHARED_FRAME = {Joins.AFTER: "first_frame", Joins.BEFORE: "last_frame"}  # of a run that joins another
# In one post: what a place holds is not sent again, so a spare one brings its file instead of the one before it.
MOST_UPLOADED_BYTES = MOST_BYTES * (len(FRAMES + REFERENCES) - len(SPARE))


def takers(*names):
    """The installed engines that take all of these and need no others: "first_frame", "keyframes", "last_frame",
    "references", "blocking"."""
    return [card for card in catalogue.cards() if card.required <= set(names) <= card.usable(names)]


def engine_for(*names, prefer=()):
    """The id of an engine that takes these inputs: the first of those to `prefer` that does, else any, else None.

    The default engine comes before all others that are not preferred.
    """
    ids = [card.id for card in takers(*names)]
    return next((id for id in prefer if id in ids), ids[0] if ids else None)


def engine_to_join(clip, joins):
    """The id of an engine for what comes before or after a clip, or None; and whether it is of the shot itself."""
    frame = SHARED_FRAME[joins]
    engine = engine_for(frame, "blocking", prefer=[clip.model]) if clip.tells_its_shot else None
    return (engine, True) if engine else (engine_for(frame, prefer=[clip.model]), False)


@dataclass(frozen=True)
class Chosen:
    """What came for a picture: the id of one that is kept, a file, and whether it was taken away again."""

    id: str | None
    file: UploadedFile | None
    removed: bool


class PictureInput(forms.Widget):
    """Reads the three controls that templates/projects/_picture.html draws for one picture."""

    needs_multipart_form = True

    def value_from_datadict(self, data, files, name):
        return Chosen(data.get(name) or None, files.get(f"{name}_file"), f"{name}_remove" in data)


class PictureField(forms.Field):
    """Gives an asset of `workspace`, or None. A file that came is kept at once: no browser would send it again."""

    widget = PictureInput
    workspace = None

    def __init__(self, **options):
        super().__init__(required=False, **options)

    def clean(self, chosen):
        if chosen.file:
            try:
                picture = read_picture(chosen.file)
                return Asset.objects.keep_picture(
                    picture,
                    workspace=self.workspace,
                    name=chosen.file.name,
                    origin=Asset.Origin.UPLOADED,
                    came_as=chosen.file,
                )
            except BadPicture as error:
                raise ValidationError(str(error)) from error
        if chosen.removed or not chosen.id:
            return None
        try:
            return Asset.objects.live().pictures().get(workspace=self.workspace, pk=chosen.id)
        except (Asset.DoesNotExist, ValidationError):
            raise ValidationError(_("This picture is not there any more. Choose another.")) from None


class RoleField(forms.ChoiceField):
    """What a reference shows."""

    def __init__(self):
        super().__init__(
            label=gettext_lazy("It shows a"), choices=ReferenceRole, initial=ReferenceRole.CHARACTER, required=False
        )

    def clean(self, value):
        return super().clean(value) or self.initial


class MomentField(forms.FloatField):
    """When a keyframe is to be seen, in seconds; the `number`th one after as many, unless told otherwise."""

    def __init__(self, number):
        super().__init__(
            label=gettext_lazy("Keyframe at"),
            required=False,
            initial=number,
            min_value=0,
            widget=forms.NumberInput(attrs={"step": "0.1"}),
        )


class TagField(forms.CharField):
    """How a reference is called in the prompt; "" for none. An @ before it may be written or not."""

    def __init__(self):
        super().__init__(
            label=gettext_lazy("Name"),
            required=False,
            widget=forms.TextInput(attrs={"maxlength": 17, "spellcheck": "false", "autocapitalize": "none"}),
        )

    def clean(self, value):
        name = super().clean(value).removeprefix("@")
        try:
            check_tags([name])
        except InvalidRequest as error:
            raise ValidationError(told(error)) from error
        return name


@dataclass(frozen=True)
class Slot:
    """One place for a picture, as a template draws it. `takes`: the input of an engine's card it counts as."""

    name: str
    label: str
    takes: str
    asset: Asset | None
    errors: list
    role: forms.BoundField | None = None
    seconds: forms.BoundField | None = None
    tag: forms.BoundField | None = None

    @property
    def is_spare(self):
        return self.name in SPARE

    @property
    def number(self):
        """Which of the references it is, from 1; None for a frame."""
        return REFERENCES.index(self.name) + 1 if self.name in REFERENCES else None

    @property
    def most_megabytes(self):
        return MOST_BYTES // 1024**2

    @property
    def most_bytes(self):
        return MOST_BYTES


class InputsForm(forms.Form):
    """Pictures and the shot whose blocking is kept, all of `workspace`: another's are as good as none."""

    first_frame = PictureField(label=gettext_lazy("First frame"))
    for number, name in enumerate(KEYFRAMES, 1):
        counted = gettext_lazy("Keyframe {number}") if number > 1 else gettext_lazy("Keyframe")
        vars()[name] = PictureField(label=format_lazy(counted, number=number))
        vars()[f"{name}_seconds"] = MomentField(number)
    last_frame = PictureField(label=gettext_lazy("Last frame"))
    for number, name in enumerate(REFERENCES, 1):
        vars()[name] = PictureField(label=format_lazy(gettext_lazy("Reference {number}"), number=number))
        vars()[f"{name}_role"] = RoleField()
        vars()[f"{name}_tag"] = TagField()
    del name, number, counted
    blocking_remove = forms.BooleanField(required=False)
    blocking = forms.UUIDField(required=False)
    joins = forms.ChoiceField(required=False, choices=Joins)

    def __init__(self, *args, workspace, **kwargs):
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        self.found = {}  # name → the asset or the shot, also where an engine cannot use it
        for name in FRAMES + REFERENCES:
            self.fields[name].workspace = workspace

    def clean_blocking(self):
        if not self.cleaned_data["blocking"] or self.cleaned_data["blocking_remove"]:
            return None
        shots = Generation.objects.finished_well().filter(workspace=self.workspace, project__deleted_at=None)
        shot = shots.select_related("asset").filter(pk=self.cleaned_data["blocking"]).first()
        if shot is None or not shot.tells_its_shot:
            raise ValidationError(_("This shot is not there any more. Choose another."))
        return shot

    def clean(self):
        cleaned = super().clean()
        self.found = {name: cleaned[name] for name in GIVEN if cleaned.get(name)}
        called: set[str] = set()
        for name in REFERENCES:
            tag = self._tag(name)
            if tag and tag.lower() in called:
                why = _("Another reference is called @%(name)s. Give each a name of its own.")
                self.add_error(f"{name}_tag", why % {"name": tag})
            called.add(tag.lower())
        return cleaned

    def refuse_what_it_cannot_use(self, card):
        """An error beside each input that is none of the engine's."""
        for name, taken in [*((slot.name, slot.takes) for slot in self.slots), ("blocking", "blocking")]:
            if name in self.found and taken not in card.usable(self.found):
                if taken in card.inputs:
                    why = _("%(model)s moves a first or last frame as it is. Remove this, or the frame.")
                else:
                    why = _("%(model)s cannot use this. Remove it or choose another engine.")
                self.add_error(name, why % {"model": card.name})
        most = card.most_references
        for name in [name for name in REFERENCES if name in self.found][most:] if most else []:
            why = ngettext(
                "%(model)s takes %(most)d reference. Remove this or choose another engine.",
                "%(model)s takes at most %(most)d references. Remove this or choose another engine.",
                most,
            )
            self.add_error(name, why % {"model": card.name, "most": most})

    def refuse_what_it_lacks(self, card):
        """An error beside each picture without which the engine cannot begin."""
        for slot in self.slots:
            if slot.takes in card.required and not any(other.takes == slot.takes for other in self.given_slots):
                self.add_error(slot.name, _("%(model)s begins with this. Choose a picture.") % {"model": card.name})
                return

    @property
    def given_slots(self):
        return [slot for slot in self.slots if slot.name in self.found]

    def inputs(self):
        """The pictures as rows for a run, not saved."""
        at = self.cleaned_data.get("keyframes_at", {})
        frames = [
            Input(role=Input.Role.KEYFRAME, asset=self.found[name], position=at.get(name, 0))
            if name in KEYFRAMES
            else Input(role=name, asset=self.found[name])
            for name in FRAMES
            if name in self.found
        ]
        shown = [name for name in REFERENCES if name in self.found]
        return frames + [
            Input(
                role=Input.Role.REFERENCE,
                asset=self.found[name],
                reference_role=self.cleaned_data[f"{name}_role"],
                tag=self._tag(name),
                position=position,
            )
            for position, name in enumerate(shown)
        ]

    def as_planned(self):
        """The pictures as a Shot keeps them in `given`."""
        frames = [{"role": name, "asset": str(self.found[name].pk)} for name in FRAMES if name in self.found]
        for one in frames:
            if one["role"] == "keyframe":
                one["seconds"] = self.cleaned_data["keyframe_seconds"]
        return frames + [
            {
                "role": Input.Role.REFERENCE.value,
                "asset": str(self.found[name].pk),
                "shows": self.cleaned_data[f"{name}_role"],
                "tag": self._tag(name),
            }
            for name in REFERENCES
            if name in self.found
        ]

    @property
    def tags(self):
        """The names of the references that are given, in their order."""
        return tuple(self._tag(name) for name in REFERENCES if name in self.found)

    def _tag(self, name):
        """How a reference is called; a place that is empty has no name."""
        return self.cleaned_data.get(f"{name}_tag", "") if name in self.found else ""

    @property
    def shot(self):
        """The generation whose blocking is kept, or None."""
        return self._what("blocking")

    @property
    def joined(self):
        """One of `Joins` where that shot goes on or is led up to, "" where it is taken once more."""
        return (self.shot and self._what("joins")) or ""

    @property
    def slots(self):
        return [self.slot(name) for name in FRAMES + REFERENCES]

    def slot(self, name):
        """The place for a picture called `name`. Raises KeyError."""
        field = self.fields[name]
        return Slot(
            name=name,
            label=field.label,
            takes="keyframes" if name in KEYFRAMES else name if name in FRAMES else "references",
            asset=self._what(name),
            errors=self.errors.get(name, []),
            role=self[f"{name}_role"] if name in REFERENCES else None,
            seconds=self[f"{name}_seconds"] if name in KEYFRAMES else None,
            tag=self[f"{name}_tag"] if name in REFERENCES else None,
        )

    def _what(self, name):
        return self.found.get(name) if self.is_bound else self.initial.get(name)


def input_values(generation):
    """The form fields that give what `generation` was given; the film's own cast comes by name, as it is today."""
    alone = (Input.Role.FIRST_FRAME, Input.Role.LAST_FRAME)
    values = {given.role: str(given.asset_id) for given in generation.inputs.all() if given.role in alone}
    keyframes = [given for given in generation.inputs.all() if given.role == Input.Role.KEYFRAME]
    for name, given in zip(KEYFRAMES, keyframes, strict=False):
        seconds = round(given.position / generation.request["fps"], 3)
        values |= {name: str(given.asset_id), f"{name}_seconds": seconds}
    references = [given for given in generation.inputs.all() if given.role == Input.Role.REFERENCE]
    if any(given.tag for given in references):
        cast = {entity.tag.lower() for entity in generation.project.cast}
        references = [given for given in references if given.tag.lower() not in cast]
    for name, given in zip(REFERENCES, references, strict=False):
        values |= {name: str(given.asset_id), f"{name}_role": given.reference_role}
        if given.tag:
            values[f"{name}_tag"] = given.tag
    if generation.blocking_of_id:
        values["blocking"] = str(generation.blocking_of_id)
    if generation.joins:
        values["joins"] = generation.joins
    return values


def planned_values(given):
    """The form fields that give the pictures that a Shot keeps in `given`."""
    values = {one["role"]: one["asset"] for one in given if one["role"] in FRAMES}
    values["keyframe_seconds"] = next((one["seconds"] for one in given if "seconds" in one), "")
    references = [one for one in given if one["role"] == Input.Role.REFERENCE]
    for name, one in zip(REFERENCES, references, strict=False):
        values |= {name: one["asset"], f"{name}_role": one["shows"], f"{name}_tag": one["tag"]}
    return {name: value for name, value in values.items() if value}


def free_name(what, taken):
    """A name for a reference that shows `what` (“red fox”): "fox", or "fox2" where that is `taken`."""
    word = re.sub(r"[^a-z0-9_]", "", what.lower().split()[-1])[:14]
    word = word if NAME.fullmatch(word) else "thing"
    used = {name.lower() for name in taken}
    return next(name for name in chain([word], (f"{word}{n}" for n in count(2))) if name not in used)


def told(error):
    """An InvalidRequest in the language of the page."""
    return _(error.message) % error.values if error.values else _(error.message)
