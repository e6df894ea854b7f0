"""Film language: finds the camera's move in the words of a prompt, with its size where one is given.

Film words ("pan", "dolly", "crane shot") speak of the camera by themselves; plain words ("rises", "moves closer") only
where the camera is their subject. Left and right anywhere else belong to the scene and are left alone.
"""

from dataclasses import dataclass, replace

from generation.engine.world import synonyms
from generation.engine.world.lexicon import MARKS, STRONG_MARKS, is_entity, phrases, words
from generation.engine.world.scene import CameraMove

FILM = {word: family for family, listing in synonyms.FILM_WORDS.items() for word in words(listing)}
PLAIN = {word: family for family, listing in synonyms.PLAIN_WORDS.items() for word in words(listing)}
DIRECTION = {word: way for way, listing in synonyms.DIRECTIONS.items() for word in words(listing)}
NOUNS = words(synonyms.CAMERA_NOUNS)
SUBJECTS = words(synonyms.CAMERA_SUBJECTS)
PACES = words(synonyms.PACES)
NEGATIONS = words(synonyms.NEGATIONS)
DETERMINERS = words(synonyms.DETERMINERS)
STATIC, STILL, STAYS = words(synonyms.STATIC), words(synonyms.STILL), words(synonyms.STAYS)
DEGREES, TIMES = words(synonyms.DEGREES), words(synonyms.TIMES)
TURNS = {tuple(phrase.split()): degrees for phrase, degrees in synonyms.TURNS.items()}
NOT_OURS = frozenset(tuple(phrase.split()) for phrase in phrases(synonyms.NOT_OURS))

# The ways a family knows, and the move each way makes. People pan up and dolly left; we know what they mean.
# Seen from above, a camera that goes clockwise around somebody in front of it moves to its own left.
WAYS = {
    "pan": {"left": "pan left", "right": "pan right", "up": "tilt up", "down": "tilt down", "clockwise": "pan right",
            "counterclockwise": "pan left"},
    "tilt": {"up": "tilt up", "down": "tilt down"},
    "dolly": {"in": "dolly in", "out": "dolly out", "left": "truck left", "right": "truck right"},
    "truck": {"left": "truck left", "right": "truck right", "in": "dolly in", "out": "dolly out"},
    "crane": {"up": "crane up", "down": "crane down"},
    "orbit": {"left": "orbit left", "right": "orbit right", "clockwise": "orbit left",
    "counterclockwise": "orbit right"},
    "zoom": {"in": "zoom in", "out": "zoom out"},
    "move": {"in": "dolly in", "out": "dolly out", "left": "truck left", "right": "truck right", "up": "crane up",
             "down": "crane down", "clockwise": "orbit left", "counterclockwise": "orbit right",
             "around": "orbit right"},
}  # fmt: skip
USUAL_WAY = {
    "pan": "right", "tilt": "up", "dolly": "in", "truck": "right", "crane": "up", "orbit": "right", "zoom": "in",
}  # fmt: skip
OWN_WAY = {word: way for way, listing in synonyms.VERBS_WITH_A_WAY.items() for word in words(listing)}
# "Push in" and "pull back" are film language even where no camera is named.
PAIRS = {
    **{(verb, way): "dolly" for verb in ("push", "pushes", "pushing", "pushed") for way in ("in", "forward", "closer")},
    **{(verb, way): "dolly" for verb in ("pull", "pulls", "pulling", "pulled") for way in ("back", "out", "away")},
    ("close", "in"): "dolly", ("closes", "in"): "dolly", ("closing", "in"): "dolly", ("move", "in"): "dolly",
}  # fmt: skip
AFTER_PREPOSITION = words("to toward towards the from in on at a its around across over direction")
# Directions that are prepositions first, so before the verb they speak of something else.
BETWEEN_NOUNS = words("in on into onto toward towards above about around")
CLAUSE_STARTS = words("while as when where who which because until though whose")
ADVERBS = PACES | words(synonyms.CAMERA_ADVERBS)
LOOSE_NOUNS = frozenset(
    {"truck", "trucks", "track", "tracks", "crane", "cranes", "arc", "boom", "jib", "pedestal", "pan", "pans"}
)
ALWAYS = frozenset(FILM) - LOOSE_NOUNS - {"tilt", "tilts", "tilting", "tilted", "orbital"}
BARE_WORDS = frozenset({"pan", "tilt", "zoom", "orbit", "dolly"})
BODY = words(synonyms.ON_BODY) - {"back"} | {
    "heads",
    "paw",
    "paws",
    "wing",
    "wings",
    "hat",
    "his",
    "her",
    "its",
    "their",
}

