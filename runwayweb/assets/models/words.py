"""What is said of a file, to be searched."""

from django.db import models

from runwayweb.assets import search

BATCH = 500


class AssetWordsQuerySet(models.QuerySet):
    def matching(self, query):
        """Those in which everything a query asks for is found."""
        return search.matching(self, query)

    def tell(self, asset, told):
        """Keep what the rooms above say of an asset: the prompt that made it, what is said in it. Two queries."""
        told, tags = told[: search.INDEXED], asset.tags.values_list("name", flat=True)
        self._write([AssetWords(asset=asset, told=told, words=_words(asset.name, tags, told))], ["told", "words"])

    def refresh(self, ids):
        """Read anew what is said of these assets: name, tags, and what was told. Those without a row get one."""
        from .asset import Asset

        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            tags: dict = {}
            for id, name in Asset.tags.through.objects.filter(asset__in=batch).values_list("asset", "tag__name"):
                tags.setdefault(id, []).append(name)
            told = dict(self.filter(asset__in=batch).values_list("asset", "told"))
            rows = [
                AssetWords(asset_id=id, told=told.get(id, ""), words=_words(name, tags.get(id, ()), told.get(id, "")))
                for id, name in Asset.objects.filter(pk__in=batch).values_list("pk", "name")
            ]
            self._write(rows, ["words"])

    def _write(self, rows, fields):
        self.bulk_create(rows, update_conflicts=True, unique_fields=["asset"], update_fields=fields)


def _words(name, tags, told):
    return search.plain(" ".join([name, *tags, told]))


class AssetWords(models.Model):
    """`told` is what the rooms above say, `words` everything together, as `search.plain` writes it."""

    asset = models.OneToOneField("assets.Asset", on_delete=models.CASCADE, related_name="words")
    told = models.TextField(blank=True)
    words = models.TextField()

    objects = AssetWordsQuerySet.as_manager()

    def __str__(self):
        return self.words[:60]
