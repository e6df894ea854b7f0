"""What a creator fills in to have something to hear: a sound, music, speech; or a recording to be worked on."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation.engine.request import InvalidRequest
from generation.engine.sound_request import DURATION_SECONDS, SPEED, Listening, SoundRequest
from generation.models import Input
from projects.models import Voice
from projects.voices import Preset, voice_called, voices_of
from projects.works import WorkForm
from runwayweb.assets.footage import BadFootage, read_recording
from runwayweb.assets.models import RECORDING, Asset
from runwayweb.assets.models.asset import Origin


class SoundForm(WorkForm):
    """Becomes a SoundRequest or a SpeechRequest, or takes a recording in that is worked on as it is.

    The recording is a file, or what is heard in `asset`, a sound or a clip of the workspace's library.
    """

    WORKS = {
        "text_to_sound": (_("Sound"), "audio-waveform", ("prompt", "seconds", "seed")),
        "text_to_music": (_("Music"), "music", ("prompt", "lyrics", "seconds", "seed")),
        "text_to_speech": (_("Speech"), "message-circle", ("text", "voice", "speed", "seed")),
        "voice_isolation": (_("Clean a voice"), "mic", ("asset", "recording")),
        "captions": (_("Captions"), "captions", ("asset", "recording")),
        "translation": (_("Captions in English"), "captions", ("asset", "recording")),
    }
    FILES = ("recording",)
    field_order = ("prompt", "text", "lyrics", "asset", "recording", "seconds", "voice", "speed", "model", "seed")
    FORM_FIELDS = {"duration_seconds": "seconds"}

    prompt = forms.CharField(label=_("What is heard"), widget=forms.Textarea(attrs={"rows": 4}), strip=False)
    lyrics = forms.CharField(label=_("Lyrics"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 4}))
    text = forms.CharField(label=_("What is said"), widget=forms.Textarea(attrs={"rows": 6}), strip=False)
    asset = forms.UUIDField(required=False, widget=forms.HiddenInput)
    recording = forms.FileField(
        label=_("Recording"), required=False, help_text=_("A sound or a video, up to 100 MB and 10 minutes.")
    )
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

    voice = forms.ChoiceField(label=_("Voice"), required=False)

    def __init__(self, *args, workspace, **kwargs):
        super().__init__(*args, workspace=workspace, **kwargs)
        if "voice" in self.fields:
            made = [(voice.key, voice.name) for voice in voices_of(workspace) if isinstance(voice, Voice)]
            self.fields["voice"].choices = [("", _("The engine’s own")), *made]
            if not made:
                del self.fields["voice"]

    @property
    def card(self):
        """That of the voice that is chosen, where one is."""
        voice = self.voice_chosen
        return voice.card if voice else super().card

    @property
    def voice_chosen(self):
        """The voice that was chosen beside the engines' own, or None."""
        key = self["voice"].value() if "voice" in self.fields else ""
        return voice_called(self.workspace, key) if key else None

    def clean_asset(self):
        if not self.cleaned_data["asset"]:
            return None
        asset = self._library().filter(pk=self.cleaned_data["asset"]).first()
        if asset is None:
            raise ValidationError(gettext("This file is not in the library any more. Choose another."))
        if not asset.has_sound:
            raise ValidationError(gettext("There is no sound in this file. Choose another."))
        return asset

    def clean(self):
        if (
            not self.errors
            and self.takes_a_file
            and not any(self.cleaned_data[name] for name in ("asset", "recording"))
        ):
            self.add_error("recording", gettext("Choose a recording."))
        return super().clean()

    def ask(self, cleaned):
        if self.takes_a_file:
            self.recording = self._taken_in(cleaned)
            return Listening(self.recording.duration_seconds)
        if self.task == "text_to_speech":
            voice = self.voice_chosen or Preset(self.card)
            return voice.says(cleaned["text"], self.seed_of(cleaned), speed=cleaned["speed"])
        lyrics = cleaned.get("lyrics", "")
        return SoundRequest(cleaned["prompt"], cleaned["seconds"], self.seed_of(cleaned), lyrics=lyrics)

    def inputs(self):
        return [Input(role=Input.Role.SOUND, asset=self.recording)] if self.takes_a_file else []

    def sample(self):
        try:
            return self.heard and Listening(self.heard.duration_seconds)
        except InvalidRequest:  # it is longer than anything that is heard, which `clean` says
            return None

    @property
    def heard(self):
        """What is worked on, of the library; or None."""
        value = self.cleaned_data.get("asset") if self.is_bound else self.initial.get("asset")
        return value if isinstance(value, Asset) else self._library().filter(pk=value).first() if value else None

    def _taken_in(self, cleaned):
        """The asset that an engine hears. What came from outside is decoded in a process of its own, file or not."""
        file, asset = cleaned["recording"], cleaned["asset"]
        if file:
            return self._keep(file, file.name)
        if asset.origin == Origin.MADE or asset.media_type == RECORDING:
            return asset
        try:
            with (asset.proxy or asset.file).open() as kept:  # the light copy sounds the same
                return self._keep(kept, asset.name)
        except OSError:
            raise BadFootage(gettext("This file cannot be read just now. Try again, or choose another.")) from None

    def _keep(self, file, name):
        return Asset.objects.keep_recording(read_recording(file), workspace=self.workspace, name=name)

    def _library(self):
        return Asset.objects.in_library().filter(workspace=self.workspace)


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
    _label, _icon, names = SoundForm.WORKS[generation.task]
    return {name: value for name, value in values.items() if value and name in (*names, "model")}
