"""What a key reaches: rows of its workspace, and 404 in one and the same words for everything else."""

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404


def found(rows, id):
    """The one of `rows` with this id. Raises Http404, also for what is no id at all."""
    try:
        return rows.get(pk=id)
    except (ObjectDoesNotExist, ValidationError, ValueError):  # no UUID, or nothing that a database can hold
        raise Http404 from None
