"""Prompts with known answers: ways of saying one scene that were written without looking at the reader's tables.

The sentence shapes are meant to be awkward (passives, relative clauses, adjectives behind their noun, things that only
distract), because what people type is.
"""

from dataclasses import dataclass
from random import Random

SPECIES = {
    "fox": ["fox", "vixen", "foxling vixen", "she-fox"],
    "cat": ["cat", "kitten", "kitty", "tabby cat", "tomcat", "feline"],
    "dog": ["dog", "puppy", "hound", "pup", "doggy", "spaniel"],
    "bear": ["bear", "teddy bear", "grizzly", "bear cub"],
    "bunny": ["bunny", "rabbit", "hare", "bunny rabbit"],
    "dragon": ["dragon", "baby dragon", "wyvern"],
    "elephant": ["elephant", "jumbo elephant"],
    "frog": ["frog", "toad", "bullfrog", "froggy"],
    "knight": ["knight", "paladin", "brave knight"],
    "octopus": ["octopus", "eight-armed octopus"],
    "penguin": ["penguin", "emperor penguin", "penguin chick"],
    "robot": ["robot", "android", "droid", "automaton", "battered robot"],
    "owl": ["owl", "barn owl", "owlet"],
    "pig": ["pig", "piglet", "hog", "piggy"],
    "turtle": ["turtle", "tortoise", "sea turtle"],
    "wizard": ["wizard", "sorcerer", "mage", "witch", "warlock"],
    "astronaut": ["astronaut", "cosmonaut", "spaceman"],
    "mouse": ["mouse", "field mouse", "mousie"],
    "unicorn": ["unicorn", "unicorn foal"],
    "ghost": ["ghost", "phantom", "spectre", "spirit"],
}
COLORS = {
    "red": ["red", "crimson", "scarlet", "ruby", "cherry-red", "vermilion"],
    "orange": ["orange", "tangerine", "bright orange"],
    "yellow": ["yellow", "lemon-yellow", "sunny yellow"],
    "green": ["green", "emerald", "lime green", "olive", "moss-green"],
    "teal": ["teal", "turquoise", "cyan", "aquamarine", "teal-coloured", "aqua"],
    "blue": ["blue", "azure", "navy", "cobalt", "sky-blue", "sapphire", "midnight blue"],
    "violet": ["violet", "purple", "lavender", "lilac", "deep purple", "plum"],
    "pink": ["pink", "magenta", "rose-coloured", "bubblegum pink", "fuchsia"],
    "white": ["white", "snow-white", "ivory", "milky white", "pure white"],
    "black": ["black", "jet-black", "ebony", "coal-black", "inky black"],
    "brown": ["brown", "chestnut", "chocolate-brown", "hazel", "tan"],
    "grey": ["grey", "gray", "silver", "slate grey", "silvery", "ash-grey"],
    "golden": ["golden", "gold", "gilded"],
    None: [""],
}
PLACES = {
    "meadow": [
        "in a meadow",
        "in a grassy field",
        "across the prairie",
        "amid wildflowers in a pasture",
        "on a grassy hill",
    ],
    "forest": [
        "in the forest",
        "among the pines",
        "deep in the woods",
        "in a jungle",
        "between tall pine trees",
        "in dense woodland",
    ],
    "snow": ["in the deep snow", "on a snowy plain", "on the tundra", "on a frozen tundra", "in an arctic landscape"],
    "desert": ["in the desert", "among sand dunes", "across the dunes", "in the Sahara", "over the burning sands"],
    "beach": ["on the beach", "at the seaside", "on a sandy shore", "along the shoreline", "by the sea"],
    "city": [
        "in the city",
        "downtown",
        "on a busy street",
        "in a crowded metropolis",
        "down a narrow alley",
        "in Tokyo city",
    ],
    "room": [
        "in a cosy room",
        "in the kitchen",
        "in somebody's bedroom",
        "in a study",
        "inside a tiny apartment",
        "in a library",
    ],
    "night wood": ["in the night wood", "in a dark forest", "in a moonlit forest", "in the spooky woods"],
    "lava field": ["on a lava field", "on the slopes of a volcano", "beside rivers of lava", "in a volcanic landscape"],
    "mountains": ["in the mountains", "on a mountain top", "high in the alps", "atop a high peak", "on a cliff"],
    "lake": [
        "by a lake",
        "at the edge of a quiet pond",
        "on the shore of the lake",
        "at a lakeside",
        "on the riverbank",
    ],
    "castle": ["in a castle", "inside an old fortress", "in the palace", "in the throne room", "on the castle walls"],
    "moon": ["on the moon", "on the lunar surface", "on the surface of the moon", "in a lunar crater"],
    "underwater": [
        "underwater",
        "on the ocean floor",
        "at the bottom of the sea",
        "beneath the sea",
        "in a coral reef",
    ],
    "garden": ["in the garden", "in an orchard", "in a blooming backyard", "in a city park", "in a greenhouse"],
    "rooftop": ["on a rooftop", "on the roof of a house", "on top of a roof", "on a rooftop terrace"],
}
CAMERAS = {
    "static": [
        "The camera never moves.",
        "Locked-off tripod shot.",
        "The frame stays completely still.",
        "",
        "Static camera.",
        "Fixed shot.",
        "No camera motion.",
        "Camera stays put.",
    ],
    "pan left": [
        "The camera pans left.",
        "We see it in a leisurely pan toward the left.",
        "A leftward pan.",
        "Panning shot to the left.",
        "Camera swings left.",
        "Slow pan, left.",
    ],
    "pan right": [
        "The camera pans from left to right.",
        "Panning right.",
        "The view swings to the right.",
        "Camera pans slowly rightward.",
        "Pan right 40 degrees.",
    ],
    "tilt up": [
        "The camera tilts upward.",
        "A slow tilt up.",
        "The lens tilts toward the sky, up and up.",
        "Camera tilts up 20 degrees.",
        "Tilting upwards.",
    ],
    "tilt down": ["The camera tilts down.", "A downward tilt.", "Tilting down.", "The camera looks down slowly."],
    "dolly in": [
        "The camera dollies in.",
        "A slow push-in.",
        "The camera creeps closer and closer.",
        "We move in toward the subject.",
        "Dolly forward.",
        "Camera moves in close.",
        "Camera pushes forward 2 metres.",
    ],
    "dolly out": [
        "The camera dollies out.",
        "The camera pulls away.",
        "A gradual pull back.",
        "The camera backs off.",
        "Dolly back.",
        "Camera moves backward.",
        "Pull-out shot.",
    ],
    "truck left": [
        "The camera trucks left.",
        "A tracking shot moving left.",
        "The camera slides to the left.",
        "Lateral tracking shot, leftwards.",
        "Camera drifts left.",
    ],
    "truck right": [
        "The camera trucks to the right.",
        "Tracking rightwards.",
        "The camera glides sideways to the right.",
        "Truck right three metres.",
        "Camera moves sideways, to the right.",
    ],
    "crane up": [
        "The camera cranes up.",
        "A crane shot, rising.",
        "The camera rises into the air.",
        "The camera lifts higher.",
        "Jib up.",
        "Camera soars upward.",
        "Crane shot ascending.",
    ],
    "crane down": [
        "The camera cranes down.",
        "The camera descends.",
        "A crane shot going down.",
        "Boom down.",
        "Camera lowers to the ground.",
    ],
    "orbit left": [
        "The camera orbits left.",
        "The camera circles clockwise.",
        "Orbiting to the left.",
        "Clockwise orbit.",
        "Camera revolves around to the left.",
    ],
    "orbit right": [
        "The camera orbits to the right.",
        "The camera arcs around to the right.",
        "A counter-clockwise orbit.",
        "Anticlockwise orbit shot.",
        "360 degree orbit to the right.",
    ],
    "zoom in": [
        "The camera zooms in.",
        "Slow zoom-in.",
        "Zooming in twice as close.",
        "Crash zoom in.",
        "Camera slowly zooms into the scene.",
    ],
    "zoom out": [
        "The camera zooms out.",
        "The lens zooms back out.",
        "A zoom out.",
        "Reverse zoom out.",
        "Zoom out 1.5x.",
    ],
}
DOINGS = [
    "walking",
    "running about",
    "dancing",
    "sleeping soundly",
    "jumping for joy",
    "spinning around",
    "waving",
    "sitting quietly",
]
FINITE = [
    "walks",
    "ran",
    "dances",
    "slept",
    "is jumping",
    "spins",
    "waved",
    "sits down",
    "ponders",
    "was lost in thought",
]
COMPANIONS = [
    "", "", "", "with a {c} balloon beside", "holding a {c} umbrella", "next to a {c} box", "wearing a {c} hat",
    "with a {c} scarf around the neck",
    "under a {c} sky", "with {c} eyes", "near a {c} car",
]  # fmt: skip
MOODS = [
    "",
    "",
    "at dawn",
    "at dusk",
    "around noon",
    "at midnight",
    "in the rain",
    "in thick fog",
    "one quiet evening",
    "during golden hour",
]
FILLERS = [
    "",
    "",
    "Somewhat melancholic.",
    "Highly detailed, award-winning.",
    "The audience holds its breath.",
    "Nobody speaks.",
]

