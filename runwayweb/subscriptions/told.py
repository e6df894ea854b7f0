"""Workspaces and days, as an operator writes them in a shell."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware

from runwayweb.accounts.models import Workspace


def workspace_of(told):
    """By its id, or by the address of an owner who has one. Raises CommandError."""
    if "@" in told:
        found = list(
            Workspace.objects.filter(memberships__user__email__iexact=told, memberships__role="owner").order_by(
                "created_at"
            )
        )
    else:
        try:
            found = list(Workspace.objects.filter(pk=told))
        except ValidationError:
            found = []
    if not found:
        raise CommandError(f"There is no workspace {told}.")
    if len(found) > 1:
        some = "\n".join(f"  {one.pk}  {one}" for one in found)
        raise CommandError(f"{told} owns several workspaces. Say which by its id:\n{some}")
    return found[0]


def day_of(told):
    """The moment that day begins here. Raises CommandError."""
    try:
        day = parse_date(told)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"{told} is no date. Write it as 2027-01-31.")
    return make_aware(datetime(day.year, day.month, day.day))
