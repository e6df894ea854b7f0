"""How the built-in model is made: what it learns from, what it is told each time, and that it can stop and go on."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from generation.engine.painter.codec import Codec, in_groups, out_of_groups
from generation.engine.painter.network import KNOWN, LAST_FRAME_KNOWN, UNKNOWN, Painter
from generation.engine.painter.relief import Relief
from generation.engine.training import checkpoint, samples, scenes
from generation.engine.training.painter import likeness_of, losses, worth_of_channels

TINY = {"latent_channels": 8, "width": 8, "blocks": 1}
SMALL = {"latent_channels": 8, "widths": (8, 16, 32, 64), "residuals": (1, 1, 1), "layers": 2}

# Nobody who runs a studio trains a model. It takes as long as it takes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def shard(tmp_path_factory):
    """Four small clips on disk, as the stage writes them, encoded by an untrained codec."""
    out = tmp_path_factory.mktemp("training")
    (out / "scenes").mkdir()
    rng = np.random.default_rng(2)
    frames = [list(range(start, start + scenes.CLIP_FRAMES)) for start in (0, 3, 8, 16)]
    clips = scenes.draw_clips(
        [scenes.random_scene(rng) for _ in range(4)], [1, 2, 3, 4], shape=(96, 64), frames=frames, device="cpu", rng=rng
    )
    scenes.save(clips, out / "scenes" / "00000.safetensors")
    torch.manual_seed(1)
    codec = Codec(**TINY, latents_mean=[0.0] * 8, latents_scale=[1.0] * 8)
    paths = scenes.shards(out)
    samples.encode(codec, paths, out / "latents", "cpu")
    return clips, scenes.load(paths[0]), samples.load(paths[0], out / "latents")


def test_no_held_out_pair_is_ever_learned_from():
    rng = np.random.default_rng(9)
    drawn = [scenes.random_scene(rng) for _ in range(600)]
    pairs = {(one.species, one.color) for scene in drawn for one in scene.characters}
    pairs |= {(one.name, one.color) for scene in drawn for one in scene.props}
    assert len(pairs) > 300 and not any(scenes.held_out(*pair) for pair in pairs)
    everyone = [(name, color) for name in scenes.vocabulary.SPECIES for color in scenes.vocabulary.COLORS]
    assert 0.08 < np.mean([scenes.held_out(*pair) for pair in everyone]) < 0.18


def test_a_shard_is_read_as_it_was_drawn(shard):
    drawn, read, _ = shard
    assert read.scenes == drawn.scenes and read.seeds == drawn.seeds
    assert all(torch.equal(getattr(read, name), getattr(drawn, name)) for name in scenes.TENSORS)


def test_the_guide_says_where_and_how_things_lie_but_not_their_colours(shard):
    clips = shard[0]
    surface, cover = clips.surface.float(), clips.cover.float() / 255
    assert surface.shape == (4, 9, 12, 16, 24) and cover.shape == (4, 9, scenes.ENTITIES, 16, 24)
    normal, sky = surface[:, :, 2:5].norm(dim=2), surface[:, :, 5]
    assert (normal + sky <= 1.01).all() and ((normal + sky) > 0.9).float().mean() > 0.6
    for number in range(scenes.ENTITIES):
        owned = (clips.mask == number + 1).float().mean((2, 3))
        assert torch.allclose(cover[:, :, number].mean((2, 3)), owned, atol=2e-3)


def test_portraits_show_the_same_cast_somewhere_else(shard):
    clips = shard[0]
    assert clips.portraits.shape == (4, scenes.ENTITIES, 64, 64, 4) and clips.views.shape == (4, 72, 128, 3)
    for scene, cut in zip(clips.scenes, clips.portraits, strict=True):
        seen = cut[..., 3].flatten(1).amax(1) > 0
        assert not seen[len(scene.characters) + len(scene.props) :].any()


def test_groups_of_four_can_be_undone():
    frames = torch.rand(2, 9, 3, 4, 4)
    assert in_groups(frames).shape == (2, 3, 4, 3, 4, 4)
    assert torch.allclose(out_of_groups(in_groups(frames)), frames)


def test_latents_can_be_seen_at_unit_size_and_back():
    codec = Codec(**TINY, latents_mean=list(range(8)), latents_scale=[0.5] * 8)
    latents = torch.rand(3, 8, 4, 6)
    assert torch.allclose(codec.denormalized(codec.normalized(latents)), latents, atol=1e-6)


def test_an_error_counts_by_how_much_it_moves_the_picture():
    torch.manual_seed(6)
    codec = Codec(**TINY, latents_mean=[0.0] * 8, latents_scale=[1.0] * 8)
    with torch.no_grad():
        codec.linear_out.weight[:, 3] *= 10
    worth = worth_of_channels(codec, torch.randn(4, 8, 8, 12))
    assert worth.shape == (8, 1, 1) and worth.mean() == pytest.approx(1)
    assert worth.argmax() == 3 and worth[3] > 10 * worth.flatten().sort().values[-2]


def test_every_way_of_asking_is_learned(shard):
    _, _, encoded = shard
    generator = torch.Generator().manual_seed(4)
    ways, pictured, guided = set(), 0.0, []
    for _ in range(60):
        clean, given = samples.sample(encoded, torch.arange(4), generator)
        for clip in range(4):
            knowledge = given.knowledge[clip]
            ways.add((int(knowledge[0, 0, 0]), int(knowledge[1, 0, 0]), int(knowledge[-1, 0, 0])))
            at = (knowledge == KNOWN)[:, None].expand_as(clean[clip])
            assert torch.equal(given.known[clip][at], clean[clip][at])
            assert not given.known[clip][(knowledge == UNKNOWN)[:, None].expand_as(clean[clip])].any()
        pictured += float(given.pictured.sum())
        guided.append(given.guided.mean())
        assert not given.cover[given.guided == 0].any()
    assert {(UNKNOWN,) * 3, (KNOWN, UNKNOWN, UNKNOWN), (KNOWN, UNKNOWN, LAST_FRAME_KNOWN)} <= ways
    assert {(UNKNOWN, UNKNOWN, LAST_FRAME_KNOWN), (KNOWN, KNOWN, UNKNOWN), (KNOWN,) * 3} <= ways
    assert pictured > 20 and 0.8 < np.mean(guided) < 0.97


def test_a_painter_learns_and_goes_on_where_it_stopped(shard, tmp_path):
    encoded = shard[2]

    def fresh():
        torch.manual_seed(5)
        painter = Painter(**SMALL)
        optimizer = torch.optim.AdamW(painter.parameters(), lr=2e-3)
        return {"model": painter, "optimizer": optimizer, "average": checkpoint.Average(painter, decay=0.9)}

    def learn(state, steps):
        found = []
        for step in range(steps):
            generator = torch.Generator().manual_seed(step)
            clean, given = samples.everything(encoded, torch.arange(4))
            pixels = samples.pixels_of(encoded, torch.arange(4))
            noise = torch.randn(clean.shape, generator=generator)
            loss, of_pixels = losses(state["model"], clean, pixels, given, torch.full((4,), 0.9), noise=noise)
            state["optimizer"].zero_grad()
            (loss + of_pixels + likeness_of(state["model"], given)).backward()
            state["optimizer"].step()
            state["average"].update(state["model"])
            found.append(loss.item() + of_pixels.item())
        return found

    whole = fresh()
    found = learn(whole, 24)
    assert found[-1] < 0.9 * found[0]
    checkpoint.keep(tmp_path / "painter.state", **whole)
    resumed = fresh()
    assert checkpoint.resume(tmp_path / "painter.state", **resumed)
    assert resumed["average"].steps == 24
    assert learn(resumed, 2) == pytest.approx(learn(whole, 2), rel=1e-3)
    assert not checkpoint.resume(tmp_path / "none.state", **fresh())


def test_training_can_begin_from_weights_that_were_shipped(tmp_path):
    shipped, fresh, other = Painter(**SMALL), Painter(**SMALL), Painter(**SMALL | {"layers": 1})
    shipped.to(torch.bfloat16).save_pretrained(tmp_path)
    average = checkpoint.Average(fresh)
    assert checkpoint.begin_from(tmp_path, fresh, average)
    for name, value in shipped.named_parameters():
        assert torch.equal(dict(fresh.named_parameters())[name], value.float())
        assert torch.equal(average.values[name], value.float())
    assert checkpoint.begin_from(tmp_path, other, checkpoint.Average(other)), "a changed model takes what fits"
    assert torch.equal(other.together[1].weight, shipped.together[1].weight.float())
    assert not checkpoint.begin_from(tmp_path / "nothing", fresh, average)


@pytest.mark.timeout(1800)
def test_every_stage_runs_from_the_shell_and_again(tmp_path):
    for stage, minutes in (
        ("scenes", 1.5),
        ("codec", 0.5),
        ("codec", 0.1),
        ("painter", 0.5),
        ("painter", 0.2),
        ("relief", 0.3),
        ("relief", 0.1),
    ):
        command = [sys.executable, "-m", "generation.engine.training", stage, "--minutes", str(minutes)]
        ran = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert "probe:" in ran.stdout and "done:" in ran.stdout
    assert "resumed" in ran.stdout
    assert (tmp_path / "painter" / "config.json").exists()


def test_saved_parts_do_not_tell_where_they_were_trained(tmp_path):
    from generation.engine.training.assemble import assemble

    codec = Codec(**TINY, latents_mean=[0.0] * 8, latents_scale=[1.0] * 8)
    relief = Relief(widths=(8, 16), blocks=1)
    for name, part in (("codec", codec), ("painter", Painter(**SMALL)), ("relief", relief)):
        part.save_pretrained(tmp_path / name)
    folder = assemble(tmp_path)
    assert not [file for file in folder.rglob("*.json") if str(tmp_path) in file.read_text()]
