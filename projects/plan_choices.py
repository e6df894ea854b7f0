"""What a plan does not allow, said before it is asked for: such choices are closed, with the plan that opens them."""

from django import forms
from django.utils.translation import gettext as _

from runwayweb.subscriptions.models import Plan


def plan_shown(workspace):
    """The plan in force, asked for once for all the forms of a page; what is then done asks anew, see limits."""
    if "plan_shown" not in vars(workspace):
        workspace.plan_shown = Plan.objects.of(workspace)
    return workspace.plan_shown


class Closable:
    """A widget of choices of which some are `closed`: {value: the LimitReached that says why}."""

    closed: dict = {}

    def create_option(self, name, value, label, *args, **kwargs):
        option = super().create_option(name, value, label, *args, **kwargs)
        if reached := self.closed.get(str(value)):
            option["attrs"] |= {"disabled": True, "title": str(reached)}
            option["label"] = f"{label} · {reached.lifted_by or _('not on your plan')}"
        return option


class ClosableSelect(Closable, forms.Select):
    pass


def close(field, refusals_of):
    """Close the choices of a field against which `refusals_of(value)` has something; begin with an open one. Those
    that are open."""
    reached = {str(value): next(refusals_of(value), None) for value, _label in field.choices}
    field.widget.closed = {value: why for value, why in reached.items() if why}
    still_open = [value for value, why in reached.items() if not why]
    if str(field.initial) in field.widget.closed and still_open:
        field.initial = still_open[0]
    return still_open
