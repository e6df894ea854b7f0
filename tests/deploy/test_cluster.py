"""Several machines, as processes with a data folder each: two web servers, two GPU workers with different models, two
media workers, a dispatcher and one that tells webhooks. They share the database, Valkey, the secret key and the media:
in a bucket, and no disk; or in folders, as if they were mounted."""

import os
import time

import pytest
import requests
from django.conf import settings
from django.test import Client

from generation import machines
from generation.engine import catalogue
from generation.engine.catalogue import WEIGHTS
from generation.models import Generation, Worker
from generation.models.status import Status
from runwayweb.api.models import Key
from runwayweb.assets.models import Asset
from tests.factories import make_generation, make_project, make_user
from tests.faults.auditor import audit
from tests.servers.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
QUICK = {"DISPATCH_SECONDS": "0.5", "BEAT_SECONDS": "1", "LEASE_SECONDS": "6", "LEASE_RENEWAL_SECONDS": "1"}
A, B = "painter-a", "painter-b"
OF = {name: f"{name}={WEIGHTS / 'built-in'}" for name in (A, B)}
SHARED = ("media", "arriving", "ephemeral")
SMALL = {"width": 128, "height": 64, "num_frames": 4}


class Cluster:
    """Starts a process on a machine of its own: a folder in which nothing but the mounts is anybody else's. `bucket`:
    its variables; None: the media are mounted."""

    def __init__(self, site, folder, bucket):
        self.site, self.folder, self.bucket = site, folder, bucket
        self.processes = {}
        self.mounts = () if bucket else SHARED
        for name in self.mounts:
            (settings.DATA_DIR / name).mkdir(exist_ok=True)

    def start(self, machine, role, **env):
        data = self.folder / machine
        data.mkdir()
        for name in self.mounts:
            os.symlink(settings.DATA_DIR / name, data / name)  # as a network mount would be
        here = {"RUNWAYWEB_DATA": str(data), "SECRET_KEY": settings.SECRET_KEY}
        env = QUICK | here | (self.bucket or {}) | env
        self.processes[machine] = self.site.start(role, env=env)


@pytest.fixture(params=["bucket", "mounted"])
def cluster(request, site, tmp_path, no_files):
    bucket = request.getfixturevalue("s3").env if request.param == "bucket" else None
    cluster = Cluster(site, tmp_path, bucket)
    everything = ",".join(OF.values())
    cluster.start("web-1", "web", RUNWAYWEB_MODELS=everything)
    cluster.first = site.url
    site.port = free_port()
    site.url = f"http://127.0.0.1:{site.port}"
    cluster.start("web-2", "web", RUNWAYWEB_MODELS=everything)
    cluster.second = site.url
    cluster.start("control", "dispatcher", RUNWAYWEB_MODELS=everything)
    cluster.start("webhooks", "webhooks")
    cluster.start("media-1", "media")
    cluster.start("media-2", "media")
    cluster.start("gpu-a", "gpu", RUNWAYWEB_MODELS=OF[A])
    cluster.start("gpu-b", "gpu", RUNWAYWEB_MODELS=OF[B])
    kinds = set(Worker.Kind.values)
    site.wait(lambda: set(Worker.objects.living().values_list("kind", flat=True)) == kinds, seconds=120, every=0.5)
    site.wait(lambda: len(machines.living()) == 2, seconds=120, every=0.5)
    return cluster


def test_work_is_done_wherever_it_can_be_and_seen_everywhere(cluster, site, monkeypatch):
    monkeypatch.setenv("RUNWAYWEB_MODELS", ",".join(OF.values()))
    ada = make_user("ada")
    project = make_project(ada)
    program = {"Authorization": f"Bearer {Key.objects.issue(project.workspace, by=ada, name='c')[1]}"}
    program["X-Runway-Version"] = "2024-11-06"
    asked = {"model": B, "promptText": "a red fox", "ratio": "128:64", "duration": 0.25}
    task = requests.post(f"{cluster.first}/v1/text_to_video", json=asked, headers=program, timeout=30)
    assert task.status_code == 200, task.text
    runs = [make_generation(project, model=model, **SMALL) for model in (A, B, A)]
    site.wait(lambda: not Generation.objects.in_progress().exists(), seconds=120, every=0.5)
    for run in Generation.objects.all():
        assert run.status == Status.SUCCEEDED, run.failure
        assert run.worker.has(run.model)
    assert len({run.worker_id for run in Generation.objects.all()}) == 2

    # What one machine made, another made the poster of, and a third shows.
    site.wait(lambda: not Asset.objects.unprepared().exists(), seconds=60, every=0.5)
    client = Client()
    client.force_login(ada)
    cookies = {"sessionid": client.cookies["sessionid"].value}
    asset = Generation.objects.get(pk=runs[0].pk).asset
    for web in (cluster.first, cluster.second):
        for name in ("clip.mp4", "poster.webp"):
            assert requests.get(f"{web}/media/{asset.pk}/{name}", cookies=cookies, timeout=30).status_code == 200
    heard = requests.get(f"{cluster.second}/v1/tasks/{task.json()['id']}", headers=program, timeout=30).json()
    assert heard["status"] == "SUCCEEDED"
    depth = [
        line
        for web in (cluster.first, cluster.second)
        for line in lines(web)
        if line.startswith("runwayweb_gpu_workers{")
    ]
    assert len(depth) == 4 and len(set(depth)) == 2, "both tell the same"

    # A machine is lost in the middle of it: the others go on, and what only it could do waits for it.
    cluster.processes["web-1"].kill()
    cluster.processes["gpu-b"].kill()
    waiting, other = make_generation(project, model=B, **SMALL), make_generation(project, model=A, **SMALL)
    ended = Generation.objects.filter(pk=other.pk, status=Status.SUCCEEDED)
    site.wait(ended.exists, seconds=60, every=0.5)
    assert requests.get(f"{cluster.second}/projects/", cookies=cookies, timeout=30).status_code == 200
    assert Generation.objects.get(pk=waiting.pk).status == Status.QUEUED
    began = time.monotonic()
    cluster.start("gpu-b-again", "gpu", RUNWAYWEB_MODELS=OF[B])
    site.wait(lambda: not Generation.objects.in_progress().exists(), seconds=90, every=0.5)
    assert Generation.objects.get(pk=waiting.pk).status == Status.SUCCEEDED and time.monotonic() - began < 90
    assert catalogue.card(B) in catalogue.cards()
    if cluster.bucket:
        media = [path for path in cluster.folder.rglob("*") if path.suffix in (".mp4", ".webp")]
        assert not media, "no file is left on any machine"
    audit()


def lines(web):
    return requests.get(f"{web}/metrics", timeout=30).text.splitlines()
