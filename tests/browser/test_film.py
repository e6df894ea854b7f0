"""A film of six shots from one page of script, by the built-in model: made, cut, rendered, checked frame by frame,
taken to an editor and back, and moved to another installation that can make every take again."""

import io
import os
import subprocess
import sys
import zipfile

import av
import opentimelineio as otio
import pytest
from django.conf import settings

from generation.engine.likeness import psnr
from tests.browser.filming import CAPTION, NAME, SHOTS, TITLE, Filming
from tests.browser.music import lullaby
from tests.screening import decoded, loudness_of, read_elsewhere
from tests.servers.studio import Studio

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

FPS = 24
SIGN_UP = """
from runwayweb.accounts.models import User
User.objects.create_user("grace@example.org", "not-to-be-guessed-7")
"""


@pytest.fixture(scope="module")
def film_studio(tmp_path_factory):
    """As a creator starts it, with the built-in model and what a quiet machine has."""
    studio = Studio(tmp_path_factory.mktemp("film") / "data", times={}, RUNWAYWEB_DEFAULT_MODEL="built-in")
    studio.env.pop("OMP_NUM_THREADS", None)
    studio.url = f"http://127.0.0.1:{studio.port}"
    studio.start().ready()
    yield studio
    studio.stop()


def manage(folder, *arguments):
    """A command of another installation, whose data lie in `folder`."""
    of_the_tests = ("DATABASE_URL", "OMP_NUM_THREADS", "VALKEY_URL")  # another number of threads rounds otherwise
    env = {name: value for name, value in os.environ.items() if name not in of_the_tests}
    env |= {"RUNWAYWEB_DATA": str(folder), "RUNWAYWEB_DEFAULT_MODEL": "built-in"}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_film_is_made_from_a_page_of_script(page, film_studio, complaints, tmp_path):
    filming = Filming(page, film_studio)
    filming.begin()
    filming.write()
    filming.cast("Mira", "Bruno")
    filming.shoot()
    filming.bring(lullaby(tmp_path / "lullaby.wav"))
    filming.cut("lullaby")

    # To an editor's program: every clip, and the takes themselves.
    package = tmp_path / "package"
    with zipfile.ZipFile(io.BytesIO(filming.leave_as("otio"))) as zipped:
        zipped.extractall(package)
    (cut_file,) = package.glob("*.otio")
    cut = otio.adapters.read_from_file(str(cut_file))
    pictures, *others = cut.video_tracks()
    shots = list(pictures.find_clips())
    assert len(shots) == SHOTS
    words = [clip.media_reference.parameters["text"] for track in others for clip in track.find_clips()]
    assert sorted(words) == sorted([TITLE, CAPTION])
    names = {clip.name for track in cut.audio_tracks() for clip in track.find_clips()}
    assert any(name.startswith("lullaby") for name in names)

    # The finished film: its streams, its length, its loudness, and its frames at every cut.
    rendered = tmp_path / "film.mp4"
    rendered.write_bytes(filming.leave_as("mp4", "288p"))
    frames = sum(round(clip.source_range.duration.value) for clip in shots)
    with av.open(str(rendered)) as container:
        (video,), (audio,) = container.streams.video, container.streams.audio
        assert (video.codec_context.name, audio.codec_context.name, video.average_rate) == ("h264", "aac", FPS)
        assert video.frames == frames
        assert float(video.duration * video.time_base) == pytest.approx(frames / FPS, abs=0.001)
        assert float(audio.duration * audio.time_base) == pytest.approx(frames / FPS, abs=0.05)
    assert loudness_of(rendered).integrated == pytest.approx(-14, abs=0.5)
    shown, at = decoded(rendered), 0
    for clip in shots:
        take = decoded(package / clip.media_reference.target_url)
        length = round(clip.source_range.duration.value)
        rate = clip.metadata["runwayweb"]["source_fps"]
        for number in (0, length - 1):
            of_take = min(len(take) - 1, int(number * rate / FPS))
            likeness = psnr(shown[at + number][None], take[of_take][None])
            assert likeness >= 30, f"{clip.name}, frame {number}: {likeness:.1f} dB"
        at += length
    assert at == len(shown) == frames

    # Its credentials, read by somebody else; one flipped byte of its pictures is seen.
    told = read_elsewhere(rendered)
    assert set(told["codes"]) <= {"signingCredential.untrusted"} and max(told["ingredients"]) >= SHOTS
    changed = bytearray(rendered.read_bytes())
    changed[changed.index(b"mdat") + 2000] ^= 1
    forged = tmp_path / "forged.mp4"
    forged.write_bytes(changed)
    assert "assertion.bmffHash.mismatch" in read_elsewhere(forged)["codes"]

    # An editor turns the first two shots round and makes the last one shorter; it comes back.
    first = pictures.index(shots[0])
    moved = pictures.pop(first)
    pictures.insert(first + 1, moved)
    half = shots[-1].source_range.duration.value // 2
    shots[-1].source_range = otio.opentime.TimeRange(
        shots[-1].source_range.start_time, otio.opentime.RationalTime(half, FPS)
    )
    otio.adapters.write_to_file(cut, str(tmp_path / "edited.otio"))
    filming.bring_back(tmp_path / "edited.otio")
    filming.room("Timeline")
    came = page.evaluate(
        "document.querySelector('film-timeline').cut.tracks.find(({ kind }) => kind === 'video').clips"
    )
    assert [clip["frames"] for clip in came][-1] == half and len(came) == SHOTS
    assert came[1]["at"] == round(shots[1].source_range.duration.value), "what was second comes first"

    # To an empty installation, which can make every take again as it was.
    bundle = tmp_path / "film.zip"
    bundle.write_bytes(filming.leave_as("bundle"))
    elsewhere = tmp_path / "elsewhere"
    manage(elsewhere, "migrate")
    manage(elsewhere, "shell", "-c", SIGN_UP)
    said = manage(elsewhere, "import_bundle", str(bundle), "--workspace", "grace@example.org")
    assert NAME in said and f"{SHOTS} shots, {SHOTS} takes" in said
    again = manage(elsewhere, "rerender", said.split()[-1], "--verify")
    assert again.splitlines()[-1] == f"{SHOTS} identical", again
    assert complaints == []
