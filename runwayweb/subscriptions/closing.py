"""A workspace that is paid for is not left behind: whoever pays would go on paying."""

from django.utils.translation import gettext as _

from runwayweb.accounts.hooks import NotClosing


def check_closing(workspace):
    """Raises NotClosing while money is asked for it."""
    from .models import Subscription
    from .models.subscription import ENDED

    paid = (
        Subscription.objects.filter(workspace=workspace, cancels_at=None)
        .exclude(stripe_id="")
        .exclude(status__in=ENDED)
    )
    if mine := paid.select_related("plan").first():
        words = _("“%(workspace)s” pays for the plan %(plan)s. Cancel that first, on its billing page.")
        raise NotClosing(words % {"workspace": workspace, "plan": mine.plan})
