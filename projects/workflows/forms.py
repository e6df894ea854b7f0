"""What a creator fills in: a workflow's name, one of its nodes, a line between two, and what a run is given."""

import json

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Project, Voice, Workflow
from projects.slow_lane import in_slow_lane, offer_slow_lane
from projects.voices import voices_of
from projects.workflows.examples import EXAMPLES
from projects.workflows.graph import TITLE_LETTERS, BadGraph, read_draft
from projects.workflows.kinds import GROUPS, IMAGE, KINDS, MEDIA, NUMBER, VIDEO, fits, params_of
from projects.workflows.values import Overrides, of_asset, of_number, of_text
from runwayweb.assets.kinds import CLIPS, PICTURE, SOUNDS, STILL
from runwayweb.assets.models import Asset

FILES = 60  # of the library that are offered at once
MOST_BYTES = 1024**2  # of a graph as a file
TYPES = {IMAGE: (PICTURE, STILL), VIDEO: CLIPS, "audio": SOUNDS}


class WorkflowForm(forms.ModelForm):
    class Meta:
        model = Workflow
        fields = ["name", "description"]
        labels = {"name": gettext_lazy("Name"), "description": gettext_lazy("What it is for")}


class NewWorkflowForm(forms.Form):
    """One of the examples, a file, or nothing at all."""

    example = forms.ChoiceField(required=False, choices=[("", ""), *((one.id, one.name) for one in EXAMPLES)])
    file = forms.FileField(label=gettext_lazy("A graph as JSON"), required=False)

    def clean_file(self):
        """The graph in a file, as JSON; None without one."""
        file = self.cleaned_data["file"]
        if file is None:
            return None
        try:
            if file.size > MOST_BYTES:
                raise ValueError
            document = json.loads(file.read())
            graph, faults = read_draft(document)
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is no workflow as JSON.")) from None
        if faults:
            raise forms.ValidationError(str(BadGraph(faults)))
        return graph.as_json()


class NodeForm(forms.Form):
    """What is set on a node and what comes into it. `from__<place>`: which node gives it, "" for none."""

    title = forms.CharField(label=gettext_lazy("Title"), required=False, max_length=TITLE_LETTERS)

    def __init__(self, *args, graph, node, workspace, **kwargs):
        super().__init__(*args, prefix=f"node-{node.id}", **kwargs)
        self.graph, self.node, self.workspace = graph, node, workspace
        self.fields["title"].initial = node.title
        self.fields["title"].widget.attrs["placeholder"] = str(node.kind.label)
        into = graph.into(node.id)
        for port in node.kind.ports:
            self._add_source(port, into)
        for param in params_of(node.kind):
            self.fields[param.name] = _field_of(param, node, workspace)
            if param.name in node.kind.inputs:
                self._add_source(node.kind.inputs[param.name], into)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def _add_source(self, port, into):
        edge = into.get(port.name)
        sources = self.graph.sources_of(self.node.id, port)
        is_param = port.name in self.fields or self.node.kind.param(port.name)
        if is_param and not sources:
            return
        empty = _("As written above") if is_param else _("Nothing yet")
        label = _("%(place)s, from") % {"place": port.label}
        self.fields[f"from__{port.name}"] = forms.ChoiceField(
            label=label,
            required=False,
            initial=edge.node if edge else "",
            choices=[("", empty), *((source.id, source.name) for source in sources)],
        )

    def clean(self):
        cleaned = super().clean()
        for param in params_of(self.node.kind):
            value = cleaned.get(param.name)
            if value not in (None, "", []) and (fault := param.fault(value)):
                self.add_error(param.name, fault)
        return cleaned

    def lay_in(self):
        """Put it into the graph."""
        self.node.title = self.cleaned_data["title"]
        names = [param.name for param in params_of(self.node.kind)]
        values = {name: self.cleaned_data[name] for name in names}
        self.node.params = {name: value for name, value in values.items() if value not in (None, "", [])}
        for name in [name for name in self.fields if name.startswith("from__")]:
            place, source = name.removeprefix("from__"), self.cleaned_data[name]
            if source:
                self.graph.connect(source, self.node.id, place)
            else:
                self.graph.disconnect(self.node.id, place)


