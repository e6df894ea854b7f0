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
from uvicorn import Config

from generation.models import Worker
from runwayweb.asgi import DOORS, EPHEMERAL, FILES, FORM_BYTES, UPLOADS, VERIFIED
from runwayweb.supervisor.heartbeats import START_SECONDS
from tests.factories import make_asset, make_user

ROOT = Path(settings.BASE_DIR)
MIB = 1024**2
OF_OTHERS = {
    "POSTGRES_PASSWORD",
    "VALKEY_PASSWORD",
    "CPU_TORCH",
    "TMP_SIZE",
    "FORWARDED_ALLOW_IPS",
}  # compose's, uvicorn's
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
    times = {FILES: 3, UPLOADS: 2, VERIFIED: 3, EPHEMERAL: 2}
    assert set(times) == {door for door in DOORS if door.kind == b"multipart/form-data"}
    assert room * 0.8 < sum(door.at_once * door.limit * copies for door, copies in times.items()) < room


def test_the_images_can_back_up_the_database_beside_them(steps):
    """pg_dump refuses a server of a newer major version; each Debian has one version of it, trixie 17."""
    (server,) = re.findall(r"image: postgres:(\d+)", (ROOT / "compose.yaml").read_text())
    base = stages(steps)["base"]
    assert any(f"postgresql-client-{server} " in run for run in values(base, "RUN"))
    assert f"PG_BIN=/usr/lib/postgresql/{server}/bin" in values(base, "ENV")[0]
    assert values(base, "FROM")[0].split()[0].endswith({"15": "-bookworm", "17": "-trixie"}[server])


def test_a_probe_of_kubernetes_waits_as_long_as_the_image_does(steps):
    """Without a time of its own a probe fails after a second, which is less than Django's start."""
    page = (ROOT / "docs" / "deploy.md").read_text()
    pod = yaml.safe_load(page.partition("### Kubernetes")[2].partition("```yaml\n")[2].partition("```")[0])
    (container,) = pod["containers"]
    startup, liveness = container["startupProbe"], container["livenessProbe"]
    (health,) = values(stages(steps)["cuda"], "HEALTHCHECK")
    timeout = int(re.search(r"--timeout=(\d+)s", health)[1])
    assert startup["timeoutSeconds"] == liveness["timeoutSeconds"] == timeout
    assert startup["periodSeconds"] * startup["failureThreshold"] >= START_SECONDS
    for probe in (startup, liveness):
        assert probe["exec"]["command"] == ["python", "manage.py", "alive", "gpu"]
    unit = assignments((ROOT / "deploy" / "systemd" / "runwayweb-gpu@.service").read_text())
    assert pod["terminationGracePeriodSeconds"] == int(unit["TimeoutStopSec"])


def test_who_signs_what_is_made_shares_the_key_for_it():
    """GPU workers sign clips, media workers films; a backup is written by the web server's container."""
    services = compose()["services"]
    for name in ("gpu", "media", "web"):
        assert "credentials:/data/credentials" in services[name]["volumes"]
    for folder in re.findall(r":(/data/\w+)", (ROOT / "compose.yaml").read_text()):
        # A new volume belongs to whom it belonged in the image: else nobody there could write into it.
        assert re.search(rf"{folder}\b", (ROOT / "Dockerfile").read_text()), folder


@pytest.mark.parametrize(
    ("comes_from", "visitor"),
    [("172.18.0.1", "203.0.113.7"), ("192.168.16.1", "203.0.113.7"), ("198.51.100.9", "198.51.100.9")],
)
async def test_behind_dockers_gateway_each_visitor_has_an_address_of_their_own(monkeypatch, comes_from, visitor):
    """By uvicorn itself, as it reads what the container of the web server is given."""
    given = compose()["services"]["web"]["environment"]["FORWARDED_ALLOW_IPS"]
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", re.fullmatch(r"\$\{FORWARDED_ALLOW_IPS:-(.+)\}", given)[1])
    seen = []

    async def application(scope, receive, send):
        seen.append(scope["client"][0])

    server = Config(application)
    server.load()
    headers = [(b"x-forwarded-for", b"203.0.113.7")]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "client": (comes_from, 40000), "headers": headers}
    await server.loaded_app(scope, None, None)
    assert seen == [visitor]


def test_only_this_host_can_reach_the_port_whose_callers_are_believed():
    assert all(port.startswith("127.0.0.1:") for port in compose()["services"]["web"]["ports"])


def test_passwords_are_asked_for_and_stand_in_no_file():
    text = (ROOT / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?\}", text))
    example = assignments((ROOT / "deploy" / "compose.env.example").read_text())
    assert asked == {"POSTGRES_PASSWORD", "VALKEY_PASSWORD", "SECRET_KEY"} and all(
        example[name] == "" for name in asked
    )
    assert example["METRICS_TOKEN"] == ""


def test_the_proxies_let_in_what_the_studio_does_and_no_more():
    """Caddy hands all bodies on as they come; nginx keeps them first, but for those of the places where files come."""
    caddy = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text()
    largest = max(FORM_BYTES, *(door.limit for door in DOORS))
    assert re.findall(r"max_size (\S+)", caddy) == [f"{largest // MIB}MiB"] and largest % MIB == 0

    nginx = (ROOT / "deploy" / "nginx" / "runwayweb.conf").read_text()
    everywhere, there = (int(most) * MIB for most in re.findall(r"client_max_body_size (\d+)m;", nginx))
    place = re.search(r"location ~ (\S+) {\n\s+client_max_body_size", nginx)[1]
    inside = {door for door in DOORS if door.path.pattern.startswith(("/uploads", "/v1/uploads", "/verify"))}
    for path in ("/uploads/form/", "/v1/uploads/4b9be0d6-1c9e-4ec6-9f0e-3f6a9f1d2c3b/file", "/verify/"):
        assert re.search(place, path) and any(door.path.fullmatch(path) for door in inside), path
    assert inside >= {UPLOADS, VERIFIED, EPHEMERAL}
    assert there == max(door.limit for door in inside)
    assert everywhere == max(door.limit for door in set(DOORS) - inside)

    told = " ".join((ROOT / "docs" / "install.md").read_text().split())
    for limit in (VERIFIED.limit, EPHEMERAL.limit, everywhere):
        assert f"{limit // MIB} MiB" in told


@pytest.mark.django_db
def test_caddy_says_of_a_file_all_that_the_studio_said(client, settings):
    """Its own file server would say nothing of who may keep it."""
    settings.X_ACCEL = "/accel/"
    ada = make_user("ada")
    asset = make_asset(ada.open_workspace())
    client.force_login(ada)
    answer = client.get(f"/media/{asset.pk}/clip.mp4?download=1")
    assert answer["X-Accel-Redirect"] == f"/accel/{asset.file.name}"
    own = {"Accept-Ranges", "Last-Modified", "Content-Length", "Vary", "X-Request-Id", "X-Accel-Redirect"}
    of_pages = {"Content-Language", "Cross-Origin-Opener-Policy", "X-Frame-Options"}
    block = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text().partition("handle_response")[2]
    said = set(re.findall(r"^\s+header (\S+) \S", block, re.M))
    assert set(answer.headers) - own - of_pages <= said


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
        named = set(re.findall(r"^#? ?([A-Z_]+)=", file.read_text(), re.M)) - OF_OTHERS
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
