"""The workspace as Stripe knows it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """One for a workspace, made when it first wants to pay. `read_at`: when what we know of it began to be read."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="customer")
    stripe_id = models.CharField(max_length=100, unique=True)
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self):
        return f"{self.workspace}: {self.stripe_id}"
