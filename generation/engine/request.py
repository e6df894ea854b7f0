"""What may be asked of an engine: one frozen, validated request."""

import hashlib
import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from generation.engine import tags

PROMPT_UNITS = 1000  # UTF-16 code units, as the public API counts them
SIDE_PIXELS = (64, 4096)
SIDE_MULTIPLE = 16
NUM_FRAMES = (1, 1441)
FPS = (1, 60)
START = (-7200, 7200)  # frames into a shot, or before it: ten minutes at twelve a second
SEED = (0, 2**32 - 1)
STEPS = (1, 100)
GUIDANCE_SCALE = (0.0, 30.0)
REFERENCES = 9
KEYFRAMES = 8
REFERENCE_ROLES = ("character", "place", "object")

# What a run can be given besides words; a model's card names those that it takes.
INPUTS = ("first_frame", "keyframes", "last_frame", "references", "video", "mask", "blocking")
SUBJECT = (1, 16)  # of a scene's characters and objects

CAMERA_MOVES = (
    "static", "pan left", "pan right", "tilt up", "tilt down", "dolly in", "dolly out", "truck left", "truck right",
    "crane up", "crane down", "orbit left", "orbit right", "zoom in", "zoom out",
)  # fmt: skip
OWN_PATH = "own path"  # what a camera does that goes through keys
CAMERA_KEYS = (2, 8)  # of a path
CAMERA_KEY_LIMITS = {
    "at": (0.0, 1.0), "orbit": (-360.0, 360.0), "rise": (-3.0, 8.0), "dolly": (-10.0, 10.0), "truck": (-8.0, 8.0),
    "pan": (-180.0, 180.0), "tilt": (-60.0, 60.0), "zoom": (0.25, 4.0),
}  # fmt: skip


class InvalidRequest(ValueError):
    """A value outside its limits. `field` names it, `limit` says what is allowed.

    The text of the error is for people; `message` and `values` are its halves, so that a caller can translate the first
    (`_(error.message) % error.values`) without this package knowing how.
    """

    def __init__(self, field: str, message: str, limit: Any = None, **values: Any):
        super().__init__(message % values if values else message)
        self.field = field
        self.limit = limit
        self.message = message
        self.values = values


def gettext_noop(message: str) -> str:
    """Marks a sentence for translation where it is written; it is translated where it is shown."""
    return message


