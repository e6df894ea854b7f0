"""What is made says so, signed: read by an independent reader, refused after one flipped byte, kept through edits."""

import io
import json
import socket
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor

import c2pa
import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generation.engine.clip import Audio
from generation.engine.encode import write_audio, write_mp4
from generation.engine.still import write_png
from runwayweb.assets import certificate as certificates
from runwayweb.assets import sources
from runwayweb.assets.certificate import Certificate, certificate
from runwayweb.assets.credentials import Agent, Ingredient, Unreadable, read, sign
from runwayweb.assets.models import Upload
from runwayweb.assets.taking_in import TakingIn
from tests.factories import make_asset, make_project
from tests.pictures import two_colors
from tests.signed import CAMERA, signed_file, signed_picture

FRAMES = np.random.default_rng(1).integers(0, 255, (6, 48, 64, 3), np.uint8)
MODEL = Agent("built-in")


@pytest.fixture
def workspace(db):
    return make_project().workspace


def clip(folder, name="clip.mp4"):
    write_mp4(FRAMES, 12, folder / name, metadata={"prompt": "a red fox waits"})
    return folder / name


def still(folder):
    write_png(FRAMES[0], folder / "still.png", metadata={})
    return folder / "still.png"


def sound(folder):
    write_audio(Audio(np.zeros((48_000, 2), np.float32), 48_000), folder / "sound.m4a", {})
    return folder / "sound.m4a"


def read_apart(path):
    """(state, the manifest) as C2PA's own reader finds them."""
    with c2pa.Reader(str(path)) as reader:
        store = json.loads(reader.json())
        return reader.get_validation_state(), store["manifests"][store["active_manifest"]]


def actions_of(manifest):
    return next(one["data"]["actions"] for one in manifest["assertions"] if one["label"].startswith("c2pa.actions"))


@pytest.mark.parametrize("make", [clip, still, sound])
def test_an_independent_reader_accepts_it_and_refuses_one_flipped_byte(make, tmp_path):
    path = make(tmp_path)
    assert sign(path, title=path.name, agent=MODEL)
    state, manifest = read_apart(path)
    assert state == "Valid"
    (made,) = actions_of(manifest)
    assert made["action"] == "c2pa.created" and made["softwareAgent"] == {"name": "built-in"}
    assert made["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert read(path, path.suffix)["state"] == "valid"
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)
    assert read_apart(path)[0] == "Invalid"
    assert read(path, path.suffix)["state"] == "changed"


def test_the_words_that_asked_for_it_are_not_in_it(tmp_path, workspace):
    path = clip(tmp_path)
    asset = kept(clip(tmp_path, "given.mp4"), workspace, name="a-red-fox-waits.mp4")
    sign(path, title="clip.mp4", agent=MODEL, ingredients=[Ingredient(asset, "parentOf")])
    assert "fox" not in json.dumps(read(path, ".mp4"))
    with c2pa.Reader(str(path)) as reader:
        assert "fox" not in reader.detailed_json()


def test_no_picture_of_what_it_was_made_from_is_in_it(tmp_path, workspace):
    path = clip(tmp_path)
    before = path.stat().st_size
    given = kept(still(tmp_path), workspace, name="still.png", media_type="image/png")
    assert sign(path, title="clip.mp4", agent=MODEL, ingredients=[Ingredient(given, "inputTo")])
    with c2pa.Reader(str(path)) as reader:
        assert "thumbnail" not in reader.json()
    assert path.stat().st_size - before < 10_000, "a note, not a second clip"


def kept(path, workspace, **fields):
    asset = make_asset(workspace, size_bytes=path.stat().st_size, **fields)
    asset.file = default_storage.save(f"clips/{asset.pk}/{path.name}", ContentFile(path.read_bytes()))
    asset.save()
    return asset


