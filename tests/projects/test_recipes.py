"""A file that the studio made says how: it is made again from that, or gone on with; and it is never believed."""

import json
import struct
import zlib

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation.engine.clip import Audio
from generation.engine.encode import write_audio, write_mp4
from generation.engine.still import write_png
from generation.models import Generation
from generation.models.status import Status
from projects.models import Timeline
from runwayweb.assets.models import Asset
from runwayweb.assets.recipes import MOST_BYTES
from tests.factories import make_asset, make_generation, make_picture, make_project, make_request, make_user

pytestmark = pytest.mark.django_db
PROMPT = "a red fox with a “blue” scarf & <b>hat</b>"


def recipe_of(engine="animatic", **fields):
    return {"engine": engine, "request": make_request(prompt=PROMPT).as_recipe() | fields}


def upload(data, name="fox.mp4"):
    return SimpleUploadedFile(name, data)


def mp4(tmp_path, recipe):
    path = tmp_path / "clip.mp4"
    write_mp4(np.zeros((2, 64, 64, 3), np.uint8), 12, path, metadata=recipe)
    return upload(path.read_bytes())


def png(tmp_path, recipe):
    path = tmp_path / "still.png"
    write_png(np.zeros((64, 64, 3), np.uint8), path, metadata=recipe)
    return upload(path.read_bytes(), "fox.png")


def read(studio, file):
    return studio.post(reverse("projects:recipe"), {"file": file})


def use(studio, project, answer, act, **more):
    brought = answer.context["recipe"]
    kept = {"original": str(brought.original.pk)} if brought.original else {"recipe": brought.text}
    values = {"act": act, "project": str(project.pk)} | kept | more
    return studio.post(reverse("projects:recipe-use"), values)


@pytest.mark.parametrize("kind", [mp4, png])
def test_a_file_is_made_again_word_for_word_in_a_project_of_choice(studio, project, ada, tmp_path, kind):
    frames = {"num_frames": 1} if kind is png else {}
    answer = read(studio, kind(tmp_path, recipe_of(camera="orbit left", seed=2**32 - 1, **frames)))
    page = answer.content.decode()
    assert answer.status_code == 200 and "&lt;b&gt;hat" in page and "4294967295" in page and "Orbit left" in page
    other = make_project(ada, "Harbour")
    assert use(studio, other, answer, "again")["Location"] == reverse("projects:project", args=[other.pk])
    run = Generation.objects.get()
    asked = (run.project, run.model, run.task, run.request["prompt"], run.request["seed"], run.request["camera"])
    assert asked == (other, "animatic", "", PROMPT, 2**32 - 1, "orbit left")
    assert run.request["num_frames"] == frames.get("num_frames", 2)


def test_its_settings_fill_the_request_form(studio, project, tmp_path):
    path = [{"at": 0, "orbit": -30}, {"at": 1, "orbit": 30}]
    told = {"camera_path": path, "width": 512, "height": 288, "num_frames": 36, "negative_prompt": "rain"}
    answer = use(studio, project, read(studio, mp4(tmp_path, recipe_of(**told))), "reuse")
    assert answer.status_code == 302 and not Generation.objects.exists()
    form = studio.get(answer["Location"]).context["form"]
    filled = {name: form.initial[name] for name in ("prompt", "model", "size", "length", "seed", "negative_prompt")}
    asked = {"prompt": PROMPT, "model": "animatic", "size": "512x288", "length": "3.0", "seed": "7"}
    assert filled == asked | {"negative_prompt": "rain"}
    assert form.initial["camera"] == "own path" and "orbit -30" in form.initial["camera_path"]


