"""Two processes draw one clip together, each with a part of the denoiser's attention: real ones, on the CPU by gloo."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.engine.tiny_pipelines import save_tiny_vace, save_tiny_wan
from tests.servers.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """What the leader told, and how both processes ended."""
    folder = tmp_path_factory.mktemp("models")
    save_tiny_wan(folder / "wan")
    save_tiny_wan(folder / "half")
    save_tiny_vace(folder / "vace")
    together = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.engine.drawing_together", str(folder)],
            cwd=settings.BASE_DIR,
            env=os.environ | together | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        (told, complaint), (_, other) = (process.communicate(timeout=120) for process in processes)
    finally:
        for process in processes:
            process.kill()
    assert told, complaint + other
    return json.loads(told), [process.returncode for process in processes], other


def test_it_is_the_same_clip_and_the_recipe_says_how_many_drew_it(ended):
    told, _, _ = ended
    assert (told["alone"], told["together"]) == (1, 2)
    assert told["apart"] <= 2, "but for rounding"
    assert told["tokens"] == [16], "of 32: the other half is the other's"
    assert told["steps"] == [1, 2, 3]


def test_all_stop_within_one_step_and_are_well_afterwards(ended):
    told, _, _ = ended
    assert told["stopped"] == [1, 2]
    assert told["again"]
    assert told["larger"] == [5, 64, 96, 3]


def test_what_is_wrong_with_a_request_is_told_and_harms_nobody(ended):
    told, _, _ = ended
    assert told["refused"][0] == "INPUT.UNSUPPORTED"


def test_a_model_that_cannot_be_shared_is_drawn_with_by_the_leader(ended):
    told, _, _ = ended
    assert told["by itself"] == 1


def test_a_model_that_one_of_them_cannot_load_is_refused_with_its_reason(ended):
    told, _, _ = ended
    assert told["damaged"] == ["INTERNAL.MODEL_REFUSED", "Its disk is damaged."]


def test_a_model_is_dropped_and_loaded_anew_by_all(ended):
    told, _, _ = ended
    assert told["loaded anew"]


def test_who_fails_alone_is_told_of_and_all_end(ended):
    told, codes, complaint = ended
    assert told["failed"][0] == "INTERNAL.OUT_OF_MEMORY"
    assert "not enough memory" in told["failed"][1]
    assert codes == [3, 1]
    assert "not enough memory" in complaint