REACH_AFTER = 9
REACH_FROM_TO = 14
REACH_BEFORE = 4
DEGREE_LIMITS = {"pan": (1, 180), "tilt": (1, 80), "orbit": (1, 360)}
METRE_LIMITS = (0.1, 20)
ZOOM_LIMITS = (1.05, 8)


@dataclass(frozen=True)
class CameraReading:
    """The move read, and the tokens (by position) that said it.

    others: film words that would have been a second move; a shot has one. direction_assumed: the prompt gave no way.
    """

    move: CameraMove
    positions: frozenset[int]
    others: frozenset[int] = frozenset()
    direction_assumed: bool = False


def read_camera(tokens: list[str]) -> CameraReading | None:
    """The first camera move in `tokens`, or a camera told to keep still, or None when nothing is said."""
    for position, token in enumerate(tokens):
        family = _family(tokens, position)
        if family and not _negated(tokens, position):
            reading = _read_move(tokens, position, family, token)
            if reading:
                others = {other for other in range(position + 1, len(tokens)) if _family(tokens, other)}
                return replace(reading, others=frozenset(others - reading.positions))
    return _read_static(tokens)


def _family(tokens, position):
    """The family of moves the token at `position` speaks of, if it speaks of the camera at all."""
    token = tokens[position]
    pair = (token, _at(tokens, position + 1))
    if pair in PAIRS and not _follows_somebody(tokens, position):
        return PAIRS[pair]
    if token in FILM and _is_film_word(tokens, position):
        return FILM[token]
    if token in PLAIN and _camera_is_subject(tokens, position):
        return PLAIN[token]
    return None


def _is_film_word(tokens, position):
    token, before, after = tokens[position], _at(tokens, position - 1), _at(tokens, position + 1)
    if (before, token) in NOT_OURS or (token, after) in NOT_OURS:
        return False
    if (
        _camera_is_subject(tokens, position)
        or after in NOUNS
        or (before in NOUNS and before not in ("drone", "movement"))
    ):
        return True
    if _told_of_somebody(tokens, position):
        return False
    adjacent = _adjacent_way(tokens, position, FILM[token])
    if before in DETERMINERS and token in LOOSE_NOUNS and token not in ("pan", "arc"):
        return False
    if token in ALWAYS or adjacent or before in PACES:
        return True
    return token in ("pan", "tilt") and after in ("across", "over", "along", "around", "from")


def _adjacent_way(tokens, position, family):
    """A direction that belongs to the word itself: "truck to the left", "upward tilt"."""
    if DIRECTION.get(_at(tokens, position - 1)) in WAYS[family]:
        return DIRECTION[tokens[position - 1]]
    cursor = position + 1
    while _at(tokens, cursor) in PACES or _at(tokens, cursor) in ("to", "toward", "towards", "the", "around"):
        cursor += 1
    way = DIRECTION.get(_at(tokens, cursor))
    return way if way in WAYS[family] and _at(tokens, cursor + 1) != "of" else None


def _camera_is_subject(tokens, position):
    """Whether the verb at `position` has the camera before it ("the camera slowly rises") or a shot after it."""
    after = _at(tokens, position + 1)
    if after in ("shot", "camera", "cam", "camerawork") or (
        after in ("view", "perspective", "movement") and tokens[position] in FILM
    ):
        return _at(tokens, position - 1) not in ("holding", "carrying")
    for cursor in range(position - 1, max(-1, position - 8), -1):
        token = tokens[cursor]
        if token in SUBJECTS:
            return _at(tokens, cursor - 2) not in ("holding", "carrying", "holds", "carries")
        if token not in ADVERBS and token not in MARKS - STRONG_MARKS and token not in PLAIN and token not in DIRECTION:
            return False
    return False


def _told_of_somebody(tokens, position):
    """Whether the verb belongs to an entity of the scene: "a fox zooms across", "the robot tilts its head"."""
    if _at(tokens, position + 1) in BODY or _at(tokens, position + 2) in BODY:
        return True
    # "a red fox zoom in": no verb form that could be the fox's
    return tokens[position] not in BARE_WORDS and _follows_somebody(tokens, position)


def _follows_somebody(tokens, position):
    cursor = position - 1
    while _at(tokens, cursor) in PACES or _at(tokens, cursor) in ("is", "are", "who", "that", "which"):
        cursor -= 1
    before = _at(tokens, cursor)
    return before in ("it", "he", "she", "they") or is_entity(before)


def _negated(tokens, position):
    return any(token in NEGATIONS for token in _clause_before(tokens, position, 5))


