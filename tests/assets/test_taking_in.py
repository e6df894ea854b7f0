"""What becomes of a file from outside: looked through in a closed process, kept once, or refused with a sentence."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from generation import jobs
from generation.models import Input
from runwayweb.assets import lease, models, sandbox, taking_in
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.models.upload import ATTEMPTS
from runwayweb.assets.taking_in import PREPARER, TakingIn, why_refused
from tests import hostile
from tests.assets.preparing_alone import looked_through
from tests.factories import make_asset, make_generation, make_project, make_user
from tests.hostile_files import NOT_MEDIA, archive, hostile_files
from tests.media import media_file
from tests.pictures import as_file, two_colors
from tests.small_disk import full

pytestmark = pytest.mark.django_db


def begin(by, data, name="shot.mp4"):
    """An upload of `by` whose bytes are all here."""
    upload = Upload.objects.begin(workspace=by.open_workspace(), by=by, name=name, size_bytes=len(data))
    upload.receive(0, io.BytesIO(data))
    upload.refresh_from_db()
    return upload


def bring(by, data, name="shot.mp4"):
    """What became of it once a media worker was at it."""
    upload = begin(by, data, name)
    TakingIn(upload).run()
    upload.refresh_from_db()
    return upload


def stored(name):
    with default_storage.open(name) as file:
        return file.read()


def watch(name):
    """The frames of a stored video, grey, and how many frames apart those are that stand by themselves."""
    with av.open(io.BytesIO(stored(name))) as container:
        frames = list(container.decode(container.streams.video[0]))
    keys = [index for index, frame in enumerate(frames) if frame.key_frame]
    return np.stack([frame.to_ndarray(format="gray") for frame in frames]), max(np.diff([*keys, len(frames)]))


def test_a_video_is_kept_as_it_came_beside_what_a_browser_plays(ada):
    data = media_file("mov", frames=14, fps=24, size=(1440, 810))
    upload = bring(ada, data, "Harbour at dawn.mov")
    asset = upload.asset
    assert (asset.state, asset.origin, asset.name, asset.media_type) == (
        Asset.State.READY,
        Asset.Origin.UPLOADED,
        "Harbour at dawn.mov",
        "video/quicktime",
    )
    assert stored(asset.file.name) == data and asset.sha256 == hashlib.sha256(data).hexdigest()
    assert (asset.width, asset.height, asset.fps, asset.frame_count) == (1440, 810, 24, 14)
    assert asset.duration_seconds == pytest.approx(14 / 24)
    assert asset.is_clip and asset.has_sound and asset.peaks[-5] > 60 > asset.peaks[5]
    assert (asset.file_name, asset.playing) == ("clip.mov", "proxy.mp4")
    frames, apart = watch(asset.proxy.name)
    assert frames.shape == (14, 720, 1280) and apart <= 12
    brightness = frames[:, :, 700:].mean((1, 2))
    assert (np.diff(brightness) > 2).all() and frames[:, :, :600].mean() < 24, "in their order, the left half dark"
    assert asset.sprite_count == 14 and stored(asset.poster.name)[:4] == stored(asset.sprite.name)[:4] == b"RIFF"
    left = [path for path in settings.ARRIVING_DIR.iterdir() if path.stem == str(upload.pk)]
    assert not left, "nothing is left behind"


def test_a_disk_that_is_full_is_no_fault_of_the_file(ada, monkeypatch):
    """Nor is one that gets full while the closed process writes: nothing is called damaged, and nothing is left."""
    data = media_file("mov", frames=14, fps=24, size=(1440, 810))
    monkeypatch.setattr(models.upload, "FREE_BYTES", 0)
    with full(settings.ARRIVING_DIR, but=len(data) + 8192) as mend:
        upload = bring(ada, data, "Harbour at dawn.mov")
        assert (upload.status, upload.asset.state) == (Upload.Status.ENDED, Asset.State.REFUSED)
        assert upload.told == "The disk of this studio is full just now. Nothing came in; try again later."
        assert [path.name for path in settings.ARRIVING_DIR.iterdir()] == ["filler"]
        mend()
        assert bring(ada, data, "Harbour at dawn.mov").asset.state == Asset.State.READY


def test_frames_unevenly_apart_are_each_seen_at_their_time(ada):
    times = [0, 40, 80, 400, 440, 480, 520, 560, 600, 640]
    asset = bring(ada, media_file("matroska", frames=10, fps=25, sound=None, times=times), "phone.mkv").asset
    frames, _apart = watch(asset.proxy.name)
    brightness = frames[:, :, 180:].mean((1, 2))
    seen = 1 + np.flatnonzero(np.diff(brightness) > 5)
    at = 1000 * seen / asset.fps
    assert len(at) == 9 and np.abs(at - times[1:]).max() <= 500 / asset.fps + 1


@pytest.mark.parametrize(
    ("container", "codec", "media_type"),
    [("mp3", "libmp3lame", "audio/mpeg"), ("wav", "pcm_s24le", "audio/wav"), ("ogg", "libopus", "audio/ogg")],
)
def test_a_sound_is_kept_as_it_came_with_how_loud_it_is(ada, container, codec, media_type):
    data = media_file(container, codec=None, sound=codec, frames=12)
    asset = bring(ada, data, f"tone.{container}").asset
    assert (asset.media_type, asset.is_sound, asset.playing) == (media_type, True, "proxy.m4a")
    assert stored(asset.file.name) == data and max(asset.peaks) == 100
    waveform = json.loads(stored(asset.waveform.name))
    assert len(waveform["peaks"]) / waveform["rate"] == pytest.approx(asset.duration_seconds, abs=0.03)
    assert waveform["peaks"][4] < 40 < waveform["peaks"][-6] <= max(waveform["peaks"]) == 100
    samples, rate = asset.samples()
    assert samples.shape[1] == 2 and len(samples) / rate == pytest.approx(0.5, abs=0.06)


def test_a_picture_is_written_anew_and_keeps_its_credentials_beside_it(ada):
    exif = Image.Exif()
    exif[271] = "A camera that knows where it was"
    asset = bring(ada, as_file(two_colors(size=(3000, 200)), "JPEG", exif=exif).read(), "garden.jpg").asset
    assert (asset.is_picture, asset.width, asset.height, asset.playing) == (True, 3000, 200, "picture.webp")
    assert b"camera" not in stored(asset.file.name) and not asset.original
    assert asset.open_picture().size[0] == 2048, "what an engine is given"
    signed = as_file(two_colors(), "PNG").read() + b"....jumb....c2pa...."
    asset = bring(ada, signed, "signed.png").asset
    assert stored(asset.original.name) == signed and b"c2pa" not in stored(asset.file.name)


def test_credentials_that_come_with_the_second_of_two_equal_pictures_are_kept(ada):
    first = bring(ada, as_file(two_colors(), "PNG").read(), "plain.png").asset
    signed = as_file(two_colors(), "PNG").read() + b"....jumb....c2pa...."
    again = bring(ada, signed, "signed.png").asset
    assert again == first and stored(again.original.name) == signed
    bring(ada, signed + b"other", "other.png")
    first.refresh_from_db()
    assert stored(first.original.name) == signed, "what came first stays"


def test_the_same_file_twice_is_the_one_that_is_there(ada):
    data = media_file("flac", codec=None, sound="flac", frames=6)
    first = bring(ada, data, "harbour.mp4").asset
    again = bring(ada, data, "copy.mp4")
    assert again.asset == first and again.told == "You have this already: “harbour.mp4”."
    Asset.objects.filter(pk=first.pk).update(deleted_at=timezone.now())
    back = bring(ada, data, "copy.mp4")
    assert back.asset == first and "trash" in back.told and back.asset.deleted_at is None
    assert Asset.objects.filter(workspace=ada.open_workspace()).count() == 1
    grace = make_user("grace")
    assert bring(grace, data).asset != first, "hers is hers"
    picture = as_file(two_colors(), "PNG").read()
    assert bring(ada, picture, "a.png").asset == bring(ada, picture, "b.png").asset


def test_what_must_not_come_in_is_refused_with_its_sentence(tmp_path):
    files = hostile_files()
    told, peak = looked_through([data for _what, data, _sentence in files], tmp_path)
    with override_settings(UPLOAD_MINUTES=2):
        for (what, _data, sentence), refused in zip(files, told, strict=True):
            assert "refused" in refused and sentence in why_refused(refused), f"{what}: {refused}"
    assert peak < 300_000_000, "none of them takes much memory"


def test_what_is_odd_and_does_no_harm_comes_in_as_what_is_seen_of_it(tmp_path):
    small = (96, 64)
    files = [
        hostile.animated_png(100_000),
        hostile.animated_webp(100_000),
        hostile.motion_jpeg(*[small] * 6, *[(200, 100)] * 6),
        hostile.motion_jpeg(*[small] * 12, (16_384, 16_384), *[small] * 12),
    ]
    told, peak = looked_through(files, tmp_path)
    assert [(one["media_type"], one["width"], one["height"]) for one in told] == [
        ("image/webp", 16, 16),
        ("image/webp", 16, 16),
        ("video/x-matroska", 96, 64),
        ("video/x-matroska", 96, 64),
    ]
    assert peak < 300_000_000
    for number, frames in ((2, 12), (3, 25)):
        with av.open(str(tmp_path / f"{number}/proxy.mp4")) as proxy:
            assert {(frame.width, frame.height) for frame in proxy.decode(video=0)} == {small}
        assert told[number]["frame_count"] == frames


def test_nothing_that_hides_in_a_picture_comes_in_with_it(ada):
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><script>alert('harm')</script></x:xmpmeta>"
    place = Image.Exif()
    place.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    hiding = as_file(two_colors(), "JPEG", xmp=xmp, exif=place).read() + archive()
    asset = bring(ada, hiding, "garden.jpg").asset
    data = stored(asset.file.name)
    assert asset.is_ready and b"harm" not in data and b"PK" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "WEBP" and not picture.getexif() and "xmp" not in picture.info


@pytest.mark.parametrize("name", [".htaccess", "..", "CON", "picture.php", '🦊".png\r\nX-Evil: 1', "a;rm -rf.png"])
def test_whatever_it_is_called_it_lies_under_a_name_of_the_studio(ada, client, name):
    asset = bring(ada, as_file(two_colors(), "PNG").read(), name).asset
    assert asset.file.name == f"uploads/{str(asset.pk)[:2]}/{asset.pk}/1/picture.webp"
    client.force_login(ada)
    answer = client.get(reverse("assets:file", args=[asset.pk, "picture.webp"]), {"download": 1})
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    told = answer["Content-Disposition"]
    assert told.startswith("attachment; filename") and not {"\r", "\n"} & set(told) and "X-Evil" not in answer


def test_a_refused_file_leaves_its_sentence_and_nothing_else(ada):
    upload = bring(ada, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "film.mp4")
    assert upload.asset.state == Asset.State.REFUSED and NOT_MEDIA in upload.asset.refusal == upload.told
    assert not upload.path.exists() and not default_storage.exists(upload.asset.file.name)
    assert Upload.objects.room(ada.open_workspace()) == settings.STORAGE_BYTES, "it takes no room"


def test_flipped_bits_leave_a_sentence_or_a_file_that_plays(tmp_path):
    """One bit each of a film, a picture and a sound, forty in all, wherever chance has it."""
    film = media_file(frames=8, size=(96, 64))
    picture = as_file(two_colors(size=(96, 64)), "PNG").read()
    sound = media_file("flac", codec=None, sound="flac", frames=6)
    chance = np.random.default_rng(3)
    files = []
    for whole, count in ((film, 20), (picture, 10), (sound, 10)):
        for _ in range(count):
            flipped = bytearray(whole)
            flipped[chance.integers(len(whole))] ^= 1 << int(chance.integers(8))
            files.append(bytes(flipped))
    told, peak = looked_through(files, tmp_path)
    assert len(told) == 40 and peak < 300_000_000
    for number, one in enumerate(told):
        made = tmp_path / str(number)
        if "refused" in one:
            assert why_refused(one)
        elif one["media_type"] == "image/webp":
            assert Image.open(made / "picture.webp").convert("RGB").size == (one["width"], one["height"])
        else:
            is_film = one["media_type"].startswith("video/")
            with av.open(str(made / ("proxy.mp4" if is_film else "proxy.m4a"))) as proxy:
                streams = proxy.streams.video if is_film else proxy.streams.audio
                frames = sum(1 for _frame in proxy.decode(streams[0]))
            assert frames >= (one["frame_count"] if is_film else one["duration_seconds"] * 48_000 // 1024) > 0
    assert {"refused" in one for one in told} == {True, False}, "some are passed over, some are not"


def test_a_damaged_film_never_ends_the_worker(ada):
    mp4 = bytearray(media_file(frames=8, size=(96, 64)))
    chance = np.random.default_rng(3)
    for at in chance.integers(0, len(mp4), 40):
        mp4[at] ^= 1 << int(chance.integers(8))
    upload = bring(ada, bytes(mp4))
    assert upload.status == Upload.Status.ENDED
    assert upload.asset.state in (Asset.State.READY, Asset.State.REFUSED)


def test_what_the_closed_process_says_is_not_believed_beyond_its_matter(ada, tmp_path, monkeypatch):
    program = tmp_path / "taken_over.py"
    program.write_text(
        "import json, sys\n"
        "open(sys.argv[2] + '/proxy.mp4', 'wb').write(b'x')\n"
        "print(json.dumps({'media_type': 'video/mp4', 'width': 64, 'height': 64, 'workspace_id': 1, 'name': 'hers'}))\n"
    )
    monkeypatch.setattr(taking_in, "PREPARER", program)
    asset = bring(ada, b"film", "mine.mp4").asset
    assert (asset.name, asset.workspace, asset.width) == ("mine.mp4", ada.open_workspace(), 64)
    program.write_text('print(\'{"media_type": "text/html"}\')')
    assert bring(ada, b"page", "mine.mp4").asset.state == Asset.State.REFUSED


def test_one_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "LISTEN_SECONDS", 0.05)
    program = tmp_path / "hangs.py"
    program.write_text("import time\nprint('{\"progress\": 0.5}', flush=True)\ntime.sleep(60)\n")
    heard = []
    with pytest.raises(sandbox.Broken):
        sandbox.told(program, seconds=0.5, on_progress=heard.append)
    assert heard == [0.5]
    with pytest.raises(sandbox.Interrupted):
        sandbox.told(program, seconds=30, go_on=lambda: False)


def test_the_process_that_looks_through_files_may_take_little_memory():
    program = (
        "import resource, runpy, sys\n"
        f"sys.path.insert(0, {str(settings.BASE_DIR)!r})\n"
        f"preparing = runpy.run_path({str(PREPARER)!r})\n"
        "preparing['main']('/dev/null', '/tmp', '{\"most_seconds\": 1, \"longest_side\": 64}')\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0])\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == f"{3 * 1024**3} 80"


def test_a_worker_that_is_to_end_hands_the_file_back(ada, monkeypatch):
    upload = begin(ada, media_file(frames=6))
    monkeypatch.setattr(taking_in, "RENEW_SECONDS", 0)
    monkeypatch.setattr(sandbox, "LISTEN_SECONDS", 0.01)
    assert not TakingIn(upload, stopping=lambda: True).run()
    upload.refresh_from_db()
    assert (upload.status, upload.attempts) == (Upload.Status.WAITING, 0) and upload.path.exists()
    assert upload in Upload.objects.waiting(), "somebody else may take it"
    assert TakingIn(upload).run() and Asset.objects.get(pk=upload.asset_id).is_ready


def test_posters_are_made_while_a_film_comes_in(ada, monkeypatch):
    monkeypatch.setattr(sandbox, "LISTEN_SECONDS", 0.05)
    film = media_file(frames=4)
    clip = make_asset(ada.open_workspace(), film)
    broken = make_asset(ada.open_workspace())
    upload = begin(ada, media_file(frames=72, size=(1280, 720)))  # long enough for all of them
    jobs.take_in_upload(upload.pk)
    clip.refresh_from_db()
    broken.refresh_from_db()
    assert clip.prepared_at and clip.sprite_count == 4
    assert broken.preparations == 3, "tried, and left as it is"
    assert Asset.objects.get(pk=upload.asset_id).is_ready


def test_two_workers_never_take_the_same_file(ada):
    upload = begin(ada, media_file(frames=6))
    other = Upload.objects.get(pk=upload.pk)
    assert TakingIn(other)._claim()
    assert not TakingIn(upload).run()
    Upload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert TakingIn(upload).run(), "the other one died"


def taken_up_by_another(upload):
    """The lease of whoever is at it ended: another worker's attempt, which is at it from now on."""
    Upload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    return TakingIn(Upload.objects.get(pk=upload.pk))


