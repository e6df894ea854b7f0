"""`manage.py generate`: a clip without server, queue or database."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from generation.engine import catalogue
from generation.engine.encode import read_recipe
from tests.engine.tiny_pipelines import save_tiny_vace, save_tiny_wan

ROOT = Path(__file__).resolve().parents[2]
TINY = {"width": 64, "height": 64, "steps": 2, "seconds": 0.5, "fps": 8, "seed": 7}


@pytest.fixture(scope="module")
def wan(tmp_path_factory):
    return str(save_tiny_wan(tmp_path_factory.mktemp("models") / "tiny-wan"))


@pytest.fixture(scope="module")
def vace(tmp_path_factory):
    return str(save_tiny_vace(tmp_path_factory.mktemp("models") / "tiny-vace"))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "clip.mp4"


@pytest.fixture
def picture(tmp_path):
    Image.new("RGBA", (60, 40), (200, 40, 40, 128)).save(tmp_path / "fox.png")
    return str(tmp_path / "fox.png")


def test_a_prompt_becomes_a_clip_that_tells_how_it_was_made(wan, out, capfd):
    call_command("generate", "a red fox walks", engine=wan, out=str(out), **TINY)
    said, bar = capfd.readouterr()
    assert re.fullmatch(rf"{re.escape(str(out))}: 0\.5 s, 64 × 64 at 8 fps, seed 7, made in \d+\.\d s\.\n", said)
    assert "2/2" in bar
    with av.open(str(out)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, video.frames, video.average_rate) == (64, 64, 4, 8)
    recipe = read_recipe(out)
    assert (recipe["engine"], recipe["model"], recipe["location"]) == ("diffusers", "tiny-wan", "tiny-wan")
    assert (recipe["request"]["prompt"], recipe["request"]["seed"]) == ("a red fox walks", 7)
    assert [file.name for file in out.parent.iterdir()] == ["clip.mp4"]


def test_the_same_seed_writes_the_same_file(wan, tmp_path):
    for name in ("one.mp4", "two.mp4"):
        call_command("generate", "a red fox walks", engine=wan, out=str(tmp_path / name), **TINY)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_without_a_seed_one_is_rolled_and_told(wan, tmp_path, capsys):
    for name in ("one.mp4", "two.mp4"):
        call_command("generate", "a red fox walks", engine=wan, out=str(tmp_path / name), **{**TINY, "seed": None})
    told = [int(seed) for seed in re.findall(r"seed (\d+)", capsys.readouterr().out)]
    assert told == [read_recipe(tmp_path / name)["request"]["seed"] for name in ("one.mp4", "two.mp4")]
    assert told[0] != told[1]


def test_pictures_camera_and_guidance_reach_the_recipe(vace, out, picture):
    pictures = {"first_frame": picture, "last_frame": picture, "reference": [picture, f"place@sea={picture}"]}
    asked = {**pictures, "camera": "pan left", "guidance_scale": 3.5}
    call_command("generate", "a red fox at @sea", engine=vace, out=str(out), negative_prompt="blurry", **asked, **TINY)
    request = read_recipe(out)["request"]
    assert request["first_frame"] == request["last_frame"]
    assert request["first_frame"]["shape"] == [40, 60, 3]
    assert len(request["references"]) == 2
    assert (request["reference_roles"], request["reference_tags"]) == (["character", "place"], ["", "sea"])
    assert (request["camera"], request["guidance_scale"], request["negative_prompt"]) == ("pan left", 3.5, "blurry")


def test_a_model_of_the_catalogue_is_found_by_its_id(wan, out, monkeypatch):
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"small={wan}")
    call_command("generate", "a red fox walks", engine="small", out=str(out), **TINY)
    assert (read_recipe(out)["model"], read_recipe(out)["location"]) == ("small", "tiny-wan")


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"prompt": "   "}, "Write a prompt"),
        ({"prompt": "fox" * 400}, "1,200 characters long; 1,000 are allowed"),
        ({"prompt": "fox\x00"}, "NUL character"),
        ({"width": 100}, "width must be a multiple of 16"),
        ({"height": 16}, "height must be a whole number from 64 to 4096"),
        ({"width": "wide"}, "--width must be a whole number, not “wide”"),
        ({"fps": 0}, "fps must be a whole number from 1 to 60"),
        ({"seconds": -1}, "--seconds must be more than 0"),
        ({"seconds": "nan"}, "--seconds must be a number"),
        ({"seconds": 11}, "at most 10"),
        ({"seed": 2**32}, "seed must be a whole number from 0 to 4294967295"),
        ({"seed": "abc"}, "--seed must be a whole number, not “abc”"),
        ({"steps": 0}, "num_inference_steps must be a whole number from 1 to 100"),
        ({"guidance_scale": 31}, "guidance_scale must be 0 to 30"),
        ({"camera_path": "0% wobble 3"}, "is no key of a camera's path"),
        ({"camera_path": "0%; 100% pan 9"}, "cannot follow a path"),
        ({"prompt": "@nana waves"}, "says @nana, but no reference is called so"),
        ({"camera": "wobble"}, "camera must be one of: static, pan left"),
        ({"engine": "nope"}, "No model is called 'nope'. Installed: animatic"),
        ({"engine": "./no/such/folder"}, "Installed: animatic"),
        ({"first_frame": "/nowhere/fox.png"}, "There is no picture at /nowhere/fox.png"),
        ({"reference": [__file__]}, "no picture in PNG, JPEG or WebP"),
        ({"reference": ["place=/nowhere/beach.png"]}, "There is no picture at /nowhere/beach.png"),
        ({"last_frame": "/"}, "/ cannot be read: Is a directory"),
        ({"blocking": "/nowhere/clip.mp4"}, "/nowhere/clip.mp4 cannot be read: No such file"),
        ({"blocking": __file__}, "is no clip made here"),
        ({"out": "/proc/clip.mp4"}, "The folder /proc cannot be written"),
        ({"out": "/nowhere/clip.mp4"}, "The folder /nowhere cannot be written"),
        ({"out": "clip.gif"}, "ends in .mp4"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_every_bad_input_gets_a_sentence(wan, out, bad, sentence):
    given = {"prompt": "a red fox", "engine": wan, "out": str(out), **TINY, **bad}
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("generate", given.pop("prompt"), **given)
    assert not out.exists()


def test_pictures_are_refused_by_a_model_of_words_alone(wan, out, picture):
    with pytest.raises(CommandError, match="tiny-wan cannot use pictures"):
        call_command("generate", "a red fox", engine=wan, out=str(out), first_frame=picture, **TINY)


def test_the_blocking_of_a_clip_is_read_from_the_clip(wan, vace, tmp_path, out):
    shot, painted = str(tmp_path / "shot.mp4"), str(tmp_path / "painted.mp4")
    call_command("generate", "a red fox walks", engine="animatic", out=shot, **TINY)
    call_command("generate", "a red fox walks", engine=wan, out=painted, **TINY)
    with pytest.raises(CommandError, match="tiny-wan cannot keep the blocking of another clip"):
        call_command("generate", "a white bear", engine=wan, out=str(out), blocking=shot, **TINY)
    call_command("generate", "a white bear", engine=vace, out=str(out), blocking=shot, **TINY)
    assert out.exists()
    with pytest.raises(CommandError, match=r"painted\.mp4 does not tell who stands where"):
        call_command("generate", "a white bear", engine=vace, out=str(out), blocking=painted, **TINY)


def test_a_folder_with_a_pickle_is_refused(tmp_path, out):
    folder = save_tiny_wan(tmp_path / "tiny-wan")
    (folder / "vae" / "weights.ckpt").write_bytes(b"")
    with pytest.raises(CommandError, match=r"tiny-wan holds vae/weights\.ckpt, a pickle"):
        call_command("generate", "a red fox", engine=str(folder), out=str(out), **TINY)


@pytest.mark.parametrize("index", ["{", "[]", '{"_class_name": ["mine", "MyPipeline"]}'])
def test_a_folder_with_a_broken_index_is_refused(tmp_path, out, index):
    (tmp_path / "model_index.json").write_text(index)
    with pytest.raises(CommandError, match=r"model_index\.json of .* cannot be read"):
        call_command("generate", "a red fox", engine=str(tmp_path), out=str(out), **TINY)


def manage(tmp_path, *arguments):
    environment = {
        **os.environ,
        "RUNWAYWEB_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "runwayweb.settings",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "generate", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_from_a_shell_a_bad_prompt_is_one_sentence_and_exit_1(tmp_path):
    process = manage(tmp_path, "--out", str(tmp_path / "clip.mp4"))
    said, complaint = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert complaint == "CommandError: Write a prompt: say who, where and what happens.\n"


@pytest.mark.slow
def test_from_a_shell_it_needs_no_database_and_ctrl_c_leaves_nothing(tmp_path, wan):
    """A long run, stopped in the middle of its steps."""
    out = tmp_path / "clip.mp4"
    process = manage(tmp_path, "a fox", "--engine", wan, "--steps", "100", "--seconds", "4", "--out", str(out))
    seen = ""
    while "/100" not in seen:
        seen += process.stderr.read(1)
        assert process.poll() is None, seen
    process.send_signal(signal.SIGINT)
    said, complaint = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "")
    assert "Stopped; nothing was written." in complaint
    assert "Traceback" not in complaint
    assert [file.name for file in tmp_path.iterdir()] == ["data"]
    assert not list((tmp_path / "data").rglob("*.sqlite3"))


def test_ctrl_c_that_got_lost_in_a_callback_stops_it_at_the_next_step(out, monkeypatch):
    class Callbacks:
        def generate(self, request, on_step):
            with contextlib.suppress(KeyboardInterrupt):  # as Python does around finalisers
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(1)
            on_step(1, 100, None)
            raise AssertionError("it goes on")

    monkeypatch.setattr(catalogue, "load_engine", lambda card: Callbacks())
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(CommandError, match="Stopped; nothing was written") as stopped:
        call_command("generate", "a fox", out=str(out), **TINY)
    assert stopped.value.returncode == 130 and not out.exists()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_still_is_a_clip_of_one_frame(wan, out):
    call_command("generate", "a red fox", engine=wan, out=str(out), **{**TINY, "seconds": 0.1, "fps": 1})
    with av.open(str(out)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 1
    assert np.asarray(frames[0]).std() > 5
