"""The screenplay of a film, in Fountain, and the scenes that follow it."""

import hashlib

from django.db import models, transaction
from django.utils import timezone

from projects.fountain import read_script

from .scene import Scene
from .timeline import Conflict


class ScriptQuerySet(models.QuerySet):
    def of(self, project):
        """The script of a project, made when it is first asked for."""
        return self.get_or_create(project=project)[0]


class Script(models.Model):
    """`text` is what the writer wrote; scenes and shots keep what was read from it. `version` counts its savings."""

    project = models.OneToOneField("projects.Project", on_delete=models.CASCADE, related_name="script")
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(auto_now=True)

    objects = ScriptQuerySet.as_manager()

    def __str__(self):
        return f"{self.project}, version {self.version}"

    @property
    def screenplay(self):
        """The Screenplay of its text."""
        return read_script(self.text)

    @transaction.atomic
    def save_text(self, text, *, version):
        """Keep a text that was written from `version`, and let the film's scenes follow it.

        Scenes are known by their headings; one that is not in the script any more goes if nothing was planned in it.
        Raises BadScript, or Conflict when somebody saved in between.
        """
        screenplay = read_script(text)
        now = timezone.now()
        saved = Script.objects.filter(pk=self.pk, version=version).update(text=text, version=version + 1, saved_at=now)
        self.refresh_from_db()
        if not saved:
            raise Conflict(self.version)
        self._follow(screenplay)

    def _follow(self, screenplay):
        known = {scene.script_key: scene for scene in self.project.scenes.exclude(script_key="")}
        others = list(self.project.scenes.filter(script_key=""))
        ordered = []
        for key, written in keyed(screenplay.scenes):
            scene = known.pop(key, None) or next((one for one in others if one.heading == written.heading), None)
            if scene is None:
                scene = Scene(project=self.project, position=0)
            elif scene in others:
                others.remove(scene)  # one that was there before the script was
            scene.heading, scene.script_key = written.heading[:200], key
            scene.text = "\n\n".join(element.text for element in written.elements)
            ordered.append(scene)
        for scene in known.values():
            if scene.shots.exists():
                scene.script_key = ""
                others.append(scene)
            else:
                scene.delete()
        for position, scene in enumerate([*ordered, *others]):
            scene.position = position
            scene.save()


def keyed(scenes):
    """(key, ScriptScene) each: the same heading twice gives two keys, in the order of the script."""
    counted: dict[str, int] = {}
    for written in scenes:
        heading = " ".join(written.heading.lower().split())
        counted[heading] = counted.get(heading, 0) + 1
        yield hashlib.sha256(f"{heading}#{counted[heading]}".encode()).hexdigest()[:32], written