@pytest.mark.parametrize(
    ("storage", "moment"),
    [
        ("folder", "sha256_of"),
        ("folder", "take_in"),
        ("bucket", "bring"),
        ("bucket", "sha256_of"),
        ("bucket", "take_in"),
    ],
)
def test_a_worker_that_was_too_slow_takes_nothing_from_the_one_that_was_not(request, ada, monkeypatch, storage, moment):
    s3 = request.getfixturevalue("s3") if storage == "bucket" else None
    data = media_file(frames=6)
    upload = begin(ada, data)
    step = getattr(taking_in, moment)

    def met(*given):
        """While the one is at this step, its lease ends and the other does everything."""
        monkeypatch.setattr(taking_in, moment, step)
        assert taken_up_by_another(upload).run()
        return step(*given)

    monkeypatch.setattr(taking_in, moment, met)
    ended_it = TakingIn(upload).run()
    asset = Asset.objects.get(pk=upload.asset_id)
    assert asset.is_ready and stored(asset.file.name) == data and not ended_it
    kept = {field.name for field in (asset.file, asset.proxy, asset.poster, asset.sprite, asset.waveform) if field}
    assert all(default_storage.exists(name) for name in kept)
    if s3:
        assert {name.removeprefix("studio/") for name in s3.keys(s3.bucket)} == kept, "and nothing else is left"
    assert not [path for path in settings.ARRIVING_DIR.iterdir() if path.stem == str(upload.pk)]


