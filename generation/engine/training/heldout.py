"""Prompts that the built-in model is judged by: nobody in them was ever seen in their colour while it learned."""

from dataclasses import dataclass

import numpy as np

from generation.engine.request import CAMERA_MOVES
from generation.engine.training.scenes import held_out
from generation.engine.world import vocabulary
from generation.engine.world.camera import USUAL_AMOUNTS
from generation.engine.world.description import describe
from generation.engine.world.scene import CameraMove, Character, Prop, Scene

PROMPTS = 200
JUDGED, PROBED = 2027, 2028  # series: what models are judged by, and what probes are tested on
TIMES = ("morning", "day", "day", "evening", "night")
WEATHERS = ("clear",) * 7 + ("cloudy", "fog", "rain", "snowfall")


@dataclass(frozen=True)
class Prompt:
    """A sentence, the scene it means and the seed it is drawn with."""

    words: str
    scene: Scene
    seed: int


def prompts(count: int = PROMPTS, series: int = JUDGED) -> list[Prompt]:
    """The first `count` prompts, always the same. Names are dealt like cards, so that few prompts cover them evenly."""
    rng = np.random.default_rng(series)
    decks = {
        "species": _Deck(vocabulary.SPECIES, rng),
        "object": _Deck(vocabulary.OBJECTS, rng),
        "place": _Deck(vocabulary.PLACES, rng),
        "action": _Deck(vocabulary.ACTIONS, rng),
        "time": _Deck(TIMES, rng),
        "weather": _Deck(WEATHERS, rng),
        "move": _Deck(CAMERA_MOVES, rng),
        "accessory": _Deck(vocabulary.ACCESSORIES, rng),
        "companions": _Deck((0, 0, 0, 1), rng),
        "things": _Deck((1, 1, 1, 1, 0), rng),
    }
    scenes = [_scene(decks, rng) for _ in range(count)]
    return [Prompt(describe(scene), scene, series * 1_000_000 + index) for index, scene in enumerate(scenes)]


class _Deck:
    """Names dealt one by one, shuffled anew whenever all are dealt."""

    def __init__(self, names, rng):
        self.names, self.rng, self.left = names, rng, []

    def deal(self):
        if not self.left:
            self.left = [self.names[index] for index in self.rng.permutation(len(self.names))]
        return self.left.pop()


def _scene(decks, rng):
    characters = tuple(_character(decks, rng) for _ in range(1 + decks["companions"].deal()))
    props = tuple(
        Prop(name, _unseen_color(name, rng)) for name in (decks["object"].deal() for _ in range(decks["things"].deal()))
    )
    return Scene(
        place=decks["place"].deal(),
        time_of_day=decks["time"].deal(),
        weather=decks["weather"].deal(),
        look="clay",
        characters=characters,
        props=props,
        camera=_camera(decks["move"].deal(), rng),
    )


def _character(decks, rng):
    species = decks["species"].deal()
    return Character(
        species,
        color=_unseen_color(species, rng),
        accessory=decks["accessory"].deal() if rng.random() < 0.2 else None,
        action=decks["action"].deal(),
    )


def _unseen_color(name, rng):
    return str(rng.choice([color for color in vocabulary.COLORS if held_out(name, color)]))


def _camera(move, rng):
    """A move in its usual size, or in one that the prompt says."""
    if move == "static" or rng.random() < 0.5:
        return CameraMove(move)
    if "zoom" in move:
        return CameraMove(move, round(float(rng.uniform(1.3, 2.0)), 1))
    usual = USUAL_AMOUNTS[move.split()[0]]
    return CameraMove(move, round(usual * float(rng.uniform(0.6, 1.3)), 0 if usual > 10 else 1))
