"""Folders of the library: a small tree in each workspace."""

import uuid
from itertools import chain, count

from django.db import models, transaction
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runwayweb.accounts.models import Belonging, Workspace

DEPTH = 5  # folders within each other
MOST = 500  # of a workspace


class FolderRefused(ValueError):
    """A folder that cannot be so. The message is a sentence for whoever wanted it."""


class FolderQuerySet(Belonging, models.QuerySet):
    @transaction.atomic
    def make(self, name, *, workspace, parent=None):
        """A new folder, in `parent` where there is one. Raises FolderRefused."""
        if self.filter(workspace=workspace).count() >= MOST:
            raise FolderRefused(_("There are %(most)d folders already. Delete one first.") % {"most": MOST})
        folder = Folder(workspace=workspace)
        folder._place(name, parent)
        folder.save(force_insert=True)
        return folder


class Folder(models.Model):
    """`name` is taken once among the folders beside it, whatever its case. A folder without `parent` is at the top."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="folders")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="folders")
    name = models.CharField(gettext_lazy("name"), max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FolderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("parent", Lower("name"), name="folder_once_in_its_folder"),
            models.UniqueConstraint(
                "workspace", Lower("name"), condition=Q(parent=None), name="folder_once_in_its_workspace"
            ),
        ]

    def __str__(self):
        return self.name

    def rename(self, name):
        """Raises FolderRefused."""
        self.move(self.parent, name=name)

    @transaction.atomic
    def move(self, parent, name=None):
        """Put it, and all that is in it, into `parent`, or to the top for None. Raises FolderRefused."""
        self._place(name or self.name, parent)
        self.save(update_fields=["name", "parent"])

    @transaction.atomic
    def dissolve(self):
        """Delete it; its files and folders go to where it was. Folders whose name is taken there get another."""
        Folder.objects.filter(pk=self.pk).update(name=self.pk.hex)  # what is in it may be called as it was
        for folder in self.folders.all():
            names = chain([folder.name], (f"{folder.name[:55]} {n}" for n in count(2)))
            folder.name = next(name for name in names if folder._is_free(name, self.parent))
            folder.parent = self.parent
            folder.save(update_fields=["name", "parent"])
        self.assets.update(folder=self.parent)
        self.delete()

    def _place(self, name, parent):
        """Give it a name and a place, not saved. Raises FolderRefused."""
        name = " ".join(name.split())
        if not name:
            raise FolderRefused(_("Give the folder a name."))
        Workspace.objects.select_for_update().get(pk=self.workspace_id)  # so that two moves at once make no circle
        tree = Tree(Folder.objects.filter(workspace=self.workspace_id))
        if parent is not None:
            if parent.workspace_id != self.workspace_id or parent.pk not in tree.by_id:
                raise FolderRefused(_("This folder is not there any more. Choose another."))
            if self.pk in tree.path_of(parent.pk):
                raise FolderRefused(_("A folder cannot be put into itself. Choose another."))
            if len(tree.path_of(parent.pk)) + tree.height_of(self.pk) > DEPTH:
                raise FolderRefused(_("Folders go %(depth)d deep, not deeper.") % {"depth": DEPTH})
        if not self._is_free(name, parent):
            raise FolderRefused(_("There is a folder called “%(name)s” already.") % {"name": name})
        self.name, self.parent = name, parent

    def _is_free(self, name, parent):
        beside = Folder.objects.filter(workspace=self.workspace_id, parent=parent).exclude(pk=self.pk)
        return not beside.filter(name__iexact=name).exists()


class Tree:
    """Folders of a workspace, put in order. `counts`: folder id → files in it."""

    def __init__(self, folders, counts=None):
        self.by_id = {folder.pk: folder for folder in sorted(folders, key=lambda folder: folder.name.lower())}
        self.within: dict = {}
        for folder in self.by_id.values():
            self.within.setdefault(folder.parent_id, []).append(folder.pk)
        self.counts = counts or {}

    @classmethod
    def of(cls, workspace, assets):
        """The tree of a workspace with how many of `assets` lie in each folder. Two queries."""
        counted = assets.order_by().values_list("folder").annotate(n=Count("pk"))
        return cls(Folder.objects.filter(workspace=workspace), dict(counted))

    def __iter__(self):
        """(folder, level from 0, how many files are in it and the folders within it), from the top down."""
        stack = [(id, 0) for id in reversed(self.within.get(None, []))]
        while stack:
            id, level = stack.pop()
            yield self.by_id[id], level, sum(self.counts.get(one, 0) for one in self.below(id))
            stack.extend((one, level + 1) for one in reversed(self.within.get(id, [])))

    @property
    def total(self):
        """All files that were counted."""
        return sum(self.counts.values())

    def below(self, id):
        """The ids of a folder and of all within it."""
        found = [id]
        for one in found:
            found.extend(self.within.get(one, []))
        return found

    def path_of(self, id):
        """The ids from the top down to a folder, it included."""
        path = []
        while id is not None:
            path.insert(0, id)
            id = self.by_id[id].parent_id
        return path

    def height_of(self, id):
        """How many folders deep it is, itself included."""
        return 1 + max((self.height_of(one) for one in self.within.get(id, [])), default=0)
