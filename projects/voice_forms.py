"""What is filled in about a voice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.engine.sound_request import SPEED
from projects.models import Voice
from projects.voices import presets


class VoiceForm(forms.ModelForm):
    """A voice that is not there yet: one that an installed engine has, under a name of the workspace's own."""

    model = forms.ChoiceField(label=_("Speaks like"))
    speed = forms.FloatField(
        label=_("Speed"),
        initial=1,
        min_value=SPEED[0],
        max_value=SPEED[1],
        widget=forms.NumberInput(attrs={"step": "0.05"}),
        help_text=_("1 is as fast as the engine speaks by itself."),
    )

    class Meta:
        model = Voice
        fields = ["name", "model", "speed", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["model"].choices = [(preset.key, preset.name) for preset in presets()]
