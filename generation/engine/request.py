"""What may be asked of an engine: one frozen, validated request."""

import hashlib
import unicodedata
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

PROMPT_UNITS = 1000  # UTF-16 code units, as the public API counts them
SIDE_PIXELS = (64, 4096)
SIDE_MULTIPLE = 16
NUM_FRAMES = (1, 1441)
FPS = (1, 60)
SEED = (0, 2**32 - 1)
STEPS = (1, 100)
GUIDANCE_SCALE = (0.0, 30.0)
REFERENCES = 9

CAMERA_MOVES = (
    "static", "pan left", "pan right", "tilt up", "tilt down", "dolly in", "dolly out", "truck left", "truck right",
    "crane up", "crane down", "orbit left", "orbit right", "zoom in", "zoom out",
)  # fmt: skip


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


@dataclass(frozen=True, eq=False)
class VideoRequest:
    """One run of an engine. Raises InvalidRequest (a ValueError) naming the field and its limit.

    Sizes in pixels, multiples of 16. Pictures are uint8 (H, W, 3), `video` uint8 (F, H, W, 3), `mask` uint8 (H, W)
    or (F, H, W), 255 where the engine may paint. `num_inference_steps` and `guidance_scale` None: the engine's own.
    `num_frames` = 1 is a still.
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
    video: np.ndarray | None = None
    mask: np.ndarray | None = None

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
        if len(self.references) > REFERENCES:
            raise InvalidRequest(
                "references",
                gettext_noop("At most %(most)d references can be used."),
                limit=REFERENCES,
                most=REFERENCES,
            )
        for name, dimensions in (("first_frame", (3,)), ("last_frame", (3,)), ("video", (4,)), ("mask", (2, 3))):
            self._check_picture(name, getattr(self, name), dimensions)
        for reference in self.references:
            self._check_picture("references", reference, (3,))

    def _check_integer(self, name, limits):
        value = getattr(self, name)
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

    def as_recipe(self) -> dict[str, Any]:
        """The request as JSON: pictures by SHA-256 of their pixels, everything else as it is."""
        return {column.name: _described(getattr(self, column.name)) for column in fields(self)}


def _described(value):
    if isinstance(value, np.ndarray):
        return {"sha256": hashlib.sha256(np.ascontiguousarray(value)).hexdigest(), "shape": list(value.shape)}
    if isinstance(value, tuple):
        return [_described(item) for item in value]
    return value
