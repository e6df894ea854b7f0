"""The library as a creator looks into it: which files are asked for, and a page of them as tiles."""

import uuid
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.engine import catalogue
from generation.models import Generation, Input
from projects.cards import AssetView, card_of
from projects.models import Project, View
from runwayweb.assets.models import KINDS, Asset, Favourite, Folder, Tag, Tree
from runwayweb.days import DayInput

PAGE = 60
COUNTED = 1000  # more are not counted, but said to be more
SELECTED = 1000  # files at once
NEAR = 24  # relatives of a file that its sheet shows
NOWHERE = "none"  # the folder of what is in none
KIND_NAMES = {
    "clip": gettext_lazy("Clips"),
    "picture": gettext_lazy("Pictures"),
    "sound": gettext_lazy("Sounds"),
    "captions": gettext_lazy("Captions"),
}
KIND_ICONS = {"clip": "film", "picture": "image", "sound": "audio-lines", "captions": "captions"}


class LibraryFilter(forms.Form):
    """Which files of a workspace are shown. Nonsense in it is left out, and said where somebody could have typed it."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "placeholder": gettext_lazy("Words, names, tags"),
                "autocomplete": "off",
            }
        ),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("Everything")), *KIND_NAMES.items()]
    )
    project: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=gettext_lazy("Project"), required=False, empty_label=gettext_lazy("All")
    )
    model = forms.ChoiceField(label=gettext_lazy("Engine"), required=False)
    tag: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=gettext_lazy("Tag"), required=False, empty_label=gettext_lazy("All"), to_field_name="name"
    )
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput())
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=DayInput())
    favourite = forms.BooleanField(label=gettext_lazy("Favourites"), required=False)
    api = forms.BooleanField(label=gettext_lazy("Given by API"), required=False)
    folder = forms.CharField(required=False, widget=forms.HiddenInput())
    source = forms.UUIDField(required=False, widget=forms.HiddenInput())
    trash = forms.BooleanField(required=False, widget=forms.HiddenInput())

    def __init__(self, values, *, user, workspace):
        super().__init__(values)
        self.user, self.workspace = user, workspace
        self.fields["project"].queryset = Project.objects.filter(workspace=workspace, deleted_at=None).order_by("name")
        self.fields["tag"].queryset = Tag.objects.filter(workspace=workspace)
        models = Generation.objects.filter(workspace=workspace).exclude(asset=None).order_by("model")
        names = {card.id: card.name for card in catalogue.installed()}
        self.fields["model"].choices = [("", _("All"))] + [
            (id, names.get(id, id)) for id in models.values_list("model", flat=True).distinct()
        ]
        self.is_valid()

    @property
    def values(self):
        """What is asked for, as an address says it."""
        return {name: self.data[name] for name in self.fields if self.cleaned_data.get(name)}

    @property
    def is_narrow(self):
        """Whether something is asked for that keeps files away, besides the folder."""
        return bool(set(self.values) - {"folder", "trash"})

    def address(self, **other):
        """Of the library, asking for the same but for what is `other`."""
        values = {name: value for name, value in (self.values | other).items() if value}
        return f"{reverse('projects:library')}?{urlencode(values)}" if values else reverse("projects:library")

    def assets(self, tree):
        """The files that are asked for, in no order."""
        asked = self.cleaned_data
        assets = files_of(self.workspace, trash=asked.get("trash"), by_api=asked.get("api"))
        if asked.get("kind"):
            assets = assets.of_kind(asked["kind"])
        if asked.get("favourite"):
            assets = assets.filter(pk__in=Favourite.objects.filter(user=self.user).values("asset"))
        if asked.get("tag"):
            assets = assets.filter(pk__in=asked["tag"].assets.through.objects.filter(tag=asked["tag"]).values("asset"))
        if asked.get("folder") == NOWHERE:
            assets = assets.filter(folder=None)
        elif asked.get("folder"):
            assets = (
                assets.filter(folder__in=tree.below(self.chosen_folder.pk)) if self.chosen_folder else assets.none()
            )
        if asked.get("project"):
            assets = assets.filter(in_project(asked["project"]))
        if asked.get("model"):
            made = Generation.objects.filter(workspace=self.workspace, model=asked["model"]).exclude(asset=None)
            assets = assets.filter(pk__in=made.values("asset"))
        if asked.get("source"):
            assets = assets.filter(made_from(asked["source"]))
        if asked.get("since"):
            assets = assets.filter(created_at__date__gte=asked["since"])
        if asked.get("until"):
            assets = assets.filter(created_at__date__lt=asked["until"] + timedelta(days=1))
        if asked.get("q"):
            assets = assets.said(asked["q"])
        return assets

    @cached_property
    def chosen_folder(self):
        """The folder that is looked into, or None."""
        try:
            id = uuid.UUID(self.cleaned_data.get("folder", ""))
        except ValueError:
            return None
        return Folder.objects.filter(workspace=self.workspace, pk=id).first()


def files_of(workspace, trash=False, by_api=False):
    """What the library of a workspace shows, or its trash: everything but what was only painted over a clip to say
    which part of it is to change; what programs gave to runs is by itself."""
    assets = Asset.objects.filter(workspace=workspace)
    if trash:
        assets = assets.in_trash()
    else:
        assets = assets.in_library()
        assets = assets.filter(origin=Asset.Origin.API) if by_api else assets.exclude(origin=Asset.Origin.API)
    masks = Input.objects.filter(asset=OuterRef("pk"), role=Input.Role.MASK)
    return assets.exclude(Q(name="part.png") & Exists(masks))


def in_project(project):
    """Files that were made for a film, given to what was made, or stand in its world."""
    made = project.generations.filter(deleted_at=None).exclude(asset=None).values("asset")
    given = Input.objects.filter(generation__project=project, generation__deleted_at=None).values("asset")
    seen = View.objects.filter(entity__project=project, entity__deleted_at=None).values("asset")
    return Q(pk__in=made) | Q(pk__in=given) | Q(pk__in=seen)


def made_from(asset_id):
    """Assets that came of a run that was given a file or keeps to its shot; and pictures taken from it."""
    given = Q(inputs__asset=asset_id) | Q(blocking_of__asset=asset_id)
    runs = Generation.objects.filter(given, deleted_at=None, project__deleted_at=None).exclude(asset=None)
    return Q(pk__in=runs.exclude(asset=asset_id).values("asset")) | Q(made_of=asset_id)


class Shelf:
    """A page of the library: tiles, and what lies beside them."""

    def __init__(self, user, values):
        self.user = user
        self.workspace = user.open_workspace()
        self.form = LibraryFilter(values, user=user, workspace=self.workspace)
        self.cursor = cursor_from(values.get("before", ""))

    @cached_property
    def tree(self):
        return Tree.of(self.workspace, files_of(self.workspace))

    @cached_property
    def found(self):
        """One more than a page of files: whether there are more."""
        assets = self.form.assets(self.tree).newest_first()
        if self.cursor:
            assets = assets.before(*self.cursor)
        return list(assets.defer("cast")[: PAGE + 1])

    @cached_property
    def tiles(self):
        return tiles_of(self.found[:PAGE], self.user)

    @property
    def more_url(self):
        """The next page, or None."""
        if len(self.found) <= PAGE:
            return None
        last = self.found[PAGE - 1]
        return self.form.address(before=f"{last.created_at.isoformat()}_{last.pk}")

    @cached_property
    def count(self):
        """How many there are, no further than to COUNTED + 1."""
        if len(self.found) <= PAGE and not self.cursor:
            return len(self.found)
        return self.form.assets(self.tree)[: COUNTED + 1].count()

    @property
    def count_label(self):
        if self.count > COUNTED:
            return _("more than %(n)s files") % {"n": number_format(COUNTED, force_grouping=True)}
        return ngettext("%(n)d file", "%(n)d files", self.count) % {"n": self.count}

    @property
    def folders(self):
        """(folder, level, files, address, whether it is looked into) from the top down."""
        return [
            (folder, level, n, self.form.address(folder=folder.pk, trash=None), folder == self.form.chosen_folder)
            for folder, level, n in self.tree
        ]

    @property
    def folder_choices(self):
        return paths_of(self.tree)

    @property
    def tags(self):
        return Tag.objects.used_in(self.workspace)[:200]


def paths_of(tree):
    """(id, path) of every folder, to move files to."""
    return [
        (id, " / ".join(tree.by_id[one].name for one in tree.path_of(id))) for id in (folder.pk for folder, *_ in tree)
    ]


class Tile(AssetView):
    """A file as the library shows it. `generation`: the one that made it, or None."""

    def __init__(self, asset, generation=None, favourite=False):
        super().__init__(asset)
        self.generation = generation
        self.favourite = favourite

    @property
    def kind(self):
        return next((kind for kind, begins in KINDS.items() if self.asset.media_type.startswith(begins)), "clip")

    @property
    def icon(self):
        return KIND_ICONS[self.kind]

    @property
    def title(self):
        """What it shows in words, or what it is called."""
        return (self.generation and self.generation.words) or self.asset.name

    @property
    def length(self):
        """0:05, 12:30; empty for what lasts no time."""
        seconds = round(self.asset.duration_seconds)
        return f"{seconds // 60}:{seconds % 60:02d}" if self.asset.duration_seconds else ""

    @property
    def is_shown(self):
        """Whether there is something to see of it: what was deleted with its card is served to nobody."""
        return bool(self.asset.poster) and self.asset.deleted_at is None

    @property
    def url(self):
        return reverse("projects:library-asset", args=[self.asset.pk])

    @cached_property
    def card(self):
        return self.generation and card_of(self.generation)

    @property
    def facts(self):
        """(label, value) of the file and of what made it, for people."""
        asset = self.asset
        frames = round(asset.duration_seconds * asset.fps) if asset.fps else 0
        rows = [
            (_("Picture"), asset.width and f"{asset.width} × {asset.height}"),
            (
                _("Length"),
                asset.duration_seconds
                and _("%(seconds)s s") % {"seconds": number_format(f"{asset.duration_seconds:.2f}")},
            ),
            (
                _("Frames"),
                frames
                and _("%(frames)d at %(fps)s a second") % {"frames": frames, "fps": number_format(f"{asset.fps:g}")},
            ),
        ]
        if self.card:
            told = dict(self.card.recipe_rows)
            names = (_("Engine"), _("Seed"), _("Camera"), _("Steps"), _("Leave out"), _("Lyrics"), _("Weights"))
            rows += [(name, told[name]) for name in names if name in told]
        return [(label, value) for label, value in rows if value]


def tiles_of(assets, user):
    """Assets as Tiles, in their order. Two queries."""
    ids = [asset.pk for asset in assets]
    runs = Generation.objects.filter(asset__in=ids).order_by("-created_at").select_related("project")
    made = {run.asset_id: run for run in runs.defer("recipe")}  # the first of several that share it
    favourites = set(Favourite.objects.filter(user=user, asset__in=ids).values_list("asset", flat=True))
    return [Tile(asset, made.get(asset.pk), asset.pk in favourites) for asset in assets]


def cursor_from(text):
    """(created_at, id) of the last file of a page; None for what is no cursor."""
    try:
        moment, _sign, id = text.partition("_")
        created_at = parse_datetime(moment)
        return (created_at, uuid.UUID(id)) if isinstance(created_at, datetime) and created_at.tzinfo else None
    except ValueError:
        return None


class Selection:
    """Files that somebody ticked, and where they are to go."""

    def __init__(self, user, data):
        self.user = user
        self.data = data

    @cached_property
    def ids(self):
        """At most SELECTED; nonsense is left out."""
        ids = []
        for value in self.data.getlist("asset")[:SELECTED]:
            try:
                ids.append(uuid.UUID(value))
            except ValueError:
                continue
        return ids

    @property
    def queryset(self):
        """Those that this person may see, in the trash too."""
        return Asset.objects.filter(pk__in=self.ids, workspace=self.user.open_workspace(), purged_at=None)

    @cached_property
    def assets(self):
        return list(self.queryset.newest_first())

    @property
    def folder(self):
        """The folder that was chosen; None for out of all folders. Raises Folder.DoesNotExist."""
        if self.data.get("folder") == NOWHERE:
            return None
        try:
            folders = Folder.objects.filter(workspace=self.user.open_workspace())
            return folders.get(pk=uuid.UUID(self.data.get("folder", "")))
        except ValueError:
            raise Folder.DoesNotExist from None
