"""What a creator fills in to have a video worked on: painted anew by a prompt, or acted out by another character."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.engine.request import VideoRequest
from generation.models import Generation, Input
from generation.models.input import ReferenceRole
from projects.edits import KEPT
from projects.inputs import PictureField, Slot
from projects.works import WorkForm
from runwayweb.assets.footage import read_footage
from runwayweb.assets.models import Asset

CHARACTER = "reference_1"  # the place of the request form that a picture of somebody goes to


class FootageForm(WorkForm):
    """Becomes a VideoRequest as long and as large as the video, within what the engine draws.

    The video is that of `clip`, a generation of the workspace, or a file.
    """

    WORKS = {
        "video_to_video": (gettext_lazy("Paint it anew"), "brush", ("clip", "video", "prompt", "seed")),
        "performance": (gettext_lazy("Act it out"), "user", ("clip", "video", CHARACTER, "prompt", "seed")),
    }
    FILES = ("video",)
    field_order = ("clip", "video", "reference_1", "prompt", "model", "seed")

    clip = forms.UUIDField(required=False, widget=forms.HiddenInput)
    video = forms.FileField(
        label=gettext_lazy("Video"),
        required=False,
        help_text=gettext_lazy("MP4, MOV, MKV or WebM, up to 100 MB. Its first seconds, as many as the engine draws."),
        widget=forms.FileInput(attrs={"accept": "video/*"}),
    )
    reference_1 = PictureField(label=gettext_lazy("Character"))
    prompt = forms.CharField(
        label=gettext_lazy("What is to be seen"), widget=forms.Textarea(attrs={"rows": 4}), strip=False
    )

    def __init__(self, *args, workspace, **kwargs):
        super().__init__(*args, workspace=workspace, **kwargs)
        if CHARACTER in self.fields:
            self.fields[CHARACTER].workspace = workspace

    def clean_clip(self):
        if not self.cleaned_data["clip"]:
            return None
        clip = self._clips().filter(pk=self.cleaned_data["clip"]).first()
        if clip is None or not clip.asset.is_clip:
            raise ValidationError(_("This clip is not there any more. Choose another."))
        return clip

    def clean(self):
        cleaned = self.cleaned_data
        if not self.errors and not cleaned["clip"] and not cleaned["video"]:
            self.add_error("video", _("Choose a video."))
        if not self.errors and CHARACTER in self.fields and not cleaned[CHARACTER]:
            self.add_error(CHARACTER, _("Choose a picture of whoever is to act it out."))
        return super().clean()

    def ask(self, cleaned):
        clip = cleaned["clip"]
        if cleaned["video"]:
            shape = self._take_in(cleaned["video"])
        else:
            self.footage = clip.asset
            shape = {name: clip.request[name] for name in KEPT}
        return VideoRequest(prompt=cleaned["prompt"], seed=self.seed_of(cleaned), **shape)

    def inputs(self):
        given = [Input(role=Input.Role.VIDEO, asset=self.footage)]
        if character := self.cleaned_data.get(CHARACTER):
            shows = ReferenceRole.CHARACTER
            given.append(Input(role=Input.Role.REFERENCE, asset=character, reference_role=shows))
        return given

    def sample(self):
        clip = self.chosen
        return clip and VideoRequest(prompt="a quote", **{name: clip.request[name] for name in KEPT})

    @property
    def chosen(self):
        """The clip of the studio that is worked on, or None."""
        value = self.cleaned_data.get("clip") if self.is_bound else self.initial.get("clip")
        return value if isinstance(value, Generation) else self._clips().filter(pk=value).first() if value else None

    @property
    def slot(self):
        """The place for a picture of whoever acts, as a template draws it; None where nobody does."""
        if CHARACTER not in self.fields:
            return None
        asset = self.cleaned_data.get(CHARACTER) if self.is_bound else None
        label = self.fields[CHARACTER].label
        return Slot(CHARACTER, label, "references", asset, self.errors.get(CHARACTER, []))

    def _take_in(self, file):
        card = self.card
        limits = {"fps": card.fps, "most_pixels": card.max_pixels, "most_seconds": card.max_seconds}
        footage = read_footage(file, **limits)
        self.footage = Asset.objects.keep_footage(footage, workspace=self.workspace, name=file.name)
        return {name: getattr(footage, name) for name in KEPT}

    def _clips(self):
        clips = Generation.objects.finished_well().filter(workspace=self.workspace, project__deleted_at=None)
        return clips.exclude(asset=None).select_related("asset")