# {who} is "a crimson fox", {noun} the bare noun, {color} the bare colour; shapes without {color} put none elsewhere.
SHAPES = [
    "{who} {finite} {place} {mood} {companion}. {camera} {filler}",
    "{Place}, {who} {doing} {companion}, {mood}. {camera}",
    "{camera} {Place} there lives {who} {companion}. {filler}",
    "A film about {who} that {finite} {place}. {camera} {mood}",
    "{Doing} {place} {mood}, {who} {companion} dreams of faraway lands. {camera}",
    "{who}, {mood}, {place}, {doing}, {companion} -- {camera}",
    "There is {who} {place}; it {finite} {companion}. {filler} {camera}",
    "Seen {place}: {who} {doing} {mood}. {camera} {filler}",
    "{filler} I would love to watch how {who} {finite} {place} {companion}. {camera}",
    "Picture this: {who}. It {finite} {place} {companion}. {camera}",
    "{camera} One quiet {noun_phrase} {place} at sunset, {other} clouds overhead",
    "This is the story of {who} who lives {place} in a house with a {other} chair. {camera}",
    "Make me a video of {who}, {doing}, {place}; {camera}",
    "{camera} {who} was spotted {doing} {place} {mood} {companion}.",
]
PREDICATES = [
    "The {noun} {place} {mood} is {color}. It {finite} {companion}. {camera}",
    "{A_noun}, {color} all over, {finite} {place} {companion}. {camera} {filler}",
    "{Place} {mood}, {a_noun} with {color} fur {finite}. {camera}",
    "{A_noun} whose coat is {color} {finite} {place}. {filler} {camera}",
    "{camera} {A_noun} that is {color} can be found {doing} {place} {companion}.",
    "A lonely {noun}, {color} as can be, {finite} {place} while snow... no, while music plays. {camera}",
    "This is the story of a {color} and rather shy {noun} {place} {companion}. {camera}",
    "An animation where the {noun} (which is {color}) keeps {doing} {place}, {mood}. {camera}",
    "Picture this: {a_noun}. It is {color}. It {finite} {place}. {camera}",
    "Painted {color} from head to toe, {a_noun} {finite} {place}. {camera}",
]


