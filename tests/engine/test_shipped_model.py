"""The weights in the repository: small, safe, measured, and what they paint is what was asked for."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from safetensors import safe_open

from generation.engine import catalogue
from generation.engine.catalogue import BUILT_IN, WEIGHTS
from generation.engine.request import VideoRequest
from generation.engine.training.figures import FIGURES
from generation.engine.world.reading import read
from generation.engine.world.render import render

SHIPPED = Path(str(BUILT_IN.location))
SHOT = {"prompt": "a violet fox waves in a meadow beside a red balloon", "width": 256, "height": 144, "seed": 5}


def test_there_is_one_model_and_it_is_small_and_safe():
    assert [folder.name for folder in WEIGHTS.iterdir() if folder.is_dir()] == ["built-in"]
    files = [file for file in SHIPPED.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 40_000_000
    assert {file.suffix for file in files} == {".json", ".md", ".safetensors"}
    for file in (file for file in files if file.suffix == ".safetensors"):
        with safe_open(file, "pt") as weights:
            assert {weights.get_slice(name).get_dtype() for name in weights.keys()} == {"BF16"}, file


def test_it_is_the_default_and_its_figures_are_those_that_were_measured(monkeypatch):
    monkeypatch.delenv("RUNWAYWEB_DEFAULT_MODEL")
    assert [card.id for card in catalogue.cards()][:2] == ["built-in", "animatic"]
    figures = json.loads((SHIPPED / "figures.json").read_text())
    kept = json.loads((settings.BASE_DIR / "bench" / "model.json").read_text())
    assert figures in [run["figures"] for run in kept.values()]
    for name, figure in FIGURES.items():
        if figure.small_tier is not None:
            assert figure.reached(figures[name]["value"], figure.small_tier), (name, figures[name])


@pytest.fixture(scope="module")
def engine():
    return catalogue.load_engine(BUILT_IN, device="cpu")


def test_what_it_paints_is_near_the_render_of_the_same_shot(engine):
    clip = engine.generate(VideoRequest(num_frames=9, fps=12, **SHOT), lambda *step: None)
    again = engine.generate(VideoRequest(num_frames=9, fps=12, **SHOT), lambda *step: None)
    assert np.array_equal(clip.frames, again.frames)
    size = {"width": 256, "height": 144, "num_frames": 9, "fps": 12}
    scene, other = (read(words, seed=5).scene for words in (SHOT["prompt"], "a yellow owl in a city at night"))
    truth, elsewhere = (render([one], [5], **size).rgb[0].numpy() for one in (scene, other))
    near, far = (np.square(clip.frames.astype(float) - one).mean() for one in (truth, elsewhere))
    assert 10 * np.log10(255**2 / near) > 20
    assert near < far / 10
    steps = np.abs(np.diff(clip.frames.astype(int), axis=0)).mean((1, 2, 3))
    assert (steps > 0.1).all(), "no frame is the one before it"
