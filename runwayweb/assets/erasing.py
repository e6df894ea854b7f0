"""Taking away what the library of a workspace keeps."""

from django.db import transaction

from runwayweb.assets.models import Asset


def erase(workspace):
    """Every file, and what is on its way in. Files go when the rows have: never the other way round."""
    for coming in (*workspace.uploads.all(), *workspace.ephemerals.all()):
        transaction.on_commit(coming.discard)
    workspace.uploads.all().delete()
    workspace.ephemerals.all().delete()
    assets = list(Asset.objects.filter(workspace=workspace))
    Asset.objects.filter(workspace=workspace).delete()
    workspace.folders.update(parent=None)
    workspace.folders.all().delete()
    workspace.tags.all().delete()
    for asset in assets:
        transaction.on_commit(asset.discard_files)
