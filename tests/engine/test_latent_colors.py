"""The colours of previews are fitted once, kept beside a model's weights, and are no part of the model."""

import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from generation.engine import store, weights
from generation.engine.catalogue import card_for, load_engine
from generation.engine.pipelines import driver
from tests.engine.tiny_pipelines import save_tiny_wan

KEPT = ".runwayweb/latent_colors.safetensors"


@pytest.fixture
def fits(monkeypatch):
    """How often something was fitted."""
    fitted = []
    real = driver.fit_latent_colors
    monkeypatch.setattr(driver, "fit_latent_colors", lambda *how: fitted.append(1) or real(*how))
    return fitted


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_tiny_wan(tmp_path_factory.mktemp("models") / "wan")


@pytest.fixture
def folder(saved, tmp_path):
    """A model of its own for each test: hashes are remembered by path."""
    return shutil.copytree(saved, tmp_path / "wan")


def colors_of(folder):
    return load_engine(card_for(str(folder)), device="cpu").colors


def test_they_are_fitted_on_the_first_load_and_read_on_the_next(folder, fits):
    first = colors_of(folder)
    assert (folder / KEPT).is_file()
    assert torch.equal(colors_of(folder), first)
    assert len(fits) == 1


def test_another_autoencoder_is_fitted_anew(folder, tmp_path, fits):
    first = colors_of(folder)
    other = shutil.copytree(folder, tmp_path / "other")
    file = other / "vae" / "diffusion_pytorch_model.safetensors"
    save_file({name: weight * 1.5 for name, weight in load_file(file).items()}, file, metadata={"format": "pt"})
    assert not torch.equal(colors_of(other), first)
    assert len(fits) == 2


@pytest.mark.parametrize("content", [b"", b"half a fi"])
def test_a_damaged_file_is_made_anew(folder, fits, content):
    first = colors_of(folder)
    (folder / KEPT).write_bytes(content)
    assert torch.equal(colors_of(folder), first)
    assert torch.equal(colors_of(folder), first)
    assert len(fits) == 2


def test_a_folder_that_cannot_be_written_is_fitted_each_time(folder, fits):
    (folder / ".runwayweb").write_text("in the way")
    assert torch.equal(colors_of(folder), colors_of(folder))
    assert len(fits) == 2


def test_they_are_no_part_of_the_model(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("RUNWAYWEB_MODELS_FOLDER", str(tmp_path / "models"))
    assert store.verify("wan", folder).first
    needs = weights.needs_of(folder)
    sha256 = weights.weights_sha256(folder)
    colors_of(folder)
    weights.weights_sha256.cache_clear()
    assert (folder / KEPT).is_file()
    assert store.verify("wan", folder).sound
    assert (weights.weights_sha256(folder), weights.needs_of(folder)) == (sha256, needs)
    (folder / ".runwayweb" / "sly.bin").write_bytes(b"")
    with pytest.raises(weights.ModelRefused, match=r"sly\.bin"):
        weights.model_folder(str(folder))
