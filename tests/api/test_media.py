"""Media that a program names in a body: what is taken, kept once, and refused with a sentence at its place.

Addresses are answered by a real server of HTTPS on this machine; what is let through to it is the guard's own doing.
"""

import base64
import gzip
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from generation import jobs
from generation.engine.cards import offline_sound
from generation.engine.cards.offline_sound import DEEPFILTERNET
from generation.models import Input
from runwayweb.api import media
from runwayweb.api.caller import Caller
from runwayweb.api.errors import ApiError, Invalid
from runwayweb.api.models import Key, Task
from runwayweb.assets.models import Asset, Ephemeral, Given, Upload
from runwayweb.assets.signing import signed_path
from runwayweb.subscriptions.models import Plan, Wallet
from tests import hostile
from tests.busy import every_place_taken
from tests.factories import make_asset, make_generation, make_project, make_user
from tests.media import cut_off, many_tracks, media_file, tone
from tests.pictures import as_file, two_colors
from tests.servers.https import HOST, Https, Led, answer

pytestmark = pytest.mark.django_db
URL = f"https://{HOST}/fox.png"
CANNOT = "URL cannot be reached."


@pytest.fixture(scope="module")
def https():
    server = Led.https = Https()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _as_it_was(https, settings):
    settings.MEDIA_FETCHER = "tests.servers.https.Led"
    https.answers, https.resolves = {}, ["93.184.216.34"]
    https.fails, https.canonical = 0, ""
    https.reached.clear()


def calling(user):
    workspace = user.open_workspace()
    key = Key.objects.issue(workspace, by=user, name="Tests")[0]
    return Caller(key, workspace, user, Plan.objects.of(workspace))


@pytest.fixture
def caller(ada):
    return calling(ada)


def png(picture=None):
    return as_file(picture or two_colors()).read()


def data_uri(data, media_type="image/png"):
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def refused(take, *arguments, **limits):
    """The one sentence that is told, at the place of the field."""
    with pytest.raises(Invalid) as told:
        take(*arguments, ("promptImage", 0, "uri"), **limits)
    (issue,) = told.value.issues
    assert issue.path == ("promptImage", 0, "uri") and issue.code in ("invalid_media", "storage")
    return issue.message


def test_a_picture_comes_from_an_address_from_a_data_uri_and_from_an_upload_and_is_kept_once(caller, https):
    https.answers["/fox.png"] = answer(png(), Content_Type="image/png")
    first = caller.picture(URL, "promptImage")
    assert (first.state, first.origin, first.name, first.came_as) == (
        Asset.State.READY,
        Asset.Origin.API,
        "fox.png",
        {"width": 64, "height": 48},
    )
    assert first.open_picture().getpixel((5, 5)) == (220, 30, 30), "what an engine is given"
    assert https.reached == [("93.184.216.34", 443)]
    assert caller.picture(data_uri(png()), "promptImage") == first
    upload = Ephemeral.objects.announce(workspace=caller.workspace, name="again.png")
    assert upload.receive(as_upload(png()))
    assert caller.picture(f"runway://{upload.pk}", "promptImage") == first
    as_jpeg = as_file(two_colors(size=(128, 48)), "JPEG").read()
    assert caller.picture(data_uri(as_jpeg, "image/jpeg"), "promptImage") != first
    assert Asset.objects.count() == Given.objects.count() == 2


def as_upload(data, name="file"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, data)


