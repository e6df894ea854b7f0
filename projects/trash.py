"""Out of the library's trash: back where it was, or gone for good."""

from django.db import transaction

from generation.models import Generation
from projects.uses import told, uses_of
from runwayweb.assets.models import Asset


@transaction.atomic
def bring_back(assets):
    """Put files back in sight, each with the card it was deleted with where its film is still there."""
    for asset in assets:
        cards = Generation.objects.filter(asset=asset, project__deleted_at=None)
        if asset.deleted_at and not cards.filter(deleted_at=None).exists():
            card = cards.order_by("-deleted_at").first()
            if card is not None:
                card.restore()
    return Asset.objects.filter(pk__in=[asset.pk for asset in assets]).bring_back()


def delete_for_good(assets):
    """Delete files that are in the trash, with the cards that show them, unless something else uses them.

    How many went, and a sentence for each that is in use and stays.
    """
    uses = uses_of(assets)
    kept = [told(asset, uses[asset.pk]) for asset in assets if uses[asset.pk]]
    gone = [asset for asset in assets if not uses[asset.pk] and (asset.trashed_at or asset.deleted_at)]
    for asset in gone:
        for card in Generation.objects.filter(asset=asset, deleted_at=None):
            card.delete_softly()
        asset.purge()
    return len(gone), kept
