"""What else is heard of somebody who moves or sleeps: feet, cloth, wings, water, breath."""

from collections.abc import Iterator

import numpy as np

from generation.engine.foley.bed import Bed, Layer
from generation.engine.foley.movers import Mover
from generation.engine.foley.noise import Key, band, decibels, peaks, wander
from generation.engine.foley.steps import steps
from generation.engine.foley.voices import calls

BARE = ("frog", "octopus", "turtle", "robot")  # neither cloth nor fur that would rustle
QUIETEST = 0.25  # metres a second: slower limbs make no sound


class Feet(Layer):
    def __init__(self, mover: Mover, place: str, weather: str, key: Key):
        self.mover, self.place, self.weather, self.key = mover, place, weather, key

    def strokes(self, second):
        now = tuple(contact for contact in self.mover.contacts if second <= contact.at < second + 1)
        return steps(self.mover, self.place, self.weather, self.key, now)


class Voice(Layer):
    def __init__(self, mover: Mover, place: str, key: Key, talks: bool):
        self.mover, self.place, self.key, self.talks = mover, place, key, talks

    def strokes(self, second):
        return calls(self.mover, self.place, self.key, second, self.talks)


def layers_of(
    mover: Mover, place: str, weather: str, key: Key, *, voice: bool = True, talks: bool = False
) -> Iterator[Layer]:
    """Everything that is heard of one of the cast. `voice`: they may call; `talks`: they do so often."""
    action, species = mover.character.action, mover.character.species
    named = (*key, "body", mover.number)
    void = place == "moon"

    def follows(curve, level, power=1.0):
        return lambda t: decibels(level) * np.interp(t, mover.seconds, curve) ** power

    if mover.contacts:
        yield Feet(mover, place, weather, named)
    if voice:
        yield Voice(mover, place, named, talks)
    moving = np.maximum(mover.limbs - QUIETEST, 0.0)
    if species not in BARE and not void and moving.max() > 0.05 and action != "sleep":
        rustle = wander((*named, "rustle"), mover.seconds, 0.12)
        soft = moving * (0.5 + rustle)
        yield Bed((*named, "cloth"), ((band(500, 4200, 3), follows(soft, -38, 1.2)),), mover.heard, 1.0, 0.2)
    if action == "fly" and not void:
        heavy = (band(60, 480, 4), follows(mover.stroke, -29, 1.4))
        air = (band(400, 2600, 4), follows(mover.stroke, -38, 1.8))
        yield Bed((*named, "wings"), (heavy, air), mover.heard, 1.0, 0.25)
    if action == "swim":
        under = ((band(70, 500, 4), follows(moving, -30)),)
        splashes = (band(350, 3000, 3), follows(moving, -30, 1.5)), (band(1800, 8000, 3), follows(moving, -40, 2.2))
        yield Bed((*named, "water"), under if place == "underwater" else splashes, mover.heard, 1.0, 0.5)
    if species == "ghost" and action != "sleep":
        drift = lambda t: decibels(-37) * (0.3 + wander((*named, "drift"), t, 1.8))  # noqa: E731
        yield Bed((*named, "drift"), ((peaks((420, 0.4, 1.0), (880, 0.25, 0.5)), drift),), mover.heard, 1.0, 0.3)
    if species == "robot" and moving.max() > 0.05:
        servo = ((peaks((900, 0.12, 1.0), (1810, 0.1, 0.6), (3600, 0.1, 0.2)), follows(np.minimum(moving, 3.0), -40)),)
        yield Bed((*named, "servo"), servo, mover.heard, 1.0, 0.1)
    if action == "sleep" and not void:
        rise, fall = np.maximum(mover.swelling, 0.0) / 0.058, np.maximum(-mover.swelling, 0.0) / 0.058
        nose = peaks((520, 0.6, 1.0), (1500, 0.5, 0.5), (2600, 0.5, 0.25))
        sigh = peaks((380, 0.7, 1.0), (900, 0.6, 0.4))
        breath = (nose, follows(rise, -31, 1.5)), (sigh, follows(fall, -33, 1.5))
        yield Bed((*named, "breath"), breath, mover.heard, 1.0, 0.2)
