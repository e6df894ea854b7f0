"""Whether the kernel ended a process for memory, read where it counts."""

import pytest

from runwayweb.supervisor import memory_kills
from runwayweb.supervisor.memory_kills import MemoryKills, count

FIRST = ("9:cpu:/\n4:memory:/studio\n0::/\n", "memory/studio/memory.oom_control", "oom_kill_disable 0\noom_kill 3\n")
SECOND = ("0::/studio.slice/gpu.service\n", "studio.slice/gpu.service/memory.events", "oom 5\noom_kill 3\n")
IN_FIRST = (FIRST[0], "memory/memory.oom_control", FIRST[2])
IN_SECOND = ("0::/../elsewhere\n", "memory.events", SECOND[2])


@pytest.fixture
def cgroups(tmp_path, monkeypatch):
    """`cgroups(what /proc says, path, text)` lays out such a machine; the file that counts."""
    monkeypatch.setattr(memory_kills, "ROOT", tmp_path / "cgroup")
    monkeypatch.setattr(memory_kills, "OURS", tmp_path / "ours")

    def lay_out(ours, path, text):
        (tmp_path / "ours").write_text(ours)
        file = tmp_path / "cgroup" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return lay_out


@pytest.mark.parametrize(
    "machine", [FIRST, SECOND, IN_FIRST, IN_SECOND], ids=["first", "second", "first-inside", "second-inside"]
)
def test_the_count_of_this_cgroup_is_found(cgroups, machine):
    cgroups(*machine)
    assert count() == 3


@pytest.mark.parametrize("text", ["", "oom_kill_disable 0\n", "oom_kill many\n"])
def test_where_nobody_counts_it_is_none(cgroups, text):
    file = cgroups(FIRST[0], FIRST[1], text)
    assert count() == 0
    file.unlink()
    assert count() == 0


def test_only_what_rose_lately_is_a_reason(cgroups, monkeypatch):
    file = cgroups(*SECOND)
    kills = MemoryKills()
    kills.look()
    assert not kills.just_now(), "those were before"
    file.write_text("oom_kill 4\n")
    kills.look()
    kills.look()
    assert kills.just_now()
    monkeypatch.setattr(memory_kills, "JUST_NOW_SECONDS", 0)
    assert not kills.just_now()
