"""Words outside the reader's tables with what may stand in for them, and words nothing may stand in for.

Written before any of them was tried; the threshold and the list of ordinary words were chosen on others. A stand-in is
right when somebody would nod at it: the like in shape or use, not the same.
"""

# kind: {word: right stand-ins}
LIKE_OURS = {
    "species": {
        "yak": "unicorn bear elephant pig",
        "impala": "unicorn",
        "wombat": "bear mouse pig",
        "bobolink": "owl penguin",
        "nightingale": "owl penguin",
        "woodpecker": "owl penguin",
        "kestrel": "owl",
        "magpie": "owl penguin",
        "cockatoo": "owl penguin",
        "hummingbird": "owl",
        "tadpole": "frog",
        "anaconda": "dragon",
        "viper": "dragon",
        "tarantula": "octopus",
        "mastiff": "dog",
        "whippet": "dog",
        "foxhound": "dog fox",
        "caracal": "cat",
        "chimp": "bear",
        "baboon": "bear",
        "woodchuck": "mouse",
        "lemming": "mouse",
        "wildebeest": "unicorn bear elephant pig",
        "colt": "unicorn",
        "ram": "unicorn pig",
        "caribou": "unicorn",
        "ogre": "dragon ghost wizard knight bear",
        "basilisk": "dragon",
        "manatee": "turtle octopus elephant penguin",
        "golem": "robot ghost wizard",
        "crusader": "knight",
        "swordsman": "knight",
        "templar": "knight",
        "occultist": "wizard ghost",
        "seraph": "ghost wizard unicorn",
        "mermaid": "octopus unicorn turtle",
    },
    "object": {
        "minivan": "car",
        "hatchback": "car",
        "ambulance": "car",
        "tram": "car",
        "moped": "car",
        "trawler": "boat",
        "barge": "boat",
        "schooner": "boat",
        "glider": "kite rocket",
        "zeppelin": "balloon rocket kite",
        "recliner": "chair bench",
        "futon": "chair bench",
        "hammock": "chair tent bench",
        "tumbler": "cup",
        "flask": "cup",
        "pitcher": "cup ball",
        "dictionary": "book",
        "textbook": "book",
        "atlas": "book",
        "lightbulb": "lantern candle",
        "chrysanthemum": "flower",
        "magnolia": "flower",
        "iris": "flower",
        "brownie": "cake",
        "eclair": "cake",
        "nectarine": "apple",
        "mango": "apple",
        "viola": "guitar flower",
        "sitar": "guitar",
        "cobblestone": "rock",
        "cupboard": "chest box table",
        "casket": "chest box",
        "truffle": "mushroom cake",
        "pavilion": "tent",
    },
    "accessory": {
        "stetson": "hat",
        "kippah": "hat",
        "pashmina": "scarf",
        "haversack": "backpack",
        "circlet": "crown",
        "bifocals": "glasses",
        "wig": "hat",
        "overcoat": "cape",
    },
    "place": {
        "tarn": "lake mountains",
        "bayou": "lake",
        "inlet": "lake beach",
        "canal": "lake city",
        "moor": "meadow",
        "moorland": "meadow",
        "veldt": "meadow",
        "pampas": "meadow",
        "taiga": "forest snow",
        "copse": "forest",
        "conifers": "forest",
        "boathouse": "lake beach",
        "dockyard": "beach city",
        "promenade": "beach city",
        "ranch": "meadow garden",
        "courtyard": "garden castle city room",
        "museum": "room castle city",
        "laboratory": "room",
        "pantry": "room",
        "lobby": "room",
        "foyer": "room",
        "skyline": "city rooftop",
        "slum": "city",
        "ravine": "mountains",
        "foothills": "mountains",
        "archipelago": "beach",
        "seafront": "beach",
        "turret": "castle rooftop",
        "monastery": "castle room",
        "permafrost": "snow",
    },
    "color": {
        "celadon": "green teal",
        "ecru": "white brown yellow grey",
        "gamboge": "yellow orange",
        "cornflower": "blue violet",
        "wisteria": "violet",
        "lemony": "yellow",
        "roseate": "pink",
        "sanguine": "red",
        "purply": "violet",
        "inky": "black",
    },
    "action": {
        "gallivants": "walk run",
        "sashays": "walk dance",
        "lopes": "run walk",
        "skedaddles": "run",
        "trampolines": "jump",
        "romping": "jump run dance",
        "rollicking": "dance jump",
        "foxtrots": "dance",
        "drowsing": "sleep",
        "kips": "sleep",
        "breaststrokes": "swim",
        "swirling": "spin",
        "twizzling": "spin",
        "parading": "walk",
        "sidling": "walk",
        "eyeballing": "look around",
        "scouting": "look around",
        "squatting": "sit",
        "nestling": "sit sleep",
        "flits": "fly",
    },
    "time": {
        "predawn": "morning night",
        "forenoon": "morning",
        "midmorning": "morning",
        "lunch": "day",
        "evenfall": "evening night",
    },
    "weather": {
        "squall": "rain",
        "deluge": "rain",
        "thunderclouds": "rain cloudy",
        "nimbus": "cloudy rain",
        "whiteout": "snowfall fog",
        "vapor": "fog",
        "murk": "fog",
    },
    "look": {
        "pixar": "cartoon clay",
        "lithograph": "watercolor",
        "mural": "watercolor",
        "cartoonesque": "cartoon",
        "doodle": "cartoon watercolor",
        "woodcut": "watercolor cartoon",
    },
}  # fmt: skip

