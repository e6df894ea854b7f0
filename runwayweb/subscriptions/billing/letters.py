"""Mails about money, to everybody who may pay for a workspace, in the language of each."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from runwayweb.accounts.mail import MailNotSent, send_mail
from runwayweb.accounts.models import Membership, Right


def write(name, workspace, **told):
    """Send the mail of this name. One that cannot be sent is logged, and holds up nothing."""
    members = Membership.objects.with_right(Right.BILLING).filter(workspace=workspace, user__is_active=True)
    link = settings.SITE_URL + reverse("billing:billing")
    for membership in members.select_related("user"):
        with membership.user.at_home():
            try:
                button = _("Open the billing page")
                send_mail(name, membership.user.email, link=link, button=button, workspace=workspace, **told)
            except MailNotSent:
                continue
