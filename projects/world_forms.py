"""What a creator fills in for the film's world."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.engine.tags import NAME
from projects.models import Entity, Pursuit
from projects.models.entity import free_tag
from projects.models.pursuit import MOST_CREDITS, MOST_TAKES
from projects.voices import voices_of


class EntityForm(forms.ModelForm):
    """Somebody or something of a film. A name for prompts that is left empty is made from the name."""

    class Meta:
        model = Entity
        fields = ["kind", "name", "tag", "description", "voice"]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "tag": forms.TextInput(attrs={"maxlength": 17, "spellcheck": "false", "autocapitalize": "none"}),
        }
        labels = {"tag": gettext_lazy("Called in prompts")}
        help_texts = {
            "tag": gettext_lazy("3 to 16 letters, digits and _, a letter first. Left empty, it follows the name."),
            "description": gettext_lazy("In the words you would use in a prompt: “a red fox with a blue scarf”."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.was = self.instance.tag
        self.fields["tag"].required = False
        voices = [(voice.key, voice.name) for voice in voices_of(self.instance.project.workspace)]
        if self.instance.voice and self.instance.voice not in dict(voices):
            voices.append((self.instance.voice, _("%(voice)s (not installed)") % {"voice": self.instance.voice}))
        self.fields["voice"] = forms.ChoiceField(
            label=gettext_lazy("Voice"), required=False, choices=[("", _("No voice")), *voices]
        )
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def clean_tag(self):
        tag = self.cleaned_data["tag"].strip().removeprefix("@")
        if not tag:
            return free_tag(tag_from(self.cleaned_data.get("name", "")), self.instance.project)
        if not NAME.fullmatch(tag):
            raise ValidationError(
                _("“%(tag)s” cannot be called in prompts: 3 to 16 letters, digits and _, a letter first.")
                % {"tag": tag[:40]}
            )
        others = self.instance.project.entities.live().exclude(pk=self.instance.pk)
        if others.filter(tag__iexact=tag).exists():
            raise ValidationError(_("@%(tag)s is taken in this film. Choose another.") % {"tag": tag})
        return tag


def tag_from(name):
    """A name for prompts from a name of people's: “Nova the Fox” → "nova_the_fox"."""
    word = re.sub(r"[^a-z0-9_]", "", slugify(name).replace("-", "_"))[:16].strip("_")
    if word and not NAME.fullmatch(word):
        word = f"the_{word}"[:16].strip("_")
    return word or "somebody"


class LineForm(forms.Form):
    """A line to hear a voice with."""

    line = forms.CharField(label=gettext_lazy("Say this line"), max_length=300)

    def request(self, voice):
        """The SpeechRequest. Raises InvalidRequest."""
        return voice.says(self.cleaned_data["line"], seed=0)


class PursuitForm(forms.Form):
    """Take again until somebody looks enough like their sheet."""

    entity = forms.UUIDField(required=False)
    goal = forms.FloatField(label=gettext_lazy("Until at least"), min_value=0.05, max_value=1, initial=0.9)
    most_takes = forms.IntegerField(label=gettext_lazy("At most takes"), min_value=1, max_value=MOST_TAKES, initial=5)
    most_credits = forms.IntegerField(
        label=gettext_lazy("At most credits"), min_value=1, max_value=MOST_CREDITS, initial=100
    )

    def begin(self, take, *, by):
        """The Pursuit. Raises as `Pursuit.begin` does."""
        told = self.cleaned_data
        entity = take.shot.project.entities.live().filter(pk=told["entity"]).first() if told["entity"] else None
        limits = {name: told[name] for name in ("goal", "most_takes", "most_credits")}
        return Pursuit.begin(take, entity=entity, by=by, **limits)
