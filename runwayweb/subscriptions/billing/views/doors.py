"""What every door about money has in common: who may come in, and what is said when Stripe does not answer."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from runwayweb.accounts.doors import workspace_in_use
from runwayweb.accounts.models import Right

from .. import is_on
from ..checkout import AlreadySubscribed, sentence_of
from ..client import StripeAway, StripeRefuses


def for_payers(view):
    """`view(request, workspace)`, for who may pay for the workspace in use; 404 where this studio takes no payments."""

    @login_required
    @wraps(view)
    def door(request):
        workspace = workspace_in_use(request, Right.BILLING)
        if not is_on():
            raise Http404
        try:
            return view(request, workspace)
        except StripeAway:
            messages.error(
                request,
                _(
                    "Stripe, which takes the payments, does not answer just now. Nothing is lost: press again in a "
                    "minute, and it goes on where it stopped. Nobody pays twice."
                ),
            )
        except StripeRefuses as refused:
            messages.error(request, sentence_of(refused))
        except AlreadySubscribed:
            messages.info(request, _("This workspace has a plan already. Choose another one here to change it."))
        return redirect("billing:billing")

    return door