def utf16_units(text: str) -> int:
    """Length of `text` in UTF-16 code units: an emoji outside the basic plane counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_integer(name: str, value: Any, limits: tuple[int, int]) -> None:
    """Raises InvalidRequest for what is not a whole number within `limits`, both included."""
    low, high = limits
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidRequest(
            name,
            gettext_noop("%(name)s must be a whole number from %(low)d to %(high)d."),
            limit=limits,
            name=name,
            low=low,
            high=high,
        )


def check_prompt(text: str, field: str = "prompt", *, required: bool = True) -> str:
    """Return `text` ready to be used: stripped, NFC. Raises InvalidRequest for what cannot be a prompt."""
    if not isinstance(text, str):
        raise InvalidRequest(field, gettext_noop("The prompt must be text."))
    if "\x00" in text:
        raise InvalidRequest(
            field, gettext_noop("The prompt holds a NUL character, which cannot be stored. Remove it.")
        )
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidRequest(
            field, gettext_noop("The prompt holds half a character (a lone surrogate). Paste it again.")
        )
    if utf16_units(text) > PROMPT_UNITS:
        raise InvalidRequest(
            field,
            gettext_noop("The prompt is %(length)s characters long; %(most)s are allowed."),
            limit=PROMPT_UNITS,
            length=f"{utf16_units(text):,}",
            most=f"{PROMPT_UNITS:,}",
        )
    text = unicodedata.normalize("NFC", text).strip()
    if required and not any(unicodedata.category(letter)[0] in "LNS" for letter in text):
        raise InvalidRequest(field, gettext_noop("Write a prompt: say who, where and what happens."))
    return text


def check_tags(names: Any) -> tuple[str, ...]:
    """Return the names of references, "" for one without. Raises InvalidRequest for what is none, or twice the same."""
    for name in names:
        if name != "" and not (isinstance(name, str) and tags.NAME.fullmatch(name)):
            raise InvalidRequest(
                "reference_tags",
                gettext_noop("“%(name)s” is no name for a reference: 3 to 16 letters, digits and _, a letter first."),
                limit=(3, 16),
                name=str(name)[:40],
            )
    called = [name.lower() for name in names if name]
    if twice := [name for name in called if called.count(name) > 1]:
        raise InvalidRequest(
            "reference_tags",
            gettext_noop("Two references are called @%(name)s. Give each a name of its own."),
            name=twice[0],
        )
    return tuple(names)


@dataclass(frozen=True)
class CameraKey:
    """Where the camera is at one moment of a shot, told from the framed picture. Raises InvalidRequest.

    at: from 0, the first frame, to 1, the last. orbit: degrees around the subject; rise, dolly, truck: metres up,
    nearer, aside; pan, tilt: degrees; zoom: how many times larger than framed. More is up, nearer and to the right.
    """

    at: float
    orbit: float = 0.0
    rise: float = 0.0
    dolly: float = 0.0
    truck: float = 0.0
    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 1.0

    def __post_init__(self):
        for name, (low, high) in CAMERA_KEY_LIMITS.items():
            value = getattr(self, name)
            number = not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
            if not number or not low <= value <= high:
                raise InvalidRequest(
                    "camera_path",
                    gettext_noop("On a camera's path, “%(name)s” must be a number from %(low)g to %(high)g."),
                    limit=(low, high),
                    name=name,
                    low=low,
                    high=high,
                )
            object.__setattr__(self, name, float(value))

    @classmethod
    def from_json(cls, key: Any) -> "CameraKey":
        """The key that `asdict` described. Raises InvalidRequest."""
        if not isinstance(key, Mapping) or "at" not in key or not set(key) <= set(CAMERA_KEY_LIMITS):
            raise InvalidRequest("camera_path", gettext_noop("This is no key of a camera's path."))
        return cls(**key)


def check_camera_path(path: Any) -> tuple[CameraKey, ...]:
    """Return a path's keys, each a CameraKey or its JSON. Raises InvalidRequest for too few, too many, or disorder."""
    if not isinstance(path, list | tuple):
        raise InvalidRequest("camera_path", gettext_noop("A camera's path is a list of keys."))
    keys = tuple(key if isinstance(key, CameraKey) else CameraKey.from_json(key) for key in path)
    low, high = CAMERA_KEYS
    if keys and not low <= len(keys) <= high:
        raise InvalidRequest(
            "camera_path",
            gettext_noop("A camera's path has %(low)d to %(high)d keys, not %(keys)d."),
            limit=CAMERA_KEYS,
            low=low,
            high=high,
            keys=len(keys),
        )
    if any(later.at <= key.at for key, later in zip(keys, keys[1:], strict=False)):
        raise InvalidRequest("camera_path", gettext_noop("The keys of a camera's path must come one after the other."))
    return keys


