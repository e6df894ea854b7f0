"""What every page of the studio shows besides its own: the workspace, what one may do there, its credits, what runs."""

from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils.functional import SimpleLazyObject

from generation import moderation
from generation.models import Event, Generation
from generation.models.status import WAITING
from runwayweb.accounts import flags
from runwayweb.accounts.doors import membership_here
from runwayweb.accounts.models import Right, Workspace
from runwayweb.subscriptions.models import Announcement, Wallet


def studio(request):
    """Lazily: pages that show none of it pay nothing."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    membership = SimpleLazyObject(lambda: membership_here(request))
    workspace = SimpleLazyObject(lambda: membership.workspace)
    counts = SimpleLazyObject(
        lambda: Generation.objects.in_progress_of(workspace.pk).aggregate(
            running=Count("pk", filter=Q(status=Generation.Status.RUNNING)),
            waiting=Count("pk", filter=Q(status__in=WAITING)),
        )
    )

    def sees():
        # The live line knows who signed in, not whom an operator looks as.
        return Right.SEE in membership.rights and not getattr(request, "operator", None)

    return {
        "workspace": workspace,
        "membership": membership,
        "rights": SimpleLazyObject(lambda: membership.rights),
        "workspaces": SimpleLazyObject(lambda: list(Workspace.objects.of(user).order_by(Lower("name"), "pk"))),
        "wallet": SimpleLazyObject(lambda: Wallet.objects.of(membership.workspace)),
        "running_count": SimpleLazyObject(lambda: counts["running"]),
        "waiting_count": SimpleLazyObject(lambda: counts["waiting"]),
        "last_sequence": SimpleLazyObject(lambda: Event.objects.last_sequence(membership.workspace)),
        # Nothing is told to who may not see the films it is about.
        "charges_blocked": SimpleLazyObject(moderation.is_charged),
        "new_work": SimpleLazyObject(lambda: flags.is_on("new-work", workspace.pk)),
        "announcements": SimpleLazyObject(lambda: Announcement.objects.for_page(user, workspace)),
        "socket_url": SimpleLazyObject(lambda: f"/ws/workspaces/{workspace.pk}/" if sees() else ""),
    }
