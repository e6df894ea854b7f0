"""A scene as numbers: what a painter is told in words."""

from dataclasses import dataclass, fields

import torch

from generation.engine.request import CAMERA_MOVES
from generation.engine.world import characters, objects, palette, vocabulary
from generation.engine.world.camera import USUAL_AMOUNTS, as_a_move
from generation.engine.world.scene import Character, Prop, Scene

KINDS = (None, *vocabulary.SPECIES, *vocabulary.OBJECTS)
COLORS = (None, *vocabulary.COLORS)
ACCESSORIES = (None, *vocabulary.ACCESSORIES)
ACTIONS = (None, *vocabulary.ACTIONS)
# How many values each number of an entity and of the setting can take.
ENTITY_SIZES = (len(KINDS), len(COLORS), len(ACCESSORIES), len(COLORS), len(ACTIONS))
SETTING_SIZES = (
    len(vocabulary.PLACES),
    len(vocabulary.TIMES_OF_DAY),
    len(vocabulary.WEATHERS),
    len(vocabulary.LOOKS),
    len(CAMERA_MOVES),
)


@dataclass(frozen=True, eq=False)
class Words:
    """B scenes with room for E entities.

    entity: int64 (B, E, 5), kind, color, accessory, accessory's color, action; kind 0: nobody. hue: float32 (B, E, 3),
    the main colour as sRGB, an entity's own where none was asked for. setting: int64 (B, 5), place, time of day,
    weather, look, camera. amount: float32 (B,), the camera move's size over its usual size.
    """

    entity: torch.Tensor
    hue: torch.Tensor
    setting: torch.Tensor
    amount: torch.Tensor

    def to(self, device) -> "Words":
        return Words(*(getattr(self, column.name).to(device) for column in fields(self)))

    def __getitem__(self, chosen) -> "Words":
        return Words(*(getattr(self, column.name)[chosen] for column in fields(self)))


def words_of(scenes, entities: int) -> Words:
    """The words of scenes, their first `entities` entities in the order of the renderer's mask."""
    entity = torch.zeros(len(scenes), entities, len(ENTITY_SIZES), dtype=torch.int64)
    hue = torch.zeros(len(scenes), entities, 3)
    for row, scene in enumerate(scenes):
        for number, one in enumerate((*scene.characters, *scene.props)[:entities]):
            entity[row, number] = torch.tensor(_attributes(one))
            hue[row, number] = torch.tensor(main_color(one))
    setting = torch.tensor([_setting(scene) for scene in scenes])
    amount = torch.tensor([_relative_amount(scene.camera) for scene in scenes], dtype=torch.float32)
    return Words(entity, hue, setting, amount)


def main_color(one: Character | Prop) -> tuple[float, ...]:
    """The colour that most of it has, as sRGB in [0, 1]."""
    if one.color:
        return palette.COLOR_VALUES[one.color]
    if isinstance(one, Prop):
        return tuple(map(float, objects.thing_of(one.name).own))
    return tuple(map(float, characters.body_of(one.species, one.accessory, one.accessory_color).own))


def _attributes(one):
    if isinstance(one, Prop):
        return KINDS.index(one.name, len(vocabulary.SPECIES) + 1), COLORS.index(one.color), 0, 0, 0
    return (
        KINDS.index(one.species),
        COLORS.index(one.color),
        ACCESSORIES.index(one.accessory),
        COLORS.index(one.accessory_color),
        ACTIONS.index(one.action),
    )


def _setting(scene: Scene):
    return (
        vocabulary.PLACES.index(scene.place),
        vocabulary.TIMES_OF_DAY.index(scene.time_of_day),
        vocabulary.WEATHERS.index(scene.weather),
        vocabulary.LOOKS.index(scene.look),
        CAMERA_MOVES.index(as_a_move(scene.camera).move),
    )


def _relative_amount(camera):
    camera = as_a_move(camera)
    usual = USUAL_AMOUNTS[camera.move.split()[0]]
    return camera.amount / usual if camera.amount is not None and usual else 1.0
