"""What somebody outside reports of a film they were shown, and what the operator makes of it."""

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.models import AuditEntry
from runwayweb.assets.models import Asset

from .export import Export


class Category(models.TextChoices):
    LIKENESS = "likeness", _("Shows me, or somebody else, without consent")
    RIGHTS = "rights", _("Uses what belongs to somebody else")
    SEXUAL = "sexual", _("Sexual content")
    VIOLENCE = "violence", _("Violence or hatred")
    CHILD = "child", _("Harms a child")
    DECEIT = "deceit", _("Deceives, or pretends to be real")
    OTHER = "other", _("Something else")


class Decision(models.TextChoices):
    WAITING = "waiting", _("Not looked at")
    DISMISSED = "dismissed", _("Nothing to be done")
    TAKEN_DOWN = "taken_down", _("Taken down")
    REVERSED = "reversed", _("Taken down, and shown again")


class ReportQuerySet(models.QuerySet):
    def to_decide(self):
        """Those that wait for somebody, the gravest first, then the oldest."""
        grave = models.Case(models.When(category=Category.CHILD, then=0), default=1)
        return self.filter(decision=Decision.WAITING).order_by(grave, "created_at")


class Report(models.Model):
    """`words` and `contact` are of whoever reports, who needs no account. `assets`: what was taken down by it."""

    Category = Category
    Decision = Decision

    share = models.ForeignKey("projects.Share", on_delete=models.CASCADE, related_name="reports")
    category = models.CharField(_("What is wrong with it"), max_length=16, choices=Category)
    words = models.TextField(_("In your words"), max_length=2000)
    contact = models.EmailField(_("Your address, if you want an answer"), blank=True)
    language = models.CharField(max_length=16, blank=True)  # that the form was shown in
    decision = models.CharField(max_length=16, choices=Decision, default=Decision.WAITING)
    answer = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    assets = models.ManyToManyField("assets.Asset", related_name="reports", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["decision", "created_at"], name="report_to_decide")]

    def __str__(self):
        return f"{self.get_category_display()}: {self.share.project}"

    @property
    def is_open(self):
        return self.decision == Decision.WAITING

    @property
    def is_down(self):
        return self.decision == Decision.TAKEN_DOWN

    @property
    def workspace(self):
        return self.share.project.workspace

    # Verbs

    @transaction.atomic
    def dismiss(self, answer, *, by):
        """Nothing is done about it; True if this call decided."""
        return self._decide(Decision.WAITING, Decision.DISMISSED, answer, by)

    @transaction.atomic
    def take_down(self, answer, *, by):
        """Hide what the link shows everywhere at once: behind links, in the library, by API and at its addresses, what
        its films were made of, and every film of the workspace that holds any of it; those that are being made stop.
        True if this call did. Nothing is deleted."""
        if not self._decide(Decision.WAITING, Decision.TAKEN_DOWN, answer, by):
            return False
        # Also what is hidden already because of the same link: showing it again takes both.
        before = Report.objects.filter(share=self.share_id, decision=Decision.TAKEN_DOWN)
        hidden = Asset.objects.filter(reports__in=before.exclude(pk=self.pk))
        shown = {*self.share.shown_assets().values_list("pk", flat=True), *hidden.values_list("pk", flat=True)}
        shown |= {*self.share.material().values_list("pk", flat=True)}
        films = Export.objects.holding(shown, self.workspace)
        for export in films.in_progress():
            export.cancel()
        shown |= set(films.exclude(asset=None).values_list("asset", flat=True))
        self.assets.set(shown)
        now = timezone.now()
        Asset.objects.filter(pk__in=shown, taken_down_at=None).update(taken_down_at=now)
        type(self.share).objects.filter(pk=self.share_id, taken_down_at=None).update(taken_down_at=now)
        return True

    @transaction.atomic
    def reverse(self, answer, *, by):
        """Show it again, but for what another report took down too; True if this call did."""
        if not self._decide(Decision.TAKEN_DOWN, Decision.REVERSED, answer, by):
            return False
        others = Report.objects.filter(decision=Decision.TAKEN_DOWN).exclude(pk=self.pk)
        mine = self.assets.exclude(pk__in=others.filter(assets__isnull=False).values("assets"))
        Asset.objects.filter(pk__in=mine.values("pk")).update(taken_down_at=None)
        if not others.filter(share=self.share_id).exists():
            type(self.share).objects.filter(pk=self.share_id).update(taken_down_at=None)
        return True

    def _decide(self, before, decision, answer, by):
        mine = Report.objects.filter(pk=self.pk, decision=before)
        decided = mine.update(decision=decision, answer=answer, decided_by=by, decided_at=timezone.now())
        if decided:
            self.refresh_from_db()
            told = {"category": self.category, "decision": decision.value, "answer": answer}
            about = self.share.project.name
            AuditEntry.objects.record(self.workspace, by, "operator.report_decided", about=about, **told)
        return bool(decided)