def test_a_clip_is_kept_as_an_engine_takes_it(caller):
    film = media_file("mov", frames=48, size=(320, 192))
    clip = caller.clip(data_uri(film, "video/quicktime"), "videoUri")
    assert (clip.width, clip.height, clip.fps, clip.frame_count, clip.is_clip) == (320, 192, 24, 48, True)
    assert clip.came_as == {"width": 320, "height": 192, "fps": 24, "has_sound": True, "duration_seconds": 2}
    frames = clip.frames()
    assert frames.shape == (48, 192, 320, 3) and frames[40].mean() > frames[5].mean() + 30
    small = caller.clip(data_uri(film, "video/mp4"), "videoUri", fps=12, most_pixels=160 * 96, most_seconds=1)
    assert small.frames().shape == (12, 96, 160, 3) and small.came_as == clip.came_as
    assert caller.clip(data_uri(film, "video/mp4"), "videoUri") == clip, "given before"
    assert caller.clip(data_uri(film, "video/mp4"), "videoUri", longest_seconds=60.0) == clip
    for most_pixels in (2_073_600, 2_073_601):
        caller.clip(data_uri(film, "video/mp4"), "videoUri", most_pixels=most_pixels)
    assert Given.objects.count() == 4, "shapes that are nearly alike are two"
    jobs.prepare_asset(clip.pk)
    clip.refresh_from_db()
    assert clip.poster and clip.sprite, "made later, by a media worker"


def test_what_is_heard_comes_from_a_sound_or_a_clip(caller):
    spoken = media_file("mp3", codec=None, sound="libmp3lame", frames=24)
    sound = caller.sound(data_uri(spoken, "audio/mpeg"), "audioUri")
    samples, rate = sound.samples()
    assert samples.shape[1] == 2 and len(samples) / rate == pytest.approx(1, abs=0.1)
    assert sound.came_as["duration_seconds"] == sound.duration_seconds
    assert caller.sound(data_uri(spoken, "audio/mpeg"), "audioUri") == sound
    assert caller.sound(data_uri(media_file(), "video/mp4"), "audioUri").has_sound


def test_what_programs_gave_is_not_in_the_library_until_somebody_brings_it(caller, ada, client):
    client.force_login(ada)
    given = caller.picture(data_uri(png()), "promptImage")
    assert str(given.pk) not in client.get("/library/").content.decode()
    assert str(given.pk) in client.get("/library/?api=on").content.decode()
    upload = Upload.objects.begin(workspace=caller.workspace, by=ada, name="mine.png", size_bytes=len(png()))
    upload.receive(0, as_file(two_colors()))
    jobs.take_in_upload(upload.pk)
    given.refresh_from_db()
    assert given.origin == Asset.Origin.UPLOADED
    assert str(given.pk) in client.get("/library/").content.decode()


def test_what_a_task_made_is_given_on_without_being_fetched(caller, https, settings):
    """The address of an output is one of this studio, which the guard lets nobody fetch."""
    settings.ALLOWED_HOSTS = ["studio.example.net"]
    film = media_file(frames=12, size=(64, 64))
    made = make_asset(caller.workspace, film, sha256="1" * 64, origin=Asset.Origin.MADE, frame_count=12)
    url = f"https://studio.example.net{signed_path(made)}"
    assert caller.clip(url, "videoUri") == made
    shorter = caller.clip(url, "videoUri", fps=12, most_seconds=0.25)
    assert shorter != made and shorter.frame_count == 3
    theirs = calling(make_user("grace"))
    copied = theirs.clip(url, "videoUri")
    assert copied.workspace == theirs.workspace, "whoever has the address may have the file"
    poster = make_asset(
        caller.workspace, film, sha256="2" * 64, poster=default_storage.save("p.webp", as_file(two_colors()))
    )
    at = f"https://studio.example.net{signed_path(poster, name='poster.webp')}"
    assert caller.picture(at, "promptImage").is_picture, "whatever of it has an address"
    for wrong in (url.replace("signature=", "signature=x"), url.partition("?")[0], url.replace("clip.mp4", "x.mp4")):
        assert refused(caller.clip, wrong) == CANNOT
    made.deleted_at = timezone.now()
    made.save()
    assert refused(caller.clip, url) == CANNOT
    assert https.reached == []


