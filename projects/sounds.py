"""What a creator fills in to have something to hear: a sound, music, speech; or a recording to be worked on."""

import math
import secrets

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.engine import catalogue
from generation.engine.request import SEED, InvalidRequest
from generation.engine.sound_request import (
    DURATION_SECONDS,
    SPEED,
    Listening,
    SoundRequest,
    SpeechRequest,
)
from generation.models import Input
from projects.inputs import told
from runwayweb.assets.models import Asset
from runwayweb.assets.recordings import BadRecording, read_recording

# Task → its name, the icon beside it, and the fields it has.
WORKS = {
    "text_to_sound": (_("Sound"), "audio-waveform", ("prompt", "seconds", "seed")),
    "text_to_music": (_("Music"), "music", ("prompt", "lyrics", "seconds", "seed")),
    "text_to_speech": (_("Speech"), "message-circle", ("text", "speed", "seed")),
    "voice_isolation": (_("Clean a voice"), "mic", ("recording",)),
    "captions": (_("Captions"), "captions", ("recording",)),
}
FORM_FIELDS = {"duration_seconds": "seconds"}  # where the engine's own checks call it otherwise


class SoundForm(forms.Form):
    """One of WORKS: becomes one frozen request. Fields that its task does not have are left out."""

    prompt = forms.CharField(label=_("What is heard"), widget=forms.Textarea(attrs={"rows": 4}), strip=False)
    lyrics = forms.CharField(label=_("Lyrics"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 4}))
    text = forms.CharField(label=_("What is said"), widget=forms.Textarea(attrs={"rows": 6}), strip=False)
    recording = forms.FileField(label=_("Recording"), help_text=_("A sound or a video, up to 100 MB and 10 minutes."))
    seconds = forms.FloatField(
        label=_("Length"), initial=5, min_value=DURATION_SECONDS[0], widget=forms.NumberInput(attrs={"step": "0.5"})
    )
    speed = forms.FloatField(
        label=_("Speed"),
        initial=1,
        min_value=SPEED[0],
        max_value=SPEED[1],
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
    model = forms.ChoiceField(label=_("Engine"))
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=SEED[0],
        max_value=SEED[1],
        widget=forms.NumberInput(attrs={"placeholder": _("Random")}),
    )

    def __init__(self, *args, task, workspace, **kwargs):
        super().__init__(*args, **kwargs)
        self.task, self.workspace = task, workspace
        self.cards = [card for card in catalogue.cards() if task in card.tasks]
        self.cards.sort(key=lambda card: -card.rank)
        _label, _icon, names = WORKS[task]
        for name in set(self.fields) - {*names, "model"}:
            del self.fields[name]
        self.fields["model"].choices = [(card.id, card.name) for card in self.cards]
        self.fields["model"].initial = self.cards[0].id if self.cards else None
        if len(self.cards) < 2:
            self.fields["model"].widget = forms.HiddenInput()
        if self.cards and "seconds" in self.fields:
            self._limit_seconds(min(DURATION_SECONDS[1], max(card.max_seconds for card in self.cards)))
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    @property
    def card(self):
        return catalogue.card(self.cleaned_data["model"])

    @property
    def command(self):
        """What installs an engine for it, where none is here."""
        return "" if self.cards else catalogue.how_to_serve(self.task)

    @property
    def listens(self):
        """Whether it works on a recording."""
        return "recording" in self.fields

    @property
    def credits_a_minute(self):
        return math.ceil(60 * self.cards[0].credits_per_second) if self.cards else 0

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            try:
                cleaned["asked"] = self._asked(cleaned)
            except InvalidRequest as error:
                field = FORM_FIELDS.get(error.field, error.field)
                self.add_error(field if field in self.fields else None, told(error))
            except BadRecording as error:
                self.add_error("recording", str(error))
        if not self.errors and cleaned["asked"].duration_seconds > self.card.max_seconds:
            told_seconds = {"model": self.card.name, "seconds": f"{self.card.max_seconds:g}"}
            self.add_error(
                next(name for name in ("seconds", "text", "recording") if name in self.fields),
                _("%(model)s does up to %(seconds)s seconds at once. Make it shorter.") % told_seconds,
            )
        return cleaned

    def inputs(self):
        """The recording as a row for a run, not saved."""
        return [Input(role=Input.Role.SOUND, asset=self.recording)] if self.listens else []

    def _asked(self, cleaned):
        if self.listens:
            recording = read_recording(cleaned["recording"])
            self.recording = Asset.objects.keep_recording(
                recording, workspace=self.workspace, name=cleaned["recording"].name
            )
            return Listening(recording.duration_seconds)
        seed = cleaned["seed"] if cleaned["seed"] is not None else secrets.randbelow(10**6)
        if self.task == "text_to_speech":
            return SpeechRequest(cleaned["text"], seed, speed=cleaned["speed"])
        return SoundRequest(cleaned["prompt"], cleaned["seconds"], seed, lyrics=cleaned.get("lyrics", ""))

    def _limit_seconds(self, most):
        field = self.fields["seconds"]
        field.max_value = most
        field.widget.attrs["max"] = f"{most:g}"


def sound_values(generation):
    """The form fields that ask for the same sound as `generation` did."""
    request = generation.request
    values = {
        "prompt": request.get("prompt"),
        "lyrics": request.get("lyrics"),
        "text": request.get("text"),
        "seconds": request.get("duration_seconds"),
        "speed": request.get("speed"),
        "model": generation.model,
    }
    _label, _icon, names = WORKS[generation.task]
    return {name: value for name, value in values.items() if value and name in (*names, "model")}
