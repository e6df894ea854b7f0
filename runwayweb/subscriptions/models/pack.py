"""Credits that are bought once, beside those of a plan."""

from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class PackQuerySet(models.QuerySet):
    def public(self):
        """Those that are offered, in the order they are shown in."""
        return self.filter(is_public=True)

    def seed(self):
        """Make those of a new installation that are missing."""
        from ..seeds import PACKS

        for pack in PACKS:
            self.get_or_create(slug=pack["slug"], defaults=pack)


class Pack(models.Model):
    """So many credits for so much; they expire `months` after, or never."""

    slug = models.SlugField(_("short name"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_public = models.BooleanField(_("offered"), default=True)
    credits = models.PositiveIntegerField(_("credits"))
    currency = models.CharField(_("currency"), max_length=3, default="usd")
    cents = models.PositiveIntegerField(_("price, in cents"))
    months = models.PositiveSmallIntegerField(
        _("months until they expire"), null=True, blank=True, default=12, help_text=_("Empty: never.")
    )
    stripe_product = models.CharField(max_length=100, blank=True, editable=False)
    stripe_price = models.CharField(max_length=100, blank=True, editable=False)

    objects = PackQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("pack of credits")
        verbose_name_plural = _("packs of credits")
        constraints = [models.CheckConstraint(condition=models.Q(credits__gt=0), name="pack_has_credits")]

    def __str__(self):
        return self.name

    @property
    def title(self):
        """Its name; where that is no more than its credits, in the language of the page."""
        if self.name != f"{self.credits:,} credits":
            return self.name
        told = {"credits": number_format(self.credits, use_l10n=True, force_grouping=True)}
        return ngettext("%(credits)s credit", "%(credits)s credits", self.credits) % told
