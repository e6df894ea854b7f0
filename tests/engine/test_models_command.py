"""`manage.py models`: a model comes from a hub, is whole or absent, and stays what it was."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generation.engine import catalogue, store
from generation.engine.card import Licence, Lora
from generation.engine.published import PUBLISHED
from tests.engine.pickled_canary import Canary
from tests.engine.tiny_pipelines import save_tiny_lora, save_tiny_vace
from tests.servers.ports import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
VACE = "wan-2.1-vace-1.3b"
SMALL_VACE = next(card for card in PUBLISHED if card.id == VACE)
LORA = Lora("style.safetensors", "somebody/Loras", few_steps_only=True)
WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return save_tiny_vace(tmp_path_factory.mktemp("tiny") / "vace")


@pytest.fixture
def repository(tiny, tmp_path):
    """What is published: the model, and files that nobody should fetch."""
    folder = tmp_path / "hub" / "Wan-AI" / "Wan2.1-VACE-1.3B-diffusers"
    shutil.copytree(tiny, folder)
    (folder / "evil.pt").write_bytes(b"a pickle")
    (folder / "README.md").write_text("words")
    return folder


@pytest.fixture
def hub(repository, tmp_path):
    """The hub's address, and the log of what was asked of it."""
    port = free_port()
    log = tmp_path / "hub.log"
    with open(log, "w") as said:
        server = subprocess.Popen(
            [sys.executable, ROOT / "tests/servers/hub.py", tmp_path / "hub", str(port)], stdout=said
        )
    wait_for(port)
    yield f"http://127.0.0.1:{port}", log
    server.kill()
    server.wait()


@pytest.fixture
def models(hub, tmp_path, monkeypatch, capsys):
    """Run `manage.py models …` on a machine that has room for models in `tmp_path`/models: status, words, complaint."""
    monkeypatch.setenv("RUNWAYWEB_MODELS_FOLDER", str(tmp_path / "models"))

    def run(*words, endpoint=hub[0]):
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        capsys.readouterr()
        try:
            call_command("models", *words)
        except CommandError as error:
            return 1, *capsys.readouterr()[:1], str(error)
        return 0, *capsys.readouterr()

    return run


def test_a_model_is_pulled_used_verified_and_removed(models, repository, tmp_path):
    assert VACE not in [card.id for card in catalogue.cards()]
    with pytest.raises(catalogue.ModelNotFound, match=f"models pull {VACE}"):
        catalogue.card(VACE)
    status, said, bar = models("pull", VACE)
    assert (status, "Wan 2.1 VACE 1.3B is installed" in said) == (0, True), bar
    assert "100%" in bar
    folder = tmp_path / "models" / VACE
    assert not (folder / "evil.pt").exists() and not (folder / "README.md").exists()
    assert not (folder / ".cache").exists()
    assert catalogue.card(VACE).location == str(folder)
    assert store.revision_of(VACE) == "0123456789abcdef0123456789abcdef01234567"
    assert "is here already" in models("pull", VACE)[1]
    assert "installed, 01234567" in models("list")[1]
    assert models("verify", VACE)[1] == f"{VACE}: every file is what it was.\n"
    call_command(
        "generate",
        "a fox",
        engine=VACE,
        out=str(tmp_path / "fox.mp4"),
        width=64,
        height=64,
        steps=1,
        seconds=0.5,
        fps=8,
    )
    assert (tmp_path / "fox.mp4").stat().st_size

    (folder / WEIGHTS).write_bytes(b"something else")
    (folder / "extra.json").write_text("{}")
    (folder / "scheduler/scheduler_config.json").unlink()
    status, _, told = models("verify", VACE)
    assert status == 1
    assert f"Changed: {WEIGHTS}; missing: scheduler/scheduler_config.json; not there before: extra.json." in told
    assert "is removed" in models("remove", VACE)[1]
    assert not folder.exists() and not store.is_pinned(VACE)
    assert models("remove", VACE)[1] == f"{VACE} was not here.\n"


