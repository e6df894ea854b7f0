"""What every page of the studio shows besides its own: the workspace, its credits, what is running."""

from django.db.models import Count, Q
from django.utils.functional import SimpleLazyObject

from generation.models import Event, Generation
from runwayweb.subscriptions.models import Wallet


def studio(request):
    """Lazily: pages that show none of it pay nothing."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    workspace = SimpleLazyObject(user.open_workspace)
    counts = SimpleLazyObject(
        lambda: (
            Generation.objects.filter(workspace=workspace.pk)
            .in_progress()
            .aggregate(
                running=Count("pk", filter=Q(status=Generation.Status.RUNNING)),
                waiting=Count("pk", filter=Q(status=Generation.Status.QUEUED)),
            )
        )
    )
    return {
        "workspace": workspace,
        "wallet": SimpleLazyObject(lambda: Wallet.objects.of(user.open_workspace())),
        "running_count": SimpleLazyObject(lambda: counts["running"]),
        "waiting_count": SimpleLazyObject(lambda: counts["waiting"]),
        "last_sequence": SimpleLazyObject(lambda: Event.objects.last_sequence(user.open_workspace())),
        "socket_url": SimpleLazyObject(lambda: f"/ws/workspaces/{workspace.pk}/"),
    }
