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
# (tag, kind, name, description); characters are drawn on their sheets, places are seen in a take
WORLD = (
    ("nova", "character", "Nova", "a red fox with a blue scarf"),
    ("pim", "character", "Pim", "a white rabbit"),
    ("forest", "place", "Pine forest", "a pine forest"),
    ("beach", "place", "Beach", "a beach at noon"),
)
VIEWS, SHEET_SEED = 2, 7  # of a character: from the front and from aside
# (title, prompt, camera, seconds, seeds: the first is chosen): one for each paragraph of the script
SHOTS = (
    ("Snow", "@nova sits in a snowy pine forest in the morning", "dolly in", 3, (7, 11)),
    ("Nobody comes", "@nova looks around in a snowy pine forest in the morning", "static", 2, (7,)),
    ("Along the water", "@pim walks on a beach at noon beside a yellow balloon", "truck right", 3, (7,)),
    ("He waves", "@pim waves on a beach at noon beside a yellow balloon", "orbit left", 3, (11, 7)),
    ("Home", "@nova walks in a pine forest in the evening", "pan right", 3, (7,)),
    ("Together", "@nova and @pim dance in a pine forest at night", "crane up", 3, (7,)),
)
SIZE = (512, 288)
SOUND = "wind in the trees, a bird now and then"
TITLE = "The Fox Who Waited"
CAPTIONS = ((26, 60, "She had waited all winter."), (290, 72, "And then she did not have to."))  # at, frames, words
