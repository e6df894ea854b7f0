"""What workers do when woken. A job is one line: the verbs stand on the nouns."""

import logging

from rq.timeouts import JobTimeoutException

from generation import hooks, worker
from generation.attempt import Attempt, sweep_lost_output, sweep_working_folders
from generation.faults import fault_point
from generation.models import Event, Generation
from runwayweb.accounts.hooks import NotYet
from runwayweb.accounts.models import User
from runwayweb.assets.models import Asset, Ephemeral, Upload
from runwayweb.assets.storage import StorageAway
from runwayweb.assets.taking_in import TakingIn
from runwayweb.subscriptions.models import Wallet

logger = logging.getLogger(__name__)

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
        TakingIn(upload, stopping=worker.hands_back, meanwhile=prepare_next_asset).run()


def do_what_does_not_wait(alive):
    """Take in one file that somebody brought, and make one poster, in the midst of something that takes hours. Calls
    `alive()` about every second."""

    def meanwhile():
        alive()
        prepare_next_asset()

    upload = Upload.objects.waiting().select_related("asset", "workspace").order_by("touched_at").first()
    if upload and not worker.begins_nothing():
        try:
            TakingIn(upload, stopping=worker.hands_back, meanwhile=meanwhile).run()
        except JobTimeoutException:  # of the long one
            raise
        except Exception:  # of a file that breaks its worker; it has its own few attempts
            logger.exception("%s could not be taken in", upload.pk)
    meanwhile()


def prepare_next_asset():
    """Make one poster that somebody waits for, if there is one: a long film on its way in keeps nobody waiting."""
    asset = Asset.objects.unprepared().order_by("created_at").first()
    if asset:
        try:
            prepare_asset(asset.pk)
        except Exception:  # of a file that breaks its preparation; it has its own few attempts
            logger.exception("The poster of %s could not be made", asset.pk)


def sweep():
    """Clear away what lost attempts left, uploads nobody comes back for, and what was in the trash for its whole time;
    let credits expire and those of a new month come, and rooms above clear away theirs; erase accounts whose time to
    think it over has passed."""
    Wallet.objects.expire()
    Wallet.objects.begin_months()
    sweep_working_folders()
    sweep_lost_output()
    _sweep_arriving()
    _purge()
    for handler in hooks.swept:
        try:
            handler()
        except Exception:
            logger.exception("%s broke", handler)
    for user in User.objects.due_to_close():
        try:
            user.erase()
        except NotYet:
            logger.warning("The account %s stays a little: something of it elsewhere could not be ended", user.pk)
        except Exception:  # of one whose rows are in a way nobody thought of; the others are not kept waiting
            logger.exception("The account %s could not be erased", user.pk)


def _sweep_arriving():
    for coming in (Upload.objects, Ephemeral.objects):
        try:
            coming.sweep()
        except StorageAway as error:
            logger.warning("What nobody comes back for stays a little: %s", error)


def _purge():
    for asset in Asset.objects.thrown_away()[:PURGED_AT_ONCE]:
        try:
            asset.purge()
        except StorageAway as error:
            logger.warning("The trash stays as it is: %s", error)
            break
