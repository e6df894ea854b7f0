"""The world as it is drawn: every word of the vocabulary can be seen, the same seed gives the same bytes, and the
depth, masks and matrices that come with a picture agree with it."""

import numpy as np
import pytest
import torch

from generation.engine.world import numbering, vocabulary
from generation.engine.world.accessories import ACCESSORY_SCULPTORS
from generation.engine.world.characters import SCULPTORS, body_of
from generation.engine.world.looks import expose, expose_inverse
from generation.engine.world.motion import ACTS, DREAM
from generation.engine.world.objects import MAKERS, thing_of
from generation.engine.world.palette import COLOR_VALUES, TIMES
from generation.engine.world.places import PLACES
from generation.engine.world.render import FAR, draw, render
from generation.engine.world.scene import CameraMove, Character, Prop, Scene
from generation.engine.world.scenery import PREFABS, prefab
from generation.engine.world.stage import set_stage

SMALL = {"width": 128, "height": 80, "fps": 12}


def drawn(scene, seed=1, num_frames=1, **size):
    return render([scene], [seed], num_frames=num_frames, **SMALL | size)


def test_everything_the_vocabulary_names_can_be_drawn():
    assert set(SCULPTORS) == set(vocabulary.SPECIES)
    assert set(ACCESSORY_SCULPTORS) == set(vocabulary.ACCESSORIES)
    assert set(MAKERS) == set(vocabulary.OBJECTS)
    assert set(ACTS) == set(vocabulary.ACTIONS)
    assert set(PLACES) == set(vocabulary.PLACES)
    assert set(COLOR_VALUES) == set(vocabulary.COLORS)
    assert set(TIMES) == set(vocabulary.TIMES_OF_DAY)


@pytest.mark.parametrize("species", vocabulary.SPECIES)
def test_a_character_stands_on_the_ground_and_wears_everything(species):
    plain = body_of(species, None)
    # Neither the letters above a sleeper, nor domes, whose lower half is cut off.
    awake = (plain.table.joint != DREAM) & (plain.table.shape[:, 1] == -1)
    reach = np.sqrt((plain.table.linear[awake] ** 2).sum(-1))
    lowest = (plain.table.centre[awake] - reach)[:, 1].min()
    assert -0.05 < lowest < 0.12, "feet at the ground (a ghost's hem hangs a little above it)"
    for accessory in vocabulary.ACCESSORIES:
        assert len(body_of(species, accessory).table) > len(plain.table)


def test_species_have_silhouettes_of_their_own():
    """No two species cover nearly the same pixels, whatever their colour."""
    outlines = {}
    for species in vocabulary.SPECIES:
        mask = drawn(Scene(place="moon", characters=(Character(species),)), seed=2).mask[0, 0] == 1
        assert 0.04 < mask.float().mean() < 0.45, species
        outlines[species] = mask
    for one in outlines:
        for other in outlines:
            if one < other:
                shared = (outlines[one] & outlines[other]).sum() / (outlines[one] | outlines[other]).sum()
                assert shared < 0.93, (one, other)


@pytest.mark.parametrize("name", vocabulary.OBJECTS)
def test_a_thing_can_be_seen_and_stands_on_the_ground(name):
    low, _ = thing_of(name).table.extent
    assert low[1] > -0.15
    clip = drawn(Scene(place="garden", props=(Prop(name),)))
    assert (clip.mask == 1).float().mean() > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("place", vocabulary.PLACES)
def test_a_place_is_a_place_of_its_own_at_any_time_in_any_weather(place):
    for index, weather in enumerate(vocabulary.WEATHERS):
        time = vocabulary.TIMES_OF_DAY[index % 4]
        clip = drawn(Scene(place=place, time_of_day=time, weather=weather, characters=(Character("cat"),)))
        picture = clip.rgb.float()
        assert picture.std() > 12, "something can be made out"
        assert 12 < picture.mean() < 245
        assert torch.isfinite(clip.depth).all() and clip.depth.min() > 0.3
        assert (clip.mask == 1).any()


def test_places_look_different():
    pictures = [drawn(Scene(place=place)).rgb.float().mean((0, 1, 2, 3)) for place in vocabulary.PLACES]
    distances = torch.cdist(torch.stack(pictures), torch.stack(pictures)) + 1e3 * torch.eye(len(pictures))
    assert (distances < 4).sum() <= 4, "hardly any two places share their mean colour"


