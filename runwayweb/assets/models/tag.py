"""Tags of a workspace's files, and what each person marked as a favourite."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runwayweb.accounts.models import Workspace

from .words import AssetWords

LETTERS = 40
MOST = 500  # of a workspace
MOST_OF_A_FILE = 30


class TagRefused(ValueError):
    """Tags that cannot be given. The message is a sentence for whoever wrote them."""


def names_in(text):
    """The names in a line of tags with commas between them, each once. Raises TagRefused."""
    names = {}
    for part in text.replace("\n", ",").split(","):
        name = " ".join(part.split()).lstrip("#").strip()
        if len(name) > LETTERS:
            raise TagRefused(
                _("“%(name)s…” is too long for a tag: %(most)d letters.") % {"name": name[:20], "most": LETTERS}
            )
        if name:
            names.setdefault(name.lower(), name)
    if len(names) > MOST_OF_A_FILE:
        raise TagRefused(_("A file can have %(most)d tags, not more.") % {"most": MOST_OF_A_FILE})
    return list(names.values())


class TagQuerySet(models.QuerySet):
    def used_in(self, workspace):
        """Those that some file in the library has, with how many, by name."""
        shown = Q(assets__deleted_at=None, assets__trashed_at=None)
        return (
            self.filter(workspace=workspace)
            .annotate(n=Count("assets", filter=shown))
            .filter(n__gt=0)
            .order_by(Lower("name"))
        )

    @transaction.atomic
    def put_on(self, assets, names, *, workspace):
        """Give each asset of a workspace these tags besides those that it has. Raises TagRefused."""
        tags = self._named(names, workspace)
        ids = [asset.pk for asset in assets]
        rows = [Tag.assets.through(tag=tag, asset_id=id) for tag in tags for id in ids]
        Tag.assets.through.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        tagged = Tag.assets.through.objects.filter(asset__in=ids).order_by().values("asset").annotate(n=Count("tag"))
        if tagged.filter(n__gt=MOST_OF_A_FILE).exists():
            raise TagRefused(_("A file can have %(most)d tags, not more.") % {"most": MOST_OF_A_FILE})
        AssetWords.objects.refresh(ids)

    @transaction.atomic
    def take_off(self, assets, names, *, workspace):
        """Take these tags from each asset; a tag that nothing has any more goes."""
        wanted = {name.lower() for name in names}
        tags = [tag for tag in self.filter(workspace=workspace) if tag.name.lower() in wanted]
        ids = [asset.pk for asset in assets]
        Tag.assets.through.objects.filter(tag__in=tags, asset__in=ids).delete()
        self._sweep(workspace)
        AssetWords.objects.refresh(ids)

    @transaction.atomic
    def settle(self, asset, names):
        """Let an asset have these tags and no others. Raises TagRefused."""
        tags = self._named(names, asset.workspace_id)
        asset.tags.set(tags)
        self._sweep(asset.workspace_id)
        AssetWords.objects.refresh([asset.pk])

    def _named(self, names, workspace):
        """The tags of these names, made where there are none. Raises TagRefused."""
        workspace_id = getattr(workspace, "pk", workspace)
        Workspace.objects.select_for_update().get(pk=workspace_id)  # two at once may want the same new tag
        found = {tag.name.lower(): tag for tag in self.filter(workspace=workspace_id)}
        missing = [name for name in names if name.lower() not in found]
        if len(found) + len(missing) > MOST:
            raise TagRefused(_("There are %(most)d tags already. Take some away first.") % {"most": MOST})
        made = self.bulk_create([Tag(workspace_id=workspace_id, name=name) for name in missing])
        return [found[name.lower()] for name in names if name.lower() in found] + made

    def _sweep(self, workspace):
        self.filter(workspace=workspace, assets=None).delete()


class Tag(models.Model):
    """A word for files, once in a workspace whatever its case."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(gettext_lazy("name"), max_length=LETTERS)
    assets = models.ManyToManyField("assets.Asset", related_name="tags")

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name")]
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="tag_once_in_its_workspace")]

    def __str__(self):
        return self.name


class FavouriteQuerySet(models.QuerySet):
    def mark(self, assets, *, by):
        """Make these favourites of a person."""
        self.bulk_create([Favourite(user=by, asset=asset) for asset in assets], ignore_conflicts=True, batch_size=500)

    def unmark(self, assets, *, by):
        self.filter(user=by, asset__in=[asset.pk for asset in assets]).delete()


class Favourite(models.Model):
    """One person's mark on a file: nobody else sees it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    asset = models.ForeignKey("assets.Asset", on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FavouriteQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "asset"], name="favourite_once")]

    def __str__(self):
        return f"{self.asset}, of {self.user}"