def test_a_connection_that_drops_is_taken_up_again(models, repository, hub):
    (repository / "large.safetensors").write_bytes(os.urandom(24 * 10**6))  # it is kept ten megabytes at a time
    (repository / ".break-after").write_text("15000000")
    assert models("pull", VACE)[0] == 0
    asked = [line.split() for line in hub[1].read_text().splitlines()]
    assert ["GET", "large.safetensors", "10485760"] in asked
    assert models("verify", VACE)[1] == f"{VACE}: every file is what it was.\n"


@pytest.mark.slow
def test_a_pull_that_was_cut_goes_on_where_it_stopped(models, repository, hub):
    (repository / ".break-after").write_text("20000")
    status, _, told = models("pull", VACE)
    assert status == 1 and "pull again to go on" in told
    assert not store.is_pulled(SMALL_VACE)
    assert "unfinished: pull again" in models("list")[1]
    (repository / ".break-after").unlink()
    before = hub[1].read_text()
    assert "GET model_index.json 0" in before
    assert models("pull", VACE)[0] == 0
    assert "GET model_index.json" not in hub[1].read_text().removeprefix(before), "what is there is not fetched again"


def test_what_came_damaged_is_not_kept(models, repository, tmp_path):
    assert models("pull", VACE)[0] == 0
    card, folder = catalogue.card(VACE), store.folder_of(VACE)
    folder.rename(folder.with_name(folder.name + store.PULLING))
    beside = folder.with_name(folder.name + store.PULLING)
    files = {WEIGHTS: ((beside / WEIGHTS).stat().st_size, "0" * 64)}
    with pytest.raises(store.ModelRefused, match="came damaged"):
        store.pull(card, store.Published("main", files), lambda count: None)
    assert not folder.exists()


def test_without_network_room_or_consent_it_says_what_to_do(models, repository, monkeypatch):
    status, _, told = models("pull", VACE, endpoint="http://127.0.0.1:9")
    assert status == 1 and "check the network" in told and "models add" in told
    (repository / ".gated").touch()
    status, _, told = models("pull", VACE)
    assert status == 1 and "asks for consent first" in told and "HF_TOKEN" in told
    (repository / ".gated").unlink()
    for file in repository.rglob("*.safetensors"):
        file.unlink()
    status, _, told = models("pull", VACE)
    assert status == 1 and "holds no safetensors" in told
    huge = store.Published("main", {"a.safetensors": (10**18, None)})
    with pytest.raises(store.ModelRefused, match=r"takes 1,000,000,000\.0 GB more .* has only"):
        store.pull(SMALL_VACE, huge, lambda count: None)
    assert "No model to be pulled is called 'gpt'" in models("pull", "gpt")[2]


def test_a_licence_that_forbids_something_is_accepted_by_name(models, monkeypatch):
    strict = replace(SMALL_VACE, licence=Licence("Strict", "https://example.org", False, "No paid hosting."))
    monkeypatch.setattr("generation.management.commands.models.PUBLISHED", (strict,))
    status, _, told = models("pull", VACE)
    assert status == 1 and "No paid hosting. If that suits you: --accept-licence." in told
    assert "Strict (restricted)" in models("list")[1]
    assert models("pull", VACE, "--accept-licence")[0] == 0


def test_a_folder_of_ones_own_joins_the_catalogue(models, tiny, tmp_path):
    assert "is in the catalogue: a WanVACEPipeline" in models("add", str(tiny), "--id", "mine")[1]
    card = catalogue.card("mine")
    assert "references" in card.inputs and "references" in card.tasks
    assert "was not pinned" in models("verify", "mine")[1]
    assert models("verify", "mine")[1] == "mine: every file is what it was.\n"
    assert "added" in models("list")[1]
    assert "Another model is called 'built-in'" in models("add", str(tiny), "--id", "built-in")[2]
    assert "its files were left alone" in models("remove", "mine")[1]
    assert tiny.is_dir() and "mine" not in store.added()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "model_index.json").write_text(json.dumps({"_class_name": "AnimateDiffPipeline"}))
    status, _, told = models("add", str(tmp_path / "bad"))
    assert status == 1 and "is a AnimateDiffPipeline; supported here" in told
    assert "There is no folder or file" in models("add", "nowhere")[2]


