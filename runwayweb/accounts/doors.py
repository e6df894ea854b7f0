"""Who may come into the rooms of a workspace that are not films: its settings, members, plan, audit log."""

from django.core.exceptions import PermissionDenied


def workspace_in_use(request, right=None):
    """The workspace that whoever asks has in use. 403 where their role lacks `right`; None asks for none."""
    membership = request.user.membership()
    if right and right not in membership.rights:
        raise PermissionDenied
    return membership.workspace
