"""How a view finds what it was asked for: 404 for a stranger, and for a member a sentence when the role does not reach.

A stranger cannot tell what exists from what does not. A member knows the workspace, so is told who can help.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from runwayweb.accounts.models import Right, Workspace


def visible(request, objects, *, deleted_too=False, **lookup):
    """The row that `lookup` names, for whoever may see films where it belongs. `objects`: a model, or rows of one.

    Raises Http404, or PermissionDenied with a sentence. One query where it is found.
    """
    return _find(request, objects, Right.SEE, deleted_too, lookup)


def editable(request, objects, *, deleted_too=False, **lookup):
    """The same, for whoever may change it."""
    return _find(request, objects, Right.MAKE, deleted_too, lookup)


def settled(request, objects, **lookup):
    """The same, for whoever may say how things are set up there."""
    return _find(request, objects, Right.SETTINGS, False, lookup)


def opened(request, objects, **lookup):
    """The same for a page that is looked at by GET and changes something by anything else."""
    return (visible if request.method in ("GET", "HEAD") else editable)(request, objects, **lookup)


def looked_after(request, rows, **lookup):
    """One of the people or invitations of a workspace, for whoever looks after them. Raises as `visible` does."""
    row = rows.filter(workspace__in=Workspace.objects.of(request.user), **lookup).first()
    if row is None:
        raise Http404
    membership = row.workspace.memberships.get(user=request.user)
    if Right.MEMBERS not in membership.rights:
        raise refusal(membership, Right.MEMBERS)
    return row


def workspace_in_use(request, right=None):
    """The workspace that whoever asks has in use. `right` None: whatever the role.

    Raises PermissionDenied with a sentence where the role lacks `right`.
    """
    membership = membership_in_use(request)
    if right and right not in membership.rights:
        raise refusal(membership, right)
    return membership.workspace


def membership_here(request):
    """What whoever asks is in the workspace of what was found for the page, else in the one in use."""
    found = getattr(request, "found", None)
    if found is None:
        return membership_in_use(request)
    return workspace_of(found).memberships.select_related("workspace").get(user=request.user)


def workspace_of(row):
    """The workspace that a row belongs to."""
    for step in type(row).objects.all().to_workspace.split("__"):
        row = getattr(row, step)
    return row


def membership_in_use(request):
    """What whoever asks is in the workspace in use. One query in a request."""
    if not hasattr(request, "membership_in_use"):
        request.membership_in_use = request.user.membership()
    return request.membership_in_use


class Suspended(PermissionDenied):
    """The operator stopped `workspace`; the message is a sentence that says why."""

    def __init__(self, workspace):
        self.workspace = workspace
        super().__init__(
            _("“%(workspace)s” is suspended: %(reason)s Nothing is deleted.")
            % {"workspace": workspace.name, "reason": workspace.suspended_because}
        )


def refusal(membership, right):
    """The PermissionDenied for a member who may not do something: a sentence that says who can help."""
    if membership.workspace.is_suspended:
        return Suspended(membership.workspace)
    told = {
        Right.SEE: _("As %(role)s in “%(workspace)s” you do not see its films."),
        Right.MAKE: _("As %(role)s in “%(workspace)s” you look at its films and do not change them."),
        Right.MEMBERS: _("As %(role)s in “%(workspace)s” you do not say who is in it."),
        Right.BILLING: _("As %(role)s in “%(workspace)s” you have nothing to do with its plan and payments."),
        Right.SETTINGS: _("As %(role)s in “%(workspace)s” you do not change how it is set up."),
    }.get(right, _("As %(role)s in “%(workspace)s” you may not do this."))
    told = told % {"role": membership.get_role_display(), "workspace": membership.workspace.name}
    return PermissionDenied(f"{told} {_('Ask an owner or an admin for another role.')}")


def _find(request, objects, right, deleted_too, lookup):
    rows = objects.objects.all() if isinstance(objects, type) else objects
    of = rows.owned_by if deleted_too else rows.visible_to
    found = of(request.user, right).filter(**lookup).first()
    if found is None:
        known = of(request.user, None).filter(**lookup).first()
        if known is None:
            raise Http404
        raise refusal(workspace_of(known).memberships.get(user=request.user), right)
    request.found = found  # pages show what its workspace lets this person do
    if _opens_a_page(request):
        request.user.use(workspace_of(found))
    return found


def _opens_a_page(request):
    """Whether somebody goes to a page: its pictures, clips and parts are asked for by other means."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")