def test_a_worker_that_was_followed_by_another_writes_nothing_more(ada):
    upload = begin(ada, media_file(frames=6))
    slow = TakingIn(upload)
    assert slow._claim() and slow._go_on()
    other = taken_up_by_another(upload)
    assert other._claim() and not slow._renew() and not upload.refuse("Damaged.", attempt=slow.attempt)
    slow._hand_back()
    upload.refresh_from_db()
    assert (upload.status, upload.attempts) == (Upload.Status.WAITING, 2) and not Upload.objects.waiting()
    other._hand_back()
    upload.refresh_from_db()
    assert upload.attempts == 1 and upload in Upload.objects.waiting()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["sha256_of", "take_in"])
def test_a_file_that_takes_long_to_hash_or_to_send_stays_with_its_worker(ada, monkeypatch, moment):
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.05)
    upload = begin(ada, media_file("flac", codec=None, sound="flac", frames=6))
    step = getattr(taking_in, moment)

    def slow(*given):
        Upload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        until = time.monotonic() + 5
        while Upload.objects.waiting():
            assert time.monotonic() < until, "nobody renewed the lease"
            time.sleep(0.02)
        return step(*given)

    monkeypatch.setattr(taking_in, moment, slow)
    assert TakingIn(upload).run()
    upload.refresh_from_db()
    assert upload.attempts == 1 and upload.asset.is_ready
    assert "lease" not in {thread.name for thread in threading.enumerate()}


