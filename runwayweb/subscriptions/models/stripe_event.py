"""What Stripe told us, once each."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StripeEvent(models.Model):
    """Without what it carried: the truth is asked for at Stripe, and nobody's address need lie here twice."""

    stripe_id = models.CharField(max_length=200, unique=True)
    type = models.CharField(max_length=100)
    about = models.CharField(max_length=200, blank=True)  # the object's id
    customer = models.CharField(max_length=100, blank=True)
    happened_at = models.DateTimeField()
    came = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=200, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("event of Stripe")
        verbose_name_plural = _("events of Stripe")
        ordering = ["-happened_at", "-pk"]

    def __str__(self):
        return f"{self.type} {self.stripe_id}"

    def handled(self, outcome):
        """Nothing is left to do about it."""
        self.outcome, self.handled_at = outcome[:200], timezone.now()
        self.save(update_fields=["outcome", "handled_at"])
