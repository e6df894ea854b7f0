"""Prompts with known answers: ways of saying one scene that were written without looking at the reader's tables.

The sentence shapes are meant to be awkward (passives, relative clauses, adjectives behind their noun, things that only
distract), because what people type is.
"""

from dataclasses import dataclass
from random import Random

SPECIES = {
    "fox": ["fox", "vixen"], "cat": ["cat", "kitten", "kitty"], "dog": ["dog", "puppy", "hound"], "bear": ["bear",
        "teddy bear"],
    "bunny": ["bunny", "rabbit", "hare"], "dragon": ["dragon"], "elephant": ["elephant"], "frog": ["frog", "toad"],
    "knight": ["knight"], "octopus": ["octopus"], "penguin": ["penguin"], "robot": ["robot", "android", "droid"],
    "owl": ["owl"],
    "pig": ["pig", "piglet"], "turtle": ["turtle", "tortoise"], "wizard": ["wizard", "sorcerer", "mage"],
    "astronaut": ["astronaut", "cosmonaut"], "mouse": ["mouse"], "unicorn": ["unicorn"], "ghost": ["ghost", "phantom"],
}  # fmt: skip
COLORS = {
    "red": ["red", "crimson", "scarlet"], "orange": ["orange"], "yellow": ["yellow"], "green": ["green", "emerald"],
    "teal": ["teal", "turquoise", "cyan"], "blue": ["blue", "azure", "navy"], "violet": ["violet", "purple",
        "lavender"],
    "pink": ["pink", "magenta"], "white": ["white", "snow-white"], "black": ["black", "jet-black"],
    "brown": ["brown", "chestnut"],
    "grey": ["grey", "gray", "silver"], "golden": ["golden", "gold"], None: [""],
}  # fmt: skip
PLACES = {
    "meadow": ["in a meadow", "in a grassy field", "across the prairie"],
    "forest": ["in the forest", "among the pines", "deep in the woods", "in a jungle"],
    "snow": ["in the deep snow", "on a snowy plain", "on the tundra"],
    "desert": ["in the desert", "among sand dunes", "across the dunes"],
    "beach": ["on the beach", "at the seaside", "on a sandy shore"],
    "city": ["in the city", "downtown", "on a busy street"],
    "room": ["in a cosy room", "in the kitchen", "in somebody's bedroom"],
    "night wood": ["in the night wood", "in a dark forest"],
    "lava field": ["on a lava field", "on the slopes of a volcano"],
    "mountains": ["in the mountains", "on a mountain top", "high in the alps"],
    "lake": ["by a lake", "at the edge of a quiet pond", "on the shore of the lake"],
    "castle": ["in a castle", "inside an old fortress", "in the palace"],
    "moon": ["on the moon", "on the lunar surface"],
    "underwater": ["underwater", "on the ocean floor", "at the bottom of the sea"],
    "garden": ["in the garden", "in an orchard", "in a blooming backyard"],
    "rooftop": ["on a rooftop", "on the roof of a house"],
}  # fmt: skip
CAMERAS = {
    "static": ["The camera never moves.", "Locked-off tripod shot.", "The frame stays completely still.", ""],
    "pan left": ["The camera pans left.", "We see it in a leisurely pan toward the left.", "A leftward pan."],
    "pan right": ["The camera pans from left to right.", "Panning right.", "The view swings to the right."],
    "tilt up": ["The camera tilts upward.", "A slow tilt up.", "The lens tilts toward the sky, up and up."],
    "tilt down": ["The camera tilts down.", "A downward tilt."],
    "dolly in": ["The camera dollies in.", "A slow push-in.", "The camera creeps closer and closer.",
        "We move in toward the subject."],
    "dolly out": ["The camera dollies out.", "The camera pulls away.", "A gradual pull back.", "The camera backs off."],
    "truck left": ["The camera trucks left.", "A tracking shot moving left.", "The camera slides to the left."],
    "truck right": ["The camera trucks to the right.", "Tracking rightwards.",
        "The camera glides sideways to the right."],
    "crane up": ["The camera cranes up.", "A crane shot, rising.", "The camera rises into the air.",
        "The camera lifts higher."],
    "crane down": ["The camera cranes down.", "The camera descends.", "A crane shot going down."],
    "orbit left": ["The camera orbits left.", "The camera circles clockwise.", "Orbiting to the left."],
    "orbit right": ["The camera orbits to the right.", "The camera arcs around to the right.",
        "A counter-clockwise orbit."],
    "zoom in": ["The camera zooms in.", "Slow zoom-in.", "Zooming in twice as close."],
    "zoom out": ["The camera zooms out.", "The lens zooms back out.", "A zoom out."],
}  # fmt: skip
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
    "{camera} {who} was spotted {doing} {place} {mood} {companion}.",
]
PREDICATES = [
    "The {noun} {place} {mood} is {color}. It {finite} {companion}. {camera}",
    "{A_noun}, {color} all over, {finite} {place} {companion}. {camera} {filler}",
    "{Place} {mood}, {a_noun} with {color} fur {finite}. {camera}",
    "{A_noun} whose coat is {color} {finite} {place}. {filler} {camera}",
    "{camera} {A_noun} that is {color} can be found {doing} {place} {companion}.",
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
            "who": _a(f"{adjectives}{noun}"), "noun": noun, "a_noun": _a(noun), "color": color_word,
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
