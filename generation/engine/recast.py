"""A shot whose blocking is kept, with the words of a new prompt, and perhaps another camera."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from generation.engine.clip import EngineError
from generation.engine.request import Blocking, VideoRequest, gettext_noop
from generation.engine.world.binding import LIMIT
from generation.engine.world.reading import Reading
from generation.engine.world.render import Rendering, render
from generation.engine.world.scene import CameraMove, Character, Prop, Scene


@dataclass(frozen=True, eq=False)
class KeptShot:
    """An earlier shot as a request wants it.

    guide: the scene that says where everything is, placed by `seed`, with the camera that was asked for; scene: the one
    whose words are painted, with the same kinds of entities; seats: where in it those are whom the prompt calls by
    name, as `Reading.tagged` tells it. `start`: the frame with which the run begins, of the shot's `frames`. `framed`:
    the part (left, top, width, height) of the picture that the shot is framed for, as shares of it; None: all of it.
    `goes_on`: what is painted joins pictures of the shot.
    """

    guide: Scene
    scene: Scene
    seats: dict[str, tuple[str, int]]
    seed: int
    start: int
    frames: int
    framed: tuple[float, float, float, float] | None
    goes_on: bool

    def framed_in(self, width: int, height: int) -> tuple[float, float, float, float] | None:
        """`framed` in the pixels of a picture."""
        if self.framed is None:
            return None
        left, top, across, down = self.framed
        return left * width, top * height, across * width, down * height

    def drawn(
        self,
        *,
        width: int,
        height: int,
        num_frames: int,
        fps: int,
        device: str,
        shaded: bool = True,
        on_frame: Callable[[int, int], None] | None = None,
    ) -> Rendering:
        """Its animatic: `num_frames` from where the run begins; beyond the shot's end its camera rests."""
        return render(
            [self.guide],
            [self.seed],
            width=width,
            height=height,
            num_frames=num_frames,
            fps=fps,
            first=self.start,
            shot_frames=self.frames,
            framed=self.framed_in(width, height),
            device=device,
            shaded=shaded,
            on_frame=on_frame,
        )


def kept_shot(request: VideoRequest, reading: Reading) -> KeptShot:
    """The shot whose blocking a request brings, with what was read in its prompt, seen by the camera that it asks for.

    Raises EngineError for a blocking that is no scene of this world, and for a move of a camera that is at rest.
    """
    blocking = request.blocking
    assert blocking is not None
    if request.placed is not None:
        blocking = blocking.widened(request.placed, request.width, request.height)
    guide = guide_of_blocking(blocking)
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
    return KeptShot(
        guide=guide if goes_on else scene,  # other bodies and places have other shapes
        scene=replace(scene, camera=CameraMove()) if at_rest else scene,
        seats=seats,
        seed=blocking.seed,
        start=blocking.start,
        frames=blocking.shot_frames or blocking.start + request.num_frames,  # not the few that fill the last window
        framed=blocking.framed,
        goes_on=goes_on,
    )


def _refuse_camera(request):
    """What joins a shot leaves its camera alone. Raises EngineError where it was asked for another move."""
    asked = "follow a path of its own" if request.camera_path else request.camera
    if asked not in (None, CameraMove().move):
        raise EngineError(
            gettext_noop(
                "What comes before, after or around a shot keeps its camera; it cannot %(asked)s. Leave the "
                "camera to it."
            ),
            code="INPUT.CAMERA",
            asked=asked,
        )


def guide_of_blocking(blocking: Blocking) -> Scene:
    """The scene of an earlier run. Raises EngineError."""
    try:
        return Scene.from_json(blocking.scene)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise EngineError(
            gettext_noop("The earlier shot was made by another version of the world, so its blocking cannot be kept."),
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