def test_a_worker_that_hangs_in_one_call_loses_its_lease(monkeypatch):
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.01)
    monkeypatch.setattr(lease, "STALL_SECONDS", 0.2)
    renewed = []
    with lease.Lease(lambda: renewed.append(1) or True) as held:
        time.sleep(0.5)
        before = len(renewed)
        time.sleep(0.1)
        assert len(renewed) == before > 0
        held.alive()
        time.sleep(0.1)
        assert len(renewed) > before


def test_a_worker_that_dies_at_the_last_moment_loses_nothing(ada, monkeypatch):
    data = media_file("flac", codec=None, sound="flac", frames=6)
    upload = begin(ada, data, "tone.flac")

    def die(*_arguments, **_named):
        raise SystemExit

    with monkeypatch.context() as killed, pytest.raises(SystemExit):
        killed.setattr(Upload, "_move", die)
        TakingIn(upload).run()
    Upload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert TakingIn(Upload.objects.get(pk=upload.pk)).run()
    asset = Asset.objects.get(pk=upload.asset_id)
    assert asset.is_ready and stored(asset.file.name) == data and not upload.path.exists()


def test_one_that_ends_its_workers_is_given_up_with_a_sentence(ada):
    upload = begin(ada, media_file(frames=6))
    Upload.objects.update(attempts=ATTEMPTS, lease_until=timezone.now() - timedelta(seconds=1))
    assert not Upload.objects.waiting()
    Upload.objects.sweep()
    upload.refresh_from_db()
    assert "three times" in upload.told and upload.asset.state == Asset.State.REFUSED


