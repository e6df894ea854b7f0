"""What a creator fills in to have a film rendered."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from projects.export.formats import FORMATS, PACKAGES
from projects.models import Export

LOUDNESS = (-30, -6)  # LUFS


def _named(formats):
    return [(name, format_lazy("{}: {}", form.label, form.note)) for name, form in formats.items()]


class ExportForm(forms.ModelForm):
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[
            (gettext_lazy("The finished film"), _named(FORMATS)),
            (gettext_lazy("For other programs"), _named(PACKAGES)),
        ],
        initial="mp4",
    )
    loudness = forms.FloatField(
        label=gettext_lazy("Loudness (LUFS)"),
        required=False,
        initial=-14,
        min_value=LOUDNESS[0],
        max_value=LOUDNESS[1],
        help_text=gettext_lazy("−14 is what most sites play at. Empty: as it was mixed."),
    )

    class Meta:
        model = Export
        fields = ["format", "height", "fps", "loudness", "captions"]
        labels = {
            "height": gettext_lazy("Size"),
            "fps": gettext_lazy("Frames a second"),
            "captions": gettext_lazy("Draw the captions into the picture"),
        }
