"""A part of a clip painted anew: who it is, or where, and what is to be there instead."""

import secrets

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation.engine import catalogue
from generation.engine.request import SEED, InvalidRequest, VideoRequest
from generation.engine.tags import without_signs
from generation.models import Input
from projects.inputs import engine_for, told
from runwayweb.assets.models import Asset
from runwayweb.assets.upload import BadPicture, read_picture

KEPT = ("width", "height", "num_frames", "fps")  # of the clip's request


def engine_to_edit(clip):
    """The id of an engine that paints a part of a clip anew, or None."""
    if clip.asset is None or clip.asset.is_still:
        return None
    return engine_for("video", "mask", prefer=[clip.model])


def subjects_of(clip):
    """(number, name) of everybody and everything in a clip whose shot is told: characters, then objects."""
    scene = clip.recipe.get("scene", {})
    entities = [*scene.get("characters", ()), *scene.get("props", ())]
    return [
        (number, " ".join(filter(None, (entity.get("color"), entity.get("species") or entity.get("name")))))
        for number, entity in enumerate(entities, 1)
    ]


class EditForm(forms.Form):
    """What is to change of `clip`, a generation. Becomes one frozen VideoRequest of the same size and length."""

    prompt = forms.CharField(label=_("What is to be seen"), widget=forms.Textarea(attrs={"rows": 4}), strip=False)
    subject = forms.ChoiceField(label=_("What changes"), required=False)
    mask = forms.FileField(label=_("Part to paint"), required=False)
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=SEED[0],
        max_value=SEED[1],
        widget=forms.NumberInput(attrs={"placeholder": _("Random")}),
    )

    def __init__(self, *args, clip, **kwargs):
        super().__init__(*args, initial={"prompt": without_signs(clip.request["prompt"])}, **kwargs)
        self.clip = clip
        self.card = catalogue.card(engine_to_edit(clip))
        self.shot = clip if clip.tells_its_shot and "blocking" in self.card.inputs else None
        self.subjects = subjects_of(clip) if self.shot else []
        self.fields["subject"].choices = [(str(number), name) for number, name in self.subjects]

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned["subject"] and not cleaned["mask"]:
            self.add_error("subject", _("Say what is to change: choose who, or paint over a part of the picture."))
        if not self.errors:
            try:
                cleaned["request"] = self._request(cleaned)
                cleaned["painted"] = None if cleaned["subject"] else self._painted(cleaned["mask"])
            except InvalidRequest as error:
                self.add_error(error.field if error.field in self.fields else None, told(error))
            except BadPicture as error:
                self.add_error("mask", str(error))
        return cleaned

    def inputs(self):
        """The clip and the part that was painted over, as rows for a run, not saved."""
        given = [Input(role=Input.Role.VIDEO, asset=self.clip.asset)]
        if self.cleaned_data["painted"]:
            given.append(Input(role=Input.Role.MASK, asset=self.cleaned_data["painted"]))
        return given

    def _request(self, cleaned):
        seed = cleaned["seed"] if cleaned["seed"] is not None else secrets.randbelow(10**6)
        return VideoRequest(
            prompt=cleaned["prompt"],
            seed=seed,
            subject=int(cleaned["subject"]) if cleaned["subject"] else None,
            **{name: self.clip.request[name] for name in KEPT},
        )

    def _painted(self, file):
        picture = read_picture(file)
        if max(high for _low, high in picture.getextrema()) == 0:
            raise BadPicture(gettext("Nothing is painted over yet. Paint over the part that is to change."))
        return Asset.objects.keep_picture(picture, workspace=self.clip.workspace, name="part.png")
