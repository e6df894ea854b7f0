"""Anybody sees how a file was made; its prompt only where the owner shows it."""

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation.engine.encode import write_mp4
from runwayweb.assets.credentials import Agent, sign
from runwayweb.assets.storage import sha256_of
from tests.factories import finish_generation, make_generation, make_project, make_user

PROMPT = "a secret fox in a forest"
VERIFY = reverse("projects:verify")


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada)


@pytest.fixture
def signed(tmp_path):
    path = tmp_path / "clip.mp4"
    write_mp4(np.random.default_rng(2).integers(0, 255, (6, 48, 64, 3), np.uint8), 12, path, metadata={})
    assert sign(path, title="clip.mp4", agent=Agent("built-in"))
    return path


@pytest.fixture
def made(project, ada, signed):
    """A run of the film whose file that is."""
    run = make_generation(project, ada, prompt=PROMPT)
    finish_generation(run)
    run.asset.sha256 = sha256_of(signed)
    run.asset.file = default_storage.save(f"clips/{run.asset_id}/clip.mp4", ContentFile(signed.read_bytes()))
    run.asset.save()
    return run


def bring(client, data, name="clip.mp4"):
    return client.post(VERIFY, {"file": SimpleUploadedFile(name, data)})


def test_a_file_of_this_studio_is_told_without_its_prompt(client, made, signed):
    page = bring(client, signed.read_bytes()).content.decode()
    assert "as it was signed" in page and "made in this studio" in page and "A clip, made with AI" in page
    assert PROMPT not in page and made.project.name not in page


def test_its_owner_may_show_the_prompt(client, ada, project, made, signed):
    client.force_login(ada)
    settings = reverse("projects:project-name", args=[project.pk])
    assert "Show this film" in client.get(settings).content.decode()
    client.post(reverse("projects:project-prompts", args=[project.pk]), {"shown": "on"})
    client.logout()
    assert PROMPT in bring(client, signed.read_bytes()).content.decode()
    client.force_login(ada)
    client.post(reverse("projects:project-prompts", args=[project.pk]))
    assert PROMPT not in bring(client, signed.read_bytes()).content.decode()


def test_a_stranger_shows_nobodys_prompts(client, project):
    client.force_login(make_user("eve"))
    assert client.post(reverse("projects:project-prompts", args=[project.pk]), {"shown": "on"}).status_code == 404


def test_one_flipped_byte_is_seen(client, made, signed):
    data = bytearray(signed.read_bytes())
    data[-30] ^= 1
    page = bring(client, bytes(data)).content.decode()
    assert "changed after it was signed" in page and "made in this studio" not in page


def test_one_signed_elsewhere_is_not_called_ours(client, db, signed):
    page = bring(client, signed.read_bytes()).content.decode()
    assert "as it was signed" in page and "does not know" in page and "built-in" in page


def test_what_came_before_is_told_too(client, ada, project, made, signed):
    before = make_generation(project, ada, model="built-in", prompt="before")
    finish_generation(before)
    made.inputs.create(asset=before.asset, role="first_frame")
    page = bring(client, signed.read_bytes()).content.decode()
    assert page.count("A clip, made with AI") == 2


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.mp4", b"", "damaged"),
        ("x.mp4", b"hello", "damaged"),
        ("x.exe", b"MZ", "cannot be looked into"),
        ("x.png", b"\x89PNG\r\n\x1a\n" + b"\xff" * 99, "damaged"),
    ],
)
def test_what_is_no_file_gets_a_sentence(client, db, name, data, said):
    answer = bring(client, data, name)
    assert answer.status_code == 422 and said in answer.content.decode()


def test_an_unsigned_file_says_nothing(client, db, tmp_path):
    path = tmp_path / "clip.mp4"
    write_mp4(np.zeros((3, 48, 64, 3), np.uint8), 12, path, metadata={})
    assert "has no Content Credentials" in bring(client, path.read_bytes()).content.decode()
    assert client.post(VERIFY).status_code == 422 and client.get(VERIFY).status_code == 200
