"""Names of references in a prompt: whom “@nana” means, to every engine that is shown her."""

import json

import numpy as np
import pytest

from generation.engine import catalogue, tags
from generation.engine.cast import Casting
from generation.engine.clip import EngineError
from generation.engine.painter.shot import shot_of
from generation.engine.request import Blocking, InvalidRequest, VideoRequest
from generation.engine.world.lexicon import Sense
from generation.engine.world.reading import read
from generation.engine.world.scene import Character, Prop, Scene

PICTURE = np.zeros((64, 64, 3), np.uint8)
SMALL = {"width": 160, "height": 96, "fps": 12, "seed": 5}
FOX, BALL = Sense("species", "fox", color="violet"), Sense("object", "ball", color="red")


def asked(prompt, references=(), roles=(), names=(), **more):
    given = {"references": references, "reference_roles": roles, "reference_tags": names}
    return VideoRequest(prompt, **SMALL | given | more)


# What is a name.


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("@nana waves at @Robo_2, then @NANA sits", ("nana", "Robo_2")),
        ("(@nana's hat) and “@robo”.", ("nana", "robo")),
        ("write to ada@example.org or x.@y", ()),
        ("a fox @ night for @2 a @@nana", ()),
        ("", ()),
    ],
)
def test_names_are_found_and_addresses_are_none(prompt, names):
    assert tags.mentioned(prompt) == names


@pytest.mark.parametrize("name", ["no", "x" * 17, "2cool", "_nana", "na na", "näna", "@nana", 7, None])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(InvalidRequest, match="is no name for a reference: 3 to 16 letters") as refused:
        asked("a fox", (PICTURE,), names=(name,))
    assert refused.value.field == "reference_tags"


def test_a_name_belongs_to_one_reference_and_each_has_a_name_or_none():
    with pytest.raises(InvalidRequest, match="Two references are called @nana"):
        asked("a fox", (PICTURE,) * 2, names=("Nana", "nanA"))
    with pytest.raises(InvalidRequest, match="There are 2 references and 1 names"):
        asked("a fox", (PICTURE,) * 2, names=("nana",))
    assert asked("a fox", (PICTURE,) * 2, names=("", "")).reference_tags == ()
    assert asked("@nana", (PICTURE,) * 2, names=("", "nana")).reference_tags == ("", "nana")
    assert asked("@nana waves", names=("nana",)).reference_tags == ("nana",), "the picture follows"


def test_a_name_that_nobody_has_is_told():
    for given in ({}, {"references": (PICTURE,), "names": ("lulu",)}):
        with pytest.raises(InvalidRequest, match="says @Nana, but no reference is called so") as refused:
            asked("@Nana waves", **given)
        assert refused.value.field == "prompt"
    assert asked("a fox writes to nana@example.org").prompt


# What models of others read.


def test_each_model_reads_it_in_its_own_words():
    names, roles = ("nana", "", "sea"), ("character", "object", "place")
    prompt = "@NANA swims in @sea; mail ada@sea.org"
    counted = tags.written_out(prompt, tags.by_number(names, roles))
    assert counted == "the character in image 1 swims in the place in image 3; mail ada@sea.org"
    shown = tags.written_out(prompt, tags.by_role(names, roles))
    assert shown.startswith("the character in the first reference swims in the place in the third reference;")


@pytest.mark.parametrize(
    ("kind", "said"), [("vace", "the character in the second reference"), ("klein", "the character in image 2")]
)
def test_it_is_what_the_text_encoder_is_given(tmp_path, kind, said):
    from tests.engine.tiny_images import save_tiny_klein
    from tests.engine.tiny_pipelines import save_tiny_vace

    folder = {"vace": save_tiny_vace, "klein": save_tiny_klein}[kind](tmp_path / kind)
    engine = catalogue.load_engine(catalogue.card_for(str(folder)), device="cpu")
    still = {"width": 64, "height": 64, "num_frames": 1, "num_inference_steps": 2}
    pictures = (PICTURE + 90, PICTURE + 200)

    def drawn(prompt, names):
        return engine.generate(asked(prompt, pictures, (), names, **still), lambda *step: None)

    clip = drawn("@nana waves", ("", "nana"))
    assert clip.recipe["request"]["prompt"] == f"{said} waves"
    assert np.array_equal(clip.frames, drawn(f"{said} waves", ()).frames)
    with pytest.raises(EngineError, match="too long"):
        drawn("@nana " * 160, ("", "nana"))


