"""How much a take's cast looks like its reference sheets, as numbers."""

import numpy as np
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from projects import likeness
from runwayweb.assets.storage import StorageAway
from runwayweb.assets.upload import BadPicture

UNREADABLE = (BadPicture, OSError, ValueError)
VIEWS_COMPARED = 6  # of a sheet: its first


class ScoreQuerySet(models.QuerySet):
    def with_entities(self):
        return self.select_related("entity")


class Score(models.Model):
    """`value`: from 0 to 1, see `projects.likeness.alike`. `method`: by which version of it."""

    take = models.ForeignKey("projects.Take", on_delete=models.CASCADE, related_name="scores")
    entity = models.ForeignKey("projects.Entity", on_delete=models.CASCADE, related_name="scores")
    value = models.FloatField()
    method = models.PositiveSmallIntegerField(default=likeness.METHOD)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["entity__kind", "entity__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["take", "entity"], name="score_once_of_an_entity_in_a_take"),
            models.CheckConstraint(condition=models.Q(value__gte=0, value__lte=1), name="score_from_0_to_1"),
        ]

    def __str__(self):
        return f"{self.entity} {self.shown}"

    @property
    def shown(self):
        return number_format(f"{self.value:.2f}")

    @property
    def level(self):
        """ "good", "warn" or "bad": what the error rates that were measured allow to say."""
        return likeness.level_of(self.value)

    @property
    def errs(self):
        """How often what its level says is wrong, in a sentence."""
        same, strangers = (round(100 * share) for share in likeness.shares_of(self.level))
        return _(
            "Measured on %(pairs)d pairs: %(same)d of 100 that show the same are shown like this, and %(strangers)d of "
            "100 strangers."
        ) % {"pairs": likeness.PAIRS, "same": same, "strangers": strangers}


def measured(take):
    """Measure a take that ended well against the sheets of everybody its prompt calls by name: its Scores, kept.

    Where somebody is in a take is known where the animatic guided it: its cast is cut out by exact masks, each of the
    frame that shows them best. Nothing for a take whose engine does not tell who is where. Raises StorageAway, which
    says nothing against any file.
    """
    generation = take.generation
    if generation.asset is None or not generation.asset.cast:
        return []
    called = take.names
    entities = take.shot.project.entities.live().with_sheets()
    wanted = [entity for entity in entities if entity.is_scored and entity.tag.lower() in called]
    if not wanted:
        return []
    sheets = {entity: sheet for entity in wanted if (sheet := _sheet_of(entity))}
    try:
        values = _values(take, sheets)
    except StorageAway:
        raise
    except UNREADABLE:
        return []
    return [
        Score.objects.update_or_create(take=take, entity=entity, defaults={"value": value, "method": likeness.METHOD})[
            0
        ]
        for entity, value in values.items()
    ]


def _sheet_of(entity):
    """Numbers of its views; those that cannot be read are left out."""
    numbers = []
    for view in entity.sheet[:VIEWS_COMPARED]:
        try:
            picture = np.asarray(view.asset.open_picture())
        except StorageAway:
            raise
        except UNREADABLE:
            continue
        numbers.append(likeness.seen_in(picture))
    return numbers


def _values(take, sheets):
    """{entity: value}: each against whoever of its kind the cast calls by its name, else is most like it and is nobody
    else's."""
    asset = take.generation.asset
    seen = [
        (number, one, likeness.seen_in(np.asarray(asset.open_cast_picture(number + 1))))
        for number, one in enumerate(asset.cast)
    ]
    values, taken = {}, set()
    pairs = []
    for entity, sheet in sheets.items():
        called = [number for number, one, _ in seen if take.today(one.get("tag", "")) == entity.tag.lower()]
        for number, one, picture in seen:
            if one["role"] != entity.kind or (called and number not in called) or (not called and one.get("tag")):
                continue
            pairs.append((bool(called), likeness.alike(sheet, picture), number, entity))
    for _called, value, number, entity in sorted(pairs, key=lambda pair: pair[:3], reverse=True):
        if entity not in values and number not in taken:
            values[entity] = value
            taken.add(number)
    return values | {entity: 0.0 for entity in sheets if entity not in values}
