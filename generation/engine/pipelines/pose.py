"""What somebody in a clip does, as Wan-Animate is told it: a skeleton on black, and the face by itself.

Points are found by MediaPipe's holistic models (Lugaresi et al. 2019, arXiv:1906.08172), which come inside its
package. They are drawn as those that the model was trained with (github.com/Wan-Video/Wan2.2, in
wan/modules/animate/preprocess): the 18 points of OpenPose (Cao et al. 2019, arXiv:1812.08008), the toes, and 21 points
a hand.
"""

import colorsys
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from PIL import Image, ImageDraw

from generation.engine.clip import EngineError
from generation.engine.request import gettext_noop

# Nose, neck, then shoulder, elbow, wrist of the right and left arm, hip, knee, ankle of the right and left leg, the
# eyes and ears, right first, and the left and right toe: MediaPipe's numbers for them. It has no neck; that lies
# between the shoulders.
BODY = (0, 11, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7, 31, 32)
NECK, OTHER_SHOULDER = 1, 12
LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13),
    (1, 0), (0, 14), (14, 16), (0, 15), (15, 17), (13, 18), (10, 19),
)  # fmt: skip
COLORS = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0), (0, 255, 0), (0, 255, 85),
    (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255), (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255),
    (255, 0, 170), (255, 0, 85), (200, 200, 0), (100, 100, 0),
)  # fmt: skip
LIMB_BRIGHTNESS = 0.6  # of its colour, so that joints stand out
FINGERS = tuple((0 if point % 4 == 1 else point - 1, point) for point in range(1, 21))
FINGERTIPS = (0, 0, 255)
SURE = 0.5  # what is seen less surely is not drawn
# Brows and jaw of MediaPipe's face: the box around the 68 points that other face models find.
FACE = (
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356,
)  # fmt: skip
FACE_AREA = 1.3  # of that box, most of what is added above the brows
FOLLOWING = 5  # frames over which the face's place is averaged, so that the crop does not tremble
DRAWING = ("cv2", "matplotlib", "matplotlib.pyplot")
MISSING = gettext_noop(
    "To see how somebody moves, this studio needs MediaPipe, which is not installed here, or not whole. Start it once "
    "with: make run EXTRAS=offline"
)


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody in one frame, in pixels.

    body: float (20, 3), each point of BODY: x, y and how surely it is seen, 0 to 1. hands: those that are seen, float
    (21, 2) each. face: left, top, right and bottom of brows to chin, or None where it is hidden.
    """

    body: np.ndarray
    hands: tuple[np.ndarray, ...] = ()
    face: np.ndarray | None = None


def watch(frames: np.ndarray, ask: Callable[[], None] = lambda: None) -> list[Person | None]:
    """Who is seen in each frame of a clip, uint8 (F, H, W, 3); one person, None where there is nobody.

    Calls `ask` before each frame. Raises EngineError (INPUT.MISSING_EXTRA) where MediaPipe is not installed.
    """
    height, width = frames.shape[1:3]
    with _holistic() as models:
        persons = []
        for frame in frames:
            ask()
            persons.append(_person(models.process(np.ascontiguousarray(frame)), width, height))
    return persons


def pose_video(persons: Sequence[Person | None], width: int, height: int) -> list[Image.Image]:
    """A skeleton on black for each frame; black where there is nobody."""
    stick = max(min(width, height) // 200 - 1, 1)  # pixels
    sheets = []
    for person in persons:
        sheet = Image.new("RGB", (width, height))
        if person is not None:
            draw = ImageDraw.Draw(sheet)
            _draw_body(draw, person.body, stick)
            for hand in person.hands:
                _draw_hand(draw, hand, max(stick // 2, 1))
        sheets.append(sheet)
    return sheets


def face_video(frames: np.ndarray, persons: Sequence[Person | None], side: int) -> list[Image.Image]:
    """The face in each frame, `side` × `side` pixels, followed softly; its last place where it is hidden.

    Black where no face is seen in the whole clip, which the model takes for "no face is given".
    """
    known = [None if person is None else person.face for person in persons]
    if all(face is None for face in known):
        return [Image.new("RGB", (side, side))] * len(frames)
    last = next(face for face in known if face is not None)
    places = []
    for face in known:
        last = last if face is None else face
        places.append(last)
    half = FOLLOWING // 2
    padded = np.pad(np.array(places), ((half, half), (0, 0)), mode="edge")
    followed = [padded[index : index + FOLLOWING].mean(axis=0) for index in range(len(places))]
    return [
        Image.fromarray(frame).resize((side, side), Image.Resampling.LANCZOS, box=_around(face, frame.shape))
        for frame, face in zip(frames, followed, strict=True)
    ]


def _holistic():
    """MediaPipe's holistic models, opened, which look for body, hands and face at once. Raises EngineError."""
    # It imports these only to draw pictures of its own: large packages that we never call.
    stand_ins = {name: ModuleType(name) for name in DRAWING if not _installed(name)}
    sys.modules.update(stand_ins)
    try:
        from mediapipe.python.solutions.holistic import Holistic

        return Holistic(model_complexity=1)
    except Exception as error:  # also what a protobuf of another age makes it say
        raise EngineError(MISSING, "INPUT.MISSING_EXTRA") from error
    finally:
        for name in stand_ins:
            del sys.modules[name]


