"""The measurement of large models runs as it is written, at tiny size; its floors are those of the architectures."""

import json
import runpy
from pathlib import Path

import pytest
import torch

from generation.engine.published import PUBLISHED

SCRIPT = str(Path(__file__).resolve().parents[2] / "bench" / "engine.py")


def test_a_step_and_a_clip_are_measured_at_tiny_size_and_nothing_is_kept(monkeypatch, capsys):
    monkeypatch.setenv("SMOKE", "1")
    bench = runpy.run_path(SCRIPT)
    kept = bench["KEPT"].read_bytes() if bench["KEPT"].exists() else None
    bench["main"](["wan-14b", "clip"])
    step, clip = (json.loads(line.split(maxsplit=1)[1]) for line in capsys.readouterr().out.splitlines())
    assert step["stock"]["seconds"] > 0 and clip["steps"] == 4
    assert kept == (bench["KEPT"].read_bytes() if bench["KEPT"].exists() else None)


def test_the_floor_of_a_step_is_what_its_operations_take():
    shapes = runpy.run_path(SCRIPT)["SHAPES"]
    assert {name: shape.tokens for name, shape in shapes.items()} == {
        "wan-1.3b": 32_760, "ti2v-5b": 27_280, "wan-14b": 32_760
    }  # fmt: skip
    assert {name: round(shape.floor, 2) for name, shape in shapes.items()} == {
        "wan-1.3b": pytest.approx(0.35), "ti2v-5b": pytest.approx(0.65), "wan-14b": pytest.approx(2.1)
    }  # fmt: skip


def test_the_memory_of_a_measurement_is_told_beside_what_the_cards_plan():
    bench = runpy.run_path(SCRIPT)
    planned = {name: bench["planned_gb"](name, whole=False) for name in bench["SHAPES"]}
    assert planned == {"wan-1.3b": 7.9, "ti2v-5b": 18.0, "wan-14b": 32.1}
    assert bench["planned_gb"]("wan-14b", whole=True) == 61.2
    told = bench["beside_the_plan"](34.0, planned["wan-14b"])
    assert (told["planned_gb"], told["memory_ratio"], told["memory_as_planned"]) == (32.1, 1.06, True)
    assert not bench["beside_the_plan"](36.0, planned["wan-14b"])["memory_as_planned"]


@pytest.mark.parametrize("name", ["wan-1.3b", "ti2v-5b", "wan-14b"])
def test_the_weights_of_the_architectures_take_what_the_cards_plan(name):
    bench = runpy.run_path(SCRIPT)
    model = bench["SHAPES"][name].transformer("meta", torch.bfloat16)
    taken = sum(weight.numel() * weight.element_size() for weight in model.parameters()) / 1e9
    card, denoisers = bench["PLANNED"][name]
    needs = next(published.needs for published in PUBLISHED if published.id == card)
    assert taken == pytest.approx(needs.denoiser / denoisers, rel=0.1)
