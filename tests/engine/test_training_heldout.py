"""The prompts the model is judged by say what they mean, cover the world, and hold nobody it has met."""

from generation.engine.request import CAMERA_MOVES
from generation.engine.training.heldout import PROBED, prompts
from generation.engine.training.scenes import held_out
from generation.engine.world import vocabulary
from generation.engine.world.reading import read


def test_every_prompt_reads_back_to_its_scene():
    misread = [prompt.words for prompt in prompts() if read(prompt.words, seed=prompt.seed).scene != prompt.scene]
    assert misread == []


def test_nobody_in_them_was_ever_seen_in_their_colour():
    for prompt in prompts(60):
        assert all(held_out(character.species, character.color) for character in prompt.scene.characters)
        assert all(held_out(prop.name, prop.color) for prop in prompt.scene.props)


def test_the_first_few_cover_the_world_and_begin_the_many():
    few = prompts(24)
    assert few == prompts()[:24]
    characters = [character for prompt in few for character in prompt.scene.characters]
    assert {character.species for character in characters} == set(vocabulary.SPECIES)
    assert {character.action for character in characters} == set(vocabulary.ACTIONS)
    assert {prompt.scene.place for prompt in few} == set(vocabulary.PLACES)
    assert {prompt.scene.camera.move for prompt in few} == set(CAMERA_MOVES)


def test_probes_are_tested_on_other_prompts():
    assert not {prompt.words for prompt in prompts()} & {prompt.words for prompt in prompts(series=PROBED)}
    assert not {prompt.seed for prompt in prompts()} & {prompt.seed for prompt in prompts(series=PROBED)}
