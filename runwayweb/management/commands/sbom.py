"""`manage.py sbom FILE`: what this studio is made of, for programs that know of weak places in packages.

`--keep` writes the one that goes with the code, docs/security/sbom.json: after a change of requirements.txt.
"""

import json
from pathlib import Path

from django.core.management.base import BaseCommand

from runwayweb.parts import KEPT, sbom, sbom_to_keep


class Command(BaseCommand):
    help = "Write the bill of materials (CycloneDX 1.6, JSON): every package with its version, licence and hash."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", default="-", help="where to write it; without: to standard output")
        parser.add_argument("--keep", action="store_true", help="write docs/security/sbom.json, without hashes")

    def handle(self, *, file, keep, **options):
        bill = sbom_to_keep() if keep else sbom()
        if keep and file == "-":
            file = str(KEPT)
        text = json.dumps(bill, indent=1, ensure_ascii=False)
        if file == "-":
            self.stdout.write(text)
            return
        Path(file).write_text(text + "\n")
        self.stdout.write(f"{file}: {len(bill['components'])} parts.")
