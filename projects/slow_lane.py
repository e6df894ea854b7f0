"""The choice beside a price: with credits now, or without them in the slow lane, where the plan has one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.plan_choices import plan_shown
from runwayweb.subscriptions.models import Wallet


def offer_slow_lane(form, workspace):
    """Give a form of a run the field `slow_lane` where the plan of the workspace has one.

    It is chosen beforehand only where no credit is left: whoever has some expects to be served in turn.
    """
    if plan_shown(workspace).unmetered_slow_lane:
        form.fields["slow_lane"] = forms.BooleanField(
            label=_("Slow lane"), required=False, initial=not Wallet.objects.of(workspace).available
        )


def in_slow_lane(form):
    """Whether a form asks for the slow lane, as it stands."""
    return "slow_lane" in form.fields and bool(form["slow_lane"].value())
