"""Where in the studio stands what a workspace's programs make."""

from django.db import models

from projects.models import Project


class ApiProjectQuerySet(models.QuerySet):
    def of(self, workspace):
        """The project of a workspace for its programs; a new one where it was deleted. Two queries, mostly one."""
        try:
            project = self.select_related("project").get(workspace=workspace).project
        except self.model.DoesNotExist:
            project = None
        if project and project.deleted_at is None:
            project.workspace = workspace  # known already
            return project
        project = Project.objects.create(workspace=workspace, name="API")
        self.update_or_create(workspace=workspace, defaults={"project": project})
        return project


class ApiProject(models.Model):
    """The one project that takes in what was asked for without naming any."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="api_project")
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+")

    objects = ApiProjectQuerySet.as_manager()

    def __str__(self):
        return f"{self.workspace_id}: {self.project_id}"
