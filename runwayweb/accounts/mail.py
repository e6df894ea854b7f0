"""Mails of the studio. The words of each are written once, as text; the letter with a button is made of them."""

import logging
from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

logger = logging.getLogger(__name__)


class MailNotSent(Exception):
    """The mail server took it not. What the mail was about stands as it is."""


def send_mail(name, to, *, language=None, link="", button="", **told):
    """Send `templates/mail/<name>.txt` to an address: its first line is the subject, `told` what it speaks of.

    `link`, on a line of its own there, becomes a button called `button` in the letter. Written in `language`, else in
    the one that is spoken now. Raises MailNotSent.
    """
    # On one line each: a name is no place for a paragraph of one's own, nor the subject for another header.
    told = {name: " ".join(value.split()) if type(value) is str else value for name, value in told.items()}
    with translation.override(language or translation.get_language()):
        text = render_to_string(f"mail/{name}.txt", told | {"link": link})
        subject, _newline, body = text.strip().partition("\n")
        paragraphs = [part.strip() for part in body.strip().split("\n\n") if part.strip()]
        letter = {"subject": subject, "paragraphs": paragraphs, "link": link, "button": str(button)}
        html = render_to_string("mail/letter.html", letter)
    message = EmailMultiAlternatives(" ".join(subject.split()), "\n\n".join(paragraphs) + "\n", to=[to])
    message.attach_alternative(html, "text/html")
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.warning("The mail “%s” could not be sent: %s", name, error)
        raise MailNotSent from error
