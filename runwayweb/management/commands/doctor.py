"""`manage.py doctor`: looks at everything a run needs and says what to do about what is missing."""

import sys

from django.core.management.base import BaseCommand

from runwayweb.checkup import check_up


class Command(BaseCommand):
    help = "Check everything a run needs. Exit code 1 when something is missing."
    requires_system_checks = []

    def handle(self, **options):
        styles = {"ok": self.style.SUCCESS, "!!": self.style.ERROR, "--": self.style.WARNING}
        missing = 0
        for finding in check_up():
            self.stdout.write(str(finding).replace(finding.mark, styles[finding.mark](finding.mark), 1))
            missing += finding.mark == "!!"
        if missing:
            sys.exit(1)
