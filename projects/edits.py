"""A clip painted anew in part: who or what is in it, or what is around it in another shape of frame."""

import secrets
from dataclasses import dataclass, replace

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation import machines
from generation.engine import catalogue
from generation.engine.outpaint import in_the_middle
from generation.engine.request import SEED, InvalidRequest, VideoRequest
from generation.engine.tags import without_signs
from generation.models import Input
from projects.inputs import engine_for, takers, told
from projects.sizes import SIZES, sides_of
from projects.slow_lane import offer_slow_lane
from runwayweb.assets.models import Asset
from runwayweb.assets.upload import BadPicture, read_picture

SAME_MOMENT = 0.01  # of a frame: a player may stand a little before one that it shows
KEPT = ("width", "height", "num_frames", "fps")  # of the clip's request


def engine_to_edit(clip):
    """The id of an engine that paints a part of a clip anew, or None."""
    if clip.asset is None or clip.asset.is_still:
        return None
    return engine_for("video", "mask", prefer=[clip.model])


def engine_to_widen(clip):
    """The id of an engine that paints what is around a clip, or None. Ours does by the shot alone."""
    if clip.asset is None or clip.asset.is_still or not widenings_of(clip):
        return None
    able = [
        card.id
        for card in takers("video", "mask")
        if "outpaint" in card.tasks and (clip.tells_its_shot or "outpaint" not in card.by_shot)
    ]
    return next((id for id in [clip.model, *able] if id in able), None)


def widenings_of(clip):
    """The sizes of frame, of `SIZES`, that a clip does not fill: size → where it lies in it, (x, y, width, height)."""
    clips_own = clip.request["width"], clip.request["height"]
    placed = {(width, height): in_the_middle(clips_own, (width, height)) for width, height in map(sides_of, SIZES)}
    return {size: where for size, where in placed.items() if where[2:] != size}


def subjects_of(clip):
    """(number, name) of everybody and everything in a clip whose shot is told: characters, then objects."""
    scene = clip.recipe.get("scene", {})
    entities = [*scene.get("characters", ()), *scene.get("props", ())]
    return [
        (number, " ".join(filter(None, (entity.get("color"), entity.get("species") or entity.get("name")))))
        for number, entity in enumerate(entities, 1)
    ]


class PaintedAnewForm(forms.Form):
    """`clip`, a generation, and what is to be seen in it. Becomes one frozen VideoRequest of the same length."""

    prompt = forms.CharField(label=_("What is to be seen"), widget=forms.Textarea(attrs={"rows": 4}), strip=False)
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=SEED[0],
        max_value=SEED[1],
        widget=forms.NumberInput(attrs={"placeholder": _("Random")}),
    )

    def __init__(self, *args, clip, engine, **kwargs):
        super().__init__(*args, initial={"prompt": without_signs(clip.request["prompt"])}, **kwargs)
        self.clip = clip
        offer_slow_lane(self, clip.workspace)
        self.card = catalogue.card(engine)
        self.shot = clip if clip.tells_its_shot and "blocking" in self.card.inputs else None

    def clean(self):
        if why := machines.refusal(self.card):
            self.add_error(None, why)
        return super().clean()

    def inputs(self):
        """What the run is given, as rows that are not saved."""
        return [Input(role=Input.Role.VIDEO, asset=self.clip.asset)]

    def sample(self):
        """A request like the one that will be asked for, for a quote."""
        return VideoRequest(prompt="a quote", **{name: self.clip.request[name] for name in KEPT})

    def _asked(self, cleaned, **more):
        kept = {name: self.clip.request[name] for name in KEPT}
        seed = cleaned["seed"] if cleaned["seed"] is not None else secrets.randbelow(10**6)
        return VideoRequest(**kept | {"prompt": cleaned["prompt"], "seed": seed} | more)


