"""A camera's path as a creator writes it, a key a line: “0% orbit -30”, “100% orbit 30, rise 1, zoom 1.5”.

The percentage is the moment of the shot; what a line leaves out is as framed.
"""

import re
from collections.abc import Sequence

from generation.engine.request import CAMERA_KEY_LIMITS, CameraKey, InvalidRequest, check_camera_path, gettext_noop

NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"  # one way to read each, or a long line that is no key would take for ever
FRAMED = CameraKey(0.0)
QUANTITIES = {name: getattr(FRAMED, name) for name in CAMERA_KEY_LIMITS if name != "at"}
KEY = re.compile(rf"({NUMBER})\s*%((?:[\s,]*[a-z]+\s*{NUMBER})*)\s*")
QUANTITY = re.compile(rf"([a-z]+)\s*({NUMBER})")
MOST_LETTERS = 2000
DECIMALS = 4  # of what is written


def path_from_text(text: str) -> tuple[CameraKey, ...]:
    """The keys that `text` tells, none for an empty one. Raises InvalidRequest, naming the line that is not one."""
    if len(text) > MOST_LETTERS:
        raise InvalidRequest("camera_path", gettext_noop("This is too long for a camera's path."), limit=MOST_LETTERS)
    lines = (line.strip() for line in re.split(r"[;\n]", text.lower().replace("−", "-")))
    return check_camera_path([_key(line) for line in lines if line])


def path_as_text(keys: Sequence[CameraKey]) -> str:
    """A path as `path_from_text` reads it."""
    return "\n".join(_line(key) for key in keys)


def _key(line):
    found = KEY.fullmatch(line)
    told = QUANTITY.findall(found[2]) if found else []
    names = [name for name, _ in told]
    if found is None or not set(names) <= set(QUANTITIES) or len(set(names)) < len(names):
        raise InvalidRequest(
            "camera_path",
            gettext_noop("“%(line)s” is no key of a camera's path. Write it like this: 50%% orbit 20, rise 0.5"),
            line=line[:60],
        )
    return CameraKey(at=float(found[1]) / 100, **{name: float(number) for name, number in told})


def _line(key):
    told = [
        f"{name} {_number(getattr(key, name))}" for name, framed in QUANTITIES.items() if getattr(key, name) != framed
    ]
    return f"{_number(100 * key.at)}% {', '.join(told)}".strip()


def _number(value):
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
