"""Whoever paid for a year gets its months from now on: the sweep looks at their wallets again."""

from django.db import migrations


def look_again(apps, _schema_editor):
    by_the_year = apps.get_model("subscriptions", "Subscription").objects.filter(interval="year").exclude(stripe_id="")
    wallets = apps.get_model("subscriptions", "Wallet").objects.filter(workspace__in=by_the_year.values("workspace"))
    wallets.update(next_month_at=None)


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0010_read_at_of_payments")]

    operations = [migrations.RunPython(look_again, migrations.RunPython.noop)]