@dataclass(frozen=True)
class Blocking:
    """The same shot in another world: who stands where, how they move and how the camera does, from an earlier run.

    What they are and where is taken from the new prompt. `scene` is `world.scene.Scene.as_json()`, `seed` that of the
    run: together they place everything. `start`: the frame of the shot with which this run begins, less than 0 for what
    leads up to it. `shot_frames`: how long the shot is, if it does not end with this run; before its beginning its
    camera waits there, after its end it stays where it came to rest. Frames are counted at the request's fps, which has
    to be the earlier run's for time to go on as it did. `framed`: the part (left, top, width, height) of the picture
    that the shot was framed for, where the picture was widened, each as a share of its width or height. Raises
    InvalidRequest.
    """

    scene: dict[str, Any]
    seed: int
    start: int = 0
    shot_frames: int | None = None
    framed: tuple[float, float, float, float] | None = None

    def __post_init__(self):
        check_integer("blocking", self.seed, SEED)
        check_integer("blocking", self.start, START)
        if self.start < 0 and self.shot_frames is None:
            raise InvalidRequest(
                "blocking", gettext_noop("What leads up to a shot needs to know how long that shot is.")
            )
        if self.shot_frames is not None:
            check_integer("blocking", self.shot_frames, (1, START[1] + NUM_FRAMES[1]))
        if self.framed is not None:
            object.__setattr__(self, "framed", _checked_part(self.framed, 1, 1, "blocking"))
        try:
            sound = isinstance(self.scene, dict) and self.scene and json.dumps(self.scene, allow_nan=False)
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise InvalidRequest("blocking", gettext_noop("This is no scene whose blocking can be kept."))

    @classmethod
    def of_recipe(
        cls, recipe: dict[str, Any], continuing: bool = False, leading_up: int | None = None
    ) -> "Blocking | None":
        """The blocking of the shot that a recipe tells of; None where its engine drew without a scene.

        A shot that kept another's blocking has that one's: its scene is the recipe's "guide", its seed the other's.
        `continuing`: the shot goes on, beginning with its last frame. `leading_up`: how it comes about, in so many
        frames, the last of which is its first. Raises InvalidRequest for a damaged recipe.
        """
        request = recipe.get("request")
        if "scene" not in recipe or not isinstance(request, dict):
            return None
        kept = request.get("blocking")
        kept = kept if isinstance(kept, dict) else {"seed": request.get("seed", -1)}
        told = {name: kept[name] for name in ("start", "shot_frames", "framed") if name in kept}
        shot = cls(recipe.get("guide") or recipe["scene"], kept.get("seed", -1), **told)
        if request.get("placed"):
            shot = shot.widened(request["placed"], request.get("width", 0), request.get("height", 0))
        num_frames = request.get("num_frames", 0)
        if pieces := recipe.get("pieces"):  # its camera came to rest with the first of them
            shot = replace(shot, shot_frames=shot.shot_frames or shot.start + pieces[0])
        if leading_up is not None:
            return shot.before(num_frames, leading_up)
        return shot.after(num_frames) if continuing else shot

    def widened(self, placed: Sequence[int], width: int, height: int) -> "Blocking":
        """The same shot where its picture lies at `placed` (x, y, width, height) in one of width × height pixels.

        Raises InvalidRequest.
        """
        x, y, across, down = _checked_part(placed, width, height, "placed")
        left, top, wide, high = self.framed or (0.0, 0.0, 1.0, 1.0)
        part = (
            (x + left * across) / width,
            (y + top * down) / height,
            wide * across / width,
            high * down / height,
        )
        return replace(self, framed=part)

    def before(self, num_frames: int, leading_up: int) -> "Blocking":
        """What comes before a run of `num_frames`: `leading_up` frames, the last of which is the first of that run.

        Raises InvalidRequest.
        """
        check_integer("num_frames", num_frames, NUM_FRAMES)
        check_integer("num_frames", leading_up, NUM_FRAMES)
        return replace(self, start=self.start - leading_up + 1, shot_frames=self.shot_frames or self.start + num_frames)

    def after(self, num_frames: int) -> "Blocking":
        """How the shot goes on after a run of `num_frames`, whose last frame is the first of what follows.

        Raises InvalidRequest.
        """
        check_integer("num_frames", num_frames, NUM_FRAMES)
        end = self.start + num_frames
        return replace(self, start=end - 1, shot_frames=self.shot_frames or end)

    def at_rest(self, num_frames: int) -> bool:
        """Whether its camera stays where it is for `num_frames`: it does not move yet, or has come to rest."""
        waits = self.start < 0 and self.start + num_frames <= 1
        return waits or (self.shot_frames is not None and self.start >= self.shot_frames - 1)

    def as_recipe(self) -> dict[str, Any]:
        told: dict[str, Any] = {"scene": self.scene, "seed": self.seed}
        if self.framed is not None:
            told["framed"] = list(self.framed)
        when = {"start": self.start or None, "shot_frames": self.shot_frames}
        return told | {name: frames for name, frames in when.items() if frames is not None}


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A picture, uint8 (H, W, 3), and the frame of a run at which it is to be seen."""

    picture: np.ndarray
    at: int


@dataclass(frozen=True, eq=False)
class VideoRequest:
    """One run of an engine. Raises InvalidRequest (a ValueError) naming the field and its limit.

    Sizes in pixels, multiples of 16. Pictures are uint8 (H, W, 3), `video` uint8 (F, H, W, 3), `mask` uint8 (H, W) or
    (F, H, W), 255 where the engine may paint. `num_inference_steps` and `guidance_scale` None: the engine's own.
    `num_frames` = 1 is a still. `subject`: who of the blocking's scene is painted anew in `video`, counted from 1, its
    characters before its objects, wherever they are, instead of a mask. `reference_roles` says of each reference what
    it shows; left empty, all are characters. `placed`: the part (x, y, width, height) of the frame, in pixels, in which
    `video` lies where it does not fill it; what is around it is painted anew, so no mask is given. `camera_path`: the
    camera goes through these keys instead of making one of CAMERA_MOVES. `reference_tags` names each reference, or not
    (""), so that the prompt can speak of it as “@name”; they may be told without the pictures where these follow.
    `reference_words` says of each reference in words what it shows, or not (""). `names` are those in the prompt for
    whom there is no picture, with what they mean in words: (name, words) each.
    `keyframes` lie between the first frame and the last, each at one of its own. `exact`: every step is computed in
    full, also where an operator lets models pass over what changes little. `mask_at`: the frame of `video` over which a
    mask (H, W) was painted; what it marks there is followed through all of them. None: it is the same place in every
    frame.
    """

    prompt: str
    negative_prompt: str = ""
    width: int = 512
    height: int = 288
    num_frames: int = 24
    fps: int = 12
    seed: int = 0
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    camera: str | None = None
    first_frame: np.ndarray | None = None
    last_frame: np.ndarray | None = None
    references: tuple[np.ndarray, ...] = ()
    reference_roles: tuple[str, ...] = ()
    video: np.ndarray | None = None
    mask: np.ndarray | None = None
    blocking: Blocking | None = None
    subject: int | None = None
    placed: tuple[int, int, int, int] | None = None
    camera_path: tuple[CameraKey, ...] = ()
    reference_tags: tuple[str, ...] = ()
    keyframes: tuple[Keyframe, ...] = ()
    reference_words: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    exact: bool = False
    mask_at: int | None = None

    def __post_init__(self):
        object.__setattr__(self, "prompt", check_prompt(self.prompt))
        object.__setattr__(
            self, "negative_prompt", check_prompt(self.negative_prompt, "negative_prompt", required=False)
        )
        for side in ("width", "height"):
            self._check_integer(side, SIDE_PIXELS)
            if getattr(self, side) % SIDE_MULTIPLE:
                raise InvalidRequest(
                    side,
                    gettext_noop("%(name)s must be a multiple of %(multiple)d pixels."),
                    limit=SIDE_MULTIPLE,
                    name=side,
                    multiple=SIDE_MULTIPLE,
                )
        self._check_integer("num_frames", NUM_FRAMES)
        self._check_integer("fps", FPS)
        self._check_integer("seed", SEED)
        if self.num_inference_steps is not None:
            self._check_integer("num_inference_steps", STEPS)
        if self.guidance_scale is not None:
            low, high = GUIDANCE_SCALE
            if not isinstance(self.guidance_scale, int | float) or not low <= self.guidance_scale <= high:
                raise InvalidRequest(
                    "guidance_scale",
                    gettext_noop("guidance_scale must be %(low)g to %(high)g."),
                    limit=GUIDANCE_SCALE,
                    low=low,
                    high=high,
                )
        if self.camera is not None and self.camera not in CAMERA_MOVES:
            raise InvalidRequest(
                "camera",
                gettext_noop("camera must be one of: %(moves)s."),
                limit=CAMERA_MOVES,
                moves=", ".join(CAMERA_MOVES),
            )
        object.__setattr__(self, "camera_path", check_camera_path(self.camera_path))
        if self.camera_path and self.camera is not None:
            raise InvalidRequest(
                "camera_path", gettext_noop("A camera makes a move or follows a path of its own. Choose one of them.")
            )
        if len(self.references) > REFERENCES:
            raise InvalidRequest(
                "references",
                gettext_noop("At most %(most)d references can be used."),
                limit=REFERENCES,
                most=REFERENCES,
            )
        for name, dimensions in (("first_frame", (3,)), ("last_frame", (3,)), ("video", (4,)), ("mask", (2, 3))):
            self._check_picture(name, getattr(self, name), dimensions)
        self._check_keyframes()
        for reference in self.references:
            self._check_picture("references", reference, (3,))
        self._check_roles()
        object.__setattr__(self, "names", tuple((name, words) for name, words in self.names))
        self._check_tags()
        if self.names:
            check_prompt(tags.written_out(self.prompt, self._meanings))
        if self.blocking is not None and not isinstance(self.blocking, Blocking):
            raise InvalidRequest("blocking", gettext_noop("This is no scene whose blocking can be kept."))
        if self.subject is not None:
            self._check_integer("subject", SUBJECT)
        if self.placed is not None:
            self._check_placed()
        if self.mask_at is not None:
            self._check_followed()

    def _check_integer(self, name, limits):
        check_integer(name, getattr(self, name), limits)

    def _check_keyframes(self):
        if len(self.keyframes) > KEYFRAMES:
            raise InvalidRequest(
                "keyframes", gettext_noop("At most %(most)d keyframes can be used."), limit=KEYFRAMES, most=KEYFRAMES
            )
        for keyframe in self.keyframes:
            self._check_picture("keyframes", keyframe.picture, (3,))
            check_integer("keyframes", keyframe.at, (1, max(1, self.num_frames - 2)))
        if len({keyframe.at for keyframe in self.keyframes}) < len(self.keyframes):
            raise InvalidRequest("keyframes", gettext_noop("Two keyframes cannot be at the same frame."))
        if self.keyframes and self.num_frames < 3:
            raise InvalidRequest("keyframes", gettext_noop("A clip this short has no frame for a keyframe."))

    def _check_placed(self):
        placed = _checked_part(self.placed, self.width, self.height, "placed")
        if not all(isinstance(pixels, int) for pixels in placed) or self.mask is not None or self.subject is not None:
            raise InvalidRequest(
                "placed", gettext_noop("What is around a video is painted anew: say only where it lies, in pixels.")
            )
        object.__setattr__(self, "placed", placed)

    def _check_followed(self):
        self._check_integer("mask_at", (0, self.num_frames - 1))
        several = self.mask is not None and self.mask.ndim != 2
        if several or self.subject is not None or self.placed is not None:
            raise InvalidRequest(
                "mask_at", gettext_noop("What is followed is painted over one frame: give one mask and nothing else.")
            )

    def _check_roles(self):
        roles = tuple(self.reference_roles) or REFERENCE_ROLES[:1] * len(self.references)
        if len(roles) != len(self.references):
            raise InvalidRequest(
                "reference_roles",
                gettext_noop("There are %(references)d references and %(roles)d roles. Give each reference one role."),
                limit=len(self.references),
                references=len(self.references),
                roles=len(roles),
            )
        if unknown := [role for role in roles if role not in REFERENCE_ROLES]:
            raise InvalidRequest(
                "reference_roles",
                gettext_noop("A reference shows one of: %(roles)s. “%(unknown)s” is none of them."),
                limit=REFERENCE_ROLES,
                roles=", ".join(REFERENCE_ROLES),
                unknown=unknown[0],
            )
        object.__setattr__(self, "reference_roles", roles)

    def _check_tags(self):
        check_tags([name for name, _ in self.names])
        names = check_tags(self.reference_tags)
        names = names if any(names) else ()
        if self.references and names and len(names) != len(self.references):
            raise InvalidRequest(
                "reference_tags",
                gettext_noop("There are %(references)d references and %(names)d names. Name each reference or none."),
                limit=len(self.references),
                references=len(self.references),
                names=len(names),
            )
        known = {name.lower() for name in names if name} | self._meanings.keys()
        if unknown := [name for name in tags.mentioned(self.prompt) if name.lower() not in known]:
            raise InvalidRequest(
                "prompt",
                gettext_noop("The prompt says @%(name)s, but no reference is called so. Name one, or leave out the @."),
                name=unknown[0],
            )
        object.__setattr__(self, "reference_tags", names)

    @property
    def _meanings(self):
        return {name.lower(): words for name, words in self.names}

    def in_words(self) -> "VideoRequest":
        """The same with its `names` written out in the prompt, as engines take it."""
        if not self.names:
            return self
        return replace(self, prompt=tags.written_out(self.prompt, self._meanings), names=())

    def _check_picture(self, name, picture, dimensions):
        if picture is None:
            return
        if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.ndim not in dimensions:
            raise InvalidRequest(name, gettext_noop("%(name)s must be an 8-bit picture."), name=name)
        if name != "mask" and picture.shape[-1] != 3:
            raise InvalidRequest(name, gettext_noop("%(name)s must have three colour channels."), name=name)

    @property
    def duration_seconds(self) -> float:
        return self.num_frames / self.fps

    @property
    def given(self) -> frozenset[str]:
        """Which of INPUTS it brings along."""
        values = {name: getattr(self, name) for name in INPUTS} | {
            name: getattr(self, name) or None for name in ("references", "keyframes")
        }
        return frozenset(name for name, value in values.items() if value is not None)

    def as_recipe(self) -> dict[str, Any]:
        """The request as JSON: pictures by SHA-256 of their pixels, everything else as it is."""
        return {column.name: _described(getattr(self, column.name)) for column in fields(self)}


def _checked_part(part, width, height, field):
    """A part (x, y, width, height) of a picture as a tuple. Raises InvalidRequest where it is none."""
    try:
        x, y, across, down = part
        inside = 0 <= x < x + across and 0 <= y < y + down and max(x + across - width, y + down - height) < 1e-6
    except (TypeError, ValueError):
        inside = False
    if not inside:
        raise InvalidRequest(field, gettext_noop("This is no part of the frame (x, y, width, height)."))
    return x, y, across, down


def _described(value):
    if isinstance(value, np.ndarray):
        return {"sha256": hashlib.sha256(np.ascontiguousarray(value)).hexdigest(), "shape": list(value.shape)}
    if isinstance(value, Keyframe):
        return _described(value.picture) | {"at": value.at}
    if isinstance(value, Blocking):
        return value.as_recipe()
    if isinstance(value, CameraKey):
        return asdict(value)
    if isinstance(value, tuple):
        return [_described(item) for item in value]
    return value