def test_low_rank_weights_from_elsewhere_are_pulled_with_their_model(models, repository, tmp_path, monkeypatch):
    monkeypatch.setattr("generation.management.commands.models.PUBLISHED", (replace(SMALL_VACE, loras=(LORA,)),))
    status, _, told = models("pull", VACE)
    assert status == 1 and "There is no somebody/Loras" in told
    lora = save_tiny_lora(tmp_path / "hub" / "somebody" / "Loras" / "other.safetensors")
    assert "does not hold style.safetensors any more, which Wan 2.1 VACE 1.3B needs" in models("pull", VACE)[2]
    lora.rename(lora.with_name(LORA.file))
    assert models("pull", VACE)[0] == 0
    pulled = tmp_path / "models" / VACE / store.LORAS / LORA.file
    assert pulled.is_file() and not (pulled.parent / ".cache").exists()
    assert models("verify", VACE)[1] == f"{VACE}: every file is what it was.\n"


def test_only_the_files_a_card_names_are_fetched(models, repository, tmp_path, monkeypatch):
    few = replace(SMALL_VACE, files=("model_index.json", "vae/*"))
    monkeypatch.setattr("generation.management.commands.models.PUBLISHED", (few,))
    assert models("pull", VACE)[0] == 0
    assert {path.name for path in (tmp_path / "models" / VACE).iterdir()} == {"model_index.json", "vae"}


def test_a_lora_of_ones_own_joins_the_catalogue(models, tiny, tmp_path):
    models("add", str(tiny), "--id", "mine")
    lora = str(save_tiny_lora(tmp_path / "Paper Cut.safetensors"))
    assert "say which with --base: mine" in models("add", lora)[2]
    assert "say which with --base: mine" in models("add", lora, "--base", "animatic")[2]
    told = models("add", lora, "--base", "mine", "--weight", "0.8", "--trigger", "cut paper")[1]
    assert told == "paper-cut is in the catalogue: mine with Paper Cut; say “cut paper”.\n"
    card = catalogue.card("paper-cut")
    assert (card.pipeline_class, card.location) == ("WanVACEPipeline", str(tiny))
    assert card.loras == (Lora(lora, weight=0.8, trigger="cut paper"),)
    (tmp_path / "words.safetensors").write_text("no tensors")
    assert "no safetensors file" in models("add", str(tmp_path / "words.safetensors"), "--base", "mine")[2]
    weights = str(tiny / WEIGHTS)
    assert "holds no low-rank weights" in models("add", weights, "--base", "mine", "--id", "whole")[2]
    assert "its files were left alone" in models("remove", "paper-cut")[1]
    assert Path(lora).is_file() and "paper-cut" not in [card.id for card in catalogue.cards()]
    models("add", lora, "--base", "mine")
    models("remove", "mine")
    assert "paper-cut" not in [card.id for card in catalogue.cards()], "left out, not an error, without its model"


@pytest.mark.parametrize("name", ["style.ckpt", "style.safetensors"])
def test_a_pickle_is_no_lora_whatever_it_is_called(models, tiny, tmp_path, name):
    models("add", str(tiny), "--id", "mine")
    (tmp_path / name).write_bytes(pickle.dumps(Canary(tmp_path / "song")))
    told = models("add", str(tmp_path / name), "--base", "mine")[2]
    assert f"{name} is no safetensors file, and nothing else is opened here" in told
    assert not (tmp_path / "song").exists() and "style" not in [card.id for card in catalogue.cards()]


def test_what_comes_with_the_studio_stays(monkeypatch):
    with pytest.raises(CommandError, match="comes with the studio and stays"):
        call_command("models", "remove", "built-in")
    with pytest.raises(CommandError, match="has no files of its own"):
        call_command("models", "verify", "animatic")


