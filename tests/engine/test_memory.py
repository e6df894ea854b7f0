"""Which model fits which GPU, and which is taken for what."""

import pytest

from generation.engine import catalogue, memory
from generation.engine.memory import Gpu
from generation.engine.published import PUBLISHED

CARDS = (catalogue.BUILT_IN, catalogue.ANIMATIC, *PUBLISHED)
# Of these models the plan, and of these tasks the model, on each GPU of so many gigabytes.
MODELS = (
    "fastwan-2.1-1.3b", "wan-2.1-vace-1.3b", "wan-2.2-ti2v-5b", "wan-2.1-vace-14b", "wan-2.2-t2v-a14b", "z-image-turbo",
    "qwen-image-edit-2511", "ltx-2.5", "sana-wm", "wan-2.2-animate-14b", "ace-step-1.5-xl-turbo",
)  # fmt: skip
TASKS = ("text_to_video", "image_to_video", "references", "text_to_image", "text_to_music")
VACE, FIVE, T2V, I2V = "wan-2.1-vace-1.3b", "wan-2.2-ti2v-5b", "wan-2.2-t2v-a14b", "wan-2.2-i2v-a14b"
LARGE_VACE, STILL, MUSIC = "wan-2.1-vace-14b", "z-image-turbo", "ace-step-1.5-xl-turbo"
QUICK = "fastwan-2.1-1.3b"
SHAPES = {  # F: full, 8: fp8, o: offload, -: does not fit
    "RTX 4060": (8, "8o---o----o", [QUICK, "built-in", "built-in", QUICK, MUSIC]),
    "RTX 3060": (12, "88-oooo---8", [VACE, VACE, VACE, "flux-2-klein-4b", MUSIC]),
    "RTX 4060 Ti": (16, "88ooo8o--o8", [VACE, VACE, VACE, STILL, MUSIC]),
    "L4": (24, "FF8oo8o-8oF", [FIVE, FIVE, VACE, STILL, MUSIC]),
    "RTX 4090": (25.8, "FF8oo8o-8oF", [FIVE, FIVE, VACE, STILL, MUSIC]),
    "RTX 5090": (34.2, "FF88oF8oF8F", [LARGE_VACE, LARGE_VACE, LARGE_VACE, STILL, MUSIC]),
    "A100 40": (42.9, "FFF88F8oF8F", [T2V, I2V, LARGE_VACE, STILL, MUSIC]),
    "L40S": (48.3, "FFF88F88F8F", [T2V, I2V, LARGE_VACE, STILL, MUSIC]),
    "H100": (85.9, "FFFFFFF8FFF", [T2V, I2V, LARGE_VACE, STILL, MUSIC]),
    "H200": (150.8, "FFFFFFFFFFF", [T2V, I2V, LARGE_VACE, STILL, MUSIC]),
}
LETTERS = {"full": "F", "fp8": "8", "offload": "o", None: "-"}


@pytest.mark.parametrize("name", SHAPES)
def test_ten_shapes_of_gpus(name):
    gigabytes, plans, taken = SHAPES[name]
    gpu = Gpu(name, gigabytes)
    published = {card.id: card for card in PUBLISHED}
    assert "".join(LETTERS[memory.fit(published[model].needs, gpu)] for model in MODELS) == plans
    chosen = memory.defaults(CARDS, [gpu])
    assert [chosen[task].id for task in TASKS] == taken


def test_what_a_licence_forbids_something_of_is_never_taken_where_another_serves():
    chosen = memory.defaults(CARDS, [Gpu("H200", 150.8)])
    restricted = {task: card.id for task, card in chosen.items() if card.licence and card.licence.forbids}
    assert restricted == {"text_to_sound": "stable-audio-3-medium", "upscale": "ltx-2.5-upsampler"}


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
