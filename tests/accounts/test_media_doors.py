"""Who may have which file of an asset: every name that an address of media can end in × everybody of the matrix, by
their right, by a signature and by a link to the film. The names are those that the code knows: a new
one is asked for, too.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from projects.models import Share
from runwayweb.assets import serve
from runwayweb.assets.kinds import CLIP, SOUND
from runwayweb.assets.signing import signed_path
from tests.accounts.test_matrix import OURS, PEOPLE, ask, came, expected
from tests.factories import make_asset, make_project, make_shot, make_take

NAMES = (*serve.FILES, "cast-1.webp")
# Where files are sent from, and what of it is asked here; elsewhere in the code nobody sends one.
SENDERS = {"runwayweb/assets/urls.py": "assets:file", "projects/views/sharing.py": "projects:shared-file"}
OF_A_LINK = {"proxy.mp4", "poster.webp"}  # what its page shows: how a film plays, and what it looks like meanwhile
BY_RIGHT, BY_LINK = (next(route for route in OURS if route.name == name) for name in SENDERS.values())


def stored(name):
    return default_storage.save(f"clips/doors/{name}", ContentFile(b"\x00" * 100))


def columns_for(name):
    """What an asset has whose address may end so."""
    if serve.CAST.fullmatch(name):
        return {"media_type": CLIP, "cast": [{"name": "fox", "role": "character", "file": stored(name)}]}
    part, media_type = serve.FILES[name]
    if part == "file":
        return {"media_type": media_type}
    return {"media_type": SOUND if name == "proxy.m4a" else CLIP, part: stored(name)}


@pytest.fixture(scope="module")
def assets(world):
    """{name: an asset that has a file of this name}."""
    return {
        name: make_asset(world.workspace, sha256=f"{number:064}", **columns_for(name))
        for number, name in enumerate(NAMES)
    }


@pytest.fixture(scope="module")
def film(world):
    """(a film's one clip, which has whatever a clip can have; the token of a link to it)."""
    project = make_project(world.user)
    shot = make_shot(project)
    take = make_take(shot, world.user, "animatic", finished=True)
    clip = take.generation.asset
    for name in NAMES:
        if serve.CAST.fullmatch(name) or (serve.FILES[name][0] != "file" and name not in ("proxy.m4a", "master.zip")):
            for column, value in columns_for(name).items():
                setattr(clip, column, value)
    clip.save()
    shot.choose(take)
    return clip, Share.objects.make(project, by=world.user, expires_at=timezone.now() + timedelta(days=1)).token


def test_nobody_else_sends_files():
    root = Path(settings.BASE_DIR)
    code = [file for place in ("projects", "runwayweb", "generation") for file in (root / place).rglob("*.py")]
    sends = {
        str(file.relative_to(root))
        for file in code
        if "serve.send" in (said := file.read_text()) or "serve.file" in said
    }
    assert sends == set(SENDERS), "add the door to SENDERS, and a story of whom it lets in"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_for_whoever_sees_films_there(world, assets, name):
    address = reverse("assets:file", args=[assets[name].pk, name])
    wrong = []
    for who in PEOPLE:
        wanted = expected(who, "see", BY_RIGHT)
        for method in ("GET", "HEAD"):
            told = came(ask(world, who, BY_RIGHT, method, address), BY_RIGHT)
            if told != ("unknown" if wanted == "login" else wanted):  # what shows a picture cannot sign in
                wrong.append(f"{method} by {who}: {told}")
    assert not wrong
    for method in ("POST", "PATCH", "DELETE"):
        assert ask(world, "owner", BY_RIGHT, method, address).status_code == 405, method


@pytest.mark.parametrize("name", NAMES)
def test_a_signature_is_of_one_name_and_for_whoever_has_it(world, assets, name):
    asset, other = assets[name], NAMES[NAMES.index(name) - 1]
    path = signed_path(asset, name=name)
    foreign = path.replace(f"/{name}?", f"/{other}?"), path.replace(str(asset.pk), str(assets[other].pk))
    for who in PEOPLE:
        assert ask(world, who, BY_RIGHT, "GET", path).status_code == 200, who
        for wrong in (*foreign, signed_path(asset, expires_in=-1, name=name)):
            assert ask(world, who, BY_RIGHT, "GET", wrong).status_code == 404, (who, wrong)


@pytest.mark.parametrize("name", NAMES)
def test_a_link_shows_what_its_page_shows_and_no_other_file(world, assets, film, name):
    clip, token = film
    shown = reverse("projects:shared-file", args=[token, clip.pk, name])
    elsewhere = reverse("projects:shared-file", args=[token, assets[name].pk, name])
    for who in PEOPLE:
        for method in ("GET", "HEAD"):
            told = ask(world, who, BY_LINK, method, shown).status_code
            assert told == (200 if name in OF_A_LINK else 404), (who, method)
            assert ask(world, who, BY_LINK, method, elsewhere).status_code == 404, "of no shot of the film"
