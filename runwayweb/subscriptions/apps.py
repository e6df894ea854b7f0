from django.apps import AppConfig
from django.apps import apps as installed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SubscriptionsConfig(AppConfig):
    name = "runwayweb.subscriptions"
    verbose_name = _("Subscriptions")

    def ready(self):
        from runwayweb.accounts import hooks

        from .billing.leaving import end_subscription
        from .closing import check_closing
        from .limits import check_joining
        from .models import Announcement
        from .start import start_those_of

        hooks.joining.append(check_joining)
        hooks.joined.append(Announcement.objects.greet)
        hooks.closing.append(check_closing)
        hooks.ending.append(end_subscription)
        hooks.shown_address.append(start_those_of)
        # Django's own way to begin with rows: after `migrate`, and after a test emptied the database.
        post_migrate.connect(seed_a_new_installation, sender=self)


def seed_a_new_installation(using, apps=installed, **_migration):
    """Make the first plans and packs where there are none, once their tables are as they are now."""
    from .models import Pack, Plan

    for model in (Plan, Pack):
        if _is_migrated(model, apps) and not model.objects.using(using).exists():
            model.objects.using(using).seed()


def _is_migrated(model, apps):
    """Whether the migrations reached the columns of today: one can also stop before."""
    try:
        reached = apps.get_model(model._meta.label)
    except LookupError:
        return False
    return {field.column for field in reached._meta.fields} == {field.column for field in model._meta.fields}