def _installed(name):
    return importlib.util.find_spec(name.partition(".")[0]) is not None


def _person(found, width, height):
    """What MediaPipe found in a frame, as a Person."""
    if found.pose_landmarks is None:
        return None
    marks = found.pose_landmarks.landmark
    points = np.array([(mark.x * width, mark.y * height, mark.visibility) for mark in marks])
    body = points[list(BODY)]
    body[NECK] = (body[NECK] + points[OTHER_SHOULDER]) / 2
    hands = (found.left_hand_landmarks, found.right_hand_landmarks)
    face = found.face_landmarks and _places(found.face_landmarks, width, height)[list(FACE)]
    return Person(
        body=body,
        hands=tuple(_places(hand, width, height) for hand in hands if hand is not None),
        face=None if face is None else np.concatenate([face.min(axis=0), face.max(axis=0)]),
    )


def _places(landmarks, width, height):
    return np.array([(mark.x * width, mark.y * height) for mark in landmarks.landmark])


def _draw_body(draw, body, stick):
    for (one, other), color in zip(LIMBS, COLORS, strict=False):
        if min(body[one, 2], body[other, 2]) >= SURE:
            fill = tuple(int(value * LIMB_BRIGHTNESS) for value in color)
            draw.polygon(_ellipse(body[one, :2], body[other, :2], stick), fill=fill)
    for (x, y, sure), color in zip(body, COLORS, strict=True):
        if sure >= SURE:
            draw.circle((x, y), stick, fill=color)


def _draw_hand(draw, hand, stick):
    for index, (one, other) in enumerate(FINGERS):
        red, green, blue = colorsys.hsv_to_rgb(index / len(FINGERS), 1.0, 1.0)
        fill = (round(red * 255), round(green * 255), round(blue * 255))
        draw.line([*hand[one], *hand[other]], fill=fill, width=stick)
    for x, y in hand:
        draw.circle((x, y), stick, fill=FINGERTIPS)


def _ellipse(one, other, stick):
    """The outline of a limb: an ellipse between two points, 2 × `stick` pixels wide, as a list of (x, y)."""
    along = (other - one) / 2
    across = np.array([-along[1], along[0]]) / max(np.linalg.norm(along), 1e-6) * stick
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)[:, None]
    return [tuple(point) for point in (one + other) / 2 + np.cos(turn) * along + np.sin(turn) * across]


def _around(face, shape):
    """The part of a frame that is shown of a face: left, top, right, bottom, within the frame."""
    height, width = shape[:2]
    left, top, right, bottom = face
    grown = FACE_AREA**0.5 - 1
    wider, higher = (right - left) * grown / 2, (bottom - top) * grown / 4
    # Somebody may step out of the frame: at least one pixel of its edge is shown.
    left, top = np.clip(left - wider, 0, width - 1), np.clip(top - 3 * higher, 0, height - 1)
    return left, top, np.clip(right + wider, left + 1, width), np.clip(bottom + higher, top + 1, height)
