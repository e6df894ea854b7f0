"""The sound stage: a prompt's world, or a shot that was drawn, heard. Any machine; nothing recorded, nothing learned.

Place, weather, whoever moves and what stands about are each a layer; a desk mixes them, second by second. The samples
are numpy's; only a shot's own layout, which its picture was drawn from, comes from the animatic.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from generation.engine.card import ModelCard
from generation.engine.clip import Audio, EngineError, OnStep, Sound
from generation.engine.foley import body, things
from generation.engine.foley.ambience import ambience
from generation.engine.foley.bed import Layer
from generation.engine.foley.ear import Ear, still_ear
from generation.engine.foley.mix import Desk, finished, gain_for
from generation.engine.foley.movers import Mover, unseen_mover
from generation.engine.foley.noise import SAMPLE_RATE, Key
from generation.engine.foley.things import NAMED, Thing
from generation.engine.foley.weather import HUSHED, STORM, WIND, weather
from generation.engine.foley.wildlife import BIRDS, Creatures, Crickets
from generation.engine.foley.words import Said, said_in
from generation.engine.request import Blocking, gettext_noop
from generation.engine.sound_request import SoundRequest, VideoSoundRequest
from generation.engine.world import objects
from generation.engine.world.description import describe
from generation.engine.world.reading import read
from generation.engine.world.scene import Character, Scene

FOLEY_VERSION = 1  # a new number whenever the same request would give other samples
MEASURED = 4  # seconds of a shot, its first, by which all of its clips are made as loud
FADE = round(0.015 * SAMPLE_RATE)
FINE = 100  # moments a second at which an unseen cast is looked at
SOMEBODY = "wizard"  # whose feet are anybody's, for who is only known by what they do
PLACE_OF_SOUND = {"waves": "beach", "clock": "room"}
ANYWHERE = "meadow"


@dataclass(frozen=True, eq=False)
class _World:
    """What is to be heard: `sounds` that the words name, `silent` things, and who is not to speak."""

    scene: Scene
    ear: Ear
    movers: tuple[Mover, ...]
    things: tuple[Thing, ...]
    said: Said
    voices: bool = True


class Foley:
    """Samples float32 (N, 2) in [-1, 1] at 48 kHz, exactly as long as asked for.

    `device` is taken as other engines take it and changes nothing.
    """

    def __init__(self, card: ModelCard, device: str | None = None):
        self.card = card

    def generate(self, request: SoundRequest | VideoSoundRequest, on_step: OnStep) -> Sound:
        """Let a prompt, or a shot, be heard. Equal requests give equal samples on one machine.

        `on_step(step, steps, None)` runs after each second of sound; what it raises leaves at once. Raises EngineError:
        INPUT.UNSUPPORTED (lyrics, a negative prompt, words nothing of which can be heard, a clip that tells neither its
        shot nor a prompt), INPUT.LENGTH, INPUT.BLOCKING (a scene of another world).
        """
        if request.duration_seconds > self.card.max_seconds:
            raise EngineError(
                gettext_noop("%(model)s makes up to %(most)g seconds, not %(asked)g."),
                "INPUT.LENGTH",
                model=self.card.name,
                most=self.card.max_seconds,
                asked=request.duration_seconds,
            )
        if isinstance(request, VideoSoundRequest):
            return self._of_clip(request, on_step)
        return self._of_prompt(request, on_step)

    # ---------------------------------------------------------------------------------------------------- from a prompt

    def _of_prompt(self, request, on_step):
        if request.lyrics:
            raise EngineError(
                gettext_noop("%(model)s does not sing; it cannot use lyrics."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
            )
        if request.negative_prompt:
            raise EngineError(
                gettext_noop("%(model)s cannot use a negative prompt."), "INPUT.UNSUPPORTED", model=self.card.name
            )
        length = round(request.duration_seconds * SAMPLE_RATE)
        world, understood = self._imagined(request.prompt, request.seed, request.duration_seconds)
        layers, heard = _layers(world, (request.seed,))
        seconds = -(-length // SAMPLE_RATE)
        mixed = []
        for second, part in Desk(layers, world.scene.place, (request.seed,)).seconds(0, seconds):
            mixed.append(part)
            on_step(second + 1, seconds, None)
        samples = np.concatenate(mixed)[:length]
        return self._sound(samples, gain_for(samples), True, True, request, world.scene, understood, heard)

    def _imagined(self, prompt, seed, duration, cast=True):
        """The world that a prompt speaks of, without a picture, and how it was understood."""
        reading = read(prompt, seed=seed)
        said = said_in(prompt)
        scene, understood, assumed = reading.scene, reading.understood, reading.assumed
        acts = any(character.action != "stand" for character in scene.characters)
        stand_in = "species" in assumed
        if stand_in and not acts and not scene.props and not said.sounds and assumed.keys() >= {
            "place", "time_of_day", "weather", "look", "camera"
        }:  # fmt: skip
            raise EngineError(
                gettext_noop(
                    "%(model)s knows none of these words. Say where it is, what the weather is, or who does what."
                ),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
            )
        characters = scene.characters
        if stand_in:
            characters = tuple(Character(SOMEBODY, action=one.action) for one in characters if acts)
        if "birds" in said.sounds:  # those that are only heard
            told = zip(characters, understood["characters"], strict=False)
            characters = tuple(one for one, how in told if not said.words & set((how["words"] or "").split()))
        if not cast:
            characters = ()
        place = scene.place
        if "place" in assumed and not (characters and not stand_in):
            place = next((PLACE_OF_SOUND[sound] for sound in PLACE_OF_SOUND if sound in said.sounds), ANYWHERE)
        scene = replace(scene, characters=characters, place=place)
        understood = understood | {
            "characters": understood["characters"] if characters == reading.scene.characters else [
                {"species": None if stand_in else one.species, "action": one.action} for one in characters
            ],
            "place": understood["place"] | {"name": place},
            "sounds": sorted(said.sounds),
            "ignored": [word for word in reading.ignored if word not in said.words],
            "assumed": {what: name for what, name in assumed.items() if what in ("time_of_day", "weather")}
            | ({"place": place} if "place" in assumed else {}),
        }  # fmt: skip
        understood["sentence"] = describe(scene, without=assumed.keys() | {"camera", "look"})
        seconds = np.arange(int((duration + 1) * FINE) + 2) / FINE
        ear = still_ear(seconds)
        return _World(
            scene,
            ear,
            tuple(
                unseen_mover(character, number, len(characters), seconds, ear, (seed,))
                for number, character in enumerate(characters)
            ),
            _unseen_things(scene, seconds, ear),
            said,
            voices=not stand_in,
        ), understood

    # ------------------------------------------------------------------------------------------------------ from a shot

    def _of_clip(self, request, on_step):
        if request.blocking is None and not request.prompt:
            raise EngineError(
                gettext_noop(
                    "This clip does not tell who moves when, so its sound cannot follow it. Say in a prompt where it "
                    "is, and its ambience can be made."
                ),
                "INPUT.UNSUPPORTED",
            )
        start = request.blocking.start if request.blocking else 0
        first, last = (round(frame * SAMPLE_RATE / request.fps) for frame in (start, start + request.num_frames))
        seconds = range(first // SAMPLE_RATE, -(-last // SAMPLE_RATE))
        until = max(seconds.stop, MEASURED)
        if request.blocking is None:
            # Feet that nobody sees would be out of step.
            world, understood = self._imagined(request.prompt, request.seed, until, cast=False)
        else:
            world = self._told(request, request.blocking, until)
            understood = {"sentence": describe(world.scene), "sounds": sorted(world.said.sounds)}
        layers, heard = _layers(world, (request.seed,))
        desk = Desk(layers, world.scene.place, (request.seed,))
        # A shot that goes on is as loud as it was: all of its clips are measured by how it begins.
        before = range(MEASURED) if seconds.start >= MEASURED else range(0)
        made: dict[int, np.ndarray] = {}
        wanted = range(0 if not before else seconds.start, until)
        steps = len(before) + len(wanted)
        for run, done in ((before, 0), (wanted, len(before))):
            for number, (second, part) in enumerate(desk.seconds(run.start, run.stop)):
                made[second] = part
                on_step(done + number + 1, steps, None)
        gain = gain_for(np.concatenate([made[second] for second in range(MEASURED)]))
        samples = np.concatenate([made[second] for second in seconds])
        samples = samples[first - seconds.start * SAMPLE_RATE :][: last - first]
        shot_frames = request.blocking.shot_frames if request.blocking else None
        goes_on = request.goes_on or (shot_frames or 0) > start + request.num_frames
        return self._sound(samples, gain, start == 0, not goes_on, request, world.scene, understood, heard)

    def _told(self, request, blocking: Blocking, until):
        from generation.engine.foley.shot import told_by  # the stage is laid out in tensors; a prompt needs none

        try:
            scene = Scene.from_json(blocking.scene)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise EngineError(
                gettext_noop("The shot was made by another version of the world, so its sound cannot follow it."),
                "INPUT.BLOCKING",
            ) from error
        told = told_by(
            scene,
            blocking.seed,
            aspect=request.width / request.height,
            frames=until * request.fps + 2,
            shot_frames=blocking.shot_frames or blocking.start + request.num_frames,
            fps=request.fps,
        )
        return _World(scene, told.ear, told.movers, told.things, said_in(request.prompt))

    # ------------------------------------------------------------------------------------------------------- what it is

    def _sound(self, samples, gain, begins, ends, request, scene, understood, heard):
        samples = finished(samples, gain)
        if not np.isfinite(samples).all():
            raise EngineError(
                gettext_noop("%(model)s lost the sound (it computed not-a-number)."),
                "INTERNAL.BAD_OUTPUT",
                model=self.card.name,
            )
        rise = np.sin(np.linspace(0, np.pi / 2, min(FADE, len(samples) // 2)))[:, None].astype(np.float32) ** 2
        if begins:
            samples[: len(rise)] *= rise
        if ends:
            samples[len(samples) - len(rise) :] *= rise[::-1]
        recipe: dict[str, Any] = {
            "engine": self.card.id,
            "foley_version": FOLEY_VERSION,
            "request": request.as_recipe(),
            "scene": scene.as_json(),
            "understood": understood,
            "heard": heard,
            "gain": round(float(gain), 4),
            "numpy": np.__version__,
        }
        return Sound(Audio(samples, SAMPLE_RATE), recipe)


def _unseen_things(scene: Scene, seconds: np.ndarray, ear: Ear) -> tuple[Thing, ...]:
    """Things stand to one side, then the other."""
    made = []
    for number, prop in enumerate(scene.props):
        across = 0.0 if not scene.characters and not number else (1.1 + 0.5 * (number // 2)) * (-1) ** (number + 1)
        spot = np.array([across, 0.0, 0.2])
        linear, _ = objects.sway(prop.name, seconds, spot, 0.0, 0.7 * number)
        swing = np.arcsin(np.clip(linear[:, 1, 1, 0], -1, 1))
        made.append(Thing(prop.name, number, ear.hears(np.repeat(spot[None], len(seconds), 0)), seconds, swing))
    return tuple(made)


def _layers(world: _World, key: Key) -> tuple[list[Layer], dict[str, Any]]:
    """Everything that is heard, and what of the scene it is."""
    scene, sounds = world.scene, world.said.sounds
    storm = "storm" in sounds
    wind = WIND[scene.weather] + (STORM if storm or "wind" in sounds else 0.0)
    falls = scene.weather
    layers: list[Layer] = [
        *ambience(scene.place, scene.time_of_day, world.ear, key, wind=wind, hushed=falls in HUSHED or storm),
        *weather(falls, scene.place, world.ear, key, storm=storm),
        *_named(world, key),
    ]
    cast = []
    for mover in world.movers:
        own = list(body.layers_of(mover, scene.place, falls, key, voice=world.voices, talks="talks" in sounds))
        layers += own
        one = mover.character
        cast.append({"species": one.species if world.voices else None, "action": one.action, "heard": bool(own)})
    silent = []
    for thing in world.things:
        own = list(things.layers_of(thing, falls, scene.place, key))
        layers += own
        if not own:
            silent.append(thing.name)
    named = [prop.name for prop in scene.props if prop.name not in silent]
    told = {"place": scene.place, "time_of_day": scene.time_of_day, "weather": falls, "characters": cast}
    return layers, told | {"objects": named, "silent": silent, "sounds": sorted(sounds)}


def _named(world: _World, key: Key) -> Iterator[Layer]:
    """What the words name and the world does not draw."""
    burns = any(thing.name == "campfire" for thing in world.things)
    for sound in sorted(world.said.sounds):
        if (
            sound in NAMED
            and not (sound == "fire" and burns)
            and not (sound == "clock" and world.scene.place == "room")
        ):
            yield NAMED[sound]((*key, "named"), world.ear)
        if sound == "birds":
            for name, wild in BIRDS.items():
                yield Creatures(replace(wild, level=wild.level + 4), f"named {name}", world.ear, key)
        if sound == "crickets":
            yield Crickets((*key, "named"), world.ear, -29)
