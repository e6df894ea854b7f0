"""Probes look at entities one by one, learn from rendered clips, go on where they stopped, and are kept small."""

from dataclasses import replace

import pytest
import torch

from generation.engine.training import probe_scenes, probes
from generation.engine.training.crops import boxes_of, cut, largest_part
from generation.engine.training.figures import delta_e, iou, lab, main_color
from generation.engine.training.run import Run
from generation.engine.training.scenes import held_out
from generation.engine.world.scene import Character, Prop, Scene

pytestmark = pytest.mark.slow  # painting and looking, again and again

FOX, OWL = (
    Scene(place="beach", characters=(Character("fox", "teal"),)),
    Scene(place="snow", props=(Prop("tent", "red"),)),
)


def test_an_entity_is_cut_out_around_its_box():
    mask = torch.zeros(1, 2, 40, 60, dtype=torch.uint8)
    mask[:, 0, 10:20, 30:50], mask[:, 1, 12:16, 4:8] = 1, 2
    picture = (mask == 1).float()[:, :, None].repeat(1, 1, 3, 1, 1)
    boxes, pixels = boxes_of(mask, 2)
    assert boxes[0, 0, 0].tolist() == [30, 10, 50, 20] and boxes[0, 1, 1].tolist() == [4, 12, 8, 16]
    assert pixels[0].tolist() == [[200, 0], [0, 16]]
    crop = cut(picture, boxes, 50)[0, 0, 0, 0]
    assert crop.mean().item() == pytest.approx(0.5 / 1.25**2, abs=0.02)  # twice as wide as high, with its margin
    assert (crop[25] > 0.5).nonzero()[[0, -1]].flatten().tolist() == [5, 44]


def test_the_largest_part_of_a_mask_is_the_one_to_look_at():
    mask = torch.zeros(2, 32, 32, dtype=torch.bool)
    mask[0, 0:8, 0:8], mask[0, 16:32, 12:32], mask[1, 4:12, 4:28] = True, True, True
    largest = largest_part(mask)
    assert largest[0].nonzero().amin(0).tolist() == [16, 12] and largest[0].sum() == 16 * 20
    assert torch.equal(largest[1], mask[1])
    assert not largest_part(torch.zeros(1, 32, 32, dtype=torch.bool)).any()


def test_colours_and_masks_are_compared_as_eyes_would():
    white, red = lab(torch.tensor([[1.0, 1, 1], [1, 0, 0]]))
    torch.testing.assert_close(white, torch.tensor([100.0, 0, 0]), atol=0.1, rtol=0)
    torch.testing.assert_close(red, torch.tensor([53.2, 80.1, 67.2]), atol=0.2, rtol=0)
    assert delta_e(main_color(torch.tensor([[255, 0, 0]] * 9 + [[0, 0, 255]] * 4)), red) < 0.5
    ring, disc = torch.tensor([True, True, False]), torch.tensor([False, True, True])
    assert iou(ring, disc) == pytest.approx(1 / 3) and iou(ring & ~ring, disc & ~disc) == 1


def test_no_pair_of_the_test_shards_is_learned_from():
    def pairs(number):
        scenes, _ = probe_scenes.scenes_of(number)
        colored = [(who.species, who.color) for scene in scenes for who in scene.characters]
        return colored + [(prop.name, prop.color) for scene in scenes for prop in scene.props]

    assert all(held_out(*pair) for pair in pairs(0))
    assert not any(held_out(*pair) for pair in pairs(probe_scenes.TEST_SHARDS))


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A folder with one small shard to learn from and one to test on."""
    out = tmp_path_factory.mktemp("training")
    (out / "probe-scenes").mkdir()
    for number in (0, probe_scenes.TEST_SHARDS):
        drawn = probe_scenes.draw([FOX, OWL], [number, 1], "cpu", width=96, height=64)
        probe_scenes.save(*drawn, [FOX, OWL], out / "probe-scenes" / f"{number:05d}.safetensors")
    return out


def test_probes_are_trained_tested_kept_and_resumed(out):
    probes.train(Run("probes", out, minutes=0.03))
    assert (out / "probes-shuffled.json").exists()
    probes.learn(Run("probes", out, minutes=0.01))
    assert "resumed after" in (out / "probes.log").read_text()
    assert (out / "probes" / "probes.safetensors").stat().st_size < 3_000_000
    kept = probes.load(out / "probes")
    shots = probe_scenes.load(probe_scenes.shards(out)[1][0])
    seen = probes.look(shots.rgb, shots.mask, 2)
    said = probes.named(probes.read(kept, seen))
    assert seen.clip.tolist() == [0, 1] and seen.number.tolist() == [0, 0]
    assert [len(said[name]) for name in ("species", "object", "color", "action", "place")] == [2] * 5


def test_what_is_shown_is_learned(out):
    torch.manual_seed(3)
    fresh = probes.Probes()
    shots = probe_scenes.load(probe_scenes.shards(out)[0][0])
    batch = probes.examples(shots, torch.arange(2), "cpu")
    assert batch[1]["kind"].tolist() == [6, 20 + 19] and batch[1]["action"].tolist() == [0, -1]
    optimizer = torch.optim.AdamW(fresh.parameters(), lr=2e-3)
    for _ in range(25):
        optimizer.zero_grad()
        sum(probes.losses_of(fresh, batch).values()).backward()
        optimizer.step()
    said = probes.named(probes.read(fresh.eval(), batch[0]))
    assert said["species"][0] == "fox" and said["object"][1] == "tent"
    assert said["color"] == ["teal", "red"] and said["place"] == ["beach", "snow"]


def test_seen_in_a_mirror_boxes_change_sides(out):
    shots = probe_scenes.load(probe_scenes.shards(out)[0][0])
    seen = probes.look(shots.rgb, shots.mask, 1)
    mirrored = probes.mirrored(seen)
    again = probes.look(shots.rgb.flip(3), shots.mask.flip(3), 1)
    torch.testing.assert_close(mirrored.boxes, again.boxes)
    torch.testing.assert_close(mirrored.crops, again.crops, atol=2e-3, rtol=0)
    assert torch.equal(replace(mirrored, pictures=seen.pictures).mask, again.mask)
