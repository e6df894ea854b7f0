"""The measurement of large models runs as it is written, at tiny size; its floors are those of the architectures."""

import json
import runpy
from pathlib import Path

import pytest

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