# What the reader makes of it.


def test_what_is_said_of_a_name_is_said_of_whoever_it_is():
    reading = read("@nana waves at a red robot in a forest", named={"nana": FOX})
    assert reading.scene.characters == (Character("fox", "violet", action="wave"), Character("robot", "red"))
    assert (reading.scene.place, reading.ignored, reading.tagged) == ("forest", (), {"nana": ("character", 0)})
    assert reading.understood["characters"][0]["words"] == "@nana"
    reading = read("a green frog kicks @Toy beside @nana-like who wears a blue hat", named={"nana": FOX, "toy": BALL})
    assert reading.scene.characters[1] == Character("fox", "violet", "hat", accessory_color="blue")
    assert reading.scene.props == (Prop("ball", "red"),)
    assert reading.tagged == {"nana": ("character", 1), "toy": ("object", 0)}


def test_two_of_a_kind_are_two_and_one_who_is_named_twice_is_one():
    named = {"nana": FOX, "lulu": FOX}
    reading = read("@lulu and @nana dance. @lulu's hat is green, the fox is happy", named=named)
    assert [one.species for one in reading.scene.characters] == ["fox", "fox"]
    assert reading.tagged == {"lulu": ("character", 0), "nana": ("character", 1)}
    assert len(read("a fox and @nana", named=named).scene.characters) == 2
    assert len(read("@nana walks, then the fox jumps", named=named).scene.characters) == 1


def test_the_name_of_a_place_is_no_word_that_was_ignored():
    reading = read("a red fox at @sea", named={"sea": None})
    assert reading.ignored == () and len(reading.scene.characters) == 1


# What the built-in model makes of it.


@pytest.fixture(scope="module")
def built_in():
    return catalogue.load_engine(catalogue.BUILT_IN, device="cpu")


@pytest.fixture(scope="module")
def cast():
    """Pictures of a violet bunny, a green frog and a red balloon, as a clip tells them."""
    engine = catalogue.load_engine(catalogue.ANIMATIC, device="cpu")
    prompt = "a violet bunny and a green frog beside a red balloon in a meadow"
    clip = engine.generate(VideoRequest(prompt, width=384, height=224, num_frames=1), lambda *step: None)
    return {one.name.split()[-1]: one.picture for one in clip.cast}


def portraits(shot):
    """Of each entity the mean colour of its portrait, as the strongest channel; None for who follows words."""
    means = shot.portraits[0][..., :3].float().mean((1, 2))
    return [None if mean.max() == 0 else "rgb"[int(mean.argmax())] for mean in means]


def test_the_one_who_is_named_does_it_and_looks_like_the_picture(built_in, cast):
    request = asked("@nana waves at a red robot in a forest", (cast["bunny"],), names=("Nana",), num_frames=1)
    shot = shot_of(request, built_in.pipeline.painter)
    assert shot.scene.characters == (Character("bunny", "violet", action="wave"), Character("robot", "red"))
    assert portraits(shot) == ["b", None]
    other = asked("a red robot waves at @nana in a forest", (cast["bunny"],), names=("nana",))
    shot = shot_of(other, built_in.pipeline.painter)
    assert shot.scene.characters == (Character("robot", "red", action="wave"), Character("bunny", "violet"))
    assert portraits(shot) == [None, "b"]

    clip = built_in.generate(request, lambda *step: None)
    assert [one.name for one in clip.cast] == ["violet bunny", "red robot"]
    assert json.loads(json.dumps(clip.recipe))["request"]["reference_tags"] == ["Nana"]


