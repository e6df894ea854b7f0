"""What a request comes to: who stands where, what they are told to look like, and whose pictures they follow."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import torch

from generation.engine.painter.conditions import PORTRAIT
from generation.engine.painter.network import Painter
from generation.engine.painter.pictures import likeness, portrait_of, view_of
from generation.engine.recast import kept_shot
from generation.engine.request import VideoRequest
from generation.engine.tags import mentioned
from generation.engine.world import vocabulary
from generation.engine.world.binding import LIMIT
from generation.engine.world.description import describe
from generation.engine.world.lexicon import LEXICON, Sense
from generation.engine.world.reading import read
from generation.engine.world.scene import Character, Prop, Scene

KINDS_OF = {"character": ("species", vocabulary.SPECIES), "object": ("object", vocabulary.OBJECTS)}


@dataclass(frozen=True, eq=False)
class Shot:
    """A shot to be painted.

    guide: the scene that says where everything is, placed by `seed`; scene: the one whose words are painted, with the
    same kinds of entities. `start`: the frame with which the run begins, of the guide's `frames`. Not `guided`: a
    picture that is given says where everything is, and is moved as it is. `framed`: the part of the picture that it is
    framed for, see `set_stage`. portraits: uint8 (1, E, 64, 64, 4), empty
    for who follows words; view: uint8 (1, 72, 128, 3) or None. tagged: where in the scene those are whom the prompt
    calls by name, as `Reading.tagged` tells it.
    """

    guide: Scene
    seed: int
    scene: Scene
    understood: dict[str, Any]
    start: int
    frames: int
    guided: bool
    framed: tuple[float, float, float, float] | None = None
    portraits: torch.Tensor | None = None
    view: torch.Tensor | None = None
    tagged: dict[str, tuple[str, int]] = field(default_factory=dict)


def shot_of(request: VideoRequest, painter: Painter) -> Shot:
    """Read a request.

    Raises EngineError for a blocking that is no scene of this world, and for a move of a camera that is at rest.
    """
    pictures = _pictures(request)
    named = _named(request, pictures, painter)
    reading = read(request.prompt, camera=request.camera, path=request.camera_path, seed=request.seed, named=named)
    reading = _dressed(reading, pictures)
    seats, framed = reading.tagged, None
    scene, guide, seed = reading.scene, reading.scene, request.seed
    understood, guided = reading.understood, True
    start, frames = 0, request.num_frames  # not the few more that fill the last window
    if request.blocking is not None:
        kept = kept_shot(request, reading)
        scene, guide, seats, seed = kept.scene, kept.guide, kept.seats, kept.seed
        start, frames = kept.start, kept.frames
        framed = kept.framed_in(request.width, request.height)
        understood = _understood(reading, scene, kept.goes_on)
    elif request.video is None and (request.first_frame is not None or request.last_frame is not None):
        guided = False  # whoever is in the picture stands elsewhere in an animatic
    portraits = {role: _seated(pictures, role, seats) for role in ("character", "object")}
    view = _view(pictures, request.prompt)
    scene, guide = _with_guests(scene, guide, reading, portraits, painter, fixed=request.blocking is not None)
    return Shot(
        guide=guide,
        seed=seed,
        scene=scene,
        understood=understood,
        start=start,
        frames=frames,
        guided=guided,
        framed=framed,
        portraits=_in_place(portraits, scene),
        view=None if view is None else view_of(view)[None],
        tagged=seats,
    )


@dataclass(frozen=True, eq=False)
class _Picture:
    """A reference: what it shows, how it is called ("" for none), in small letters, and who is in it by the words that
    came with it (None where they name nobody this world holds). portrait: of all but places."""

    role: str
    tag: str
    pixels: np.ndarray
    portrait: torch.Tensor | None
    told: Character | Prop | None = None


def _pictures(request):
    """The references of a request, in their order."""
    tags = request.reference_tags or ("",) * len(request.references)
    words = request.reference_words or ("",) * len(request.references)
    given = zip(request.references, request.reference_roles, tags, words, strict=True)
    return [
        _Picture(role, tag.lower(), pixels, None if role == "place" else portrait_of(pixels), _told(role, said))
        for pixels, role, tag, said in given
    ]


def _told(role, words):
    """Whom words describe: the first that this world holds."""
    if not words or role == "place":
        return None
    reading = read(words)
    if role == "object":
        return next(iter(reading.scene.props), None)
    return None if "species" in reading.assumed else next(iter(reading.scene.characters), None)


def _dressed(reading, pictures):
    """Whoever is called by name wears what the words of their picture say, unless the prompt has them wear another."""
    characters = list(reading.scene.characters)
    for picture in pictures:
        role, index = reading.tagged.get(picture.tag, ("", 0))
        if role == "character" and isinstance(picture.told, Character) and characters[index].accessory is None:
            worn = {"accessory": picture.told.accessory, "accessory_color": picture.told.accessory_color}
            characters[index] = replace(characters[index], **worn)
    return replace(reading, scene=replace(reading.scene, characters=tuple(characters)))


def _named(request, pictures, painter):
    """What the names in a prompt stand for, as a reader takes them: the likeness of whoever is in the picture. The
    words that came with it are believed, and a name that says what it is ("@frog"); the eye for kinds is weak, for
    colours it is good."""
    said = {name.lower() for name in mentioned(request.prompt)}
    named: dict[str, Sense | None] = {}
    for picture in (picture for picture in pictures if picture.tag in said):
        if picture.role == "place":
            named[picture.tag] = None
            continue
        kind, kinds = KINDS_OF[picture.role]
        name, color = likeness(painter, picture.portrait, kinds)
        if picture.told is not None:
            told = picture.told
            name = told.species if isinstance(told, Character) else told.name
            named[picture.tag] = Sense(kind, name, color=told.color or color)
            continue
        word = LEXICON.get((picture.tag.rstrip("0123456789_"),), {}).get(kind)
        named[picture.tag] = Sense(kind, word.name if word else name, color=color)
    return named


def _seated(pictures, role, seats):
    """The portraits of a role in the order of the scene's entities, None for who follows words: those whom the prompt
    calls by name where it has them, the others in their order where there is room."""
    seated: list[torch.Tensor | None] = [None] * LIMIT
    others = []
    for picture in (picture for picture in pictures if picture.role == role):
        if seats.get(picture.tag, ("", 0))[0] == role:
            seated[seats[picture.tag][1]] = picture.portrait
        else:
            others.append(picture.portrait)
    free = [index for index, portrait in enumerate(seated) if portrait is None]
    for index, portrait in zip(free, others, strict=False):
        seated[index] = portrait
    while seated and seated[-1] is None:
        seated.pop()
    return seated


def _view(pictures, prompt):
    """The picture of the place: the first that the prompt calls by name, else the first."""
    places = [picture for picture in pictures if picture.role == "place"]
    said = [name.lower() for name in mentioned(prompt)]
    called = [picture for name in said for picture in places if picture.tag == name]
    return next((picture.pixels for picture in (*called, *places)), None)


def _understood(reading, scene, goes_on):
    """What was understood where an earlier shot said what the prompt left open: the scene that is painted."""
    sentence = describe(scene)
    if goes_on:
        sentence += " It keeps its place, who is in it and what they do."
    return reading.understood | {
        "characters": [asdict(character) | {"words": None} for character in scene.characters],
        "objects": [asdict(prop) | {"words": None} for prop in scene.props],
        **{
            name: reading.understood[name] | {"name": getattr(scene, name)}
            for name in ("place", "time_of_day", "weather", "look")
        },
        "camera": scene.camera.as_json() | {"words": None},
        "sentence": sentence,
        "assumed": {},
    }


def _with_guests(scene, guide, reading, portraits, painter, fixed):
    """Whoever is in a picture but not in the words joins the scene as what the picture shows."""
    characters, props = scene.characters, scene.props
    if fixed:
        return scene, guide
    if portraits["character"] and "species" in reading.assumed:
        characters = ()
    for portrait in portraits["character"][len(characters) :]:
        species, color = likeness(painter, portrait, vocabulary.SPECIES)
        action = scene.characters[0].action if scene.characters and not characters else "stand"
        characters = (*characters, Character(species, color, action=action))
    for portrait in portraits["object"][len(props) :]:
        props = (*props, Prop(*likeness(painter, portrait, vocabulary.OBJECTS)))
    if portraits["object"] and not portraits["character"] and "species" in reading.assumed:
        characters = ()  # a shot of the thing alone
    scene = replace(scene, characters=characters, props=props)
    return scene, scene


def _in_place(portraits, scene):
    """Portraits in the order of the scene's entities, uint8 (1, E, 64, 64, 4); None without any."""
    if not any(portraits.values()):
        return None
    laid = torch.zeros(1, len(scene.characters) + len(scene.props), PORTRAIT, PORTRAIT, 4, dtype=torch.uint8)
    for role, first, room in (
        ("character", 0, len(scene.characters)),
        ("object", len(scene.characters), len(scene.props)),
    ):
        for index, portrait in enumerate(portraits[role][:room]):
            if portrait is not None:
                laid[0, first + index] = portrait
    return laid