def test_what_it_was_made_from_keeps_its_own_credentials(tmp_path, workspace):
    before = clip(tmp_path, "before.mp4")
    sign(before, title="before.mp4", agent=Agent("somebody's camera"))
    after = clip(tmp_path, "after.mp4")
    sign(after, title="after.mp4", agent=MODEL, ingredients=[Ingredient(kept(before, workspace), "parentOf")])
    state, manifest = read_apart(after)
    assert state == "Valid"
    assert [one["action"] for one in actions_of(manifest)] == ["c2pa.opened", "c2pa.edited"]
    told = read(after, ".mp4")
    assert [one["relation"] for one in told["manifests"][0]["from"]] == ["parentOf"]
    first = told["manifests"][told["manifests"][0]["from"][0]["place"]]
    assert first["actions"][0]["agent"] == "somebody's camera"


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_picture_that_came_with_credentials_gives_them_to_what_is_made_of_it(kind, tmp_path, ada):
    given = brought(ada, signed_picture(tmp_path / f"photo.{kind}"))
    assert given.media_type == "image/webp" and given.original
    path = clip(tmp_path)
    assert sign(path, title="clip.mp4", agent=MODEL, ingredients=[Ingredient(given, "inputTo")])
    state, manifest = read_apart(path)
    (one,) = manifest["ingredients"]
    assert (state, one["relationship"], one["title"]) == ("Valid", "inputTo", "picture.webp")
    told = read(path, ".mp4")
    before = told["manifests"][told["manifests"][0]["from"][0]["place"]]
    assert before["generator"] == CAMERA


def brought(by, data):
    """The asset of a file that somebody uploaded, once a media worker was at it."""
    upload = Upload.objects.begin(workspace=by.open_workspace(), by=by, name="photo", size_bytes=len(data))
    upload.receive(0, io.BytesIO(data))
    upload.refresh_from_db()
    TakingIn(upload).run()
    upload.refresh_from_db()
    return upload.asset


@pytest.mark.parametrize("suffix", [".mp4", ".png", ".jpg"])
def test_an_address_that_a_file_names_for_its_credentials_is_not_asked(suffix, tmp_path, ada):
    plain, path = tmp_path / f"plain{suffix}", tmp_path / f"brought{suffix}"
    if suffix == ".mp4":
        write_mp4(FRAMES.repeat(2, axis=1), 12, plain, metadata={})  # no side below 64
    else:
        two_colors().save(plain)
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        data = signed_file(plain, path, f"http://127.0.0.1:{canary.getsockname()[1]}/credentials")
        if suffix == ".mp4":  # C2PA's builder leaves a film behind that nothing plays: here only its last box is taken
            whole = plain.read_bytes()
            data = whole[: whole.find(b"uuid") - 4] + data[data.find(b"uuid") - 4 :]
        asset = brought(ada, data + (b"" if suffix == ".mp4" else b"jumb c2pa"))
        assert asset.is_ready and (suffix == ".mp4" or asset.original), asset.refusal
        made = clip(tmp_path, "made.mp4")
        assert sign(made, title="made.mp4", agent=MODEL, ingredients=[Ingredient(asset, "inputTo")])
        with pytest.raises(BlockingIOError):
            canary.accept()
    assert read(path, suffix) == {"state": "elsewhere", "manifests": []}
    state, manifest = read_apart(made)
    assert state == "Valid" and [one["title"] for one in manifest["ingredients"]] == [asset.file_name]


def test_a_file_that_ends_its_reader_costs_what_it_said_alone(tmp_path, workspace, monkeypatch):
    program = tmp_path / "gathering.py"
    program.write_text(
        "import json, os, runpy, signal, sys\n"
        "asked = json.load(open(os.path.join(sys.argv[1], 'asked.json')))\n"
        "if any(b'deadly' in open(path, 'rb').read() for _told, _kind, path in asked):\n"
        "    os.kill(os.getpid(), signal.SIGSEGV)\n"
        f"runpy.run_path({str(sources.GATHERER)!r}, run_name='__main__')\n"
    )
    monkeypatch.setattr(sources, "GATHERER", program)
    deadly, harmless = clip(tmp_path, "deadly.mp4"), clip(tmp_path, "harmless.mp4")
    sign(harmless, title="harmless.mp4", agent=Agent("somebody's camera"))
    deadly.write_bytes(deadly.read_bytes() + b"deadly")
    made = clip(tmp_path, "made.mp4")
    used = [Ingredient(kept(path, workspace), "inputTo") for path in (deadly, harmless)]
    assert sign(made, title="made.mp4", agent=MODEL, ingredients=used)
    state, manifest = read_apart(made)
    assert state == "Valid"
    assert ["active_manifest" in one for one in manifest["ingredients"]] == [False, True]