UNLIKE_OURS = {
    "nouns": "ambition attitude bureaucracy capitalism chaos charity citizenship clarity coincidence commerce conflict "
    "consequence debate deadline dilemma diplomacy ecology election ethics evidence fiction fraud gossip gratitude "
    "syllabus hygiene ideology inflation irony jargon lawsuit leadership literacy algebra merit mortgage nonsense "
    "parliament patience poverty privacy proverb referendum rumour sarcasm tariff theorem vocabulary vote welfare",
    "people": "accountant bride bystander carpenter clerk dad emperor engineer gardener goalkeeper grandpa groom "
    "journalist landlord maid mom plumber postman referee secretary shopkeeper tailor tourist orphan waiter",
    "things": "antenna crowbar bracelet bulldozer calculator compass crayon escalator faucet generator hinge laptop "
    "lawnmower magnet microscope microwave napkin padlock pencil pliers scanner ruler sponge spoon stapler syringe "
    "thermometer toaster toothpaste typewriter wrench xylophone zipper",
    "body": "ankle armpit eyebrow eyelash fingernail hip jaw kidney lung mustache nostril rib scar skull spine thigh "
    "throat waist wrinkle freckle",
    "adjectives": "absurd adequate ambitious anxious arrogant awkward bankrupt bitter blurry brilliant chubby clumsy "
    "cosmic courageous crazy delicious dizzy eager enormous expensive fancy fragile furious gigantic graceful grumpy "
    "hilarious innocent invisible jolly legendary melancholy miniature naughty optimistic peculiar playful puzzled "
    "scruffy skinny groggy spicy stubborn symmetrical talented tasty ugly vintage witty elderly",
    "verbs": "admits adores allows amuses annoys bargains betrays borrows broadcasts calculates celebrates chats "
    "hiccups criticizes doubts earns edits fears forgives giggles grins guesses hates hires hums inherits insists "
    "interviews lectures mourns negotiates obeys owes pardons ponders prays protests quarrels recites regrets "
    "rehearses sneers suspects telephones translates votes weeps",
}  # fmt: skip

SAID = {
    "species": ("a red {} dances in the forest", "a cat meets a {} at night", "{}, beach, sunset"),
    "object": ("a fox holds a {}", "a bear next to a blue {} in a meadow"),
    "accessory": ("a fox wearing a {}", "a dog with a red {} runs"),
    "place": ("a fox walks in a {}", "a bear in the {} at night", "a cat dances, {}, evening"),
    "color": ("a {} fox walks", "a cat with a {} balloon"),
    "action": ("a fox {}", "the red bear {} in a forest"),
    "time": ("a fox walks at {}", "a dog, {}, beach"),
    "weather": ("a fox walks in a {}", "a dog dances in the {} in a meadow"),
    "look": ("a dog in a forest, {}", "a fox on a beach, {}"),
    "nouns": (
        "a fox with a {}",
        "the {} of a red dragon",
        "a dog, {}, garden",
        "a bear in the {}",
        "a cat and a {} dance",
    ),
    "people": ("a {} and a fox walk", "a {} dances", "a dog and its {}, garden"),
    "things": ("a fox with a {}", "a bear near a {}", "a cat and a {}, garden"),
    "body": ("a fox with a {}", "the {} of a red dragon", "a bear and its {}"),
    "adjectives": ("a {} fox walks in a forest", "the bear is {}", "a {}, red cat sits"),
    "verbs": ("a fox {}", "the red bear {} in a forest"),
}


def like_ours():
    """(prompt, word, right stand-ins) of every sentence with a word that has a stand-in."""
    for kind, said in LIKE_OURS.items():
        for word, right in said.items():
            for sentence in SAID[kind]:
                yield sentence.format(word), word, right


def unlike_ours():
    """(prompt, word) of every sentence with a word that has none."""
    for kind, listing in UNLIKE_OURS.items():
        for word in listing.split():
            for sentence in SAID[kind]:
                yield sentence.format(word), word