def test_what_nobody_comes_back_for_is_swept_away(ada):
    silent = Upload.objects.begin(workspace=ada.open_workspace(), by=ada, name="a.mp4", size_bytes=1000)
    silent.receive(0, io.BytesIO(b"x" * 990))
    fresh = Upload.objects.begin(workspace=ada.open_workspace(), by=ada, name="b.mp4", size_bytes=1000)
    stray = settings.ARRIVING_DIR / "4b9be0d6-1c9e-4ec6-9f0e-3f6a9f1d2c3b"
    stray.write_bytes(b"of a worker that was killed")
    Upload.objects.filter(pk=silent.pk).update(touched_at=timezone.now() - timedelta(minutes=51))
    Upload.objects.sweep()
    assert not silent.path.exists() and fresh.path.exists() and stray.exists()
    os.utime(stray, (0, 0))
    os.utime(fresh.path, (0, 0))
    Upload.objects.sweep()
    assert not stray.exists() and fresh.path.exists(), "it is still on its way"


def test_what_is_deleted_for_good_leaves_no_file(ada):
    clip = bring(ada, media_file(frames=6)).asset
    names = [field.name for field in (clip.file, clip.proxy, clip.poster, clip.sprite, clip.waveform)]
    assert clip.purge() and not Asset.objects.filter(pk=clip.pk).exists()
    assert not any(default_storage.exists(name) for name in names)
    assert not clip.purge()