@dataclass(frozen=True)
class Paraphrase:
    prompt: str
    place: str
    species: str
    color: str | None
    camera: str


def paraphrases(count: int, seed: int = 0):
    """`count` prompts with what they mean."""
    random = Random(seed)
    for _ in range(count):
        species, color = random.choice(list(SPECIES)), random.choice(list(COLORS))
        place, camera = random.choice(list(PLACES)), random.choice(list(CAMERAS))
        noun, color_word = random.choice(SPECIES[species]), random.choice(COLORS[color])
        size = random.choice(["", "", "little ", "very old ", "clumsy "])
        adjectives = random.choice([f"{size}{color_word} ", f"{color_word} {size}"]) if color_word else size
        shape = random.choice(SHAPES + PREDICATES if color else SHAPES)
        # What stands beside has a colour of its own, which must not rub off.
        other = random.choice([words[0] for name, words in COLORS.items() if name not in (None, color)])
        words = {
            "who": _a(f"{adjectives}{noun}"),
            "noun_phrase": f"{adjectives}{noun}",
            "other": other, "noun": noun, "a_noun": _a(noun), "color": color_word,
            "finite": random.choice(FINITE), "doing": random.choice(DOINGS), "place": random.choice(PLACES[place]),
            "mood": random.choice(MOODS), "companion": random.choice(COMPANIONS).format(c=other),
            "camera": random.choice(CAMERAS[camera]), "filler": random.choice(FILLERS),
        }  # fmt: skip
        words |= {
            "Place": words["place"].capitalize(),
            "Doing": words["doing"].capitalize(),
            "A_noun": words["a_noun"].capitalize(),
        }
        prompt = " ".join(shape.format(**words).split())
        yield Paraphrase(prompt.replace(" ,", ",").replace(" .", "."), place, species, color, camera)


def _a(noun_phrase):
    noun_phrase = noun_phrase.strip()
    return ("an " if noun_phrase[0] in "aeiou" and not noun_phrase.startswith("unicorn") else "a ") + noun_phrase
