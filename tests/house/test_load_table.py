"""What bench/load.py keeps of a measurement, and when bench/compare.py says that something was lost."""

import json

import pytest

from bench import load
from bench.compare import losses


def row(**median):
    return {"median": median}


def test_a_row_that_runs_again_leaves_the_others_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "KEPT", tmp_path / "load.json")
    load.keep("storm", row(back_seconds=9))
    load.keep("sockets", row(drops=0))
    load.keep("storm", row(back_seconds=7))
    kept = json.loads(load.KEPT.read_text())["rows"]
    assert kept == {"sockets": row(drops=0), "storm": row(back_seconds=7)}


def test_what_ran_with_less_is_a_quick_look():
    plan = load.ROWS["storm"]
    whole = {name: plan[name] for name in ("sockets", "seconds", "rounds")}
    assert load.is_whole(whole, plan)
    assert not any(load.is_whole(whole | {name: whole[name] - 1}, plan) for name in whole)


def test_the_worst_round_decides_whether_what_must_be_was():
    plan = {"what": "", "must": {"drops": 0, "per_minute": 600, "p95_ms": 150}}
    rounds = [
        {"drops": 0, "per_minute": 700, "p95_ms": 10},
        {"drops": 1, "per_minute": 650, "p95_ms": 20},
        {"drops": 0, "per_minute": 590, "p95_ms": 30},
    ]
    told = load.told_of(plan, {}, rounds, [])
    assert told["missed"] == ["drops", "per_minute"]
    assert told["median"] == {"drops": 0, "per_minute": 650, "p95_ms": 20}


@pytest.mark.parametrize(
    ("figure", "before", "now", "is_worse"),
    [
        ("p95_ms", 100, 130, False),
        ("p95_ms", 100, 131, True),
        ("per_minute", 1000, 700, False),
        ("per_minute", 1000, 699, True),
        ("errors", 0, 1, True),
        ("memory_growth", 0.001, 0.01, False),
        ("memory_growth", 0.001, 0.03, True),
    ],
)
def test_a_third_less_is_a_loss(figure, before, now, is_worse):
    assert bool(losses({"reads": row(**{figure: before})}, {"reads": row(**{figure: now})})) == is_worse


def test_rows_that_were_not_measured_again_are_no_loss():
    assert losses({"reads": row(p95_ms=1), "soak": row(errors=0)}, {"reads": row(p95_ms=1)}) == []
