from django.db import migrations

from runwayweb.assets.search import INDEXED, plain

BATCH = 500


def tell_words(apps, editor):
    """Everything that was made or brought before there was a library can be searched."""
    Asset, AssetWords = apps.get_model("assets", "Asset"), apps.get_model("assets", "AssetWords")
    Generation = apps.get_model("generation", "Generation")
    ids = list(Asset.objects.filter(words=None).values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        told = {}
        for id, request, understood in Generation.objects.filter(asset__in=batch).values_list(
            "asset", "request", "understood"
        ):
            said = [request.get("prompt"), request.get("text"), request.get("lyrics"), understood.get("said")]
            told[id] = " ".join(filter(None, said))[:INDEXED]
        AssetWords.objects.bulk_create(
            AssetWords(asset_id=id, told=told.get(id, ""), words=plain(f"{name} {told.get(id, '')}"))
            for id, name in Asset.objects.filter(pk__in=batch).values_list("pk", "name")
        )


class Migration(migrations.Migration):
    dependencies = [
        ("assets", "0006_library"),
        ("generation", "0009_words_of_references"),
    ]

    operations = [migrations.RunPython(tell_words, migrations.RunPython.noop)]
