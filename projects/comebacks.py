"""What a creator brings back from an editor's tool."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from projects.cut import BadCut
from projects.export.comeback import read_comeback
from projects.export.media import film_media, only_media


class ComebackForm(forms.Form):
    """Becomes a Comeback, in `comeback`, for a timeline."""

    file = forms.FileField(
        label=gettext_lazy("OpenTimelineIO file"),
        help_text=gettext_lazy("The .otio file that your editing program wrote. Its media are not needed."),
        widget=forms.FileInput(attrs={"accept": ".otio,application/json"}),
    )

    def __init__(self, *args, timeline, **kwargs):
        super().__init__(*args, **kwargs)
        self.timeline = timeline

    def clean_file(self):
        try:
            media = only_media(film_media(self.timeline))
            self.comeback = read_comeback(self.cleaned_data["file"].read(), self.timeline.cut, media)
        except BadCut as error:
            raise ValidationError(str(error)) from error
        return self.cleaned_data["file"]
