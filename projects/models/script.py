"""The screenplay of a film, in Fountain."""

from django.db import models


class Script(models.Model):
    """`text` is what the writer wrote; scenes and shots keep what was read from it. `version` counts its savings."""

    project = models.OneToOneField("projects.Project", on_delete=models.CASCADE, related_name="script")
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return f"{self.project}, version {self.version}"
