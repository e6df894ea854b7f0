"""What a creator fills in to have a film rendered, or a picture of one."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.export.formats import FORMATS, PACKAGES
from projects.models import Export
from projects.plan_choices import ClosableSelect, close
from runwayweb.subscriptions import limits

LOUDNESS = (-30, -6)  # LUFS


def _named(formats):
    return [
        (name, format_lazy(gettext_lazy("{what}: {note}"), what=form.label, note=form.note))
        for name, form in formats.items()
    ]


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
        widgets = {"height": ClosableSelect}

    def __init__(self, *args, plan, cut, **kwargs):
        """`plan`: which sizes of the `cut` may leave."""
        super().__init__(*args, **kwargs)
        size = self.fields["height"]
        wanted = str(size.initial)
        still_open = close(
            size,
            lambda height: limits.refusals(plan, width=round(cut.width * height / cut.height), height=height),
        )
        if still_open and wanted not in still_open:
            size.initial = still_open[-1]  # the largest that may leave


class PosterForm(forms.Form):
    """Which moment of a film is wanted as a picture, in seconds; none: the one its poster shows."""

    at = forms.FloatField(label=gettext_lazy("Seconds"), required=False)

    def __init__(self, *args, film, **kwargs):
        super().__init__(*args, **kwargs)
        self.film = film

    def clean_at(self):
        at = self.cleaned_data["at"]
        if at is None:
            return self.film.poster_seconds
        if not 0 <= at <= self.film.duration_seconds:
            raise ValidationError(
                _("The film is %(seconds)s seconds long: there is nothing at %(at)s.")
                % {"seconds": number_format(f"{self.film.duration_seconds:.1f}"), "at": number_format(f"{at:g}")}
            )
        return at
