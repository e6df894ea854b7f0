from django import forms

from runwayweb.subscriptions.models import Plan
from runwayweb.subscriptions.models.subscription import Interval


class ChoiceOfPlan(forms.Form):
    """A plan that is offered, by the month or by the year."""

    plan = forms.ModelChoiceField(Plan.objects.none(), to_field_name="slug")
    interval = forms.ChoiceField(choices=Interval)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = Plan.objects.public()

    def clean(self):
        asked = super().clean()
        if asked.get("plan") and asked.get("interval") and not asked["plan"].price_cents(asked["interval"]):
            self.add_error("plan", "That is not sold.")
        return asked
