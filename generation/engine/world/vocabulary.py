"""The words of the world: every name here can be read in a prompt and drawn by the renderer.

The order is part of the contract: an entity's index is what a model trained on this world sees. Add at the end.
"""

SPECIES = (
    "bear", "bunny", "cat", "dog", "dragon", "elephant", "fox", "frog", "knight", "octopus", "penguin", "robot",
    "owl", "pig", "turtle", "wizard", "astronaut", "mouse", "unicorn", "ghost",
)  # fmt: skip

COLORS = (
    "red", "orange", "yellow", "green", "teal", "blue", "violet", "pink", "white", "black", "brown", "grey", "golden",
)  # fmt: skip

ACCESSORIES = (
    "hat", "scarf", "crown", "glasses", "bow tie", "backpack", "cape", "flower", "headphones", "party hat",
)  # fmt: skip

OBJECTS = (
    "balloon", "ball", "box", "mushroom", "flower", "lantern", "umbrella", "boat", "car", "rocket", "chair", "table",
    "book", "cup", "candle", "star", "kite", "cake", "apple", "tent", "bell", "rock", "sign", "chest", "bench",
    "snowman", "campfire", "guitar",
)  # fmt: skip

PLACES = (
    "meadow", "forest", "snow", "desert", "beach", "city", "room", "night wood", "lava field", "mountains", "lake",
    "castle", "moon", "underwater", "garden", "rooftop",
)  # fmt: skip

ACTIONS = (
    "stand", "walk", "run", "jump", "dance", "sit", "sleep", "wave", "spin", "look around", "fly", "nod", "bow", "swim",
)  # fmt: skip

TIMES_OF_DAY = ("morning", "day", "evening", "night")
WEATHERS = ("clear", "cloudy", "rain", "snowfall", "fog")
LOOKS = ("clay", "cartoon", "watercolor", "noir")
