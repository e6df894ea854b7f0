"""A film out of the studio, from the command line."""

import shutil
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from projects.export.bundle import write_bundle
from projects.export.formats import BUNDLE, HEIGHTS, RATES
from projects.export.formats import FORMATS as RENDERED
from projects.export.interchange import FORMATS
from projects.export.package import write_package
from projects.export.run import Rendering
from projects.models import Export, Project, Timeline
from runwayweb.subscriptions.refused import Refused


class Command(BaseCommand):
    help = "Write a film to a file: as a cut for an editor's tools with its media, or whole, for another installation."

    def add_arguments(self, parser):
        parser.add_argument("id", help="the project's id, as its address has it")
        parser.add_argument("--format", required=True, choices=[*RENDERED, *FORMATS, BUNDLE])
        parser.add_argument("--out", required=True, help="the file to write; a zip for all but rendered films")
        parser.add_argument("--height", type=int, default=1080, choices=HEIGHTS)
        parser.add_argument("--fps", type=int, default=24, choices=RATES)
        parser.add_argument("--loudness", type=float, default=-14.0, help="LUFS (-14)")
        parser.add_argument("--captions", action="store_true", help="draw the captions into the picture")

    def handle(self, *, id, format, out, height, fps, loudness, captions, **options):
        try:
            project = Project.objects.get(pk=id, deleted_at=None)
        except (Project.DoesNotExist, ValidationError):
            raise CommandError(f"There is no project {id} here.") from None
        out = Path(out)
        try:
            if format == BUNDLE:
                write_bundle(project, out)
                left_out = []
            elif format in RENDERED:
                left_out = []
                self._render(project, out, format=format, height=height, fps=fps, loudness=loudness, captions=captions)
            else:
                left_out = write_package(Timeline.objects.of(project), format, out)
        except (OSError, ValueError, Refused) as error:
            raise CommandError(f"{out} could not be written: {error}") from error
        for sentence in left_out:
            self.stdout.write(sentence)
        self.stdout.write(f"{out}: {out.stat().st_size / 1e6:.1f} MB")

    def _render(self, project, out, **settings):
        """The same as the studio's own export, in this process."""
        export = Export.request_export(project, by=None, bounded=False, **settings)
        try:
            Rendering(export).run()
            export.refresh_from_db()
            if export.asset is None:
                raise CommandError(export.failure or "It was stopped.")
            with default_storage.open(export.asset.file.name) as file, open(out, "wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
        finally:
            export.clear()
