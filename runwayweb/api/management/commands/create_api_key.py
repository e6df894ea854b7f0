"""`manage.py create_api_key EMAIL`: a key for a program, and the account and the plan it needs."""

import uuid

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from runwayweb.accounts.models import Right, User
from runwayweb.api.models import Key
from runwayweb.api.models.key import TooManyKeys
from runwayweb.subscriptions import limits
from runwayweb.subscriptions.models import Plan, Subscription, Wallet


class Command(BaseCommand):
    help = (
        "Make an API key for EMAIL and print it, once, on the last line; makes the account when there is none, "
        "on a plan that has access by API."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--name", default="shell", help="what uses it, so that it is known again (default: shell)")
        parser.add_argument("--credits", help="whole credits to give its workspace")

    def handle(self, *, email, name, credits, **options):
        *told, plain = self._make(email, name, _whole(credits))
        for line in told:
            self.stdout.write(line)
        self.stdout.write(plain)

    @transaction.atomic
    def _make(self, email, name, credits):
        """What is said, line by line, the key itself last."""
        said = []
        user, made = self._user(email.strip().lower())
        workspace = user.open_workspace()
        if made:
            said.append(
                f"{user.email} has an account now, on the plan {Plan.objects.of(workspace)}, and no password yet. "
                f"To sign in: “Forgot it?” on the sign-in page, or manage.py changepassword {user.email}"
            )
        if not workspace.allows(user, Right.SETTINGS):
            raise CommandError(f"{user.email} does not look after the settings of {workspace}, so makes no keys there.")
        try:
            limits.check_api(workspace)
        except limits.LimitReached as reached:
            raise CommandError(f"{reached} Or put it on one: manage.py plans assign {workspace.pk} PLAN") from reached
        if credits:
            Wallet.objects.of(workspace).grant(credits, reference=f"operator:{uuid.uuid4()}")
        try:
            key, plain = Key.objects.issue(workspace, by=user, name=" ".join(name.split())[:100] or "shell")
        except TooManyKeys as why:
            raise CommandError(str(why)) from why
        available = Wallet.objects.of(workspace).available
        return [*said, f"{workspace}: {available} credits. The key “{key.name}” is shown this once:", plain]

    def _user(self, email):
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email!r} is not an e-mail address.") from None
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            return self._new_user(email), True
        if not user.is_active or user.closes_at:
            raise CommandError(f"The account {user.email} is suspended or about to be closed; its keys open nothing.")
        return user, False

    def _new_user(self, email):
        """Without a password, which the person sets by the mail of “forgotten password”, or an operator in a shell."""
        user = User.objects.create_user(email)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        workspace = user.open_workspace()
        if not Plan.objects.of(workspace).api_access:
            Subscription.objects.assign(workspace, _plan_with_api())
        return user


def _plan_with_api():
    """The smallest that has it, of those that are offered first."""
    plan = Plan.objects.filter(api_access=True).order_by("-is_public", "position", "pk").first()
    if plan is None:
        raise CommandError("No plan here has access by API. Give it to one: manage.py plans set PLAN api_access=yes")
    return plan


def _whole(told):
    if told is None:
        return 0
    if not told.isascii() or not told.isdigit() or not 0 < int(told) <= 10**12:
        raise CommandError(f"{told} is no whole number of credits above 0.")
    return int(told)
