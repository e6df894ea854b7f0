"""What workers do when woken. A job is one line: the verbs stand on the nouns."""

from generation import worker
from generation.attempt import Attempt
from generation.faults import fault_point
from generation.models import Event, Generation
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.taking_in import TakingIn

PURGED_AT_ONCE = 500  # of the trash; the next sweep goes on


def run_next():
    """Run the fairest queued generation, whichever wake-up this was; nothing when none is left."""
    Attempt.run_next(worker.pulse)
    fault_point("before_ack")


def prepare_asset(asset_id):
    """Make an asset's poster and sprite, and tell the pages that show it."""
    asset = Asset.objects.filter(pk=asset_id).first()
    if asset and asset.prepare():
        for generation in Generation.objects.filter(asset=asset, deleted_at=None):
            Event.objects.record("generation.prepared", generation)


def take_in_upload(upload_id):
    """Prepare what somebody brought, and lay it into the library."""
    upload = Upload.objects.filter(pk=upload_id).select_related("asset", "workspace").first()
    if upload:
        TakingIn(upload, stopping=lambda: worker.pulse is not None and worker.pulse.stopping.is_set()).run()


def sweep():
    """Clear away uploads nobody comes back for, and what was in the trash for its whole time."""
    Upload.objects.sweep()
    for asset in Asset.objects.thrown_away()[:PURGED_AT_ONCE]:
        asset.purge()