@pytest.mark.parametrize(
    "left",
    ["os.mkfifo(path)", "os.symlink('/dev/zero', path)", "os.symlink('/etc/passwd', path)", "os.mkdir(path)", ""],
)
def test_what_a_reader_that_was_taken_over_leaves_is_not_believed(left, tmp_path, workspace, monkeypatch):
    program = tmp_path / "gathering.py"
    program.write_text(
        f"import json, os, sys\npath = sys.argv[1] + '/0'\n{left}\nprint(json.dumps({{'gathered': [0, 7, -1, 'x']}}))\n"
    )
    monkeypatch.setattr(sources, "GATHERER", program)
    made = clip(tmp_path, "made.mp4")
    used = [Ingredient(kept(clip(tmp_path, "given.mp4"), workspace), "inputTo")]
    assert sign(made, title="made.mp4", agent=MODEL, ingredients=used)
    state, manifest = read_apart(made)
    assert state == "Valid" and "active_manifest" not in manifest["ingredients"][0]


@pytest.mark.parametrize("said", ["{}", '{"gathered": 3}', '{"gathered": null}', '{"gathered": {"0": 1}}'])
def test_a_reader_that_says_nonsense_costs_no_signature(said, tmp_path, workspace, monkeypatch):
    program = tmp_path / "gathering.py"
    program.write_text(f"print({said!r})\n")
    monkeypatch.setattr(sources, "GATHERER", program)
    made = clip(tmp_path, "made.mp4")
    used = [Ingredient(kept(clip(tmp_path, "given.mp4"), workspace), "inputTo")]
    assert sign(made, title="made.mp4", agent=MODEL, ingredients=used)
    assert read_apart(made)[0] == "Valid"


def test_many_sources_that_end_their_reader_hold_nobody_up_for_long(tmp_path, workspace, monkeypatch):
    program = tmp_path / "gathering.py"
    program.write_text(f"import os\nopen({str(tmp_path / 'times')!r}, 'a').write('x')\nos._exit(1)\n")
    monkeypatch.setattr(sources, "GATHERER", program)
    monkeypatch.setattr(sources, "SECONDS_OF_ALL", 0.5)
    made = clip(tmp_path, "made.mp4")
    asset = kept(clip(tmp_path, "given.mp4"), workspace)
    assert sign(made, title="made.mp4", agent=MODEL, ingredients=[Ingredient(asset, "inputTo")] * 50)
    assert read_apart(made)[0] == "Valid" and len((tmp_path / "times").read_text()) < 25


def test_sources_say_no_more_of_themselves_than_there_is_room_for(tmp_path, workspace, monkeypatch):
    monkeypatch.setattr(sources, "MOST_SAID", 12_000)  # one says some 8,400
    taken = clip(tmp_path, "taken.mp4")
    sign(taken, title="taken.mp4", agent=Agent("somebody's camera"))
    used = [Ingredient(kept(taken, workspace), "inputTo") for _ in range(2)]
    made = clip(tmp_path, "made.mp4")
    assert sign(made, title="made.mp4", agent=MODEL, ingredients=used)
    state, manifest = read_apart(made)
    assert state == "Valid" and made.stat().st_size < taken.stat().st_size + 20_000
    assert ["active_manifest" in one for one in manifest["ingredients"]] == [True, False]


