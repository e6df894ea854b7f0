"""What a script asks to be shot: who and where is found in it, and shots suggested, by rules alone.

Pure: it knows no database. A paragraph of action is a shot; a word of camera (“CLOSE ON”, “PAN LEFT”) begins another;
what is said between two paragraphs is one. Prompts are written in words that the built-in model reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generation.engine.request import PROMPT_UNITS
from projects.cameras import camera_label
from projects.fountain import Screenplay, ScriptScene, speaker

WORDS_A_SHOT = 26  # more action than this is told in another shot
SPOKEN_WORDS_A_SECOND = 2.5
ACTION_SECONDS_A_WORD = 0.3
SHOT_SECONDS = (2.0, 8.0)
TAG_LETTERS = 16

# Words of camera as writers put them, and the move they ask for; the first that fits counts.
CUES = (
    (r"pan(?:s|ning)? (?:to the )?left", "pan left"),
    (r"pan(?:s|ning)?(?: (?:to the )?right| across| to| over)?", "pan right"),
    (r"tilt(?:s|ing)? down", "tilt down"),
    (r"tilt(?:s|ing)?(?: up)?", "tilt up"),
    (r"(?:push|dolly|move|track)(?:s|es|ing)? in(?: on| to| toward| towards)?", "dolly in"),
    (r"(?:pull(?:s|ing)? (?:back|out)|dolly(?:ing)? (?:back|out))(?: from| to)?", "dolly out"),
    (r"(?:track|truck)(?:s|ing)?(?: shot)?(?: to the)? left", "truck left"),
    (r"(?:track|truck)(?:s|ing)?(?: shot)?(?: (?:to the )?right| with)?", "truck right"),
    (r"crane(?:s|ing)?(?: shot)? down", "crane down"),
    (r"crane(?:s|ing)?(?: shot)?(?: up)?", "crane up"),
    (r"(?:orbit(?:s|ing)?|circl(?:e|es|ing)) (?:to the )?left(?: around)?", "orbit left"),
    (r"(?:orbit(?:s|ing)?|circl(?:e|es|ing))(?: (?:to the )?right)?(?: around)?", "orbit right"),
    (r"zoom(?:s|ing)? out(?: from| to)?", "zoom out"),
    (r"zoom(?:s|ing)?(?: in)?(?: on| to)?", "zoom in"),
)
FRAMINGS = (
    (r"(?:extreme )?close[- ]?up(?: shot)?(?: (?:on|of))?|close on|close shot(?: of)?|e?cu(?: on)?|insert|angle on",
     "close-up"),
    (r"(?:extreme )?wide(?: shot)?(?: (?:on|of))?|establishing(?: shot)?(?: of)?|long shot(?: of)?|full shot(?: of)?",
     "wide shot"),
)  # fmt: skip
# A word of camera stands at the beginning of a sentence and is written in capitals, or a mark follows it.
CUE = tuple(
    (re.compile(rf"(?:the camera |we |slow(?:ly)? )*(?:{words})\b[\s:,–—-]*", re.IGNORECASE), move)
    for words, move in CUES
)
FRAMING = tuple((re.compile(rf"(?:{words})\b[\s:,–—-]*", re.IGNORECASE), framing) for words, framing in FRAMINGS)
SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“‘(A-Z0-9@])")
# Bounded, or a long line of capitals would be read from each of its letters to the end.
INTRODUCED = re.compile(
    r"\b([A-Z][A-Z0-9'’.-]{0,40}(?: [A-Z][A-Z0-9'’.-]{0,40}){0,2})"
    r"(?:\s*\(([^()]{3,80})\)|,\s+((?:an?|the)\s[^,.;]{3,80}))"
)
INTRODUCED_AND_ON = re.compile(rf"{INTRODUCED.pattern},?")
CAPITALS = re.compile(r"\b[A-Z][A-Z0-9'’-]+(?: [A-Z][A-Z0-9'’-]+)*\b")
REVEALED = re.compile(r"^(?:to )?(?:reveal|show|find|follow)(?:s|ing)? ", re.IGNORECASE)
PRONOUN = re.compile(r"(?:He|She|It|They)\b(?=\s+[a-z])")
ON = frozenset(
    "beach street road roof rooftop hill mountain mountains moon bridge field stage shore island lake".split()
)
MOST_PEOPLE = 500  # of a script, which are looked for in each of its sentences
MOST_CUES = 8  # words of camera one after the other
HOURS = {
    "night": "at night", "midnight": "at night", "dawn": "at dawn", "sunrise": "at dawn", "dusk": "at dusk",
    "twilight": "at dusk", "sunset": "at sunset", "noon": "at noon", "midday": "at noon", "morning": "in the morning",
    "afternoon": "in the afternoon", "evening": "in the evening", "day": "by day",
}  # fmt: skip
# A title does not end with these.
LEADS_ON = frozenset(
    "a an the and or of to in on at by with for from into beside between under over along near".split()
)
NOT_NAMES = frozenset(
    "the a an and or of to in on at int ext day night cut fade end continued cont'd everybody all both".split()
)


@dataclass(frozen=True)
class Person:
    """Somebody the script has. `name` as people write it, `description` where the script gives one."""

    name: str
    description: str = ""

    @property
    def tag(self) -> str:
        return tag_of(self.name)


@dataclass(frozen=True)
class Place:
    """Somewhere the script goes. `name` as people write it."""

    name: str

    @property
    def tag(self) -> str:
        return tag_of(self.name)


@dataclass(frozen=True)
class Suggestion:
    """A shot of a scene. `text`: the words of the script that it tells; lines of the script count from 0."""

    text: str
    first_line: int
    last_line: int
    title: str
    prompt: str
    camera: str
    duration_seconds: float

    @property
    def camera_label(self) -> Any:
        return camera_label(self.camera)


@dataclass(frozen=True)
class Beat:
    """A part of a scene that is one shot. `words`: the same in prose, `spoken` by whom, in the order they begin."""

    text: str
    first_line: int
    last_line: int
    spoken: tuple[str, ...] = ()


def tag_of(name: str) -> str:
    """A name for prompts, without the @: “Old bear” is old_bear. 3 to 16 letters, digits and _, a letter first."""
    tag = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").lstrip("0123456789_")[:TAG_LETTERS].rstrip("_")
    return tag if len(tag) >= 3 else f"{tag}_one" if tag else "somebody"


def people_in(play: Screenplay) -> tuple[Person, ...]:
    """Everybody who speaks or is introduced in capitals, in the order of the script; the first MOST_PEOPLE."""
    described: dict[str, str] = {}
    found: dict[str, None] = {}
    for element in play.elements:
        if len(found) >= MOST_PEOPLE:
            break
        if element.kind == "character":
            found.setdefault(speaker(element.text).upper())
        elif element.kind == "action":
            for name, aside, clause in INTRODUCED.findall(" ".join(element.text.split())):
                if _is_name(name):
                    found.setdefault(name)
                    described.setdefault(name, _described(aside or clause))
    return tuple(Person(_written(name), described.get(name, "")) for name in found)


def places_in(play: Screenplay) -> tuple[Place, ...]:
    """Everywhere the headings say, each once."""
    names = {scene.place.lower(): scene.place for scene in reversed(play.scenes) if scene.place}
    ordered = dict.fromkeys(scene.place.lower() for scene in play.scenes if scene.place)
    return tuple(Place(names[name]) for name in ordered)


def suggestions_for(
    scene: ScriptScene, people: tuple[Person, ...] = (), called: Mapping[str, str] | None = None
) -> tuple[Suggestion, ...]:
    """The shots of a scene. `people`: of the whole script; `called`: names in small letters → the tag of whom is in
    the cast already, who is then called “@tag” in prompts."""
    meant = {person.name.lower(): person.description for person in people if person.description}
    meant |= {name: f"@{tag}" for name, tag in (called or {}).items()}
    known = {person.name.lower(): person for person in people}
    shots, last_seen = [], None
    for beat in beats_of(scene):
        shot, last_seen = _shot_of(beat, scene, meant, known, last_seen)
        shots.append(shot)
    return tuple(shots)


def beats_of(scene: ScriptScene) -> list[Beat]:
    """What of a scene is a shot each: the text that it tells, and where it stands."""
    beats: list[Beat] = []
    speech: list = []
    for element in scene.elements:
        if element.kind in ("character", "dialogue", "parenthetical", "lyrics"):
            speech.append(element)
        elif element.kind in ("action", "centered", "transition"):
            beats += _spoken(speech)
            speech = []
            if element.kind == "action":
                beats += [Beat(text, element.first_line, element.last_line) for text in _divided(element.text)]
    return beats + _spoken(speech)


def _spoken(speech):
    if not speech:
        return []
    cues = [element.text for element in speech if element.kind == "character"]
    text = "\n".join(element.text for element in speech)
    who = tuple(dict.fromkeys(speaker(cue) for cue in cues))
    return [Beat(text, speech[0].first_line, speech[-1].last_line, who)]


def _divided(text):
    """A paragraph as texts for a shot each: another begins at a word of camera, or when one is told enough."""
    parts: list[str] = []
    for sentence in SENTENCE.split(" ".join(text.split())):
        enough = parts and len(parts[-1].split()) + len(sentence.split()) > WORDS_A_SHOT
        only_cue = parts and len(parts[-1].split()) <= 3 and _cue(parts[-1])[2] == ""
        if parts and not only_cue and (_begins_with_cue(sentence) or enough):
            parts.append(sentence)
        else:
            parts[-1:] = [f"{parts[-1]} {sentence}" if parts else sentence]
    return parts


def _begins_with_cue(sentence):
    camera, framing, rest = _cue(sentence)
    return bool(camera or framing) and rest != sentence


def _cue(text):
    """(move or "", framing or "", the rest) of a text that begins with words of camera."""
    camera = framing = ""
    rest = text
    for _number in range(MOST_CUES):
        for pattern, move in (*CUE, *FRAMING):
            found = pattern.match(rest)
            if not found or not _is_cue(found[0], rest):
                continue
            rest = rest[found.end() :].lstrip(" .:-–—")
            if (pattern, move) in FRAMING:
                framing = framing or move
            else:
                camera = camera or move
            break
        else:
            break
    return camera, framing, rest


def _is_cue(found, text):
    """Whether words at the beginning speak of the camera: in capitals, before a mark, or said of the camera itself."""
    bare = found.strip(" :,–—-.")
    follows = text[len(found) :]
    return (
        bare == bare.upper()
        or found.rstrip().endswith((":", "-", "–", "—"))
        or found.lower().startswith(("the camera", "we ", "close on", "close-up", "close up", "wide shot", "angle on"))
        or (not follows and bool(bare))
    )


def _shot_of(beat, scene, meant, known, last_seen):
    camera, framing, said = _cue(beat.text) if not beat.spoken else ("", "", "")
    said = REVEALED.sub("", said)
    if beat.spoken:
        prompt = _talk([_called(name, meant) for name in beat.spoken])
        framing = "close-up" if len(beat.spoken) == 1 else ""
        seen = beat.spoken[-1].lower()
        spoken = len(beat.text.split()) - len(beat.spoken)
        seconds = spoken / SPOKEN_WORDS_A_SECOND
    else:
        prompt, seen = _meant(said, meant, known, last_seen) if said else (scene.place, last_seen)
        seconds = len(beat.text.split()) * ACTION_SECONDS_A_WORD
    prompt = _placed(prompt, scene)
    if framing:
        prompt = f"{framing}: {prompt}"
    low, high = SHOT_SECONDS
    return (
        Suggestion(
            text=beat.text,
            first_line=beat.first_line,
            last_line=beat.last_line,
            title=_title(beat, said or scene.place),
            prompt=prompt[:1].upper() + prompt[1:PROMPT_UNITS],
            camera=camera,
            duration_seconds=min(high, max(low, round(seconds * 2) / 2)),
        ),
        seen or last_seen,
    )


def _talk(names):
    if len(names) == 1:
        return f"{names[0]} talks and nods"
    return f"{', '.join(names[:-1])} and {names[-1]} talk to each other"


def _meant(text, meant, known, last_seen):
    """(the text with names as what they mean, who was seen last). A description is told once, then the name stays."""
    text = " ".join(text.split()).rstrip(" .")
    if last_seen and PRONOUN.match(text):
        text = PRONOUN.sub(lambda _found: _written(last_seen.upper()), text, count=1)
    seen = last_seen
    names = sorted({*meant, *known}, key=len, reverse=True)
    if names:
        pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b", re.IGNORECASE)
        where = [found[1].lower() for found in pattern.finditer(text)]
        seen = where[-1] if where else last_seen
        text = INTRODUCED.sub(lambda found: found[1] if found[1].lower() in meant else found[0], text)
        text = pattern.sub(lambda found: _called(found[1], meant), text)
        text = re.sub(r"\s+,\s+(?=\w+s\b)", " ", text)
    # What stands after an introduction: “NOVA, a red fox, walks” has lost its middle.
    text = (
        re.sub(r"((?:@\w+)|(?:\b(?:an?|the) [\w ]{1,80}?)),(\s+[a-z]+s\b)", r"\1\2", text, count=1) if names else text
    )
    return CAPITALS.sub(lambda found: found[0].lower() if len(found[0]) > 1 else found[0], text), seen


def _called(name, meant):
    return meant.get(name.lower()) or _written(name)


def _placed(prompt, scene):
    """With where and when it is, where the words do not say it."""
    said = set(re.findall(r"[a-z]+", prompt.lower()))
    place = scene.place[:1].lower() + scene.place[1:]
    words = re.findall(r"[a-z]+", place.lower())
    if words and words[-1] not in said and prompt.lower() != place.lower():
        at = "on" if words[-1] in ON else "in"
        of_somebody = "'" in place or "’" in place
        article = "" if of_somebody or place.startswith(("the ", "a ", "an ")) else "the "
        prompt = f"{prompt}, {at} {article}{scene.place if of_somebody else place}"
    hour = next((HOURS[word] for word in re.findall(r"[a-z]+", scene.time) if word in HOURS), "")
    return f"{prompt} {hour}" if hour and not set(hour.split()[-1:]) <= said else prompt


def _title(beat, told):
    """A few words for the board."""
    if beat.spoken:
        return ", ".join(_written(name) for name in beat.spoken)[:60]
    told = INTRODUCED_AND_ON.sub(r"\1", told)
    words = CAPITALS.sub(lambda name: _written(name[0]), told).replace(" ,", "").split()
    few = words[:5]
    while len(few) < len(words) and len(few) > 2 and few[-1].lower() in LEADS_ON:
        few.pop()
    title = " ".join(few).strip(" ,.;:–—-")
    return title[:1].upper() + title[1:60]


def _is_name(name):
    words = name.lower().split()
    return not set(words) & NOT_NAMES and len(name) > 2 and not _begins_with_cue(f"{name}: x")


def _described(words):
    """A description as a noun with its article: “30s, tired” is none and stays as it is."""
    words = " ".join(words.split()).strip(" ,.")
    return words[:1].lower() + words[1:]


def _written(name):
    """A name in capitals as people write it."""
    return name.title() if name == name.upper() else name
