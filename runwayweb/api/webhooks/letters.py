"""Mails about webhooks, to everybody who may change them, in the language of each."""

import threading

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from runwayweb.accounts.mail import MailNotSent, send_mail
from runwayweb.accounts.models import Membership, Right


def tell_disabled(endpoint):
    """Say that nothing more is sent there, and why. Waits for no mail server: that would keep messages waiting."""
    members = Membership.objects.with_right(Right.SETTINGS)
    members = members.filter(workspace=endpoint.workspace_id, user__is_active=True)
    people = [membership.user for membership in members.select_related("user")]
    link = settings.SITE_URL + reverse("api:webhook", args=[endpoint.pk])
    told = {"url": endpoint.url, "workspace": str(endpoint.workspace), "why": endpoint.disabled_why}
    threading.Thread(target=_write, args=(people, link, told), name="letters", daemon=True).start()


def _write(people, link, told):
    for person in people:
        with person.at_home():
            try:
                send_mail("webhook_disabled", person.email, link=link, button=_("Look at it"), **told)
            except MailNotSent:
                continue