def _clause_before(tokens, position, reach):
    found = []
    for cursor in range(position - 1, max(-1, position - 1 - reach), -1):
        if tokens[cursor] in MARKS:
            break
        found.append(tokens[cursor])
    return found


def _read_move(tokens, position, family, token):
    way, used = _way(tokens, position, family, token)
    if family == "move" and way is None:
        return None
    assumed = way is None
    move = WAYS[family][way or USUAL_WAY[family]]
    amount, amount_used = _amount(tokens, position, move)
    nouns = _talk_around(tokens, position, NOUNS | PACES, reach=8)
    return CameraReading(
        CameraMove(move, amount), frozenset({position} | used | amount_used | nouns), direction_assumed=assumed
    )


def _same_clause(tokens, one, other):
    return not any(token in STRONG_MARKS for token in tokens[min(one, other) : max(one, other)])


def _way(tokens, position, family, token):
    """The direction of a move and the tokens that said it: first those around the verb, then those further before."""
    ways = WAYS[family]
    before = _at(tokens, position - 1)
    if (
        token not in OWN_WAY
        and DIRECTION.get(before) in ways
        and before not in ("in", "on", "about", "above", "into", "toward")
    ):
        return DIRECTION[before], {position - 1}
    if token == "zoom" and before in ("in", "out"):
        return DIRECTION[before], {position - 1}
    found = None
    reach = REACH_FROM_TO if "from" in tokens[position + 1 : position + 4] else REACH_AFTER
    for cursor in range(position + 1, min(len(tokens), position + 1 + reach)):
        word = tokens[cursor]
        if word in STRONG_MARKS or word in CLAUSE_STARTS or word in FILM and cursor > position + 2:
            break
        if word in MARKS and not _goes_on(tokens, cursor):
            break
        if OWN_WAY.get(word) in ways and not found and cursor <= position + 3:
            return OWN_WAY[word], {cursor}  # "a crane shot descending"
        way = DIRECTION.get(word)
        if way not in ways or not _means_direction(tokens, cursor, position):
            continue
        # "from the castle on the left to ..." goes the other way, until the other end is named
        if "from" in tokens[position + 1 : cursor] and not found:
            found = _opposite(ways, way), {cursor}
            continue
        if found and tokens[cursor] in ("in", "out", "on", "back"):
            continue
        return way, {cursor}
    if found:
        return found
    for cursor in range(position - 1, max(-1, position - 1 - REACH_BEFORE), -1):
        if tokens[cursor] in MARKS:
            break
        way = DIRECTION.get(tokens[cursor])
        if way in ways and tokens[cursor] not in BETWEEN_NOUNS:
            return way, {cursor}
    if token in OWN_WAY and OWN_WAY[token] in ways:
        return OWN_WAY[token], set()
    return None, set()


def _means_direction(tokens, cursor, position):
    """Whether a word that can be a direction is one here: "left of the box" and "in the forest" are places."""
    word, after = tokens[cursor], _at(tokens, cursor + 1)
    near = all(token in ADVERBS or token in NOUNS for token in tokens[position + 1 : cursor])
    verb = tokens[position]
    if word in ("left", "right") and after in ("of", "side"):
        return _at(tokens, cursor - 2) in ("to", "toward", "towards")
    if word in ("in", "on", "ahead"):
        return word == "in" and near and "shot" not in tokens[position + 1 : cursor]
    if word in ("into", "onto", "toward", "towards"):
        # "pans toward the left": the way is still to come
        return not any(
            DIRECTION.get(_at(tokens, cursor + step)) in ("left", "right") for step in (1, 2)
        ) and verb not in ("pan", "pans")
    if word in ("out", "up", "down", "about", "above", "back", "higher", "lower", "around", "round"):
        if word in ("around", "round", "about"):
            return True
        return (
            near
            or word in ("up", "down", "out", "back")
            and _at(tokens, cursor - 1) not in ("close", "looks", "look", "looking", "sits")
        )
    return True


def _goes_on(tokens, mark):
    """Whether a comma only interrupts a move: "pans, slowly, to the left"."""
    return (
        all(
            token in ADVERBS or token in AFTER_PREPOSITION or token in DIRECTION or token in MARKS
            for token in tokens[mark + 1 : mark + 3]
        )
        and len(tokens) > mark + 1
    )


def _opposite(ways, way):
    pairs = {"left": "right", "right": "left", "up": "down", "down": "up", "in": "out", "out": "in"}
    return pairs.get(way, way) if pairs.get(way, way) in ways else way


