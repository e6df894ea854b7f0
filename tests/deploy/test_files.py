"""The files of deploy/, read by those who would use them where these are here, else by parsers."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from dockerfile_parse import DockerfileParser

from generation.models import Worker
from runwayweb import asgi

ROOT = Path(settings.BASE_DIR)
OF_COMPOSE = {"POSTGRES_PASSWORD", "VALKEY_PASSWORD", "CPU_TORCH", "TMP_SIZE"}
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


@pytest.fixture(scope="module")
def steps():
    return DockerfileParser(path=str(ROOT / "Dockerfile"), cache_content=True).structure


def stages(steps):
    """{name: its steps}, those before the first FROM left out."""
    found = {}
    for step in steps:
        if step["instruction"] == "FROM":
            source, _as, name = step["value"].split()
            found[name] = [step]
        elif found:
            found[name].append(step)
    return found


def values(stage, instruction):
    return [step["value"] for step in stage if step["instruction"] == instruction]


@pytest.mark.parametrize("target", ["cpu", "cuda"])
def test_an_image_runs_as_nobody_in_particular_and_is_looked_after(steps, target):
    found = stages(steps)
    image = found[target]
    assert values(image, "USER") == ["10001:10001"] and values(image, "STOPSIGNAL") == ["SIGTERM"]
    assert values(image, "VOLUME") == ["/data"] and "RUNWAYWEB_DATA=/data" in values(found["base"], "ENV")[0]
    (command,) = values(image, "CMD")
    (health,) = values(image, "HEALTHCHECK")
    assert yaml.safe_load(command) == ["python", "manage.py", "up"]
    assert yaml.safe_load(health.partition("CMD ")[2]) == ["python", "manage.py", "alive"]
    for step in values(image, "COPY"):
        if stage := re.match(r"--from=(\S+)", step):
            assert stage[1] in found


def test_the_images_differ_in_torch_alone(steps):
    found = stages(steps)
    packages = [values(found[f"{target}-packages"], "RUN")[1] for target in ("cpu", "cuda")]
    assert "+cpu" in packages[0] and "+cpu" not in packages[1]
    assert all("-r requirements.txt" in run for run in packages)


def test_what_is_copied_is_there_and_nothing_private_is_in_it(steps):
    for stage in stages(steps).values():
        for step in values(stage, "COPY"):
            *sources, _target = [part for part in step.split() if not part.startswith("--")]
            assert "--from" in step or all((ROOT / source).exists() for source in sources)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "var", "*.env"} <= set(ignored)


def assignments(text):
    """{name: value} of every line NAME=value."""
    return dict(line.split("=", 1) for line in text.splitlines() if re.match(r"\w+=", line))


def commands_of(text):
    return set(re.findall(r"manage\.py (\w+)", text))


def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_every_role_has_a_container_with_a_closed_root_and_its_own_check():
    services = compose()["services"]
    for kind in ("web", *Worker.Kind.values):
        service = services[kind]
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert [mounted.partition(",size=")[0] for mounted in service["tmpfs"]] == ["/tmp:mode=1777"]
        assert service["healthcheck"]["test"] == ["CMD", "python", "manage.py", "alive", kind]
        assert any(volume.endswith(":/data") for volume in service["volumes"])
        assert set(service["depends_on"]) <= set(services)
    named = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert named == set(compose()["volumes"])


def test_the_web_server_has_room_for_all_that_its_doors_let_in_at_once():
    """Each body as it came; the files of a form once more; and what is looked through a third time."""
    (mounted,) = compose()["services"]["web"]["tmpfs"]
    room = int(re.search(r"size=\$\{TMP_SIZE:-(\d+)g\}$", mounted)[1]) * 1024**3
    times = {asgi.FILES: 3, asgi.UPLOADS: 2, asgi.VERIFIED: 3, asgi.EPHEMERAL: 2}
    assert set(times) == {door for door in asgi.DOORS if door.kind == b"multipart/form-data"}
    assert room * 0.8 < sum(door.at_once * door.limit * copies for door, copies in times.items()) < room


def test_passwords_are_asked_for_and_stand_in_no_file():
    text = (ROOT / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?\}", text))
    example = assignments((ROOT / "deploy" / "compose.env.example").read_text())
    assert asked == {"POSTGRES_PASSWORD", "VALKEY_PASSWORD"} and all(example[name] == "" for name in asked)
    assert example["SECRET_KEY"] == example["METRICS_TOKEN"] == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_stops_gently_and_is_closed(unit):
    text = unit.read_text()
    told = assignments(text)
    assert told["KillMode"] == "mixed" and told["Restart"] == "always" and told["NoNewPrivileges"] == "yes"
    assert int(told["TimeoutStopSec"]) > settings.GRACE_SECONDS
    assert told["ProtectSystem"] == "strict" and told["StateDirectory"] == "runwayweb"
    assert ("WatchdogSec" in told) == (told.get("Type") == "notify")


def test_what_the_files_run_and_set_is_there():
    files = [ROOT / "Dockerfile", ROOT / "compose.yaml", *UNITS]
    assert set().union(*(commands_of(file.read_text()) for file in files)) <= set(get_commands())
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "runwayweb" / "settings.py").read_text()))
    for file in (ROOT / "deploy" / "compose.env.example", ROOT / "deploy" / "systemd" / "runwayweb.env.example"):
        named = set(re.findall(r"^#? ?([A-Z_]+)=", file.read_text(), re.M)) - OF_COMPOSE
        assert named <= read, named - read


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing: apt-get install systemd")
def test_systemd_understands_the_units(tmp_path):
    for unit in UNITS:
        # Only where the program lies and whose it is differ here.
        text = unit.read_text().replace("/opt/runwayweb/.venv/bin/python", shlex.quote(shutil.which("true")))
        (tmp_path / unit.name).write_text(text.replace("/opt/runwayweb", "/"))
    command = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.glob("*.service")))]
    told = subprocess.run(command, capture_output=True, text=True)
    complaints = [line for line in told.stderr.splitlines() if "runwayweb" in line and "User" not in line]
    assert not complaints, complaints
