"""A film from another installation."""

from django.core.management.base import BaseCommand, CommandError

from projects.export.bundle import BadBundle, read_bundle
from runwayweb.accounts.models import User


class Command(BaseCommand):
    help = "Take in a film that `export_project --format bundle` wrote, as a new project."

    def add_arguments(self, parser):
        parser.add_argument("path", help="the bundle")
        parser.add_argument("--workspace", required=True, metavar="EMAIL", help="whose workspace it comes to")

    def handle(self, *, path, workspace, **options):
        user = User.objects.filter(email__iexact=workspace).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {workspace}.")
        try:
            project = read_bundle(path, workspace=user.open_workspace(), by=user)
        except (BadBundle, OSError) as error:
            raise CommandError(str(error)) from error
        shots, takes = project.shots.count(), sum(shot.takes.count() for shot in project.shots.all())
        self.stdout.write(f"“{project}” is in {project.workspace}: {shots} shots, {takes} takes. Its id: {project.pk}")
