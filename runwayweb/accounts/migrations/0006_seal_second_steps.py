"""Secrets of authenticator apps and seeds of recovery codes, which lay in the clear, are sealed."""

from django.db import migrations

from runwayweb.accounts.second_step import opened, sealed

SECRETS = {"totp": "secret", "recovery_codes": "seed"}


def rewrite(apps, how):
    for row in apps.get_model("mfa", "Authenticator").objects.filter(type__in=SECRETS).iterator():
        name = SECRETS[row.type]
        if name in row.data:
            row.data[name] = how(row.data[name])
            row.save(update_fields=["data"])


def seal(apps, _editor):
    rewrite(apps, lambda secret: sealed(opened(secret)))


def unseal(apps, _editor):
    rewrite(apps, opened)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_deeds_of_operators"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(seal, unseal)]
