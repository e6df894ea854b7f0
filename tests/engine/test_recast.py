"""An earlier shot with new words: what they say changes, what they leave open stays."""

from dataclasses import replace

import pytest

from generation.engine.recast import recast
from generation.engine.world.reading import read
from generation.engine.world.scene import Character, Prop


@pytest.mark.parametrize("goes_on", [False, True])
def test_what_a_new_prompt_leaves_open_stays_as_it_was(goes_on):
    def again(prompt):
        return recast(shot, read(prompt), goes_on)

    shot = read(
        "a violet fox with a red hat and a green frog by a blue box in a forest at night, camera pans left"
    ).scene
    fox, frog = shot.characters
    assert again("the fox waves") == shot
    assert again("the fox and the frog in the rain") == replace(shot, weather="rain")
    assert again("a teal frog").characters == (fox, replace(frog, color="teal"))
    assert again("a yellow box").props == (Prop("box", "yellow"),)
    assert again("an orange fox with a blue hat").characters[0] == replace(fox, color="orange", accessory_color="blue")


def test_who_is_new_takes_the_part_of_another_or_joins():
    shot = read("a violet fox walks and a green frog by a blue box in a forest").scene
    fox, frog = shot.characters
    scene = recast(shot, read("a bear and a frog on the moon"))
    assert scene.characters == (Character("bear", action="walk"), frog)
    assert (scene.place, scene.props) == ("moon", shot.props)
    scene = recast(shot, read("a fox, a frog and a cat by a red ball and a box"))
    assert scene.characters == (fox, frog, Character("cat"))
    assert scene.props == (*shot.props, Prop("ball", "red"))
    assert recast(shot, read("a bear and a cat on the moon"), goes_on=True) == shot
    assert recast(shot, read("an orange fox with a blue scarf"), goes_on=True).characters[0] == replace(
        fox, color="orange"
    )
