"""Mails about what was blocked: to the operator that somebody asks, and to whoever asked what the answer is."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from runwayweb.accounts.mail import MailNotSent, send_mail


def write_to_operator(review):
    """Somebody said something against a block. True where the mail went."""
    link = settings.SITE_URL + "/operator/moderation/"
    told = {"email": review.appealed_by.email, "workspace": review.workspace.name, "words": review.appeal}
    try:
        send_mail("appeal", settings.OPERATOR_EMAIL, language="en", link=link, button=_("Look at it"), **told)
    except MailNotSent:
        return False  # the console shows it all the same
    return True


def write_answer(review):
    """What the operator decided, to whoever asked. True where the mail went."""
    whom = review.whom_to_answer
    if whom is None:
        return False
    link = settings.SITE_URL + reverse("projects:project", args=[review.generation.project_id])
    told = {"words": review.generation.words[:200], "answer": review.answer, "released": review.released_as_id}
    with whom.at_home():
        try:
            send_mail("appeal_answered", whom.email, link=link, button=_("Open the film"), **told)
        except MailNotSent:
            return False
    return True
