"""A film out of the studio, from the command line."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from projects.export.bundle import write_bundle
from projects.export.interchange import FORMATS
from projects.export.package import write_package
from projects.models import Project, Timeline

BUNDLE = "bundle"


class Command(BaseCommand):
    help = "Write a film to a file: as a cut for an editor's tools with its media, or whole, for another installation."

    def add_arguments(self, parser):
        parser.add_argument("id", help="the project's id, as its address has it")
        parser.add_argument("--format", required=True, choices=[*FORMATS, BUNDLE])
        parser.add_argument("--out", required=True, help="the file to write, a zip")

    def handle(self, *, id, format, out, **options):
        try:
            project = Project.objects.get(pk=id, deleted_at=None)
        except (Project.DoesNotExist, ValidationError):
            raise CommandError(f"There is no project {id} here.") from None
        out = Path(out)
        try:
            if format == BUNDLE:
                write_bundle(project, out)
                left_out = []
            else:
                left_out = write_package(Timeline.objects.of(project), format, out)
        except (OSError, ValueError) as error:
            raise CommandError(f"{out} could not be written: {error}") from error
        for sentence in left_out:
            self.stdout.write(sentence)
        self.stdout.write(f"{out}: {out.stat().st_size / 1e6:.1f} MB")
