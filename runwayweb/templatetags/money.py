"""`{{ plan.monthly_cents|money:plan.currency }}`: $35, or 35 $ in French."""

from django import template

from runwayweb.subscriptions.money import written

register = template.Library()
register.filter("money", written)
