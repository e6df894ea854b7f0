"""Every part there is in the world by a number of its own: a bear's left eye, a fir's trunk.

A guide says which part a pixel shows, and a painter learns what it looks like. As in `vocabulary`, the order is part of
the contract with a trained model: add at the end, within the room that is left.
"""

import numpy as np

from generation.engine.world.vocabulary import ACCESSORIES, OBJECTS, SPECIES

NOTHING, SKY, GROUND = 0, 1, 2  # NOTHING: nobody says what is there
FIRST = GROUND + 1  # of the parts
PARTS = 80  # room for the parts of one species, accessory, object or piece of scenery
ACCESSORY = 32  # how many species there is room for; the same for what follows
OBJECT = ACCESSORY + 16
SCENERY = OBJECT + 48
NUMBERS = FIRST + PARTS * (SCENERY + 96)


def of_species(name: str, count: int) -> np.ndarray:
    """The numbers (count,) of a species' parts."""
    return _numbers(SPECIES.index(name), count)


def of_accessory(name: str, count: int) -> np.ndarray:
    """The numbers (count,) of the parts that an accessory adds to whoever wears it."""
    return _numbers(ACCESSORY + ACCESSORIES.index(name), count)


def of_object(name: str, count: int) -> np.ndarray:
    """The numbers (count,) of an object's parts."""
    return _numbers(OBJECT + OBJECTS.index(name), count)


def of_scenery(index: int, count: int) -> np.ndarray:
    """The numbers (count,) of the parts of the piece of scenery with this index in `PREFABS`."""
    return _numbers(SCENERY + index, count)


def _numbers(kind, count):
    if count > PARTS:
        raise ValueError(f"There is room for {PARTS} parts, not {count}.")
    return FIRST + kind * PARTS + np.arange(count)
