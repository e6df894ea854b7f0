"""`manage.py audit`: looks whether all that this installation says of itself is true."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import timedelta

from django.core.management.base import BaseCommand

from runwayweb.proof.proof import Proof


class Command(BaseCommand):
    help = (
        "Prove that every run ended or is on its way, was paid for once, and shows a whole file exactly when it "
        "succeeded; that every credit is accounted for; that nothing was left behind. Changes nothing. Exit status 1 "
        "when something is off."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--within", type=float, default=86_400, help="seconds that a run may be on its way (%(default)s)"
        )
        parser.add_argument(
            "--overdue", type=float, default=60, help="seconds that work may wait for who does it (%(default)s)"
        )
        parser.add_argument(
            "--no-hashes", action="store_true", help="do not read files, only look whether they are there"
        )
        parser.add_argument("--json", action="store_true", help="say it as JSON")

    def handle(self, *, within, overdue, no_hashes, **options):
        proof = Proof(timedelta(seconds=within), timedelta(seconds=overdue), hashes=not no_hashes)
        findings = list(proof.findings())
        looked_at = proof.looked_at()
        if options["json"]:
            by_check = Counter(finding.check for finding in findings)
            told = {"looked_at": looked_at, "by_check": by_check, "findings": [asdict(finding) for finding in findings]}
            self.stdout.write(json.dumps(told, indent=2))
        else:
            for finding in findings:
                self.stdout.write(str(finding))
            if not findings:
                counts = ", ".join(f"{count} {name}" for name, count in looked_at.items())
                self.stdout.write(f"All is well: {counts}.")
        if findings:
            raise SystemExit(1)
