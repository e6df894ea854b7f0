"""Somebody on the way to pay: which page of Stripe's was opened for what."""

import uuid

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CheckoutQuerySet(models.QuerySet):
    def of(self, workspace):
        """The one that is open, or None."""
        return self.filter(workspace=workspace, ended_at=None).first()

    def begin(self, workspace, by, what):
        """The open one, whatever it is for, or a new one for `what`: two who press at once share it."""
        try:
            with transaction.atomic():
                return self.create(workspace=workspace, by=by, what=what)
        except IntegrityError:
            return self.get(workspace=workspace, ended_at=None)


class Checkout(models.Model):
    """`key` rides along with what Stripe is asked, so that asking again never opens a second page. A workspace has one
    open at a time, so it cannot pay for two plans."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="checkouts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    what = models.CharField(max_length=200)  # "plan:pro:month", "pack:small"
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    stripe_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CheckoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(ended_at=None), name="checkout_one_open_at_a_time"
            )
        ]

    def __str__(self):
        return f"{self.workspace}: {self.what}"

    def keep(self, stripe_id):
        """Its page is there; False when it was ended meanwhile, so that nobody may be sent to that page."""
        return bool(Checkout.objects.filter(pk=self.pk, ended_at=None).update(stripe_id=stripe_id))

    def end(self):
        """It is paid, or nobody will pay it any more; True if this call ended it."""
        return bool(Checkout.objects.filter(pk=self.pk, ended_at=None).update(ended_at=timezone.now()))
