"""What the sample film is made from: a page of script, two characters, six shots and a cut."""

NAME = "The Fox Who Waited"
SCRIPT = """\
Title: The Fox Who Waited
Credit: A sample film
Author: Runwayweb

EXT. PINE FOREST - MORNING

Snow falls. NOVA, a red fox with a blue scarf, sits among the trees and looks down the path.

She looks around. Nobody comes.

EXT. BEACH - DAY

Far away PIM, a white rabbit, walks along the water beside a yellow balloon.

Pim stops, and waves to somebody we do not see.

EXT. PINE FOREST - EVENING

Nova walks home between the trees.

EXT. PINE FOREST - NIGHT

There he is. Nova and Pim dance under the stars.
"""
# (tag, kind, name, description)
WORLD = (
    ("nova", "character", "Nova", "a red fox with a blue scarf"),
    ("pim", "character", "Pim", "a white rabbit"),
    ("forest", "place", "The forest", "a pine forest"),
    ("beach", "place", "The beach", "a beach at noon"),
)
SCENES = (
    "EXT. PINE FOREST - MORNING",
    "EXT. BEACH - DAY",
    "EXT. PINE FOREST - EVENING",
    "EXT. PINE FOREST - NIGHT",
)
# (scene, title, prompt, camera, seconds, seeds: the first is chosen)
SHOTS = (
    (
        0,
        "Snow",
        "A red fox with a blue scarf sits in a snowy pine forest in the morning",
        "dolly in",
        3,
        (7, 11),
    ),
    (
        0,
        "Nobody comes",
        "A red fox with a blue scarf looks around in a snowy pine forest in the morning",
        "static",
        2,
        (7,),
    ),
    (1, "Along the water", "A white rabbit walks on a beach at noon beside a yellow balloon", "truck right", 3, (7,)),
    (1, "He waves", "A white rabbit waves on a beach at noon beside a yellow balloon", "orbit left", 3, (11, 7)),
    (2, "Home", "A red fox with a blue scarf walks in a pine forest in the evening", "pan right", 3, (7,)),
    (
        3,
        "Together",
        "A red fox with a blue scarf and a white rabbit dance in a pine forest at night",
        "crane up",
        3,
        (7,),
    ),
)
SIZE = (512, 288)
SOUND = "wind in the trees, a bird now and then"
TITLE = "The Fox Who Waited"
CAPTIONS = ((26, 60, "She had waited all winter."), (290, 72, "And then she did not have to."))  # at, frames, words