@pytest.mark.parametrize("color", vocabulary.COLORS)
def test_a_character_has_the_colour_it_was_given(color):
    """Of all the colours, the one asked for is nearest to what the eye sees in daylight, hue before brightness."""
    clip = drawn(Scene(place="meadow", characters=(Character("bear", color=color),)), seed=3, width=192, height=128)
    seen = clip.rgb[0, 0][clip.mask[0, 0] == 1].float().median(0).values / 255
    others = {name: np.array(value) for name, value in COLOR_VALUES.items()}
    nearest = sorted(others, key=lambda name: np.abs(_chroma(seen.numpy()) - _chroma(others[name])).sum())
    assert color in nearest[:3], (color, nearest[:3], seen)


def _chroma(rgb):
    value = rgb.max()
    return np.array([*(3 * (rgb - rgb.mean())), 0.8 * value])


@pytest.mark.slow
@pytest.mark.parametrize("action", vocabulary.ACTIONS)
def test_an_action_moves_its_character(action):
    clip = drawn(Scene(place="snow", characters=(Character("fox", action=action),)), num_frames=13)
    masks = (clip.mask[0] == 1).float()
    assert (masks.mean((1, 2)) > 0.01).all(), "in the picture from the first to the last frame"
    changed = (clip.rgb[0, 1:].float() - clip.rgb[0, :-1].float()).abs().amax(-1)
    assert (changed > 12).float().mean() > 0.0005
    outline = (masks[1:] != masks[:-1]).float().mean()
    assert outline > {"stand": 0.0, "sit": 0.0, "sleep": 0.0, "nod": 0.0, "look around": 0.0}.get(action, 0.004)


@pytest.mark.slow
@pytest.mark.parametrize("action", ["walk", "run", "fly", "swim"])
def test_travellers_stay_in_the_picture_of_a_long_shot(action):
    for width, height in ((128, 80), (80, 128)):
        scene = Scene(place="beach", characters=(Character("dog", action=action),))
        clip = render([scene], [5], width=width, height=height, num_frames=20, fps=2)
        masks = clip.mask[0] == 1
        places = torch.stack([mask.nonzero().float().mean(0)[1] for mask in masks])
        assert places.min() > 0.08 * width and places.max() < 0.92 * width
        assert places.max() - places.min() > 0.05 * width


def test_the_cast_is_inside_the_picture_whatever_its_shape():
    scene = Scene(
        place="garden", characters=(Character("bear"), Character("wizard")), props=(Prop("balloon"), Prop("ball"))
    )
    for width, height in ((160, 96), (112, 112), (96, 160)):
        mask = render([scene], [3], width=width, height=height, num_frames=1, fps=12).mask[0, 0]
        for entity in range(1, 5):
            where = (mask == entity).nonzero()
            assert len(where) > 15, "each is seen"
            if entity <= 2:
                assert where[:, 0].min() > 0 and where[:, 0].max() < height - 1
                assert where[:, 1].min() > 0 and where[:, 1].max() < width - 1


def test_equal_seeds_give_equal_bytes_and_other_seeds_other_pictures():
    scene = Scene(place="night wood", characters=(Character("owl", action="fly"),), props=(Prop("lantern"),))
    one, two, other = drawn(scene, 7, 3), drawn(scene, 7, 3), drawn(scene, 8, 3)
    assert torch.equal(one.rgb, two.rgb) and torch.equal(one.depth, two.depth) and torch.equal(one.mask, two.mask)
    assert not torch.equal(one.rgb, other.rgb)


def test_clips_drawn_together_are_the_clips_drawn_alone():
    """Many clips in one go, as on a GPU: nothing of one shows in another."""
    scenes = [
        Scene(place="beach", look="noir", characters=(Character("dog", action="run"),)),
        Scene(place="room", look="cartoon", characters=(Character("cat"),), props=(Prop("candle"),)),
        Scene(place="snow", weather="snowfall", characters=(Character("penguin"), Character("bear"))),
    ]
    seeds = [1, 2, 3]
    alone = [render([scene], [seed], num_frames=2, **SMALL) for scene, seed in zip(scenes, seeds, strict=True)]
    stage = set_stage(scenes, seeds, num_frames=2, **SMALL)
    rgb, depth, mask, rest, part = draw(stage, torch.tensor([0, 0, 1, 1, 2, 2]), torch.tensor([0, 1, 0, 1, 0, 1]))
    for index, clip in enumerate(alone):
        both = slice(2 * index, 2 * index + 2)
        difference = (rgb[both].int() - clip.rgb[0].int()).abs()
        assert difference.float().mean() < 0.2 and (difference > 8).float().mean() < 0.002
        torch.testing.assert_close(depth[both], clip.depth[0], rtol=1e-3, atol=1e-3)
        assert (mask[both] != clip.mask[0]).float().mean() < 0.001
        assert ((rest[both] - clip.rest[0]).abs().amax(-1) > 0.02).float().mean() < 0.002
        assert (part[both] != clip.part[0]).float().mean() < 0.002


