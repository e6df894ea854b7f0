"""Mails about money, to everybody who may pay for a workspace."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.mail import MailNotSent, send_mail
from runwayweb.accounts.models import Membership, Right


def write(name, workspace, **told):
    """Send the mail of this name. One that cannot be sent is logged, and holds up nothing."""
    members = Membership.objects.with_right(Right.BILLING).filter(workspace=workspace).select_related("user")
    link = settings.SITE_URL + reverse("billing:billing")
    for membership in members:
        user = membership.user
        if not user.is_active:
            continue
        try:
            send_mail(
                name,
                user.email,
                language=getattr(user, "language", "") or settings.LANGUAGE_CODE,
                link=link,
                button=_("Open the billing page"),
                workspace=workspace,
                **told,
            )
        except MailNotSent:
            continue
