"""What was granted before there were lots becomes one lot of its wallet, which never expires. Entries stay."""

from django.db import migrations

REFERENCE = "before lots"
BATCH = 2000


def make_lots(apps, _schema_editor):
    Wallet, Lot, Entry, Portion = (
        apps.get_model("subscriptions", name) for name in ("Wallet", "Lot", "Entry", "Portion")
    )
    lots = {}
    for wallet in Wallet.objects.filter(granted__gt=0).iterator():
        lots[wallet.pk] = Lot.objects.create(
            wallet=wallet,
            source="signup",
            reference=REFERENCE,
            amount=wallet.granted,
            available=wallet.available,
            held=wallet.held,
            spent=wallet.spent,
        )
    entries = Entry.objects.order_by("pk").values_list("pk", "wallet_id", "amount").iterator(chunk_size=BATCH)
    portions = [Portion(entry_id=pk, lot=lots[wallet], amount=amount) for pk, wallet, amount in entries]
    Portion.objects.bulk_create(portions, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0003_lots")]

    operations = [migrations.RunPython(make_lots, migrations.RunPython.noop)]
