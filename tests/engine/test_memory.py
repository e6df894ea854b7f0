"""Which model fits which GPU, and which is taken for what."""

import pytest

from generation.engine import catalogue, memory
from generation.engine.memory import Gpu
from generation.engine.published import PUBLISHED

CARDS = (catalogue.BUILT_IN, catalogue.ANIMATIC, *PUBLISHED)
SHAPES = {
    "RTX 4060": (8, ["offload", None, None, None], "built-in"),
    "RTX 3060": (12, ["fp8", "offload", None, "offload"], "wan-2.1-vace-1.3b"),
    "RTX 4060 Ti": (16, ["fp8", "offload", "offload", "offload"], "wan-2.1-vace-1.3b"),
    "L4": (24, ["full", "offload", "fp8", "offload"], "wan-2.2-ti2v-5b"),
    "RTX 4090": (25.8, ["full", "offload", "fp8", "offload"], "wan-2.2-ti2v-5b"),
    "RTX 5090": (34.2, ["full", "fp8", "fp8", "offload"], "wan-2.1-vace-14b"),
    "A100 40": (42.9, ["full", "fp8", "full", "fp8"], "wan-2.2-t2v-a14b"),
    "L40S": (48.3, ["full", "fp8", "full", "fp8"], "wan-2.2-t2v-a14b"),
    "H100": (85.9, ["full", "full", "full", "full"], "wan-2.2-t2v-a14b"),
    "H200": (150.8, ["full", "full", "full", "full"], "wan-2.2-t2v-a14b"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_ten_shapes_of_gpus(name):
    gigabytes, plans, default = SHAPES[name]
    gpu = Gpu(name, gigabytes)
    assert [memory.fit(card.needs, gpu) for card in PUBLISHED] == plans
    assert memory.defaults(CARDS, [gpu])["text_to_video"].id == default


def test_without_a_gpu_the_small_models_draw():
    chosen = memory.defaults(CARDS, [])
    assert {card.id for card in chosen.values()} == {"built-in"}
    assert "image_to_video" not in chosen or chosen["image_to_video"].id == "built-in"


def test_the_largest_gpu_decides_and_what_needs_none_fits_everywhere():
    assert memory.fit(None, Gpu("none to speak of", 1)) == "full"
    chosen = memory.defaults(CARDS, [Gpu("small", 8), Gpu("large", 85.9)])
    assert chosen["references"].id == "wan-2.1-vace-14b"
    assert chosen["camera"].id == "built-in", "no large model here is asked for its camera exactly"


def test_less_is_on_the_gpu_the_more_is_kept_in_ram():
    for card in PUBLISHED:
        on_gpu = [card.needs.of_gpu(plan) for plan in memory.PLANS]
        in_ram = [card.needs.of_ram(plan) for plan in memory.PLANS]
        assert on_gpu == sorted(on_gpu, reverse=True) and in_ram == sorted(in_ram), card.id


def test_gpus_are_read_as_nvidia_smi_lists_them(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert memory.gpus() == ()
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'NVIDIA H200, 143771'\necho 'NVIDIA L4, 23034'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    assert memory.gpus() == (Gpu("NVIDIA H200", 150.8), Gpu("NVIDIA L4", 24.2))
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\nexit 9\n")
    assert memory.gpus() == ()
