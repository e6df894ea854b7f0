"""What people agree to: the terms of use and the privacy notice, version by version, and who accepted which when."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.shipped_terms import TEXTS, in_the_language_of_the_page

from .audit import AuditEntry


class Document(models.TextChoices):
    TERMS = "terms", _("Terms of use")
    PRIVACY = "privacy", _("Privacy")


class TermsQuerySet(models.QuerySet):
    def current(self, document):
        """The newest version, made of the text that ships with the studio where nobody wrote one. One query mostly."""
        newest = self.filter(document=document).order_by("-number").first()
        return newest or self.get_or_create(document=document, number=1, defaults={"text": TEXTS[document]})[0]

    @transaction.atomic
    def publish(self, document, text, *, asks_again, by):
        """A new version in force from now on. `asks_again`: everybody is asked to accept it before they go on."""
        before = self.select_for_update().get(pk=self.current(document).pk)
        version = self.create(document=document, number=before.number + 1, text=text, asks_again=asks_again)
        if asks_again:
            get_user_model().objects.update(must_accept_terms=True)
        AuditEntry.objects.record(
            None, by, "operator.terms_published", about=document, number=version.number, asks_again=asks_again
        )
        return version


class TermsVersion(models.Model):
    """One version, written once. `text`: paragraphs between empty lines; "# " begins a heading, "- " a list's item."""

    Document = Document

    document = models.CharField(max_length=16, choices=Document)
    number = models.PositiveIntegerField()
    text = models.TextField()
    asks_again = models.BooleanField(default=False)
    published_at = models.DateTimeField(default=timezone.now)

    objects = TermsQuerySet.as_manager()

    class Meta:
        ordering = ["document", "-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="terms_number_once")]

    def __str__(self):
        return f"{self.get_document_display()} {self.number}"

    def blocks(self):
        """The text as it is shown: ("heading" or "paragraph", words) or ("list", [words])."""
        for part in in_the_language_of_the_page(self.text).replace("\r\n", "\n").split("\n\n"):
            lines = [line.strip() for line in part.strip().split("\n") if line.strip()]
            if not lines:
                continue
            if lines[0].startswith("#"):
                yield "heading", lines.pop(0).lstrip("#").strip()
            if lines and all(line.startswith("- ") for line in lines):
                yield "list", [line[2:] for line in lines]
            elif lines:
                yield "paragraph", " ".join(lines)


class Acceptance(models.Model):
    """Somebody accepted a version. Kept for as long as their account."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="acceptances")
    version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="acceptances")
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="accepted_once")]

    def __str__(self):
        return f"{self.user}: {self.version}"