def test_a_file_of_this_workspace_brings_back_the_run_itself(studio, project, ada, tmp_path, client):
    file = mp4(tmp_path, recipe_of())
    asset = make_asset(project.workspace, file.read(), sha256=sha256(file))
    given = make_generation(project, ada, prompt="what the row says")
    picture = make_picture(project.workspace)
    given.inputs.create(role="first_frame", asset=picture)
    Generation.objects.filter(pk=given.pk).update(status=Status.SUCCEEDED, asset=asset)
    file.seek(0)
    answer = read(studio, file)
    assert (
        answer.context["recipe"].original == given and "Made here, in “The Fox Who Waited”" in answer.content.decode()
    )
    other = make_project(ada, "Harbour")
    assert use(studio, other, answer, "again").status_code == 302
    again = Generation.objects.exclude(pk=given.pk).get()
    assert (again.project, again.request, again.inputs.get().asset) == (other, given.request, picture)
    known = studio.get(reverse("projects:recipe"), {"asset": asset.pk})
    assert known.context["recipe"].original == given
    grace = make_user("grace")
    client.force_login(grace)
    file.seek(0)
    assert read(client, file).context["recipe"].original is None, "who has only the file gets what the file says"
    theirs = {"act": "again", "original": given.pk, "project": make_project(grace).pk}
    assert client.post(reverse("projects:recipe-use"), theirs).status_code == 404
    assert client.get(reverse("projects:recipe"), {"asset": asset.pk}).status_code == 404


def sha256(file):
    import hashlib

    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_sound_is_made_again(studio, project, tmp_path):
    path = tmp_path / "sound.m4a"
    request = {"prompt": "rain on a roof", "duration_seconds": 2.0, "seed": 4}
    samples = np.zeros((4800, 1), np.float32)
    write_audio(Audio(samples, 48_000), path, {"engine": "foley", "request": request})
    answer = read(studio, upload(path.read_bytes(), "rain.m4a"))
    assert "rain on a roof" in answer.content.decode()
    use(studio, project, answer, "again")
    run = Generation.objects.get()
    assert (run.model, run.task, run.request["duration_seconds"]) == ("foley", "text_to_sound", 2.0)
    filled = use(studio, project, answer, "reuse")
    assert filled["Location"].startswith(reverse("projects:sound", args=[project.pk]))


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"first_frame": {"sha256": "0" * 64, "shape": [64, 64, 3]}}, "that the file does not hold"),
        ({"engine": "wan-of-elsewhere"}, "is not installed here"),
        ({"width": 4096, "height": 4096}, "larger than what can be asked for"),
        ({"num_frames": 1441}, "longer than the 10 seconds"),
    ],
)
def test_what_cannot_be_made_again_just_so_says_why_and_can_be_gone_on_with(studio, project, tmp_path, told, sentence):
    engine = told.pop("engine", "animatic")
    answer = read(studio, mp4(tmp_path, recipe_of(engine, **told)))
    assert answer.status_code == 200 and sentence in answer.content.decode()
    assert "Make again" not in answer.content.decode()
    refused = use(studio, project, answer, "again")
    assert refused.status_code == 422 and not Generation.objects.exists()
    reused = studio.get(use(studio, project, answer, "reuse")["Location"])
    assert reused.context["form"].initial["prompt"] == PROMPT


@pytest.mark.parametrize(
    "told",
    [{"seed": -1}, {"seed": "7"}, {"prompt": ""}, {"prompt": "x" * 1001}, {"prompt": 7}, {"width": 65}, {"camera": []},
     {"camera": "fly"}, {"camera_path": 3}, {"camera_path": [{"at": 0}, {"at": 0}]}, {"num_frames": None}, {"fps": 0},
     {"reference_tags": 7}, {"guidance_scale": "x"}, {"num_inference_steps": 10**9}, {"prompt": "@nobody waves"}],
)  # fmt: skip
def test_what_a_recipe_asks_for_is_checked_like_anything_that_is_asked_for(studio, project, told):
    forged = json.dumps(recipe_of() | {"request": recipe_of()["request"] | told})
    values = {"act": "again", "project": str(project.pk), "recipe": forged}
    answer = studio.post(reverse("projects:recipe-use"), values)
    assert answer.status_code == 422 and "ecipe" in answer.content.decode()
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "7", "[]", "{}", '{"request": 7}', '{"engine": {}, "request": {}}', "[" * 100_000]
)
def test_a_page_that_was_tampered_with_asks_for_nothing(studio, project, text):
    for act in ("again", "reuse"):
        values = {"act": act, "project": str(project.pk), "recipe": text}
        assert studio.post(reverse("projects:recipe-use"), values).status_code == 422
    assert not Generation.objects.exists()


