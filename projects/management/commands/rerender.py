"""Whether a film could be made again today, take by take."""

import tempfile
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from generation.rerender import rerender
from projects.models import Project

WORDS = {"identical": "identical", "same": "visually same", "different": "different", "impossible": "cannot be made"}


class Command(BaseCommand):
    help = "Make every chosen take of a film again, in this process, and say for each how far it is the same."

    def add_arguments(self, parser):
        parser.add_argument("id", help="the project's id, as its address has it")
        parser.add_argument(
            "--verify", action="store_true", help="exit with an error unless all are the same to the eye"
        )

    def handle(self, *, id, verify, **options):
        try:
            project = Project.objects.get(pk=id, deleted_at=None)
        except (Project.DoesNotExist, ValidationError):
            raise CommandError(f"There is no project {id} here.") from None
        shots = project.shots.live().exclude(chosen=None).select_related("scene", "chosen__generation__asset")
        counted = dict.fromkeys(WORDS, 0)
        for shot in shots:
            with tempfile.TemporaryDirectory() as folder:
                verdict = rerender(shot.chosen.generation, Path(folder))
            counted[verdict.kind] += 1
            measured = (
                f" (PSNR {verdict.psnr:.1f} dB, SSIM {verdict.ssim:.4f})"
                if verdict.kind in ("same", "different") and verdict.psnr
                else ""
            )
            self.stdout.write(f"{shot.number} take {shot.chosen.number}: {WORDS[verdict.kind]}{measured}")
            for sentence in verdict.why:
                self.stdout.write(f"    {sentence}")
        self.stdout.write(
            ", ".join(f"{number} {WORDS[kind]}" for kind, number in counted.items() if number)
            or "Nothing is chosen yet."
        )
        if verify and counted["different"] + counted["impossible"]:
            raise CommandError("Not every chosen take can be made again as it was.")
