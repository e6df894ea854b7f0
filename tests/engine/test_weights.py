"""Model files are opened only when nothing in them can run: a canary in a pickle never sings."""

import json
import pickle
import resource
import shutil
import struct

import pytest

from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import EngineError
from generation.engine.request import VideoRequest
from generation.engine.weights import (
    PICKLES,
    ModelRefused,
    is_repository,
    model_folder,
    needs_of,
    pipeline_class,
    refuse_pickles,
    weights_sha256,
)
from tests.engine.pickled_canary import Canary
from tests.engine.tiny_pipelines import save_tiny_wan


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_tiny_wan(tmp_path_factory.mktemp("models") / "tiny-wan")


@pytest.fixture
def folder(saved, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(saved, tmp_path / "tiny-wan")


@pytest.mark.parametrize("suffix", sorted(PICKLES))
@pytest.mark.parametrize("place", ["transformer", "."])
def test_a_folder_with_a_pickle_is_refused_by_its_name(folder, tmp_path, suffix, place):
    name = f"diffusion_pytorch_model{suffix.upper() if place == '.' else suffix}"
    (folder / place / name).write_bytes(pickle.dumps(Canary(tmp_path / "song")))
    with pytest.raises(EngineError, match=name.replace(".", r"\.")) as refusal:
        load_engine(card_for(str(folder)), device="cpu")
    assert refusal.value.code == "INTERNAL.MODEL_REFUSED"
    assert "safetensors" in str(refusal.value)
    assert str(tmp_path) not in str(refusal.value)
    assert not (tmp_path / "song").exists()


def test_a_pickle_that_calls_itself_safetensors_never_runs(folder, tmp_path):
    canary = pickle.dumps(Canary(tmp_path / "song"))
    (folder / "transformer" / "diffusion_pytorch_model.safetensors").write_bytes(canary)
    with pytest.raises(EngineError, match="cannot be loaded"):
        load_engine(card_for(str(folder)), device="cpu")
    assert not (tmp_path / "song").exists()
    pickle.loads(canary).close()  # noqa: S301 (the canary can sing)
    assert (tmp_path / "song").exists()


def safetensors(header, data=b""):
    """A file as the format's specification has it: how long the header is, the header, the numbers."""
    told = json.dumps(header).encode()
    return struct.pack("<Q", len(told)) + told + data


def tensor(begin, end):
    return {"dtype": "F32", "shape": [(end - begin) // 4], "data_offsets": [begin, end]}


@pytest.mark.parametrize(
    "spoiled",
    [
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2**40) + b"{}",
        safetensors({"a": tensor(0, 16), "b": tensor(8, 24)}, bytes(24)),
        safetensors({"a": tensor(0, 16)}, bytes(8)),
        safetensors({"a": tensor(0, 16) | {"shape": [2**62]}}, bytes(16)),
    ],
    ids=["a header of 2^63 bytes", "of a terabyte", "two that overlap", "more than there is", "larger than it says"],
)
def test_weights_that_are_not_what_they_say_are_refused_at_once(folder, spoiled):
    (folder / "transformer" / "diffusion_pytorch_model.safetensors").write_bytes(spoiled)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(EngineError, match="cannot be loaded"):
        load_engine(card_for(str(folder)), device="cpu")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, "kB"


def test_a_pickle_behind_a_link_is_found_and_a_loop_of_links_ends(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "weights.bin").write_bytes(b"")
    (folder / "loop").symlink_to(folder)
    refuse_pickles(folder, called="tiny-wan")
    (folder / "extra").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelRefused, match=r"extra/weights\.bin"):
        refuse_pickles(folder, called="tiny-wan")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"_class_name": "StableDiffusionPipeline"}, "supported here: AceStepPipeline, .*WanVACEPipeline"),
        ({"_class_name": ["pipeline", "MyPipeline"]}, "supported here"),
        ({"vae": ["my_vae", "MyVae"]}, "brings code of its own for its vae"),
    ],
)
def test_other_pipelines_and_other_peoples_code_are_refused(folder, change, complaint):
    index = folder / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), **change}))
    with pytest.raises(ModelRefused, match=complaint):
        pipeline_class(folder, called="mine")


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path):
    with pytest.raises(ModelRefused, match="no model_index.json"):
        pipeline_class(tmp_path, called="mine")
    (tmp_path / "model_index.json").write_text("{")
    with pytest.raises(ModelRefused, match="cannot be read"):
        pipeline_class(tmp_path, called="mine")


def test_a_missing_folder_is_refused_without_telling_where_it_was_sought(tmp_path):
    with pytest.raises(ModelRefused, match="There is no folder called nowhere"):
        model_folder(str(tmp_path / "nowhere"))


@pytest.fixture
def fetched(saved, tmp_path, monkeypatch):
    """The folder in which the hub's client keeps somebody/tiny-wan, with no network to ask for more."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    kept = tmp_path / "hub" / "models--somebody--tiny-wan"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("0" * 40)
    return shutil.copytree(saved, kept / "snapshots" / ("0" * 40))


def test_a_repository_that_was_fetched_before_needs_no_network(fetched):
    engine = load_engine(card_for("somebody/tiny-wan"), device="cpu")
    assert engine.folder == fetched
    clip = engine.generate(VideoRequest("a fox", width=64, height=64, num_frames=1, num_inference_steps=1), print)
    assert (clip.recipe["model"], clip.recipe["location"]) == ("tiny-wan", "somebody/tiny-wan")


def test_a_fetched_repository_with_a_pickle_is_refused_too(fetched):
    (fetched / "vae" / "diffusion_pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ModelRefused, match=r"somebody/tiny-wan holds vae/diffusion_pytorch_model\.bin"):
        model_folder("somebody/tiny-wan")


def test_a_repository_out_of_reach_is_said_in_a_sentence(fetched):
    with pytest.raises(ModelRefused, match="somebody/else could not be fetched: check the network"):
        model_folder("somebody/else")


def test_repositories_are_known_by_their_look():
    assert is_repository("Wan-AI/Wan2.1-T2V-1.3B-Diffusers")
    assert not any(map(is_repository, ["./models/wan", "/models/wan", "wan", "../wan", "a/b/c"]))


def test_the_hash_of_the_weights_changes_with_any_weight(saved, folder):
    weights_sha256.cache_clear()
    assert weights_sha256(folder) == weights_sha256(saved)
    weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    assert weights_sha256(folder) == weights_sha256(saved)  # read once a process
    weights_sha256.cache_clear()
    assert weights_sha256(folder) != weights_sha256(saved)


def test_weights_behind_a_link_count_as_if_they_lay_there(saved, folder, tmp_path):
    (folder / "transformer").rename(tmp_path / "elsewhere")
    (folder / "transformer").symlink_to(tmp_path / "elsewhere")
    weights_sha256.cache_clear()
    assert weights_sha256(folder) == weights_sha256(saved)
    assert needs_of(folder) == needs_of(saved)
    assert needs_of(folder).denoiser * 1e9 > 50_000
