"""A look through the storage for what does not belong together: files without rows, and rows without files."""

import logging
from datetime import timedelta
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone

from generation import queues
from generation.models import review
from runwayweb.accounts.models import AuditEntry
from runwayweb.assets.models import Asset
from runwayweb.assets.named import named

logger = logging.getLogger(__name__)
YOUNG = timedelta(hours=1)  # a file that somebody may be laying in just now
SHOWN = 50  # names that a survey keeps of each kind
FOLDERS = {"clips", "pictures", "recordings", "footage", review.FOLDER}
SECONDS = 3600  # that a media worker may take


class SurveyQuerySet(models.QuerySet):
    @transaction.atomic
    def ask(self, *, by, cleans=False):
        """Have a media worker look; where it `cleans`, also delete what an earlier look found."""
        survey = self.create(by=by, cleans=cleans)
        deed = "operator.storage_cleaned" if cleans else "operator.storage_surveyed"
        AuditEntry.objects.record(None, by, deed)
        transaction.on_commit(survey.later)
        return survey

    def wake(self):
        """Of those that no worker began, the job may be lost: each gets one again."""
        late = timezone.now() - timedelta(seconds=5)
        surveys = list(self.filter(begun_at=None, asked_at__lt=late))
        if surveys:
            waiting = queues.waiting_ids(queues.MEDIA)
            for survey in surveys:
                if survey.job not in waiting:
                    survey.later()


class Survey(models.Model):
    """`orphans`: files of no row, `lost`: rows whose file is away; `found` names some of each. Files are only deleted
    by one that `cleans`, rows never."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    cleans = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    files = models.PositiveBigIntegerField(default=0)
    orphans = models.PositiveBigIntegerField(default=0)
    orphan_bytes = models.PositiveBigIntegerField(default=0)
    freed_bytes = models.PositiveBigIntegerField(default=0)
    lost = models.PositiveBigIntegerField(default=0)
    found = models.JSONField(default=dict)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]

    def __str__(self):
        return f"{self.asked_at:%Y-%m-%d %H:%M}: {self.orphans} of {self.files}"

    @property
    def job(self):
        """The id of its job."""
        return f"survey-{self.pk}"

    def later(self):
        queues.enqueue_media("runwayweb.console.jobs.survey", self.job, self.pk, timeout=SECONDS)

    def run(self):
        """Look, and clean where that was asked for; True if this call did. Lists every file of the storage."""
        self.begun_at = timezone.now()
        if not Survey.objects.filter(pk=self.pk, begun_at=None).update(begun_at=self.begun_at):
            return False
        try:
            self._look()
        except OSError as error:
            logger.warning("The storage could not be looked through: %s", error)
            self.found = {"broke": str(error)}
        self.ended_at = timezone.now()
        self.save(update_fields=["files", "orphans", "orphan_bytes", "freed_bytes", "lost", "found", "ended_at"])
        return True

    def _look(self):
        # Rows before files: what comes in between has a file that is young.
        named, folders, tops = _named()
        seen, orphans = set(), []
        for top in sorted(tops):
            for name in _files_below(top):
                seen.add(name)
                if name not in named and str(PurePosixPath(name).parent) not in folders and not _is_young(name):
                    orphans.append(name)
        self.files, self.orphans = len(seen), len(orphans)
        if self.cleans and orphans:  # the look took its time: who names one since keeps it
            since = _named()[0]
            orphans = [name for name in orphans if name not in since]
            self.orphans = len(orphans)
        for name in orphans:
            self._take_in(name)
        ready = Asset.objects.filter(state=Asset.State.READY, created_at__lt=self.begun_at)
        lost = [str(pk) for pk, name in ready.values_list("pk", "file").iterator() if name not in seen]
        self.lost = len(lost)
        self.found = {"files": orphans[:SHOWN], "rows": lost[:SHOWN]}

    def _take_in(self, name):
        try:
            size = default_storage.size(name)
        except FileNotFoundError:  # somebody else cleared it away
            return
        self.orphan_bytes += size
        # Asked once more: a row may have come to be since.
        if self.cleans and not Asset.objects.filter(file__startswith=f"{PurePosixPath(name).parent}/").exists():
            default_storage.delete(name)
            self.freed_bytes += size


def _named():
    """The names of all files that rows know, the folders in which those lie, and the top ones among these."""
    names = {file.name for _row, file in named()}
    folders = {str(PurePosixPath(name).parent) for name in names}
    return names, folders, FOLDERS | {PurePosixPath(name).parts[0] for name in names}


def _files_below(folder):
    """The name of every file in a folder of the storage, however deep."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files if name)
    for name in folders:
        yield from _files_below(f"{folder}/{name}")


def _is_young(name):
    try:
        return default_storage.get_modified_time(name) > timezone.now() - YOUNG
    except FileNotFoundError:
        return True