def test_of_several_the_name_says_which_is_which(built_in, cast):
    def seen(prompt, *names):
        pictures, roles = (cast["bunny"], cast["frog"], cast["balloon"]), ("character", "character", "object")
        return shot_of(asked(prompt, pictures, roles, names), built_in.pipeline.painter)

    shot = seen("@frogo jumps and @nana dances beside @toy on a beach", "nana", "frogo", "toy")
    assert [(one.color, one.action) for one in shot.scene.characters] == [("green", "jump"), ("violet", "dance")]
    assert portraits(shot) == ["g", "b", "r"] and shot.scene.props == (Prop("balloon", "red"),)
    shot = seen("a bear waves at @frogo", "nana", "frogo", "")
    assert [(one.species, one.color) for one in shot.scene.characters][0] == ("bear", None)
    assert portraits(shot) == ["b", "g", "r"], "whoever is not called by name is who is left, as without names"
    assert (
        portraits(seen("a bear and a cat", "nana", "frogo", ""))
        == portraits(seen("a bear and a cat"))
        == ["b", "g", "r"]
    )


def test_a_name_that_says_what_it_is_is_believed(built_in, cast):
    given = (cast["bunny"], cast["balloon"]), ("character", "object"), ("frog2", "lamp")
    scene = shot_of(asked("@Frog2 by @lamp", *given), built_in.pipeline.painter).scene
    assert scene.characters == (Character("frog", "violet"),)
    assert [(prop.name, prop.color) for prop in scene.props] == [("lantern", "red")]


def test_the_place_that_is_named_is_the_one_that_is_seen(built_in):
    pictures = tuple(np.full((72, 128, 3), shade, np.uint8) for shade in (40, 200))
    for prompt, shade in (("a fox at @sea", 200), ("a fox in @wood, not by @sea", 40), ("a fox", 40)):
        request = asked(prompt, pictures, ("place", "place"), ("wood", "sea"))
        assert shot_of(request, built_in.pipeline.painter).view.unique().tolist() == [shade]


def test_in_another_world_the_name_is_bound_to_whose_part_it_takes(built_in, cast):
    shot = Scene("meadow", characters=(Character("fox", action="walk"), Character("bunny", "red", action="jump")))
    given = {"references": (cast["bunny"],), "names": ("nana",), "blocking": Blocking(shot.as_json(), 3)}
    again = shot_of(asked("@nana and a bear on the moon", **given), built_in.pipeline.painter)
    assert [(one.species, one.action) for one in again.scene.characters] == [("bear", "walk"), ("bunny", "jump")]
    assert portraits(again) == [None, "b"]


def test_the_words_of_a_picture_say_who_is_in_it(built_in):
    """A portrait alone is a guess at the kind; what is said of it is believed, down to the hat."""
    grey = np.full((64, 64, 3), 128, np.uint8)
    told = {"names": ("nana",), "reference_words": ("an owl with a red hat",)}
    shot = shot_of(asked("@nana waits", (grey,), **told), built_in.pipeline.painter)
    assert (shot.scene.characters[0].species, shot.scene.characters[0].accessory) == ("owl", "hat")
    assert shot.tagged == {"nana": ("character", 0)}
    other = shot_of(asked("@nana with a scarf", (grey,), **told), built_in.pipeline.painter)
    assert other.scene.characters[0].accessory == "scarf", "the prompt is asked first"


def test_whose_cut_out_it_is_is_told_by_name():
    scene = Scene(characters=(Character("fox"), Character("bear")), props=(Prop("ball"),))
    casting = Casting(scene, {"rex": ("character", 1), "toy": ("object", 0)})
    mask = np.zeros((60, 90), np.uint8)
    mask[5:25, 5:85] = np.repeat([1, 2, 3], [30, 30, 20])
    casting.see(np.full((60, 90, 3), 90, np.uint8), mask)
    assert [one.tag for one in casting.pictures()] == ["", "rex", "toy"]


# Names for whom there are only words.


def test_names_in_words_are_written_out_and_must_be_names():
    request = VideoRequest("@Nana's hat", **SMALL, names=[["nana", "the fox"]])
    assert (request.in_words().prompt, request.in_words().names) == ("the fox's hat", ())
    with pytest.raises(InvalidRequest, match="“no” is no name"):
        VideoRequest("@no", names=(("no", "a fox"),))
    with pytest.raises(InvalidRequest, match="no reference is called so"):
        VideoRequest("@nana", names=(("rex", "a fox"),))
    with pytest.raises(InvalidRequest, match="1,000 are allowed"):
        VideoRequest("@nana " + "x" * 900, names=(("nana", "y" * 200),))