def test_what_was_made_in_a_workspace_that_is_suspended_is_given_on_to_nobody(caller, https, client, settings):
    """As its signed address shows nothing any more, either."""
    settings.ALLOWED_HOSTS = ["studio.example.net", "testserver"]
    made = make_asset(caller.workspace, media_file(frames=12, size=(64, 64)), sha256="1" * 64, frame_count=12)
    path, grace = signed_path(made), calling(make_user("grace"))
    assert client.head(path).status_code == 200
    caller.workspace.suspend("Shows people who did not agree.")
    assert client.head(path).status_code == 404
    assert refused(grace.clip, f"https://studio.example.net{path}") == CANNOT
    assert not grace.workspace.assets.exists() and https.reached == []
    caller.workspace.lift_suspension(by=None)
    assert grace.clip(f"https://studio.example.net{path}", "videoUri").workspace == grace.workspace


# Case 22
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "fox.png",
        "http://files.example.org/fox.png",
        "https://93.184.216.34/fox.png",
        "https://ada:secret@files.example.org/",
        "https://files.example.org:6379/",
        "https://localhost/fox.png",
        "https://files.example.org/" + "x" * 2048,
        "https://files.example.org/a b",
        "file:///etc/passwd",
        "gopher://files.example.org/",
        "ftp://files.example.org/",
    ],
)
def test_an_address_that_is_none_is_refused(caller, https, uri):
    assert refused(caller.picture, uri).startswith("Must be an HTTPS URL with a domain name")
    assert https.reached == []


# Case 23: as it stands, where no name has to be asked for
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "１２７.０.０.１", "0", "10.0.0.1",
     "169.254.169.254", "100.64.0.5", "224.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]",
     "[2002:7f00:1::]"],
)  # fmt: skip
def test_an_ip_address_in_here_is_told_like_a_name_that_means_it(caller, https, monkeypatch, host):
    monkeypatch.setattr(media, "EVEN_SECONDS", 0.1)
    for url in (f"https://{host}/fox.png", f"https://{host}:443/"):
        assert 0.1 <= _seconds_of_refusal(caller, url)
        with pytest.raises(Invalid, match="URL cannot be reached."):
            media.bring_in(caller, url, "url")
    assert refused(caller.picture, f"https://{host}:6379/").startswith("Must be an HTTPS URL"), "whatever is there"
    assert https.reached == [] and not Upload.objects.exists()


def _seconds_of_refusal(caller, url=URL):
    began = time.monotonic()
    assert refused(caller.picture, url) == CANNOT
    return time.monotonic() - began


# Case 24
def test_a_name_that_fails_and_then_means_something_is_refused_and_taken_as_it_then_is(caller, https, monkeypatch):
    monkeypatch.setattr(media, "EVEN_SECONDS", 0.0)
    https.answers["/fox.png"] = answer(png(), Content_Type="image/png")
    https.fails = 1
    assert refused(caller.picture, URL) == CANNOT and https.reached == []
    https.resolves = ["10.0.0.1"]  # it fails, and then leads inside
    https.fails = 1
    for _time in range(2):
        assert refused(caller.picture, URL) == CANNOT and https.reached == []
    https.resolves = ["93.184.216.34"]
    assert caller.picture(URL, "promptImage").is_picture and https.reached == [("93.184.216.34", 443)]


# Case 24: what a name stands for (CNAME) is among what the system tells of it, with the name at its end
@pytest.mark.parametrize(
    "resolves",
    [["10.0.0.1"], ["93.184.216.34", "fd00::1"], ["2606:2800:220:1::1", "192.168.0.1"], ["::ffff:10.0.0.1"]],
)
def test_a_name_that_leads_inside_by_another_name_or_by_one_of_its_addresses_is_refused(
    caller, https, monkeypatch, resolves
):
    monkeypatch.setattr(media, "EVEN_SECONDS", 0.0)
    https.answers["/fox.png"] = answer(png(), Content_Type="image/png")
    https.resolves, https.canonical = resolves, "db.internal"
    assert refused(caller.picture, URL) == CANNOT and https.reached == []


