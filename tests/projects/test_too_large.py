"""What is too large for every machine here is refused where it is asked for, and nothing of the form is lost."""

import pytest
from django.urls import reverse

from generation.engine.cards import offline
from generation.models import Generation, Worker
from runwayweb.subscriptions.models import Wallet
from tests.factories import finish_generation, make_generation, make_shot, make_take

pytestmark = pytest.mark.django_db
VACE, ANIMATE, UPSAMPLER = "wan-2.1-vace-14b", "wan-2.2-animate-14b", "ltx-2.5-upsampler"
SENTENCE = "No GPU here is large enough: Wan 2.1 VACE 14B needs at least 11 GB of GPU memory, and the largest has 8."


@pytest.fixture
def pulled(monkeypatch, tmp_path):
    """Models whose folders are here; nothing is read of them before they run."""
    monkeypatch.setenv("RUNWAYWEB_MODELS_FOLDER", str(tmp_path))
    monkeypatch.setattr(offline, "installed", tuple)
    for model in (VACE, ANIMATE, UPSAMPLER):
        (tmp_path / model).mkdir()
        (tmp_path / model / "model_index.json").touch()


def worker(**room):
    return Worker.objects.create(kind=Worker.Kind.GPU, name="gpu", host="here", pid=1, **room)


@pytest.fixture
def clip(project, ada, pulled):
    """A clip that the model made somewhere else."""
    run = make_generation(project, ada, model=VACE)
    finish_generation(run)
    return run


def asked_everywhere(studio, clip):
    """The answer of every form that asks the models that are pulled."""
    shot = {"prompt": "a fox", "model": VACE, "size": "512x288", "length": "1", "variations": "1"}
    over = {"task": "video_to_video", "prompt": "a fox", "clip": clip.pk}
    edit = {"prompt": "a frog", "subject": ""}
    return {
        "shot": studio.post(reverse("projects:generation-new", args=[clip.project_id]), shot),
        "footage": studio.post(reverse("projects:work-new", args=[clip.project_id, "footage"]), over),
        "edit": studio.post(reverse("projects:generation-edit", args=[clip.pk]), edit),
        "widen": studio.post(reverse("projects:generation-widening", args=[clip.pk]), edit | {"size": "512x288"}),
    }


def test_every_form_says_it_and_keeps_what_was_written(studio, clip):
    worker(gpu_gb=8.0, ram_gb=64.0)
    for form, answer in asked_everywhere(studio, clip).items():
        page = answer.content.decode()
        assert answer.status_code == 422 and SENTENCE in page, form
        assert "a fox</textarea>" in page.replace("\n", "") or "a frog</textarea>" in page.replace("\n", ""), form
    enlarged = studio.post(reverse("projects:generation-finish", args=[clip.pk, "upscale"]), follow=True)
    assert "LTX-2.5 upsampler needs at least 51 GB of GPU memory" in enlarged.content.decode()
    assert Generation.objects.count() == 1
    abilities = studio.get(reverse("projects:abilities")).content.decode()
    assert SENTENCE in abilities and "too large for the machines here" in abilities


def test_what_has_no_form_says_it_too_and_holds_nothing(studio, clip, ada):
    """Retry, a take again, the contact sheet, the goal: they learn it where the run is asked for."""
    shot = make_shot(clip.project, model=VACE)
    take = make_take(shot, ada, VACE, finished=True)
    before = Generation.objects.count(), Wallet.objects.of(clip.workspace).available
    worker(gpu_gb=8.0, ram_gb=64.0)
    goal = {"goal": "0.9", "most_takes": "3", "most_credits": "1000"}
    asked = {
        "generation-retry": ([clip.pk], {}),
        "take-again": ([take.pk], {}),
        "shot-sheet": ([shot.pk], {"seeds": "4"}),
        "take-pursuit": ([take.pk], goal),
    }
    for name, (ids, values) in asked.items():
        page = studio.post(reverse(f"projects:{name}", args=ids), values, follow=True).content.decode()
        assert SENTENCE in page, name
    assert (Generation.objects.count(), Wallet.objects.of(clip.workspace).available) == before


def test_animatics_of_a_whole_film_are_refused_with_it(studio, clip, monkeypatch):
    make_shot(clip.project)
    monkeypatch.setattr("projects.views.shots.ANIMATIC", VACE)
    worker(gpu_gb=8.0, ram_gb=64.0)
    page = studio.post(reverse("projects:animatics", args=[clip.project_id]), follow=True).content.decode()
    assert SENTENCE in page and Generation.objects.count() == 1


@pytest.mark.parametrize(
    "workers",
    [
        [],
        [{}],  # it says nothing of its memory
        [{"gpu_gb": 8.0, "ram_gb": 64.0}, {"gpu_gb": 85.9, "ram_gb": 256.0}],
    ],
)
def test_where_one_is_large_enough_or_nobody_knows_it_is_asked(studio, clip, workers):
    for room in workers:
        worker(**room)
    answers = asked_everywhere(studio, clip)
    assert (answers["shot"].status_code, answers["footage"].status_code) == (302, 302)
    assert Generation.objects.filter(model=VACE).count() >= 3
    assert "too large for the machines here" not in studio.get(reverse("projects:abilities")).content.decode()
