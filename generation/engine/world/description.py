"""A scene in one plain English sentence, which reads back to the same scene."""

from collections.abc import Collection
from itertools import groupby

from generation.engine.world.lexicon import noun_forms, verb_forms
from generation.engine.world.scene import CameraMove, Scene

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WHERE = {
    "meadow": "in a meadow",
    "forest": "in a forest",
    "snow": "in the snow",
    "desert": "in the desert",
    "beach": "on a beach",
    "city": "in a city",
    "room": "in a room",
    "night wood": "in a night wood",
    "lava field": "on a lava field",
    "mountains": "in the mountains",
    "lake": "by a lake",
    "castle": "in a castle",
    "moon": "on the moon",
    "underwater": "underwater",
    "garden": "in a garden",
    "rooftop": "on a rooftop",
}
WHEN = {"morning": "in the morning", "day": "by day", "evening": "in the evening", "night": "at night"}
SKY = {
    "clear": "under a clear sky",
    "cloudy": "under a cloudy sky",
    "rain": "in the rain",
    "snowfall": "in falling snow",
    "fog": "in fog",
}
MOVES = {
    "pan": "pans",
    "tilt": "tilts",
    "dolly": "dollies",
    "truck": "trucks",
    "crane": "cranes",
    "orbit": "orbits",
    "zoom": "zooms",
}
UNITS = {
    "pan": "degrees",
    "tilt": "degrees",
    "orbit": "degrees",
    "dolly": "metres",
    "truck": "metres",
    "crane": "metres",
    "zoom": "times",
}
MANY_ONLY = ("glasses", "headphones")


def describe(scene: Scene, without: Collection[str] = ()) -> str:
    """One English sentence that says everything the scene holds, in plain words.

    `without` leaves parts out: "place", "time_of_day", "weather", "look", "camera".
    """
    who = _listed([_characters(one, len(list(same))) for one, same in groupby(scene.characters)])
    what = _listed([_things(one, len(list(same))) for one, same in groupby(scene.props)])
    subject = ", beside ".join(part for part in (who, what) if part) or "nobody"
    setting = [
        f"{subject} {WHERE[scene.place]}" if "place" not in without else subject,
        WHEN[scene.time_of_day] if "time_of_day" not in without else "",
    ]
    circumstances = [
        SKY[scene.weather] if "weather" not in without else "",
        f"{scene.look} look" if "look" not in without else "",
        camera_in_words(scene.camera) if "camera" not in without else "",
    ]
    sentence = ", ".join(part for part in [" ".join(filter(None, setting)), *circumstances] if part) + "."
    return sentence[0].upper() + sentence[1:]


def _characters(one, count):
    accessory = ""
    if one.accessory:
        worn = f"{one.accessory_color} {one.accessory}" if one.accessory_color else one.accessory
        if one.accessory not in MANY_ONLY:
            worn = _counted(one.accessory, one.accessory_color, 1) if count == 1 else _plural(worn)
        accessory = f" wearing {worn}"
    verb = verb_forms(one.action)[0] if count > 1 else _third_person(one.action)
    return f"{_counted(one.species, one.color, count)}{accessory} {verb}"


def _things(one, count):
    return _counted(one.name, one.color, count)


def _counted(name, color, count):
    noun = f"{color} {name}" if color else name
    if count > 1:
        return f"{NUMBER_WORDS[count] if count < len(NUMBER_WORDS) else count} {_plural(noun)}"
    return f"{'an' if noun[0] in 'aeio' or noun.startswith('um') else 'a'} {noun}"


def _plural(noun):
    return noun_forms(noun)[-1][0]


def _third_person(action):
    first, *rest = action.split()
    form = next(form for form in verb_forms(first) if form.endswith("s") and form != first)
    return " ".join([form, *rest])


def _listed(parts):
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def camera_in_words(camera: CameraMove) -> str:
    """A move as a part of a sentence: "the camera pans left 12 degrees"."""
    if camera.move == "static":
        return "static camera"
    if camera.keys:
        return f"the camera goes its own way through {NUMBER_WORDS[len(camera.keys)]} points"
    kind, way = camera.move.split()
    amount = f" {camera.amount:g} {UNITS[kind]}" if camera.amount else ""
    return f"the camera {MOVES[kind]} {way}{amount}"
