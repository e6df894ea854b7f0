"""Machines that share PostgreSQL or SQLite, Valkey and a bucket, and no folder: here, processes with one each."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generation.models.status import Status
from projects.cut import Clip, Cut, Source, Track
from projects.models import Export
from runwayweb.assets.credentials import read
from runwayweb.assets.models import Asset, SigningKey, Upload
from runwayweb.assets.storage import local_copy
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation
from tests.faults.auditor import audit, ended
from tests.media import media_file


@pytest.fixture
def machines(site, quick, s3, tmp_path):
    """Starts a process as on a machine of its own: `machines("gpu")`."""
    folders = []

    def start(name, **env):
        folders.append(tmp_path / f"machine-{len(folders)}")
        return site.start(name, env=quick | s3.env | {"RUNWAYWEB_DATA": str(folders[-1])} | env)

    start.folders = folders
    return start


@pytest.fixture
def ada(project):
    return project.workspace.memberships.get().user


def brought(ada, data):
    """An upload that a form brought to this machine."""
    upload = Upload.objects.begin(workspace=ada.open_workspace(), by=ada, name="beach.mp4", size_bytes=len(data))
    upload.receive(0, SimpleUploadedFile("beach.mp4", data))
    return upload


def left_in(folders):
    """The files of media that lie in these folders."""
    return [path for folder in folders for path in folder.rglob("*") if path.suffix in (".mp4", ".webp", ".part")]


@pytest.mark.slow
def test_what_one_machine_makes_another_prepares_and_a_third_exports(machines, site, s3, project, ada):
    machines("dispatcher")
    machines("gpu")
    machines("media")
    made = make_generation(project, num_frames=12)
    site.wait(lambda: Asset.objects.filter(generations=made).exclude(prepared_at=None).first(), seconds=60)
    made.refresh_from_db()
    assert made.status == Status.SUCCEEDED and made.asset.poster

    # What a form brought to this machine is taken in by that one.
    upload = brought(ada, media_file(frames=24, fps=24))
    assert not upload.path.exists() and f"studio/{upload.stored}" in s3.keys(s3.bucket)
    footage = site.wait(lambda: Asset.objects.filter(pk=upload.pk, state="ready").first(), seconds=60)
    assert footage.proxy and f"studio/{upload.stored}" not in s3.keys(s3.bucket)

    # A cut of both, by a media worker that has seen neither.
    site.stop_all()
    site.processes.clear()
    machines("dispatcher")
    machines("media")
    clips = (Clip("a", 0, 24, Source("asset", str(footage.pk))), Clip("b", 24, 12, Source("asset", str(made.asset.pk))))
    cut = Cut(fps=24, width=64, height=64, tracks=(Track("v1", "video", clips=clips),))
    export = Export.request_export(project, by=ada, cut=cut, format="mp4", height=288)
    site.wait(lambda: not Export.objects.get(pk=export.pk).in_progress, seconds=90)
    export.refresh_from_db()
    assert export.status == Export.Status.SUCCEEDED, f"{export.failure}\n{site.logs(lines=40)}"
    with local_copy(export.asset.file.name) as film, local_copy(made.asset.file.name) as clip:
        signers = {read(path, ".mp4")["state"] for path in (film, clip)}
    assert signers == {"valid"} and SigningKey.objects.count() == 1

    audit()
    assert left_in(machines.folders) == []
    for asset in Asset.objects.all():
        asset.purge()
    assert s3.keys(s3.bucket) == set(), "and all of it goes again"


@pytest.mark.slow
@pytest.mark.parametrize("how", ["refuses", "hangs up"])
def test_a_clip_that_cannot_be_stored_costs_nothing(machines, site, s3, project, how):
    s3.breaks(how, "PUT", "POST")
    machines("dispatcher")
    machines("gpu")
    made = make_generation(project)
    site.wait(ended, seconds=60)
    made.refresh_from_db()
    assert made.status == Status.FAILED and made.failure_code == "INTERNAL.STORAGE"
    assert Wallet.objects.of(project.workspace).held == 0
    assert s3.keys(s3.bucket) == set() and left_in(machines.folders) == []
    s3.well()
    again = make_generation(project)
    site.wait(ended, seconds=60)
    again.refresh_from_db()
    assert again.status == Status.SUCCEEDED
    audit()


@pytest.mark.slow
def test_an_upload_waits_for_a_storage_that_is_away(machines, site, s3, ada):
    data = media_file(frames=12, fps=12)
    upload = brought(ada, data)
    s3.breaks("refuses", "GET", "HEAD")
    machines("dispatcher")
    machines("media")
    site.wait(lambda: len(s3.asked) >= 6, seconds=60)
    s3.well()
    footage = site.wait(lambda: Asset.objects.filter(pk=upload.pk, state="ready").first(), seconds=60)
    upload.refresh_from_db()
    assert footage.size_bytes == len(data) and upload.attempts == 1 and upload.told == ""
