"""Anybody sees how a file was made; its prompt only where the owner shows it."""

from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation.engine.clip import Clip
from generation.engine.encode import write_mp4
from generation.models import Generation, Input
from generation.output import Output
from projects.provenance import known_steps
from runwayweb.assets.credentials import Agent, read, sign
from runwayweb.assets.models import Asset
from runwayweb.assets.storage import sha256_of
from tests.factories import finish_generation, make_generation, make_project, make_shot, make_user
from tests.pictures import two_colors
from tests.signed import signed_file

PROMPT = "a secret fox in a forest"
VERIFY = reverse("projects:verify")
SHOT = {"scene": {"place": "meadow", "characters": [{"species": "fox", "action": "walk"}]}}  # of a recipe
FIRST = ("A clip, made with AI", "")  # the first step of a chain, its prompt not shown
BESIDE = {"first_frame": "begun with", "last_frame": "made to end with"}


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


def begun(client, ada, run, door, **fields):
    """The run that a creator asks for by a button of a clip's card, with the form as it comes."""
    client.force_login(ada)
    shown = client.post(reverse(f"projects:{door}", args=[run.pk]))
    return asked(client, run.project, shown.url, **fields)


def asked(client, project, address, **fields):
    """The run that is queued by the form of an address, ended with a clip of its own."""
    filled = dict(parse_qsl(urlsplit(address).query))
    known = set(Generation.objects.values_list("pk", flat=True))
    form = {"size": "512x288", "length": "1", "variations": "1", "model": "built-in", "seed": "5"}
    filled = {"prompt": "the fox goes on"} | filled | form | fields
    answer = client.post(reverse("projects:generation-new", args=[project.pk]), filled)
    assert answer.status_code == 302, answer.context["form"].errors
    run = Generation.objects.exclude(pk__in=known).get()
    finish_generation(run)
    Asset.objects.filter(pk=run.asset_id).update(sha256=sha256(run.pk.bytes).hexdigest())
    run.refresh_from_db()
    return run


def steps_of(run):
    return [(step.what, step.prompt) for step in known_steps(run.asset.sha256)]


@pytest.mark.parametrize(
    ("door", "frame", "joins", "told"),
    [
        ("generation-continuation", "first_frame", "after", "A clip, going on from an earlier one"),
        ("generation-lead-up", "last_frame", "before", "A clip, leading up to an earlier one"),
    ],
)
def test_a_clip_that_shares_a_frame_with_another_tells_of_it(client, ada, made, door, frame, joins, told):
    run = begun(client, ada, made, door)
    picture = run.inputs.get(role=frame).asset
    assert picture.made_of == made.asset, "no run made the picture of a frame"
    assert steps_of(run) == [(f"A clip, {BESIDE[frame]} a frame of an earlier one", ""), FIRST]
    Generation.objects.filter(pk=made.pk).update(recipe=SHOT)
    joined = begun(client, ada, made, door)
    assert joined.joins == joins
    assert steps_of(joined) == [(told, ""), FIRST]


def test_the_same_shot_from_another_camera_or_in_another_world_tells_of_it(client, ada, project, made):
    Generation.objects.filter(pk=made.pk).update(recipe=SHOT)
    client.force_login(ada)
    card = client.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    moved = asked(client, project, card.other_camera_url)
    assert steps_of(moved) == [("A clip, an earlier shot from another camera", ""), FIRST]
    other = asked(client, project, card.other_world_url, prompt="a green frog walks")
    assert steps_of(other) == [("A clip, an earlier shot in another world", ""), FIRST]


def test_the_shot_that_begins_where_this_one_ends_tells_of_it(client, ada, project, made):
    shot, _following = make_shot(project), make_shot(project, model="built-in")
    take = shot.takes.create(number=1, generation=made)
    client.force_login(ada)
    following = client.post(reverse("projects:take-followed", args=[take.pk]))
    shown = client.get(following.url).context
    (frame,) = [slot for slot in shown["form"].slots if slot.asset]
    run = asked(client, project, following.url, planned=str(shown["shot"].pk), **{frame.name: str(frame.asset.pk)})
    assert run.take.shot.follows == shot
    assert steps_of(run) == [("A clip, begun with a frame of an earlier one", ""), FIRST]


