"""A workspace by what an operator knows of it."""

from uuid import UUID

from django.utils.translation import gettext as _

from runwayweb.accounts.models import Role, Workspace


class NotFound(Exception):
    """A sentence for the operator: there is none, or more than one."""


def workspace_called(told):
    """The workspace of an id, a name or its owner's address. Raises NotFound."""
    told = told.strip()
    try:
        found = list(Workspace.objects.filter(pk=UUID(told)))
    except ValueError:
        owned = Workspace.objects.filter(memberships__role=Role.OWNER, memberships__user__email__iexact=told)
        found = list((owned if "@" in told else Workspace.objects.filter(name__iexact=told)).distinct()[:2])
    if not found:
        raise NotFound(
            _("There is no workspace “%(told)s”. Give its id, its name or its owner's address.") % {"told": told}
        )
    if len(found) > 1:
        raise NotFound(_("There are several workspaces “%(told)s”. Give the id of one.") % {"told": told})
    return found[0]