# Cases 23 and 24
@pytest.mark.slow
@pytest.mark.parametrize(
    "inside",
    ["127.0.0.1", "10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "100.64.0.5",
     "169.254.169.254", "224.0.0.1"],
)  # fmt: skip
def test_whatever_is_in_here_is_told_like_what_is_nowhere(caller, https, monkeypatch, inside):
    monkeypatch.setattr(media, "EVEN_SECONDS", 0.1)
    https.answers["/fox.png"] = answer(png(), Content_Type="image/png")
    took = []
    for resolves in ([inside], ["93.184.216.34", inside], [inside, "2606:2800:220:1::1"], []):
        https.resolves = resolves
        took.append(min(_seconds_of_refusal(caller) for _ in range(3)))  # this machine may be busy, too
    assert https.reached == [] and max(took) - min(took) < 0.05
    assert not Asset.objects.exists()


def test_this_studio_is_not_asked_by_way_of_its_own_name(caller, https, settings):
    settings.ALLOWED_HOSTS = ["studio.example.net"]
    for url in ("https://studio.example.net/v1/tasks", "https://studio.example.net/media/x/y?signature=z"):
        assert refused(caller.picture, url) == CANNOT
    assert https.reached == []


def test_a_name_that_means_something_else_the_second_time_is_asked_once(caller, https):
    """DNS rebinding: what was looked at is what is connected to."""
    https.answers["/fox.png"] = answer(png(), Content_Type="image/png")
    asked = []

    class Twice(list):
        def __iter__(self):
            asked.append(True)
            return iter(["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"])

    https.resolves = Twice()
    assert caller.picture(URL, "promptImage").is_picture
    assert https.reached == [("93.184.216.34", 443)] and len(asked) == 1


def drip(handler):
    handler.send_response(200)
    handler.end_headers()
    wait = threading.Event()
    with suppress(OSError):
        for _ in range(200):
            handler.wfile.write(b"x")
            wait.wait(0.05)


def slower_than_any(handler):
    """A byte in ten seconds."""
    handler.send_response(200)
    handler.send_header("Content-Length", "400")
    handler.end_headers()
    with suppress(OSError):
        handler.wfile.write(b"x")
        threading.Event().wait(10)


def lying(handler):
    """Says that it sends little, and sends a lot."""
    handler.send_response(200)
    handler.send_header("Content-Length", "10")
    handler.end_headers()
    with suppress(OSError):
        for _ in range(64):
            handler.wfile.write(bytes(1024**2))


def no_questions(handler):
    """A server that answers nothing but what fetches the file itself."""
    if handler.command != "GET":
        handler.send_error(405)
    else:
        answer(b"GIF", Content_Type="image/png")(handler)


def unpacks_to_a_gigabyte():
    """Of a thousand members, which RFC 1952 takes for one file: packed as a whole, it would take seconds."""
    return gzip.compress(bytes(1 << 20), 9) * 1024


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        for _ in range(64):
            handler.wfile.write(bytes(1024**2))