def test_the_page_about_models_is_what_the_catalogue_says():
    from generation.management.commands.models import page

    assert (ROOT / "docs" / "models.md").read_text() == page()


def test_the_page_about_models_tells_where_sounds_are_asked_for():
    from generation.engine.tasks import SOUNDS
    from projects.finishes import ICONS
    from projects.sounds import SoundForm

    assert set(SOUNDS) <= {*SoundForm.WORKS, *ICONS}, "every one of them can be"
    assert "not yet from the studio" not in (ROOT / "docs" / "models.md").read_text()


def test_the_page_about_models_says_what_each_costs_may_be_sold_for_and_forbids():
    rows = {line.split("`")[1]: line.split(" | ") for line in _rows_of_the_page()}
    _name, role, _tasks, _frame, billions, credits, *_ = rows["wan-2.1-vace-1.3b"]
    assert (role, billions, credits) == ("shots", "2.15", "5")
    assert [rows[model][7] for model in ("built-in", "ltx-2.5", "stable-audio-3-medium")] == ["yes", "yes", "no"]
    for card in PUBLISHED:
        assert card.licence.forbids in rows[card.id][6], card.id
        assert card.role in ("shots", "stills", "footage", "finish", "sound")
        assert card.parameters_billion, f"nobody counted those of {card.id}"
        assert card.needs and card.repository and card.default_steps is not None or card.role == "finish", card.id


def test_the_list_says_it_too(capsys):
    call_command("models", "list")
    head, *rows = capsys.readouterr().out.splitlines()
    for column in ("role", "billion parameters", "credits a second", "for sale"):
        assert column in head
    (row,) = (row for row in rows if row.startswith("stable-audio-3-medium"))
    assert row[head.index("for sale") :].startswith("no ") and row[head.index("billion") :].startswith("1.4 ")
    assert "(restricted)" in row


@pytest.mark.parametrize(
    ("gpus", "first", "plans", "taken"),
    [
        (
            ["NVIDIA L4, 23034"],
            "GPU 0: NVIDIA L4, 24.2 GB",
            {
                VACE: "runs as it is                 21 GB",
                "wan-2.2-ti2v-5b": "runs with its weights in fp8  16 GB  and 11 GB of RAM",
                "wan-2.2-t2v-a14b": "runs from RAM, slowly         10 GB  and 69 GB of RAM",
                "ltx-2.5": "does not fit                  25 GB",
                "built-in": "runs as it is",
            },
            "a clip from a prompt: Wan 2.2 5B (manage.py models pull wan-2.2-ti2v-5b)",
        ),
        (
            ["NVIDIA L4, 23034", "NVIDIA H200, 143771"],
            "GPU 0: NVIDIA L4, 24.2 GB\nGPU 1: NVIDIA H200, 150.8 GB",
            {"wan-2.2-t2v-a14b": "runs as it is  77 GB", "ltx-2.5": "runs as it is  92 GB"},
            "a clip from a prompt: Wan 2.2 14B (manage.py models pull wan-2.2-t2v-a14b)",
        ),
        (
            [],
            "No GPU was found; without one, these run: Animatic, Built-in model, ",
            {},
            "a clip from a prompt: Built-in",
        ),
    ],
)
def test_the_plan_for_the_gpus_of_this_machine(tmp_path, monkeypatch, capsys, gpus, first, plans, taken):
    monkeypatch.setenv("PATH", str(tmp_path))
    if gpus:
        (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n" + "".join(f"echo '{gpu}'\n" for gpu in gpus))
        (tmp_path / "nvidia-smi").chmod(0o755)
    call_command("models", "plan")
    said = capsys.readouterr().out
    assert said.startswith(first) and f"\n{taken}" in said
    rows = dict(line.split(maxsplit=1) for line in said.splitlines() if line.startswith(tuple(plans) or "-"))
    assert {model: rows[model].strip() for model in plans} == plans


def _rows_of_the_page():
    page = (ROOT / "docs" / "models.md").read_text()
    return [line for line in page.splitlines() if line.startswith("| **")]