def test_a_point_of_a_body_stays_the_same_point_whatever_the_body_does():
    scene = Scene(place="meadow", characters=(Character("fox", action="dance"),), camera=CameraMove("orbit left"))
    clip = drawn(scene, seed=5, num_frames=9)
    own = clip.mask[0] == 1
    for frame in (0, 8):
        points = clip.rest[0, frame][own[frame]].float()
        assert (points.amin(0) > torch.tensor([-0.7, -0.1, -0.8])).all()
        assert (points.amax(0) < torch.tensor([0.7, 1.6, 0.8])).all()
    ground = clip.rest[0][(clip.mask[0] == 0) & (clip.depth[0] < 6)].float()
    assert ground[:, 1].abs().median() < 0.01, "of the place it is the point in the world"
    assert not clip.rest[0][clip.depth[0] >= FAR].any()


def test_every_part_has_a_number_of_its_own():
    tables = [body_of(name).table for name in vocabulary.SPECIES]
    tables += [thing_of(name).table for name in vocabulary.OBJECTS] + [prefab(name) for name in PREFABS]
    worn = [body_of("fox", name).table.number[len(body_of("fox").table) :] for name in vocabulary.ACCESSORIES]
    numbers = np.concatenate([table.number for table in tables] + worn)
    assert len(set(numbers)) == len(numbers)
    assert numbers.min() > numbering.GROUND and numbers.max() < numbering.NUMBERS <= np.iinfo(np.int16).max


def test_a_part_is_the_same_part_in_any_place_pose_and_colour():
    plain, dressed = (
        drawn(Scene(place=place, characters=(Character("fox", color, accessory, action=action),)), seed=seed)
        for place, color, accessory, action, seed in (("room", "red", None, "sit", 1), ("moon", None, "hat", "fly", 2))
    )
    whose = [set(clip.part[clip.mask == 1].tolist()) for clip in (plain, dressed)]
    fox, hat = set(body_of("fox").table.number), set(numbering.of_accessory("hat", 3))
    assert len(whose[0] & whose[1]) > 10
    assert whose[0] <= fox and whose[1] <= fox | hat and whose[1] & hat
    assert not fox & set(dressed.part[dressed.mask == 0].tolist())
    assert (dressed.part[dressed.depth >= FAR] == numbering.SKY).all()
    assert (dressed.part == numbering.GROUND).any()


def test_depth_and_matrices_agree():
    """A point of the ground, found by depth in one frame, lies on the ground and where the other frame sees it."""
    scene = Scene(place="moon", camera=CameraMove("truck right"), characters=(Character("astronaut"),))
    clip = drawn(scene, num_frames=2)
    camera, intrinsics = clip.camera_to_world[0].double(), clip.intrinsics[0].double()
    rows, columns = torch.tensor([70, 75, 78]), torch.tensor([20, 64, 100])
    pixel = torch.stack([columns + 0.5, rows + 0.5, torch.ones(3)]).double()
    assert (clip.mask[0, 0, rows, columns] == 0).all()
    local = torch.linalg.inv(intrinsics[0]) @ pixel * clip.depth[0, 0, rows, columns].double()
    world = camera[0, :3, :3] @ local + camera[0, :3, 3:]
    assert world[1].abs().max() < 2e-3
    again = camera[1, :3, :3].T @ (world - camera[1, :3, 3:])
    seen = intrinsics[1] @ again
    seen = (seen[:2] / seen[2]).T
    inside = (seen[:, 0] > 0) & (seen[:, 0] < 128) & (seen[:, 1] < 80)
    assert inside.any()
    for (x, y), depth in zip(seen[inside], again[2][inside], strict=True):
        assert float(clip.depth[0, 1, int(y), int(x)]) == pytest.approx(float(depth), rel=0.03)


def test_where_everything_is_can_be_had_without_its_colours():
    scene = Scene(place="forest", weather="rain", characters=(Character("fox"), Character("owl", action="fly")))
    size = {"width": 96, "height": 64, "num_frames": 3, "fps": 12}
    drawn, shapes = render([scene], [4], **size), render([scene], [4], **size, shaded=False)
    assert torch.equal(drawn.depth, shapes.depth) and torch.equal(drawn.mask, shapes.mask)
    assert drawn.rgb.any() and not shapes.rgb.any() and shapes.rgb.shape == drawn.rgb.shape