# Cases 25 and 26
@pytest.mark.parametrize(
    ("sends", "sentence"),
    [
        (answer(status=302, Location="http://169.254.169.254/"), "Redirects are not followed"),
        (answer(status=302, Location="https://example.org/"), "Redirects are not followed"),
        (answer(status=404), "there is no such file"),
        (answer(status=500), "there is no such file"),
        (answer(b"<html>", Content_Type="text/html"), "URL of a page"),
        (answer(b"%PDF", Content_Type="application/pdf"), "no image (Content-Type)"),
        (answer(b"\x1f\x8b" + bytes(99), Content_Encoding="gzip"), "packed files only"),
        (answer(b"1234", Content_Length="9"), "stopped before the file was whole"),
        (answer(b"x", Content_Length=str(17 * 1024**2)), "larger than 16 MB"),
        (answer(png(), Content_Length=str(len(png()) // 2)), "damaged or not whole"),
        (endless, "larger than 16 MB"),
        (drip, "did not come within"),
        (slower_than_any, "did not come within"),
        (lying, "not a supported image"),
        (no_questions, "not a supported image"),
        (answer(unpacks_to_a_gigabyte(), Content_Encoding="gzip", Content_Type="image/png"), "packed files only"),
        (answer(unpacks_to_a_gigabyte(), Content_Type="image/png"), "not a supported image"),
        (answer(unpacks_to_a_gigabyte(), Content_Type="application/gzip"), "no image (Content-Type)"),
    ],
    ids=["inside", "elsewhere", "gone", "broken", "a page", "a document", "packed", "short", "large", "lying",
         "endless", "drip", "slow", "longer", "no HEAD", "bomb", "hidden bomb", "told bomb"],
)  # fmt: skip
def test_what_an_address_sends_is_not_believed(caller, https, monkeypatch, sends, sentence):
    monkeypatch.setattr(media, "FETCH_SECONDS", 2)
    https.answers["/fox.png"] = sends
    began = time.monotonic()
    assert sentence in refused(caller.picture, URL)
    assert time.monotonic() - began < 5 and not Asset.objects.exists()


class Watched(Led):
    """Remembers whether a transaction was open while it went there."""

    held: list[bool] = []

    def fetch(self, *arguments, **named):
        self.held.append(connection.in_atomic_block)
        return super().fetch(*arguments, **named)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_fetched_while_the_database_is_held(caller, https, settings):
    settings.MEDIA_FETCHER = "tests.api.test_media.Watched"
    https.answers["/fox.png"] = answer(png(), Content_Type="image/png")
    caller.picture(URL, "promptImage")
    from tests.api.test_media import Watched as watched

    assert watched.held == [False]


# Case 6 and the rest of 22
@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("data:", "must hold base64"),
        ("data:image/png,abc", "must hold base64"),
        ("data:;base64,QUJD", "says that it is text/plain; an image is expected"),
        ("data:text/html;base64,QUJD", "says that it is text/html; an image is expected"),
        ("data:video/mp4;base64,QUJD", "an image is expected"),
        ("data:image/png;base64,QUJ", "is not base64"),
        ("data:image/png;base64,QU JD", "is not base64"),
        ("data:image/png;base64,é", "is not base64"),
        ("data:image/png;base64,", "not a supported image"),
    ],
    ids=["empty", "plain", "no type", "a page", "a video", "cut", "spaces", "letters", "nothing"],
)
def test_a_data_uri_that_cannot_be_used_is_told_why(caller, uri, sentence):
    assert sentence in refused(caller.picture, uri)


def test_a_data_uri_holds_as_much_as_the_contract_says(caller):
    noise = png(two_colors()) + bytes(5 * 1024**2 - len(png()))
    assert caller.picture(data_uri(noise), "promptImage").is_picture
    film = media_file(frames=2)
    for take, uri, most in (
        (caller.picture, data_uri(noise + b"x"), "5 MB"),
        (caller.picture, "data:image/png;base64," + "A" * (20 * 1024**2), "5 MB"),
        (caller.clip, data_uri(film + bytes(16 * 1024**2), "video/mp4"), "16 MB"),
        (caller.sound, data_uri(film + bytes(16 * 1024**2), "audio/mpeg"), "16 MB"),
    ):
        with pytest.raises(ApiError) as told:
            take(uri, ("promptImage", 0, "uri"))
        sentence = f"promptImage.0.uri: This data: URI holds more than {most}. Upload the file by POST /v1/uploads"
        assert told.value.status == 413 and str(told.value).startswith(sentence)


def test_a_body_with_too_much_is_413_to_a_program_and_nothing_is_held(program):
    uri = "data:image/png;base64," + "A" * (8 * 1024**2)
    body = {"model": "gen4_turbo", "promptImage": uri, "ratio": "1280:720", "duration": 5}
    answer = program.post("/v1/image_to_video", body)
    assert answer.status_code == 413 and answer.json() == {
        "error": "promptImage.0.uri: This data: URI holds more than 5 MB. Upload the file by POST /v1/uploads instead."
    }
    assert not Task.objects.exists() and not Given.objects.exists()


def test_an_upload_of_somebody_else_or_of_yesterday_or_that_never_came_is_none(caller):
    theirs = Ephemeral.objects.announce(workspace=make_user("grace").open_workspace(), name="fox.png")
    theirs.receive(as_upload(png()))
    old = Ephemeral.objects.announce(workspace=caller.workspace, name="fox.png")
    old.receive(as_upload(png()))
    Ephemeral.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    never = Ephemeral.objects.announce(workspace=caller.workspace, name="fox.png")
    told = {
        refused(caller.picture, f"runway://{what}")
        for what in (theirs.pk, old.pk, never.pk, "nothing", "../../etc/passwd", "00000000-0000-0000-0000-000000000000")
    }
    assert len(told) == 1 and "This upload cannot be used" in told.pop()


PLAYLIST = b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:%d/canary\n#EXT-X-ENDLIST\n"


@pytest.fixture
def canary():
    """A port on which nobody must ever knock."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening.getsockname()[1]
        with pytest.raises(BlockingIOError):
            listening.accept()


# Case 28
def test_a_file_that_names_other_files_is_no_video_and_nobody_is_asked_for_them(caller, canary, tmp_path):
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(media_file(frames=2))
    files = [
        PLAYLIST % canary,
        b"ffconcat version 1.0\nfile " + str(secret).encode(),
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=video %d RTP/AVP 96\r\n" % canary,
        b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1:%d/</BaseURL></MPD>" % canary,
        hostile.playlist_in_subtitles(),
        b"just words",
    ]
    for data in files:
        assert "This file is not a supported video" in refused(caller.clip, data_uri(data, "video/mp4"))
    assert not Asset.objects.exists()


# Cases 29, 30 and 32
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a supported image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a supported image"),
        (b"%PDF-1.4\n", "not a supported image"),
        (b"#define x_width 16\n#define x_height 16\n", "not a supported image"),
        (b"<html><script>alert(1)</script></html>", "not a supported image"),
        (b"8BPS\0\1" + bytes(40), "not a supported image"),
        (hostile.animated_gif(3), "not a supported image"),
        (hostile._png(30_000, (b"IDAT", b"")), "larger than 64 megapixels"),
        (hostile._png(13_000, (b"IDAT", b"")), "larger than 64 megapixels"),
        (png(two_colors(size=(64, 8))), "64 × 8 pixels; each side needs at least 16"),
        (cut_off(png(two_colors(size=(640, 480))), 0.7), "damaged or not whole"),
    ],
    ids=["svg", "eps", "pdf", "xbm", "html", "psd", "gif", "30000", "13000", "flat", "cut"],
)
def test_a_file_that_is_no_picture_is_told_so(caller, data, sentence):
    assert sentence in refused(caller.picture, data_uri(data))


# Case 31
def test_of_a_picture_nothing_comes_in_but_its_pixels(caller):
    from PIL import Image

    exif = Image.Exif()
    exif[271] = "A camera that knows where it was"
    data = as_file(two_colors(), "JPEG", exif=exif).read() + b"PK\x03\x04<script>alert(1)</script>"
    asset = caller.picture(data_uri(data, "image/jpeg"), "promptImage")
    with asset.file.open() as file:
        kept = file.read()
    assert kept[:4] == b"RIFF" and b"camera" not in kept and b"script" not in kept
    assert "damaged" in refused(caller.picture, data_uri(hostile.unpacking_profile(64)))
    assert caller.picture(data_uri(hostile.animated_png(400)), "promptImage").width == 16


# Cases 32 and 33
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: b"", "empty"),
        (lambda: cut_off(media_file(movflags="+faststart")), "not whole"),
        (lambda: media_file(codec=None, sound="aac"), "no video in this file"),
        (lambda: png(), "not a supported video"),
        (many_tracks, "too many tracks"),
        (
            lambda: media_file("matroska", frames=4, fps=1, sound=None, times=[0, 1000, 40_000, 70_000]),
            "longer than 60",
        ),
        (lambda: hostile.motion_jpeg((16_384, 16_384), (16_384, 16_384)), "64 to 8192 pixels"),
        (lambda: media_file(shape=20), "64 to 8192 pixels"),
        (lambda: media_file("matroska", frames=40, sound=None, times=list(range(0, 80, 2))), "240 frames a second"),
        (hostile.without_a_frame, "not a supported video"),
        (hostile.encrypted, "encrypted"),
    ],
    ids=["empty", "cut", "sound", "picture", "tracks", "long", "16k", "flat", "fast", "no frame", "encrypted"],
)
def test_a_video_that_cannot_be_used_is_told_why(caller, make, sentence):
    assert sentence in refused(caller.clip, data_uri(make(), "video/mp4"))
    assert not Asset.objects.exists()


# Case 34
def test_a_sound_that_cannot_be_used_is_told_why(caller):
    import numpy as np

    nan = media_file("wav", codec=None, sound="pcm_f32le", samples=np.full((1, 9600), np.nan, np.float32))
    silent = media_file(sound=None)
    long = media_file("mp3", codec=None, sound="libmp3lame", samples=tone(12, 1))
    for data, sentence in (
        (nan, "damaged"),
        (silent, "no audio"),
        (b"just words", "not a supported audio"),
        (png(), "not a supported audio"),
    ):
        assert sentence in refused(caller.sound, data_uri(data, "audio/wav"))
    assert "longer than 10 seconds" in refused(caller.sound, data_uri(long, "audio/mpeg"), longest_seconds=10)


# Case 35
def test_an_archive_is_nothing_that_can_be_used(caller):
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../fox.png", png())
    assert "not a supported image" in refused(caller.picture, data_uri(packed.getvalue()))
    assert "not a supported video" in refused(caller.clip, data_uri(packed.getvalue(), "video/mp4"))


# Case 36
def test_a_workspace_that_is_full_is_given_nothing_more(caller, settings):
    caller.picture(data_uri(png()), "promptImage")
    settings.STORAGE_BYTES = Asset.objects.filter(workspace=caller.workspace).stored_bytes() + 10
    assert "is full" in refused(caller.picture, data_uri(png(two_colors(size=(80, 80)))))
    assert caller.picture(data_uri(png()), "promptImage"), "what is here already takes no room"


def test_what_nobody_gave_again_and_nothing_was_made_of_goes_after_a_month(caller, ada):
    unused = caller.picture(data_uri(png()), "promptImage")
    used = caller.picture(data_uri(png(two_colors(size=(80, 80)))), "promptImage")
    fresh = caller.picture(data_uri(png(two_colors(size=(96, 96)))), "promptImage")
    make_generation(make_project(ada), ada, "built-in", inputs=[Input(role="first_frame", asset=used)])
    Given.objects.exclude(asset=fresh).update(wanted_at=timezone.now() - timedelta(days=30, minutes=1))
    stored = unused.file
    jobs.sweep()
    assert set(Asset.objects.values_list("pk", flat=True)) == {used.pk, fresh.pk}
    assert not stored.storage.exists(stored.name)
    again = caller.picture(data_uri(png()), "promptImage")
    assert again != unused and again.open_picture(), "it can be given anew"


def test_all_that_a_body_names_comes_while_the_program_still_waits(caller, https, monkeypatch):
    https.answers["/fox.png"] = answer(png(), Content_Type="image/png")
    late = replace(caller, began_at=time.monotonic() - media.IN_ALL_SECONDS)
    assert "did not come within 40 seconds" in refused(late.picture, URL)
    assert https.reached == [] and caller.picture(URL, "promptImage")


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("http://files.example.org/fox.wav", "Must be an HTTPS URL with a domain name"),
        ("https://files.example.org/inside.wav", "URL cannot be reached."),
        ("https://files.example.org/elsewhere.wav", "Redirects are not followed"),
        ("https://files.example.org/packed.wav", "packed files only"),
        ("data:audio/wav;base64,QUJ", "is not base64"),
        (data_uri(png()), "audio is expected here"),
        (data_uri(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/x\n", "audio/wav"), "not a supported audio"),
        (data_uri(media_file(sound=None, frames=2), "video/mp4"), "no audio in this file"),
        ("runway://00000000-0000-0000-0000-000000000000", "This upload cannot be used"),
    ],
    ids=["http", "inside", "redirect", "packed", "base64", "a picture", "a playlist", "silent", "no upload"],
)
def test_a_program_is_told_by_the_place_in_its_body_and_nothing_is_held(
    program, ada, https, monkeypatch, uri, sentence
):
    monkeypatch.setattr(offline_sound, "installed", lambda: (DEEPFILTERNET,))
    https.resolves = ["10.0.0.1"] if "inside" in uri else https.resolves
    https.answers["/elsewhere.wav"] = answer(status=307, Location="https://files.example.org/fox.wav")
    https.answers["/packed.wav"] = answer(b"\x1f\x8b", Content_Encoding="gzip")
    answered = program.post("/v1/voice_isolation", {"model": "eleven_voice_isolation", "audioUri": uri})
    assert answered.status_code == 400
    told = answered.json()
    assert told["error"] == "Validation of body failed" and told["docUrl"]
    (issue,) = told["issues"]
    assert issue["path"] == ["audioUri"] and issue["code"] == "invalid_media" and sentence in issue["message"]
    assert not Task.objects.exists() and Wallet.objects.of(ada.open_workspace()).held == 0


def test_a_program_that_names_a_sound_that_can_be_used_has_its_task(program, https, monkeypatch):
    monkeypatch.setattr(offline_sound, "installed", lambda: (DEEPFILTERNET,))
    spoken = media_file("wav", codec=None, sound="pcm_s16le", frames=24)
    https.answers["/fox.wav"] = answer(spoken, Content_Type="audio/wav", Content_Length=str(len(spoken)))
    body = {"model": "eleven_voice_isolation", "audioUri": f"https://{HOST}/fox.wav"}
    for _ in range(2):
        answered = program.post("/v1/voice_isolation", body)
        assert answered.status_code == 200, answered.content
    assert Task.objects.count() == 2 and Asset.objects.count() == 1, "kept once"
    assert Input.objects.filter(role="sound", asset=Asset.objects.get()).count() == 2


def test_what_was_deleted_for_good_is_kept_anew_when_it_is_given_again(caller, ada):
    """Also where a run still tells of it, so that its row stays."""
    for uri, take in ((data_uri(png()), caller.picture), (data_uri(media_file(frames=4), "video/mp4"), caller.clip)):
        first = take(uri, "promptImage")
        make_generation(make_project(ada), ada, "built-in", inputs=[Input(role="first_frame", asset=first)])
        assert first.purge() and Asset.objects.get(pk=first.pk).state == Asset.State.GONE
        again = take(uri, "promptImage")
        assert again.pk != first.pk and again.is_ready and again.file.storage.exists(again.file.name)
        assert take(uri, "promptImage") == again


def test_while_too_many_files_are_looked_through_a_program_is_asked_to_come_back(program, monkeypatch):
    monkeypatch.setattr(offline_sound, "installed", lambda: (DEEPFILTERNET,))
    body = {
        "model": "eleven_voice_isolation",
        "audioUri": data_uri(media_file("wav", codec=None, sound="pcm_s16le", frames=6), "audio/wav"),
    }
    with every_place_taken(monkeypatch):
        answered = program.post("/v1/voice_isolation", body)
    assert answered.status_code == 503 and answered["Retry-After"] == "5" and answered.json()["error"]
    assert program.post("/v1/voice_isolation", body).status_code == 200
