"""What must be true after any fault, of every generation and every credit."""

import io

from django.core.files.storage import default_storage
from django.core.management import call_command

from generation.models import Event, Generation
from generation.models.generation import Status
from runwayweb.assets.models import Asset
from runwayweb.assets.storage import sha256_of
from runwayweb.subscriptions.models import Entry


def ended():
    """Whether every generation has come to an end."""
    return not Generation.objects.in_progress().exists()


def audit():
    """Assert that every run ended once, was settled once, and shows a whole file exactly when it succeeded."""
    report = io.StringIO()
    call_command("audit_ledger", stdout=report)
    assert "All is well" in report.getvalue()
    for generation in Generation.objects.select_related("asset"):
        assert not generation.in_progress, f"{generation.pk} still {generation.status}"
        entries = Entry.objects.filter(reference=generation.reference)
        settled = list(entries.exclude(kind="hold").values_list("kind", flat=True))
        succeeded = generation.status == Status.SUCCEEDED
        assert settled == (["capture"] if succeeded else ["release"]), f"{generation.pk}: {settled}"
        if succeeded:
            assert sha256_of(generation.asset.file.path) == generation.asset.sha256
        last = Event.objects.filter(generation_id=generation.pk, kind__in=ENDS.values()).order_by("sequence").last()
        assert last.kind == ENDS[generation.status]
        assert Event.objects.filter(generation_id=generation.pk, kind__in=ENDS.values()).count() == 1
    clips = set(Asset.objects.values_list("file", flat=True))
    assert stored_clips() == clips, "files nobody owns, or assets without a file"


ENDS = {
    Status.SUCCEEDED: "generation.succeeded",
    Status.FAILED: "generation.failed",
    Status.CANCELLED: "generation.cancelled",
}


def stored_clips(folder="clips"):
    """The names of all clips in the storage."""
    if not default_storage.exists(folder):
        return set()
    folders, files = default_storage.listdir(folder)
    names = {f"{folder}/{name}" for name in files if name.endswith(".mp4")}
    return names.union(*(stored_clips(f"{folder}/{name}") for name in folders))