def test_the_mask_is_where_the_entity_is():
    scene = Scene(place="castle", characters=(Character("knight"),), props=(Prop("chest"),))
    clip = drawn(scene, width=256, height=144)
    empty = drawn(Scene(place="castle"), width=256, height=144)
    assert sorted(clip.mask.unique().tolist()) == [0, 1, 2]
    assert clip.mask.dtype == torch.uint8 and clip.rgb.dtype == torch.uint8 and clip.depth.dtype == torch.float32
    sky = clip.depth == FAR
    assert sky.any() and (clip.mask[sky] == 0).all()
    assert clip.depth[clip.mask == 1].max() < clip.depth[sky].min()
    assert set(empty.mask.unique().tolist()) == {0}


def test_still_pictures_do_not_flicker():
    """Where nothing moves, one frame is the next, but for what drifts through the air."""
    clip = drawn(Scene(place="castle", characters=(Character("robot"),)), num_frames=3, width=256, height=144)
    still = (clip.mask[0] == 0).all(0)
    change = (clip.rgb[0, 1:].int() - clip.rgb[0, :-1].int()).abs().amax(-1)[:, still]
    assert (change > 6).float().mean() < 0.01


def test_night_is_darker_and_rain_and_snow_are_seen_falling():
    day, night = (drawn(Scene(place="lake", time_of_day=time)).rgb.float().mean() for time in ("day", "night"))
    assert night < 0.6 * day
    for weather in ("rain", "snowfall"):
        clip = drawn(Scene(place="meadow", weather=weather), num_frames=2, width=256, height=144)
        clear = drawn(Scene(place="meadow", weather="cloudy"), num_frames=2, width=256, height=144)
        moved = [(each.rgb[0, 1].float() - each.rgb[0, 0].float()).abs().mean() for each in (clip, clear)]
        assert moved[0] > 2 * moved[1]


def test_noir_has_no_colour_and_looks_differ():
    pictures = {}
    for look in vocabulary.LOOKS:
        pictures[look] = drawn(
            Scene(place="garden", look=look, characters=(Character("pig"),)), width=256, height=144
        ).rgb.float()
    saturation = {look: (picture.amax(-1) - picture.amin(-1)).mean() for look, picture in pictures.items()}
    assert saturation["noir"] < 12 < saturation["clay"] < saturation["cartoon"]
    for one in pictures:
        for other in pictures:
            if one < other:
                assert (pictures[one] - pictures[other]).abs().mean() > 8


def test_exposure_can_be_undone():
    light = torch.tensor([0.0, 0.01, 0.2, 1.0, 1.5])
    torch.testing.assert_close(expose_inverse(expose(light)), light, rtol=2e-3, atol=1e-4)


def test_laying_out_a_clip_takes_a_few_milliseconds():
    import time

    scene = Scene(place="forest", characters=(Character("fox", action="walk"),), props=(Prop("lantern"),))
    set_stage([scene], [0], num_frames=9, **SMALL)
    start = time.process_time()
    set_stage([scene] * 20, list(range(20)), num_frames=9, **SMALL)
    assert (time.process_time() - start) / 20 < 0.02


@pytest.mark.parametrize("accessory", vocabulary.ACCESSORIES)
def test_what_somebody_wears_takes_the_colour_that_was_asked_for(accessory):
    """More of that colour in the picture, and everybody else's colour as it was."""

    def picture(color):
        wearing = Scene(characters=(Character("bear", None, accessory, "stand", color),))
        return render([wearing], [3], width=192, height=108, num_frames=1, fps=12).rgb[0, 0].float()

    own, teal = picture(None), picture("teal")
    changed = (own - teal).abs().sum(-1) > 24
    assert 8 < changed.sum() < 0.25 * changed.numel()
    red, green, blue = teal[changed].mean(0)
    assert green > red and blue > red


def test_snow_lies_on_the_ground_and_whoever_stands_in_it_keeps_their_colour():
    def picture(weather):
        rendering = drawn(Scene("forest", weather=weather, characters=(Character("fox", "red"),)))
        return rendering.rgb[0, 0].float(), rendering.mask[0, 0]

    (snowy, mask), (clear, _) = picture("snowfall"), picture("clear")
    ground = torch.zeros_like(mask, dtype=torch.bool)
    ground[-12:] = mask[-12:] == 0
    assert snowy[ground].mean() > clear[ground].mean() + 60
    assert snowy[ground].std(-1).mean() < 14, "white, not green"
    red, green, blue = snowy[mask == 1].mean(0)
    assert red > green + 40 and red > blue + 40
