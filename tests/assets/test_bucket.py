"""Files in a bucket of S3, as in a folder: laid in whole, read back, taken away; and what is said when it is away."""

import ssl
import urllib.error
import urllib.request
from datetime import timedelta

import environ
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from generation import jobs
from generation.models import Generation, Input
from runwayweb import neighbours
from runwayweb.assets import storage
from runwayweb.assets.certificate import certificate
from runwayweb.assets.models import Asset, SigningKey
from runwayweb.assets.pictures import frames_of
from runwayweb.assets.s3 import PART_BYTES, PATIENCE, S3Storage
from runwayweb.assets.storage import StorageAway, bring, discard, discard_folder, local_copy, store, take_in
from tests.factories import make_generation, make_project, make_user
from tests.media import media_file
from tests.pictures import two_colors
from tests.servers.tls import TlsFront


@pytest.fixture
def quickly(monkeypatch):
    """Nobody waits between one try and the next."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)


def fetched(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.headers, answer.read()


def test_a_file_is_laid_in_read_and_taken_away(s3, tmp_path):
    made = tmp_path / "clip.mp4"
    made.write_bytes(b"moving pictures")
    assert take_in(made, "clips/a/clip.mp4") == "clips/a/clip.mp4"
    assert s3.keys(s3.bucket) == {"studio/clips/a/clip.mp4"}
    with default_storage.open("clips/a/clip.mp4") as file:
        assert file.read() == b"moving pictures" and file.seek(7) == 7 and file.read() == b"pictures"
    with local_copy("clips/a/clip.mp4") as path:
        assert path.read_bytes() == b"moving pictures" and path.suffix == ".mp4"
    assert not path.exists(), "a copy goes when it has done its work"
    store(b"others", "clips/a/clip.mp4")
    with default_storage.open("clips/a/clip.mp4") as file:
        assert file.read() == b"others"
    store(b"beside it", "clips/a/poster.webp")
    discard_folder("clips/a")
    assert s3.keys(s3.bucket) == set()


def test_on_this_disk_nothing_is_copied(tmp_path):
    store(b"here", "clips/b/clip.mp4")
    with local_copy("clips/b/clip.mp4") as path:
        assert str(path) == default_storage.path("clips/b/clip.mp4")
    assert path.exists()
    discard("clips/b/clip.mp4")
    with pytest.raises(FileNotFoundError), local_copy("clips/b/clip.mp4"):
        pass


def test_a_clip_is_decoded_from_there(s3):
    store(media_file(frames=12, fps=12, sound=None), "clips/g/clip.mp4")
    with default_storage.open("clips/g/clip.mp4") as file:
        assert len(frames_of(file)) == 12


def test_what_is_not_there_is_not_there(s3, tmp_path):
    with pytest.raises(FileNotFoundError):
        default_storage.open("clips/none.mp4")
    with pytest.raises(FileNotFoundError), local_copy("clips/none.mp4"):
        pass
    with pytest.raises(FileNotFoundError):
        bring("clips/none.mp4", tmp_path / "none.mp4")
    assert list(tmp_path.iterdir()) == []
    assert discard("clips/none.mp4")


def test_a_file_in_parts_comes_back_whole(s3, tmp_path):
    large = bytes(range(256)) * (2 * PART_BYTES // 256) + b"the end"
    (tmp_path / "large").write_bytes(large)
    take_in(tmp_path / "large", "exports/large.mov")
    bring("exports/large.mov", tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == large


@pytest.mark.parametrize("how", ["refuses", "hangs up"])
def test_a_bucket_that_is_away_is_an_error_of_a_disk_and_leaves_no_half_file(s3, tmp_path, quickly, how):
    store(b"kept", "clips/c/clip.mp4")
    s3.breaks(how)
    for act in (
        lambda: store(b"new", "clips/c/new.mp4"),
        lambda: default_storage.open("clips/c/clip.mp4"),
        lambda: bring("clips/c/clip.mp4", tmp_path / "copy.mp4"),
        lambda: default_storage.exists("clips/c/clip.mp4"),
    ):
        with pytest.raises(StorageAway):
            act()
    assert list(tmp_path.iterdir()) == []
    assert not discard("clips/c/clip.mp4")
    s3.well()
    assert s3.keys(s3.bucket) == {"studio/clips/c/clip.mp4"}


def test_one_that_is_too_slow_or_nowhere_is_not_waited_for(s3, settings, quickly, monkeypatch):
    monkeypatch.setitem(PATIENCE, "read_timeout", 0.2)
    slow = S3Storage(**settings.S3.options)
    s3.breaks("is slow", seconds=0.6)
    with pytest.raises(StorageAway):
        slow.size("clips/none.mp4")
    nowhere = S3Storage(**settings.S3.options | {"endpoint_url": "http://127.0.0.1:1"})
    with pytest.raises(StorageAway):
        nowhere.size("clips/none.mp4")


def test_one_refusal_is_tried_again(s3, quickly):
    store(b"kept", "clips/d/clip.mp4")
    s3.breaks("refuses", "GET")
    tried = []

    class Once:
        def __contains__(self, method):
            tried.append(method)
            return len(tried) < 3

        def __bool__(self):
            return True

    s3.only = Once()
    with default_storage.open("clips/d/clip.mp4") as file:
        assert file.read() == b"kept"
    assert len(tried) >= 3


def test_an_address_is_good_for_one_file_and_a_while(s3):
    store(b"0123456789", "clips/e/clip.mp4")
    store(b"another", "clips/f/clip.mp4")
    inline = 'inline; filename="f"'
    address = storage.bucket().address_of("clips/e/clip.mp4", media_type="video/mp4", disposition=inline)
    status, headers, body = fetched(address)
    assert (status, body) == (200, b"0123456789")
    assert headers["Content-Type"] == "video/mp4" and headers["Content-Disposition"] == inline
    status, headers, body = fetched(address, Range="bytes=2-4")
    assert (status, body, headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    for wrong in (address.replace("/e/", "/f/"), address.split("?")[0], address.replace("video%2Fmp4", "text%2Fhtml")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetched(wrong)
        assert refused.value.code == 403
    s3.ahead = timedelta(seconds=3590)
    assert fetched(address)[0] == 200
    s3.ahead = timedelta(seconds=3610)
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(address)
    assert refused.value.code == 403


@pytest.mark.django_db
def test_what_is_deleted_for_good_goes_from_the_bucket_and_stays_while_that_is_away(s3, quickly):
    workspace = make_user("ada").open_workspace()
    asset = Asset.objects.keep_picture(two_colors(), workspace=workspace, name="picture.webp")
    assert len(s3.keys(s3.bucket)) == 2
    s3.breaks("refuses")
    with pytest.raises(StorageAway):
        asset.purge()
    s3.well()
    asset.refresh_from_db()
    assert asset.is_ready and asset.open_picture(), "nothing of it went"
    assert asset.purge() and s3.keys(s3.bucket) == set()


@pytest.mark.django_db
def test_every_machine_signs_with_the_same_key(s3, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    one = certificate()
    settings.DATA_DIR = tmp_path / "of another machine"
    assert certificate() == one and SigningKey.objects.count() == 1
    assert not list(tmp_path.iterdir()), "it lies in the database, sealed"
    assert one.key.decode()[30:60] not in SigningKey.objects.get().sealed
    settings.SECRET_KEY = "another"
    with pytest.raises(OSError, match="another SECRET_KEY"):
        certificate()


@pytest.mark.django_db
def test_an_input_is_not_called_lost_while_the_bucket_is_away(s3, quickly):
    project = make_project(make_user("ada"))
    picture = Asset.objects.keep_picture(two_colors(), workspace=project.workspace, name="picture.webp")
    given = Input(asset=picture, role=Input.Role.FIRST_FRAME)
    s3.breaks("refuses")
    with pytest.raises(StorageAway):
        given.pixels()


@pytest.mark.django_db
def test_what_a_run_left_there_while_it_was_going_away_is_swept_up(s3, quickly):
    made = make_generation(make_project(make_user("ada")))
    store(b"a clip without its cast", f"clips/{str(made.pk)[:2]}/{made.pk}/1/clip.mp4")
    Generation.objects.filter(pk=made.pk).update(
        status=Generation.Status.FAILED,
        attempt=1,
        failure_code="INTERNAL.STORAGE",
        failure="away",
        finished_at=timezone.now(),
    )
    s3.breaks("refuses")
    jobs.sweep()
    s3.well()
    assert len(s3.keys(s3.bucket)) == 1
    jobs.sweep()
    assert s3.keys(s3.bucket) == set()


def test_a_server_whose_authority_is_ones_own(s3, tmp_path, quickly):
    """S3_CA_FILE names it. Nobody else's certificate is taken, neither by who writes nor by who watches."""
    front = TlsFront(s3.server.server_port, tmp_path)
    environment = environ.Env()

    def bucket(**told):
        environment.ENVIRON = s3.env | {"S3_ENDPOINT": f"https://localhost:{front.port}"} | told
        return S3Storage(**neighbours.bucket(environment).options)

    try:
        ours = bucket(S3_CA_FILE=str(front.ca_file))
        assert ours.answers()
        ours.save("clips/a/clip.mp4", ContentFile(b"moving pictures"))
        assert s3.keys(s3.bucket) == {"studio/clips/a/clip.mp4"}
        with ours.open("clips/a/clip.mp4") as file:
            assert file.read() == b"moving pictures"
        trust = ssl.create_default_context(cafile=front.ca_file)
        address = ours.address_of("clips/a/clip.mp4", media_type="video/mp4")
        with urllib.request.urlopen(address, timeout=10, context=trust) as answer:
            assert answer.read() == b"moving pictures"
        for other in (bucket(S3_CA_FILE=str(front.another_ca_file)), bucket()):
            with pytest.raises(OSError, match="certificate verify failed"), other.open("clips/a/clip.mp4") as file:
                file.read()
            assert not other.answers()
    finally:
        front.stop()
