"""`manage.py doctor` says what a run needs and what to do about it."""

import json
import re
import sys

import pytest

from tests.assets import refusing
from tests.engine.tiny_pipelines import save_tiny_painter
from tests.house.test_refusals import manage
from tests.servers.ports import free_port


def doctor(tmp_path, **env):
    """Its exit code and its lines."""
    answer = manage("doctor", RUNWAYWEB_DATA=tmp_path / "data", PORT=env.pop("PORT", free_port()), **env)
    return answer.returncode, answer.stdout.splitlines()


def test_a_machine_that_has_everything(tmp_path):
    painter = save_tiny_painter(tmp_path / "painter")
    code, lines = doctor(tmp_path, RUNWAYWEB_MODELS=f"painter={painter}")
    assert code == 0, lines
    assert any("model painter, PainterPipeline" in line for line in lines)
    assert all(re.match(r"(ok|--) \S", line) for line in lines)
    for part in (
        "Python 3",
        "requirements.txt",
        "GiB free",
        "sqlite",
        "Valkey",
        "reaches nobody",
        "is free",
        "H.264",
        "torch",
        "animatic",
        "unchecked: MODERATION is off",
    ):
        assert any(part in line for line in lines), part


def test_what_is_missing_is_marked_and_says_what_to_do(tmp_path):
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    (pickled / "model_index.json").write_text(json.dumps({"_class_name": "WanPipeline"}))
    (pickled / "weights.bin").write_bytes(b"")
    code, lines = doctor(
        tmp_path,
        DATABASE_URL="postgres://keeper:secret@127.0.0.1:1/nothing",
        VALKEY_URL="redis://127.0.0.1:1/0",
        RUNWAYWEB_MODELS=f"pickled={pickled},lost={tmp_path / 'lost'}",
        RUNWAYWEB_DEFAULT_MODEL="sora-2",
        PORT="99999",
    )
    assert code == 1
    missing = [line for line in lines if line.startswith("!!")]
    for part in ("DATABASE_URL", "VALKEY_URL", "99999", "weights.bin", "RUNWAYWEB_MODELS", "sora-2"):
        assert any(part in line and " — " in line for line in missing), (part, lines)
    assert not any("secret" in line for line in lines)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody may shut the network of a process")
@pytest.mark.parametrize("calls", ["unshare", "unshare,filters"])
def test_where_no_network_can_be_shut_it_says_so(tmp_path, calls):
    """With the filter of calls alone it can."""
    code, lines = doctor(tmp_path, before=[sys.executable, refusing.__file__, calls])
    if calls == "unshare":
        assert code == 0 and any(line.startswith("ok") and "reaches nobody" in line for line in lines), lines
    else:
        assert code == 1 and any(line.startswith("!! files from outside are refused") for line in lines), lines
