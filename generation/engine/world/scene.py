"""A scene in words: who stands where, what they do, and how the camera moves. The renderer turns it into pixels."""

from dataclasses import asdict, dataclass, field
from typing import Any

from generation.engine.request import CAMERA_MOVES, OWN_PATH, CameraKey, check_camera_path
from generation.engine.world import vocabulary


@dataclass(frozen=True)
class Character:
    """Somebody in the scene. `color` None: the species' own colour; `accessory_color` None: the accessory's own."""

    species: str
    color: str | None = None
    accessory: str | None = None
    action: str = "stand"
    accessory_color: str | None = None


@dataclass(frozen=True)
class Prop:
    """A thing in the scene. `color` None: the thing's own colour."""

    name: str
    color: str | None = None


@dataclass(frozen=True)
class CameraMove:
    """`amount` None: the move's usual size. Degrees for pan, tilt and orbit; metres for dolly, truck and crane; for
    zoom the factor by which the picture grows over the shot (2.0 zooms in twice; for "zoom out" it shrinks twice).
    `keys`: those of OWN_PATH, which has no amount; of no other move."""

    move: str = "static"
    amount: float | None = None
    keys: tuple[CameraKey, ...] = ()

    def as_json(self) -> dict[str, Any]:
        keys = {"keys": [asdict(key) for key in self.keys]} if self.keys else {}
        return {"move": self.move, "amount": self.amount} | keys

    @classmethod
    def from_json(cls, camera: dict[str, Any]) -> "CameraMove":
        """The camera that `as_json` described. Raises ValueError or TypeError for anything else."""
        return cls(**camera | {"keys": check_camera_path(camera.get("keys", ()))})

    @classmethod
    def along(cls, keys: tuple[CameraKey, ...]) -> "CameraMove":
        return cls(OWN_PATH, keys=keys)


@dataclass(frozen=True)
class Scene:
    """Everything the renderer needs but the seed. Raises ValueError for a name outside the vocabulary."""

    place: str = "meadow"
    time_of_day: str = "day"
    weather: str = "clear"
    look: str = "clay"
    characters: tuple[Character, ...] = ()
    props: tuple[Prop, ...] = ()
    camera: CameraMove = field(default_factory=CameraMove)

    def __post_init__(self):
        _known("place", self.place, vocabulary.PLACES)
        _known("time_of_day", self.time_of_day, vocabulary.TIMES_OF_DAY)
        _known("weather", self.weather, vocabulary.WEATHERS)
        _known("look", self.look, vocabulary.LOOKS)
        _known("camera", self.camera.move, (OWN_PATH,) if self.camera.keys else CAMERA_MOVES)
        for character in self.characters:
            _known("species", character.species, vocabulary.SPECIES)
            _known("action", character.action, vocabulary.ACTIONS)
            _known("color", character.color, (None, *vocabulary.COLORS))
            _known("accessory", character.accessory, (None, *vocabulary.ACCESSORIES))
            _known("color", character.accessory_color, (None, *vocabulary.COLORS))
        for prop in self.props:
            _known("object", prop.name, vocabulary.OBJECTS)
            _known("color", prop.color, (None, *vocabulary.COLORS))

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"camera": self.camera.as_json()}

    @classmethod
    def from_json(cls, scene: dict[str, Any]) -> "Scene":
        """The scene that `as_json` described. Raises ValueError, TypeError or KeyError for anything else."""
        return cls(
            **{name: scene[name] for name in ("place", "time_of_day", "weather", "look")},
            characters=tuple(Character(**character) for character in scene["characters"]),
            props=tuple(Prop(**prop) for prop in scene["props"]),
            camera=CameraMove.from_json(scene["camera"]),
        )


def _known(kind, name, names):
    if name not in names:
        raise ValueError(f"The world has no {kind} called {name!r}.")
