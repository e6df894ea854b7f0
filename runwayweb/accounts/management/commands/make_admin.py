"""`manage.py make_admin EMAIL`: makes the first administrator, or turns somebody into one."""

import getpass
import os
import sys

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from runwayweb.accounts.models import User


class Command(BaseCommand):
    help = "Give EMAIL the administrator's rights; makes the account when there is none."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        email = email.strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email!r} is not an e-mail address.") from None
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = User.objects.create_user(email, self._new_password(email), is_staff=True, is_superuser=True)
        else:
            user.is_staff = user.is_superuser = True
            user.save(update_fields=["is_staff", "is_superuser"])
        # Whoever can run this need not prove the address by mail before the first sign-in.
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        self.stdout.write(f"{user.email} is an administrator now. The console is at /operator/.")

    def _new_password(self, email):
        """From the terminal, or from ADMIN_PASSWORD where nobody sits at one."""
        password = os.environ.get("ADMIN_PASSWORD")
        if not password and sys.stdin.isatty():
            password = getpass.getpass(f"A password for {email}: ")
        if not password:
            raise CommandError(f"{email} has no account yet. Run this in a terminal, or set ADMIN_PASSWORD.")
        try:
            validate_password(password, User(email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return password