def test_somebody_who_was_cut_out_of_a_clip_leads_back_to_it(client, ada, project, made):
    made.asset.store_cast([("red fox", "character", two_colors(size=(40, 40)), "")])
    made.asset.save()
    client.force_login(ada)
    shown = client.post(reverse("projects:generation-cast-reference", args=[made.pk, 1]))
    run = asked(client, project, shown.url)
    assert run.inputs.get().asset.made_of == made.asset
    assert steps_of(run) == [("A clip, made with what pictures show", ""), FIRST]


def test_what_is_done_to_a_clip_is_told_by_its_name(client, ada, project, made):
    client.force_login(ada)
    Generation.objects.filter(pk=made.pk).update(recipe=SHOT)
    made.asset.store_cast([("red fox", "character", two_colors(size=(40, 40)), "")])
    made.asset.save()
    client.post(
        reverse("projects:generation-edit", args=[made.pk]), {"prompt": "a blue fox", "seed": "5", "subject": "1"}
    )
    edit = Generation.objects.exclude(pk=made.pk).get()
    finish_generation(edit)
    client.post(reverse("projects:generation-finish", args=[made.pk, "video_to_sound"]))
    heard = Generation.objects.exclude(pk__in=[made.pk, edit.pk]).get()
    finish_generation(heard)
    for run, told in [(edit, "A clip, a part of it painted anew"), (heard, "A clip, given a sound by AI")]:
        Asset.objects.filter(pk=run.asset_id).update(sha256=sha256(run.pk.bytes).hexdigest())
        run.refresh_from_db()
        assert steps_of(run) == [(told, ""), FIRST]


def test_a_take_that_was_taken_again_tells_of_the_one_before(client, ada, project, made):
    take = make_shot(project).takes.create(number=1, generation=made)
    client.force_login(ada)
    client.post(reverse("projects:take-again", args=[take.pk]))
    again = take.branches.get().generation
    finish_generation(again)
    Asset.objects.filter(pk=again.asset_id).update(sha256="ab" * 32)
    again.refresh_from_db()
    assert steps_of(again) == [("A clip, an earlier one taken again", ""), FIRST]


@pytest.mark.parametrize("given", ["a frame", "its shot"])
def test_a_clip_carries_the_note_of_the_one_it_goes_on_from(project, ada, made, tmp_path, given):
    if given == "a frame":
        run = make_generation(project, ada, inputs=[Input(asset=made.still("last"), role=Input.Role.FIRST_FRAME)])
    else:
        run = make_generation(project, ada, blocking_of=made)
    output = Output(run, tmp_path / "made")
    output.write(Clip(np.random.default_rng(3).integers(0, 255, (6, 48, 64, 3), np.uint8), 12))
    told = read(output.path, ".mp4")
    assert told["state"] == "valid"
    before = [one for one in told["manifests"][0]["from"] if one["title"] == "clip.mp4"]
    assert [one["relation"] for one in before] == ["inputTo"]
    assert told["manifests"][before[0]["place"]]["actions"][0]["agent"] == "built-in"


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


def test_credentials_that_lie_elsewhere_are_not_fetched(client, db, tmp_path):
    write_mp4(np.zeros((2, 48, 64, 3), np.uint8), 12, tmp_path / "plain.mp4", metadata={})
    data = signed_file(tmp_path / "plain.mp4", tmp_path / "elsewhere.mp4", "http://127.0.0.1:9/credentials")
    page = bring(client, data)
    assert page.status_code == 200 and "lie elsewhere" in page.content.decode()
    assert "as it was signed" not in page.content.decode()