class WideningForm(PaintedAnewForm):
    """What is around a clip, in a larger frame or one of another shape."""

    size = forms.ChoiceField(label=_("Frame"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.widenings = [Widening(*size, where) for size, where in widenings_of(self.clip).items()]
        self.fields["size"].choices = [(widening.size, widening.label) for widening in self.widenings]

    @property
    def chosen(self):
        """The size that is chosen, at first one of another shape than the clip's."""
        other = [widening for widening in self.widenings if not widening.same_shape]
        return self["size"].value() or (other or self.widenings)[0].size

    def sample(self):
        chosen = next((frame for frame in self.widenings if frame.size == self.chosen), self.widenings[0])
        return replace(super().sample(), width=chosen.width, height=chosen.height)

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            frame = sides_of(cleaned["size"])
            sides = {"width": frame[0], "height": frame[1], "placed": widenings_of(self.clip)[frame]}
            try:
                cleaned["request"] = self._asked(cleaned, **sides)
            except InvalidRequest as error:
                self.add_error(error.field if error.field in self.fields else None, told(error))
        return cleaned


@dataclass(frozen=True)
class Widening:
    """A frame that a clip does not fill, and where it lies in it, (x, y, width, height) in pixels."""

    width: int
    height: int
    placed: tuple[int, int, int, int]

    @property
    def size(self):
        return f"{self.width}x{self.height}"

    @property
    def label(self):
        return SIZES[self.size]

    @property
    def same_shape(self):
        _x, _y, width, height = self.placed
        return width * self.height == height * self.width


class EditForm(PaintedAnewForm):
    """What is to change of a clip, in a picture of the same size."""

    subject = forms.ChoiceField(label=_("What changes"), required=False)
    mask = forms.FileField(label=_("Part to paint"), required=False)
    motion = forms.ChoiceField(
        label=_("What is painted over"),
        required=False,
        choices=[("", _("Stays where it is")), ("follow", _("Follows what is there"))],
    )
    painted_at = forms.FloatField(
        label=_("Moment at which it was painted over, in seconds"),
        required=False,
        min_value=0,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.subjects = subjects_of(self.clip) if self.shot else []
        self.fields["subject"].choices = [(str(number), name) for number, name in self.subjects]

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned["subject"] and not cleaned["mask"]:
            self.add_error("subject", _("Say what is to change: choose who, or paint over a part of the picture."))
        if not self.errors:
            try:
                subject = int(cleaned["subject"]) if cleaned["subject"] else None
                followed = {} if subject or cleaned["motion"] != "follow" else {"mask_at": self._frame_painted(cleaned)}
                cleaned["request"] = self._asked(cleaned, subject=subject, **followed)
                cleaned["painted"] = None if cleaned["subject"] else self._painted(cleaned["mask"])
            except InvalidRequest as error:
                self.add_error(error.field if error.field in self.fields else None, told(error))
            except forms.ValidationError as error:
                self.add_error("painted_at", error)
            except BadPicture as error:
                self.add_error("mask", str(error))
        return cleaned

    def inputs(self):
        """The clip and the part that was painted over."""
        painted = self.cleaned_data["painted"]
        return super().inputs() + ([Input(role=Input.Role.MASK, asset=painted)] if painted else [])

    def _frame_painted(self, cleaned):
        """The frame that was seen while it was painted over."""
        if cleaned["painted_at"] is None:
            raise forms.ValidationError(_("Say at which moment of the clip it was painted over."))
        frames, fps = self.clip.request["num_frames"], self.clip.request["fps"]
        if cleaned["painted_at"] > frames / fps:
            why = gettext("The clip is %(seconds)s seconds long. Choose a moment within it.")
            raise forms.ValidationError(why % {"seconds": f"{frames / fps:g}"})
        return min(frames - 1, int(cleaned["painted_at"] * fps + SAME_MOMENT))

    def _painted(self, file):
        picture = read_picture(file)
        if max(high for _low, high in picture.getextrema()) == 0:
            raise BadPicture(gettext("Nothing is painted over yet. Paint over the part that is to change."))
        return Asset.objects.keep_picture(picture, workspace=self.clip.workspace, name="part.png")