def test_one_source_that_cannot_be_read_is_named_and_costs_no_signature(tmp_path, ada, workspace):
    data = bytearray(signed_picture(tmp_path / "photo.jpg"))
    begins = data.find(b"jumb")
    data[begins + 200] ^= 0xFF
    data[begins + 500] ^= 0xFF
    broken = brought(ada, bytes(data))
    assert broken.is_ready and broken.original
    gone = kept(clip(tmp_path, "gone.mp4"), workspace)
    default_storage.delete(gone.file.name)
    whole = kept(clip(tmp_path, "whole.mp4"), workspace)
    path = clip(tmp_path)
    used = [Ingredient(one, "inputTo") for one in (broken, gone, whole)]
    assert sign(path, title="clip.mp4", agent=MODEL, ingredients=used)
    state, manifest = read_apart(path)
    assert state == "Valid"
    assert [one["title"] for one in manifest["ingredients"]] == ["picture.webp", "clip.mp4", "clip.mp4"]


def test_a_film_names_its_takes_and_what_cannot_be_looked_into(tmp_path, workspace):
    film, take = clip(tmp_path, "film.mp4"), clip(tmp_path, "take.mp4")
    sign(take, title="clip.mp4", agent=MODEL)
    strange = make_asset(workspace, media_type="video/webm")
    used = [Ingredient(kept(take, workspace), "componentOf"), Ingredient(strange, "componentOf")]
    assert sign(film, title="film.mp4", agent=Agent("Runwayweb"), ingredients=used, is_cut=True)
    state, manifest = read_apart(film)
    assert state == "Valid"
    assert [one["action"] for one in actions_of(manifest)] == ["c2pa.created", "c2pa.placed", "c2pa.placed"]
    assert {one["title"] for one in manifest["ingredients"]} == {"clip.mp4", "clip.webm"}


def test_the_studio_makes_its_key_once_and_for_itself_alone(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: certificate().key, range(16)))
    assert len(made) == 1 and [path.name for path in tmp_path.iterdir()] == ["credentials"]
    key = tmp_path / "credentials" / certificates.KEY
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text() not in repr(certificate()) and "PRIVATE" not in repr(Certificate(b"c", b"PRIVATE"))


def test_containers_that_share_the_folder_of_the_key_sign_with_one(tmp_path, settings):
    """A link here: like a volume it is there before the key, and nothing can be moved into its place."""
    shared = tmp_path / "volume"
    shared.mkdir()
    keys = set()
    for container in ("gpu", "media", "web"):
        settings.DATA_DIR = tmp_path / container
        settings.DATA_DIR.mkdir()
        (settings.DATA_DIR / "credentials").symlink_to(shared)
        keys.add((certificate().chain, certificate().key))
    assert len(keys) == 1


def test_the_operators_own_certificate_is_used(tmp_path, settings):
    chain, key = certificates._self_signed()
    (tmp_path / "chain.pem").write_bytes(chain)
    (tmp_path / "key.pem").write_bytes(key)
    settings.CREDENTIALS_CHAIN, settings.CREDENTIALS_KEY = str(tmp_path / "chain.pem"), str(tmp_path / "key.pem")
    path = clip(tmp_path)
    assert sign(path, title="clip.mp4", agent=MODEL)
    ours = subprocess.run(
        ["openssl", "x509", "-noout", "-serial"], input=chain, capture_output=True, check=True
    ).stdout.decode()
    serial = int(ours.strip().removeprefix("serial="), 16)
    assert int(read_apart(path)[1]["signature_info"]["cert_serial_number"]) == serial


def test_a_certificate_that_cannot_be_used_loses_no_clip(tmp_path, settings, caplog):
    settings.CREDENTIALS_CHAIN = str(tmp_path / "missing.pem")
    path = clip(tmp_path)
    before = path.read_bytes()
    assert not sign(path, title="clip.mp4", agent=MODEL)
    assert path.read_bytes() == before and "could not be signed" in caplog.text
    assert [one.name for one in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("data", [b"", b"hello" * 100, b"\x00\x00\x00\x20ftypisom" + b"\xff" * 200])
def test_a_file_that_is_none_is_said(tmp_path, data):
    (tmp_path / "x.mp4").write_bytes(data)
    try:
        assert read(tmp_path / "x.mp4", ".mp4")["state"] == "none"
    except Unreadable as error:
        assert "Traceback" not in str(error)


def test_words_are_not_signed(tmp_path):
    path = tmp_path / "captions.vtt"
    path.write_text("WEBVTT\n")
    assert not sign(path, title="captions.vtt", agent=MODEL)