def test_something_that_is_still_told_of_stays_as_a_row(ada):
    picture = Asset.objects.keep_picture(two_colors(), workspace=ada.open_workspace(), name="fox.png")
    given = [Input(role=Input.Role.REFERENCE, asset=picture, reference_role="character", position=0)]
    make_generation(make_project(ada), ada, model="built-in", inputs=given, width=512, height=288, num_frames=9)
    assert picture.purge()
    picture.refresh_from_db()
    assert picture.state == Asset.State.GONE and not default_storage.exists(picture.file.name)
    again = Asset.objects.keep_picture(two_colors(), workspace=ada.open_workspace(), name="fox.png")
    assert again != picture and again.is_ready and again.open_picture().size == (64, 48)
    assert bring(ada, as_file(two_colors(), "PNG").read(), "again.png").asset == again


def test_the_trash_is_emptied_after_its_days(ada):
    old, young, kept = (make_asset(ada.open_workspace()) for _ in range(3))
    Asset.objects.filter(pk=old.pk).update(deleted_at=timezone.now() - timedelta(days=settings.TRASH_DAYS, minutes=1))
    Asset.objects.filter(pk=young.pk).update(deleted_at=timezone.now() - timedelta(days=settings.TRASH_DAYS - 1))
    jobs.sweep()
    assert set(Asset.objects.all()) == {young, kept} and not Path(old.file.path).exists()
