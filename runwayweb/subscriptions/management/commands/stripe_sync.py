"""`manage.py stripe_sync`: plans and packs at Stripe as they are here, subscriptions here as they are at Stripe."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from runwayweb.subscriptions.billing import is_on
from runwayweb.subscriptions.billing.client import StripeAway, StripeRefuses
from runwayweb.subscriptions.billing.portal import offer_portal
from runwayweb.subscriptions.billing.prices import offer_pack, offer_plan
from runwayweb.subscriptions.billing.reconciliation import reconcile
from runwayweb.subscriptions.models import Pack, Plan


class Command(BaseCommand):
    help = "Makes products and prices at Stripe from plans and packs, and takes in what happened there meanwhile."

    def handle(self, *args, **options):
        if not is_on():
            raise CommandError("There is no STRIPE_SECRET_KEY, so nothing is sold here. See docs/billing.md")
        try:
            made = sum(offer_plan(plan) for plan in Plan.objects.public())
            made += sum(offer_pack(pack) for pack in Pack.objects.public())
            offer_portal()
            customers = reconcile()
        except StripeAway as error:
            raise CommandError(f"Stripe does not answer ({error}). Run it again: nothing is made twice.") from error
        except StripeRefuses as error:
            raise CommandError(f"Stripe refuses: {error}") from error
        self.stdout.write(
            ngettext("%(n)d thing made or changed at Stripe.", "%(n)d things made or changed at Stripe.", made)
            % {"n": made}
        )
        self.stdout.write(
            ngettext("%(n)d customer is as Stripe says.", "%(n)d customers are as Stripe says.", customers)
            % {"n": customers}
        )