def text_of_png(text, packed=False):
    """A PNG of nothing but this text."""
    data = zlib.compress(text) if packed else text
    body = b"Comment\0" + bytes([packed, 0]) + b"\0\0" + data
    chunk = b"iTXt" + body
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + end


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no media at all", "This is no MP4, M4A or PNG"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "This is no MP4, M4A or PNG"),
        (text_of_png(b"")[:12], "This is no MP4, M4A or PNG"),
        (text_of_png(b"holidays"), "does not say how it was made"),
        (text_of_png(b"[" * 100_000), "does not say how it was made"),
        (text_of_png(b'{"request": {"seed": NaN}}'), "does not say how it was made"),
        (text_of_png(b"7" * 600_000), "longer than any recipe"),
        (text_of_png(b"7" * 50_000_000, packed=True), "longer than any recipe"),
    ],
    ids=["words", "playlist", "cut off", "other comment", "deep", "not a number", "oversized", "bomb"],
)
def test_a_file_without_a_recipe_is_told_in_a_sentence(studio, project, data, sentence):
    answer = read(studio, upload(data, "fox.png"))
    assert answer.status_code == 422 and sentence in answer.content.decode()


@pytest.mark.parametrize("told", [{}, {"id": 7}, {"id": "x" * 40, "made_from": 3}, {"id": None, "made_from": [1]}])
def test_a_film_of_nobody_here_is_told_in_a_sentence(studio, project, tmp_path, told):
    answer = read(studio, mp4(tmp_path, {"film": told}))
    assert answer.status_code == 422 and "none of yours" in answer.content.decode()


@pytest.mark.parametrize("kind", ["vtt", "srt"])
def test_captions_are_told_where_they_belong(studio, ada, project, kind):
    timeline = Timeline.objects.of(project)
    document = timeline.document
    words = next(track for track in document["tracks"] if track["kind"] == "caption")
    words["clips"] = [{"id": "c", "at": 0, "frames": 24, "text": "She had waited."}]
    timeline.save_cut(document, version=0, by=ada)
    captions = studio.get(reverse("projects:subtitles", args=[project.pk, kind])).content
    answer = read(studio, upload(captions, f"fox.{kind}"))
    assert answer.status_code == 422 and "brought into a film on its timeline" in answer.content.decode()


def test_the_door_is_wide_enough_for_such_files():
    from runwayweb.asgi import FILES

    assert FILES.path.fullmatch(reverse("projects:recipe")) and FILES.limit > MOST_BYTES


def test_no_file_and_an_unreadable_one_are_told_too(studio, project, mallory):
    assert "Choose a file first." in studio.post(reverse("projects:recipe")).content.decode()
    assert studio.get(reverse("projects:recipe")).status_code == 200
    lost = make_asset(project.workspace)
    lost.file.storage.delete(lost.file.name)
    answer = studio.get(reverse("projects:recipe"), {"asset": lost.pk})
    assert answer.status_code == 422 and "cannot be read" in answer.content.decode()
    strange = make_asset(mallory.open_workspace())
    assert studio.get(reverse("projects:recipe"), {"asset": strange.pk}).status_code == 404
    assert studio.get(reverse("projects:recipe"), {"asset": "x"}).status_code == 404
    theirs = {"act": "again", "recipe": "{}", "project": str(make_project(mallory).pk)}
    assert studio.post(reverse("projects:recipe-use"), theirs).status_code == 404
    assert Asset.objects.count() == 2
