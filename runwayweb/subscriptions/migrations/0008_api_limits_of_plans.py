"""Plans that were made before there were limits for programs get those of a new installation.

Without a limit a key may ask as often as it can. Only plans of the names that came with the studio are changed, and of
those only the ones that have neither limit: what an operator wrote stays.
"""

from django.db import migrations

# (requests a minute of each key, generations a day of each model), as a new installation has them.
LIMITS = {"standard": (300, 500), "pro": (600, 2000), "unlimited": (1200, 5000)}


def limit(apps, _schema_editor):
    unlimited = apps.get_model("subscriptions", "Plan").objects.filter(requests_a_minute=None, generations_a_day=None)
    for slug, (requests, generations) in LIMITS.items():
        unlimited.filter(slug=slug).update(requests_a_minute=requests, generations_a_day=generations)


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0007_api_limits")]

    operations = [migrations.RunPython(limit, migrations.RunPython.noop)]
