"""What a creator fills in to have something to hear: a sound, music, speech; or a recording to be worked on."""

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.engine.sound_request import DURATION_SECONDS, SPEED, Listening, SoundRequest, SpeechRequest
from generation.models import Input
from projects.works import WorkForm
from runwayweb.assets.footage import read_recording
from runwayweb.assets.models import Asset


class SoundForm(WorkForm):
    """Becomes a SoundRequest or a SpeechRequest, or takes a recording in that is worked on as it is."""

    WORKS = {
        "text_to_sound": (_("Sound"), "audio-waveform", ("prompt", "seconds", "seed")),
        "text_to_music": (_("Music"), "music", ("prompt", "lyrics", "seconds", "seed")),
        "text_to_speech": (_("Speech"), "message-circle", ("text", "speed", "seed")),
        "voice_isolation": (_("Clean a voice"), "mic", ("recording",)),
        "captions": (_("Captions"), "captions", ("recording",)),
    }
    FILES = ("recording",)
    field_order = ("prompt", "text", "lyrics", "recording", "seconds", "speed", "model", "seed")
    FORM_FIELDS = {"duration_seconds": "seconds"}

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

    def ask(self, cleaned):
        if self.takes_a_file:
            recording = read_recording(cleaned["recording"])
            name = cleaned["recording"].name
            self.recording = Asset.objects.keep_recording(recording, workspace=self.workspace, name=name)
            return Listening(recording.duration_seconds)
        if self.task == "text_to_speech":
            return SpeechRequest(cleaned["text"], self.seed_of(cleaned), speed=cleaned["speed"])
        lyrics = cleaned.get("lyrics", "")
        return SoundRequest(cleaned["prompt"], cleaned["seconds"], self.seed_of(cleaned), lyrics=lyrics)

    def inputs(self):
        return [Input(role=Input.Role.SOUND, asset=self.recording)] if self.takes_a_file else []


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