def _amount(tokens, position, move):
    """The size of a move in its own unit (degrees, metres, times), held inside what a camera can do in a shot."""
    kind = move.split()[0]
    window = range(max(0, position - 6), min(len(tokens), position + 12))
    if kind in DEGREE_LIMITS:
        for start in range(max(0, position - 14), min(len(tokens), position + 12)):
            for length in (2, 3, 4, 1):
                turn = TURNS.get(tuple(tokens[start : start + length]))
                if turn and _same_clause(tokens, start, position):
                    return _within(turn, DEGREE_LIMITS[kind]), set(range(start, start + length))
    for start in window:
        if not _same_clause(tokens, start, position):
            continue
        number, length = _number(tokens, start)
        unit = _at(tokens, start + length) if length else None
        if tokens[start] in ("twice", "double", "doubles", "doubling") and kind == "zoom":
            return 2.0, {start}
        if not length or tokens[start - 1 : start] and _number(tokens, start - 1)[1] > 1:
            continue
        used = set(range(start, start + length + 1))
        if kind in DEGREE_LIMITS and (unit in DEGREES or number == 360):
            return _within(number, DEGREE_LIMITS[kind]), used if unit in DEGREES else used - {start + length}
        if kind in ("dolly", "truck", "crane") and unit in synonyms.METRES:
            return _within(number * synonyms.METRES[unit], METRE_LIMITS), used
        if kind == "zoom" and unit in TIMES:
            return _within(number, ZOOM_LIMITS), used
        if kind == "zoom" and unit in ("%", "percent"):
            return _within(number / 100 if number > 100 else 1 + number / 100, ZOOM_LIMITS), used
    return None, set()


def _number(tokens, start):
    """(value, tokens taken) of a number in digits or words at `start`; (0, 0) when there is none."""
    token = tokens[start]
    if token[:1].isdecimal():
        try:
            return float(token), 1
        except ValueError:
            return 0, 0
    value = length = 0
    while start + length < len(tokens) and (word := tokens[start + length]) in synonyms.NUMBERS:
        value = value * 100 if word == "hundred" and value else value + synonyms.NUMBERS[word]
        length += 1
    if length and _at(tokens, start + length) == "and" and _at(tokens, start + length + 1) == "a":
        return (value + 0.5, length + 3) if _at(tokens, start + length + 2) == "half" else (value, length)
    if not length and token == "half" and _at(tokens, start + 1) in ("a", "of"):
        return 0.5, 2
    return float(value), length


def _within(value, limits):
    return float(min(max(value, limits[0]), limits[1]))


def _read_static(tokens):
    """A camera told to keep still: "static shot", "locked-off", "the camera does not move"."""
    for position, token in enumerate(tokens):
        after = _at(tokens, position + 1)
        if (
            token in STATIC
            and not is_entity(after)
            and not _negated(tokens, position)
            and not _told_of_somebody(tokens, position)
        ):
            if token in ("locked", "motionless", "stationary", "unmoving") and not _near_camera(tokens, position, 5):
                if not (token == "locked" and after in ("off", "down")):
                    continue
            extra = {position + 1} if after in ("off", "down") else set()
            return CameraReading(CameraMove(), frozenset({position} | extra | _nouns_around(tokens, position)))
        if token in STILL and _near_camera(tokens, position, 4):
            return CameraReading(CameraMove(), frozenset({position} | _nouns_around(tokens, position)))
        if token in NEGATIONS and _camera_movement_after(tokens, position):
            return CameraReading(
                CameraMove(),
                frozenset(range(position, min(len(tokens), position + 3))) | _nouns_around(tokens, position),
            )
    return None


def _near_camera(tokens, position, reach):
    around = [*_clause_before(tokens, position, reach), *tokens[position + 1 : position + 3]]
    return any(
        token in ("camera", "shot", "lens", "frame", "view", "tripod", "viewpoint", "cam", "framing")
        for token in around
    )


def _camera_movement_after(tokens, position):
    ahead = tokens[position + 1 : position + 4]
    if any(token in ("moves", "move", "moving", "movement", "motion", "budge", "budging") for token in ahead):
        return "camera" in ahead or "camera" in _clause_before(tokens, position, 4)
    return any(token in FILM for token in ahead[:2]) and (
        "camera" in _clause_before(tokens, position, 4) or tokens[position] == "no"
    )


def _nouns_around(tokens, position):
    return _talk_around(tokens, position, NOUNS | STAYS | PACES | {"perfectly"}, reach=5)


def _talk_around(tokens, position, talk, reach):
    """The positions near `position`, in its sentence, whose words only speak about the camera."""
    near = range(max(0, position - reach), min(len(tokens), position + 3))
    return {cursor for cursor in near if tokens[cursor] in talk and _same_clause(tokens, cursor, position)}


def _at(tokens, position):
    return tokens[position] if 0 <= position < len(tokens) else ""
