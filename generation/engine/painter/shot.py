"""What a request comes to: who stands where, what they are told to look like, and whose pictures they follow."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import torch

from generation.engine.clip import EngineError
from generation.engine.painter.conditions import PORTRAIT
from generation.engine.painter.network import Painter
from generation.engine.painter.pictures import likeness, portrait_of, view_of
from generation.engine.request import Blocking, VideoRequest
from generation.engine.tags import mentioned
from generation.engine.world import vocabulary
from generation.engine.world.binding import LIMIT
from generation.engine.world.description import describe
from generation.engine.world.lexicon import LEXICON, Sense
from generation.engine.world.reading import Reading, read
from generation.engine.world.scene import CameraMove, Character, Prop, Scene

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
    seats = reading.tagged
    scene, guide, seed = reading.scene, reading.scene, request.seed
    understood, guided = reading.understood, True
    start, frames = 0, request.num_frames  # not the few more that fill the last window
    blocking, framed = request.blocking, None
    if blocking is not None and request.placed is not None:
        blocking = blocking.widened(request.placed, request.width, request.height)
    if blocking is not None:
        if blocking.framed is not None:
            left, top, width, height = blocking.framed
            framed = left * request.width, top * request.height, width * request.width, height * request.height
        guide, seed, start = guide_of_blocking(blocking), blocking.seed, blocking.start
        frames = blocking.shot_frames or start + frames
        at_rest = blocking.at_rest(request.num_frames)
        if at_rest or request.placed is not None:
            _refuse_camera(request)
        elif request.camera is not None:
            guide = replace(guide, camera=CameraMove(request.camera))
        elif request.camera_path:
            guide = replace(guide, camera=CameraMove.along(request.camera_path))
        joined = request.first_frame is not None or request.last_frame is not None
        goes_on = (at_rest and joined) or request.placed is not None
        scene, seats = recast_with_seats(guide, reading, goes_on)
        guide = guide if goes_on else scene  # other bodies and places have other shapes
        if at_rest:
            scene = replace(scene, camera=CameraMove())
        understood = _understood(reading, scene, goes_on)
    elif request.video is None and (request.first_frame is not None or request.last_frame is not None):
        guided = False  # whoever is in the picture stands elsewhere in an animatic
    portraits = {role: _seated(pictures, role, seats) for role in ("character", "object")}
    view = _view(pictures, request.prompt)
    scene, guide = _with_guests(scene, guide, reading, portraits, painter, fixed=blocking is not None)
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


def _refuse_camera(request):
    """What joins a shot leaves its camera alone. Raises EngineError where it was asked for another move."""
    asked = "follow a path of its own" if request.camera_path else request.camera
    if asked not in (None, CameraMove().move):
        raise EngineError(
            f"What comes before, after or around a shot keeps its camera; it cannot {asked}. Leave the camera to it.",
            code="INPUT.CAMERA",
        )


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


def guide_of_blocking(blocking: Blocking) -> Scene:
    """The scene of an earlier run. Raises EngineError."""
    try:
        return Scene.from_json(blocking.scene)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise EngineError(
            "The earlier shot was made by another version of the world, so its blocking cannot be kept.",
            code="INPUT.BLOCKING",
        ) from error


def recast(shot: Scene, reading: Reading, goes_on: bool = False) -> Scene:
    """An earlier shot with the words of a new prompt: everybody does what they did, and the camera too.

    What the prompt leaves open stays as it was, down to somebody's colour and hat. It speaks of those of the same kind
    first, then of the others in their order; whoever is left joins them. `goes_on`: what is painted joins pictures of
    the earlier shot, so the place stays, and everybody the kind of body that they have.
    """
    return recast_with_seats(shot, reading, goes_on)[0]


def recast_with_seats(shot: Scene, reading: Reading, goes_on: bool = False) -> tuple[Scene, dict[str, tuple[str, int]]]:
    """`recast`, and where in its scene those are whom the prompt calls by name, as `Reading.tagged` tells it."""
    said = reading.scene
    cast = () if "species" in reading.assumed else said.characters
    characters, character_seats = _taken_over(shot.characters, cast, "species", goes_on)
    props, prop_seats = _taken_over(shot.props, said.props, "name", goes_on)
    moved = {"character": character_seats, "object": prop_seats}
    seats = {
        tag: (role, moved[role][index])
        for tag, (role, index) in reading.tagged.items()
        if moved[role].get(index, LIMIT) < LIMIT
    }
    open_names = {"place", *reading.assumed} if goes_on else reading.assumed
    kept = {name: getattr(shot, name) for name in ("place", "time_of_day", "weather", "look") if name in open_names}
    scene = replace(said, camera=shot.camera, characters=characters[:LIMIT], props=props[:LIMIT], **kept)
    return scene, seats


def _taken_over(earlier, said, kind, goes_on):
    """Entities of an earlier shot, each as what is said of it has it, and after them those who are new; and at which
    place among them each of `said` is."""
    left, new, seats = dict(enumerate(said)), {}, {}
    for index, old in enumerate(earlier):
        same = next((number for number, one in left.items() if getattr(one, kind) == getattr(old, kind)), None)
        if same is not None:
            seats[same] = index
            new[index] = _filled(old, left.pop(same), goes_on)
    if goes_on:
        left = {}
    for index, old in enumerate(earlier):
        if index not in new and left:
            number, other = next(iter(left.items()))
            seats[number] = index
            new[index] = (
                replace(left.pop(number), action=old.action) if isinstance(other, Character) else left.pop(number)
            )
    seats |= {number: len(earlier) + index for index, number in enumerate(left)}
    return (*(new.get(index, old) for index, old in enumerate(earlier)), *left.values()), seats


def _filled(old, said, goes_on):
    """What is said of an entity, and of what is not, what was so."""
    color = said.color or old.color
    if isinstance(old, Prop):
        return replace(old, color=color)
    accessory, its_color = old.accessory, old.accessory_color
    if said.accessory in (None, old.accessory):
        its_color = said.accessory_color or its_color
    elif not goes_on:
        accessory, its_color = said.accessory, said.accessory_color
    return replace(old, color=color, accessory=accessory, accessory_color=its_color)


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