class AddForm(forms.Form):
    """A node more."""

    kind = forms.ChoiceField(label=gettext_lazy("Add a node"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        groups = [
            (label, [(kind.id, kind.label) for kind in KINDS.values() if kind.group == group])
            for group, label in GROUPS.items()
        ]
        self.fields["kind"].choices = groups
        self.fields["kind"].initial = "text_to_video"


class ConnectForm(forms.Form):
    """A line more, from a node to a place of another, written “clip clip”: the node's id and the place."""

    source = forms.ChoiceField(label=gettext_lazy("Connect from"))
    to = forms.ChoiceField(label=gettext_lazy("Connect to"), required=False)

    def __init__(self, *args, graph, **kwargs):
        super().__init__(*args, **kwargs)
        self.graph = graph
        self.fields["source"].choices = [(node.id, node.name) for node in graph.nodes.values() if node.kind.output]
        self.fields["to"].choices = [
            (f"{node.id} {port.name}", f"{node.name} · {port.label}")
            for node in graph.nodes.values()
            for port in node.kind.inputs.values()
        ]

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        source = self.graph.nodes[cleaned["source"]]
        to, _space, place = cleaned["to"].partition(" ")
        if not to:
            raise forms.ValidationError(_("Choose where it goes."))
        port = self.graph.nodes[to].kind.inputs[place]
        if not fits(source.kind.output, port.types):
            what = {"node": source.name, "place": port.label}
            raise forms.ValidationError(_("What “%(node)s” gives does not go into “%(place)s”.") % what)
        if source.id in self.graph.below(to):
            raise forms.ValidationError(_("They would wait for each other in a circle."))
        return cleaned

    def lay_in(self):
        to, _space, place = self.cleaned_data["to"].partition(" ")
        self.graph.connect(self.cleaned_data["source"], to, place)


class RunForm(forms.Form):
    """In which film it runs, and what it is given this time instead of what its inputs hold."""

    project = forms.ModelChoiceField(Project.objects.none(), label=gettext_lazy("Project"), empty_label=None)

    def __init__(self, *args, graph, workspace, project=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.graph, self.workspace = graph, workspace
        films = Project.objects.in_sight().filter(workspace=workspace, archived_at=None).order_by("-created_at")
        self.fields["project"].queryset = films
        self.fields["project"].initial = project or films.first()
        for node in graph.inputs:
            param = node.kind.param("asset") or node.kind.param("value")
            field = _field_of(param, node, workspace)
            field.label = node.name
            self.fields[f"give__{node.id}"] = field
        offer_slow_lane(self, workspace)

    @property
    def given(self):
        """The fields of what it is given."""
        return [self[name] for name in self.fields if name.startswith("give__")]

    @property
    def in_slow_lane(self):
        return in_slow_lane(self)

    @property
    def film(self):
        """The project that is chosen, also in a form that is not complete; None where there is none."""
        chosen = self.cleaned_data.get("project") if self.is_bound and hasattr(self, "cleaned_data") else None
        return chosen or self.fields["project"].initial

    @property
    def overrides(self) -> Overrides:
        """What differs from what the inputs hold."""
        given: Overrides = {}
        for node in self.graph.inputs:
            param = node.kind.param("asset") or node.kind.param("value")
            value = self.cleaned_data.get(f"give__{node.id}")
            if value in (None, "") or value == node.value(param.name):
                continue
            given[node.id] = {node.kind.output: self._value(value, node)}
        return given

    def _value(self, value, node):
        if node.kind.output in MEDIA:
            return of_asset(Asset.objects.ready().get(workspace=self.workspace, pk=value))
        return of_number(value) if node.kind.output == NUMBER else of_text(value)


class Lines(forms.CharField):
    """Several texts, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


def _field_of(param, node, workspace):
    """The field for a param. What is wrong with its value is said by the param itself."""
    given = {"label": param.label, "required": False, "initial": node.params.get(param.name, param.default)}
    if param.type == "texts":
        return Lines(**given, widget=forms.Textarea(attrs={"rows": 3}))
    if param.type == "asset":
        return forms.ChoiceField(**given, choices=_files(param.media, node.params.get(param.name), workspace))
    if param.type == "voice":
        return forms.ChoiceField(**given, choices=_voices(node.params.get(param.name), workspace))
    if param.type == "choice":
        return forms.ChoiceField(**given, choices=list(param.choices().items()))
    if node.kind.id == "choice" and param.name == "value":
        choices = [(one, one) for one in node.params.get("choices") or ()]
        return forms.ChoiceField(**given, choices=[("", "–"), *choices])
    if param.type == NUMBER:
        kind = forms.IntegerField if param.whole else forms.FloatField
        attributes = {"step": "1" if param.whole else "any"}
        if param.whole and param.name == "seed":
            attributes["placeholder"] = _("As it was first drawn")
        return kind(**given, widget=forms.NumberInput(attrs=attributes))
    widget = forms.Textarea(attrs={"rows": 3}) if param.long else forms.TextInput()
    return forms.CharField(**given, widget=widget, strip=False)


def _files(media, chosen, workspace):
    """The newest files of a type in the library, and the one that is chosen."""
    library = Asset.objects.in_library().filter(workspace=workspace, media_type__in=TYPES[media])
    files = list(library.order_by("-created_at")[:FILES])
    if chosen and not any(str(file.pk) == chosen for file in files):
        files += list(library.filter(pk=chosen)) if _is_id(chosen) else []
    return [("", _("None yet")), *((str(file.pk), Truncator(file.name).chars(60)) for file in files)]


def _voices(chosen, workspace):
    """The voices of the workspace, and the one that is chosen: also one that an engine has by itself, or is gone."""
    there = {voice.key: voice.name for voice in voices_of(workspace) if isinstance(voice, Voice) or voice.key == chosen}
    gone = {chosen: _("A voice that is not there any more")} if chosen and chosen not in there else {}
    return [("", _("The engine’s own")), *(there | gone).items()]


def _is_id(text):
    try:
        forms.UUIDField().clean(text)
    except forms.ValidationError:
        return False
    return True
