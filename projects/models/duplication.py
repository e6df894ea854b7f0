"""A film once more: its rows anew, its files shared."""

from django.db import models, transaction

from .entity import View
from .script import Script
from .take import Take
from .timeline import Timeline


class Duplication:
    """Copies a project with its runs, script, world, scenes, shots, takes and cut.

    What was deleted stays behind, and so do takes that are still being made.
    """

    def __init__(self, project):
        self.project = project
        self.copies: dict[tuple[type, object], models.Model] = {}  # (model, key of the original) → its copy

    @transaction.atomic
    def make(self, name):
        """The new Project."""
        film = self.project
        copy = type(film).objects.create(workspace=film.workspace, name=name)
        for generation in film.generations.finished_well().order_by("created_at"):
            self._note(generation, generation.copy_to(copy))
        for script in Script.objects.filter(project=film):
            self._copy(script, project=copy)
        for entity in film.entities.live():
            self._copy(entity, project=copy)
        for view in View.objects.filter(entity__in=film.entities.live()):
            self._copy(view, entity=self._of(view.entity))
        for scene in film.scenes.all():
            self._copy(scene, project=copy)
        shots = list(film.shots.live())
        for shot in shots:
            self._copy(shot, project=copy, scene=self._of(shot.scene), follows=None, chosen=None)
        takes = Take.objects.live().filter(shot__project=film).select_related("shot", "generation", "parent")
        for take in takes.order_by("created_at", "number"):  # parents come before what was made from them
            if generation := self._of(take.generation):
                self._copy(take, shot=self._of(take.shot), generation=generation, parent=self._of(take.parent))
        for shot in shots:
            again = self._of(shot)
            again.follows, again.chosen = self._of(shot.follows), self._of(shot.chosen)
            again.save(update_fields=["follows", "chosen"])
        self._copy_cut(copy)
        return copy

    def _copy_cut(self, copy):
        """The cut, its clips linked to the shots and takes of the copy."""
        for original in Timeline.objects.filter(project=self.project):
            document = original.cut.as_document()
            known = {str(pk): row for (_model, pk), row in self.copies.items()}
            for track in document["tracks"]:
                for clip in track["clips"]:
                    if clip["source"] and clip["source"]["id"] in known:
                        clip["source"]["id"] = str(known[clip["source"]["id"]].pk)
            self._copy(original, project=copy, document=document, version=0)

    def _copy(self, row, **changes):
        values = {
            column.attname: getattr(row, column.attname)
            for column in row._meta.concrete_fields
            if not column.primary_key and column.name not in changes
        }
        return self._note(row, type(row).objects.create(**values, **changes))

    def _note(self, row, copy):
        self.copies[type(row), row.pk] = copy
        return copy

    def _of(self, row):
        """The copy of a row; None for none, and for one that stayed behind."""
        return row and self.copies.get((type(row), row.pk))
