"""What workers do when woken. A job is one line: the verbs stand on the nouns."""

from generation import worker
from generation.attempt import Attempt
from generation.faults import fault_point
from generation.models import Event, Generation
from runwayweb.assets.models import Asset


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
