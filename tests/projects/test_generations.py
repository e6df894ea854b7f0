"""Asking for clips, and what can be done with them: the owner, the stranger, htmx beside plain."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from generation.engine import catalogue
from generation.models import Generation
from generation.models.status import Status
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_asset, make_generation

HTMX = {"HTTP_HX_REQUEST": "true"}
FORM = {"prompt": "a red fox in a forest", "model": "animatic", "size": "512x288", "length": "2", "variations": "1"}
POSTS = [
    "generation-cancellation",
    "generation-deletion",
    "generation-restoration",
    "generation-retry",
    "generation-share",
]
GETS = ["generation", "generation-preview"]


def ask(client, project, headers=None, **fields):
    return client.post(reverse("projects:generation-new", args=[project.pk]), FORM | fields, **headers or {})


def url(name, generation):
    return reverse(f"projects:{name}", args=[generation.pk])


def test_generate_queues_the_request_and_holds_its_price(studio, project):
    answer = ask(studio, project, seed="8812", camera="orbit left")
    assert answer.url == reverse("projects:project", args=[project.pk])
    generation = Generation.objects.get()
    assert generation.request == {
        "prompt": "a red fox in a forest", "negative_prompt": "", "width": 512, "height": 288, "num_frames": 24,
        "fps": 12, "seed": 8812, "num_inference_steps": None, "guidance_scale": None, "camera": "orbit left",
        "camera_path": [],
        "subject": None,
        "placed": None,
        "mask_at": None,
    }  # fmt: skip
    assert Wallet.objects.of(project.workspace).held == generation.cost == 4
    page = studio.get(answer.url).content.decode()
    assert 'data-status="queued"' in page
    assert "a red fox in a forest" in page


def test_with_htmx_the_new_card_comes_back(studio, project):
    answer = ask(studio, project, HTMX)
    assert answer.status_code == 200
    assert b'data-status="queued"' in answer.content
    assert b"<html" not in answer.content


def test_four_variations_have_four_seeds_that_follow_each_other(studio, project):
    ask(studio, project, variations="4", seed=str(2**32 - 2))
    seeds = {generation.request["seed"] for generation in Generation.objects.all()}
    assert seeds == {2**32 - 2, 2**32 - 1, 0, 1}


def test_variations_that_the_credits_do_not_reach_are_refused_all_together(studio, project):
    Wallet.objects.of(project.workspace).hold(490, reference="elsewhere")
    answer = ask(studio, project, variations="4")
    assert answer.status_code == 422
    assert "do not have enough credits" in answer.content.decode()
    assert not Generation.objects.exists()
    assert Wallet.objects.of(project.workspace).available == 10


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("prompt", "", "This field is required"),
        ("prompt", "   \n ", "Write a prompt"),
        ("prompt", "...!?", "Write a prompt"),
        ("prompt", "x" * 1001, "1,001 characters long; 1,000 are allowed"),
        ("prompt", "🦊" * 501, "1,002 characters long; 1,000 are allowed"),
        ("prompt", "a\x00fox", "Null characters are not allowed"),
        ("seed", str(2**32), "4294967295"),
        ("seed", "-1", "greater than or equal to 0"),
        ("seed", "abc", "whole number"),
        ("length", "-2", "greater than or equal to 0.5"),
        ("length", "11", "less than or equal to 10"),
        ("length", "nan", "Enter a number"),
        ("size", "500x281", "not one of the available choices"),
        ("size", "99999x99999", "not one of the available choices"),
        ("model", "veo3.1", "not one of the available choices"),
        ("camera", "barrel roll", "not one of the available choices"),
        ("steps", "0", "greater than or equal to 1"),
        ("variations", "5", "not one of the available choices"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_bad_input_is_told_and_loses_nothing(studio, project, field, value, sentence, headers):
    answer = ask(studio, project, headers, **{field: value})
    assert answer.status_code == 422
    shown = answer.content.decode().replace("&#x27;", "'")
    assert sentence in shown
    if field != "prompt":
        assert "a red fox in a forest" in shown, "what was written is still there"
    assert not Generation.objects.exists()
    assert Wallet.objects.of(project.workspace).held == 0


@pytest.mark.parametrize(
    "prompt",
    [
        "<script>alert(1)</script> fox",
        "{{7*7}} fox",
        "'; DROP TABLE generation; -- fox",
        "\u202eright to left fox",
        "=cmd fox",
    ],
)
def test_a_prompt_is_text_whatever_it_looks_like(studio, project, prompt):
    ask(studio, project, prompt=prompt)
    assert Generation.objects.get().request["prompt"] == prompt
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert "<script>alert" not in page
    assert "49 fox" not in page


def test_cancelling_gives_the_credits_back(studio, project):
    generation = make_generation(project)
    answer = studio.post(url("generation-cancellation", generation), **HTMX)
    assert b'data-status="cancelled"' in answer.content
    assert Wallet.objects.of(project.workspace).held == 0


def test_cancelling_without_javascript_goes_back_to_the_project(studio, project):
    generation = make_generation(project)
    answer = studio.post(url("generation-cancellation", generation))
    assert answer.url == reverse("projects:project", args=[project.pk])


def test_deleting_leaves_an_undo_in_its_place(studio, project):
    generation = make_generation(project)
    answer = studio.post(url("generation-deletion", generation), **HTMX)
    assert url("generation-restoration", generation).encode() in answer.content
    assert studio.get(url("generation", generation)).status_code == 404
    answer = studio.post(url("generation-restoration", generation), **HTMX)
    assert b'data-status="cancelled"' in answer.content


def test_retrying_asks_for_the_same_again(studio, project):
    generation = make_generation(project, seed=99)
    generation.cancel()
    answer = studio.post(url("generation-retry", generation), **HTMX)
    assert b'data-status="queued"' in answer.content
    again = Generation.objects.exclude(pk=generation.pk).get()
    assert (again.request, again.status) == (generation.request, Status.QUEUED)


def test_retrying_without_credits_says_so(studio, project):
    generation = make_generation(project)
    Wallet.objects.of(project.workspace).hold(499, reference="elsewhere")
    answer = studio.post(url("generation-retry", generation), **HTMX)
    assert answer.status_code == 422
    assert "do not have enough credits" in answer.content.decode()


def test_retrying_what_an_earlier_version_allowed_says_what_is_wrong(studio, project):
    generation = make_generation(project)
    generation.cancel()
    Generation.objects.update(request=generation.request | {"width": 100})
    answer = studio.post(url("generation-retry", generation), **HTMX)
    assert answer.status_code == 422
    assert "multiple of 16" in answer.content.decode()


def test_a_failure_says_why_and_that_the_credits_are_back(studio, project, pulse_worker):
    generation = make_generation(project)
    claimed = Generation.objects.claim_next(pulse_worker)
    claimed.fail(1, code="INTERNAL.OUT_OF_MEMORY", message="The GPU ran out of memory twice.")
    card = studio.get(url("generation", generation), **HTMX).content.decode()
    assert 'data-status="failed"' in card
    assert "The GPU ran out of memory twice." in card
    assert "returned" in card


def test_a_card_says_what_was_understood_and_what_a_word_was_taken_for(studio, project):
    generation = make_generation(project)
    understood = {"sentence": "A bicycle.", "nearest": {"bicycle": "car"}, "ignored": ["tax"]}
    Generation.objects.filter(pk=generation.pk).update(
        status=Status.SUCCEEDED, asset=make_asset(project.workspace), understood=understood
    )
    card = strip_tags(studio.get(url("generation", generation)).content.decode())
    assert "Understood: A bicycle." in card
    assert "Taken for the nearest it knows: bicycle → car" in card
    assert "Not understood: tax" in card


def test_reusing_settings_fills_the_form(studio, project):
    make_generation(project, seed=8812, camera="pan left", negative_prompt="rain")
    card = studio.get(reverse("projects:project", args=[project.pk])).context["generations"][0]
    form = studio.get(card.same_seed_url).context["form"]
    assert form.initial["seed"] == "8812"
    assert form.initial["camera"] == "pan left"
    assert form.initial["prompt"] == "a red fox in a forest"
    assert "size" not in form.initial, "64×64 is no size of the form"
    assert "seed" not in studio.get(card.reuse_url).context["form"].initial


def text_of(answer):
    return " ".join(strip_tags(answer.content.decode()).split())


def test_the_quote_follows_the_form(studio, project):
    address = reverse("projects:quote", args=[project.pk])
    assert "60 credits" in text_of(studio.get(address, FORM | {"length": "10", "variations": "3"}))
    assert "4 credits" in text_of(studio.get(address, FORM | {"prompt": ""}))
    assert studio.get(address, {"length": "nonsense"}).status_code == 200


@pytest.mark.parametrize("name", POSTS + GETS)
def test_a_stranger_is_told_that_there_is_no_such_generation(client, mallory, project, name):
    generation = make_generation(project)
    client.force_login(mallory)
    answer = (client.get if name in GETS else client.post)(url(name, generation))
    assert answer.status_code == 404
    generation.refresh_from_db()
    assert (generation.status, generation.deleted_at) == (Status.QUEUED, None)


@pytest.mark.parametrize("name", GETS + POSTS)
def test_a_visitor_is_sent_to_sign_in(client, project, name):
    generation = make_generation(project)
    answer = (client.get if name in GETS else client.post)(url(name, generation))
    assert answer.status_code == 302
    assert reverse("account_login") in answer.url


def test_what_changes_something_is_no_get(studio, project):
    generation = make_generation(project)
    for name in POSTS:
        assert studio.get(url(name, generation)).status_code == 405


def test_a_card_that_is_looked_at_again_still_says_that_its_model_is_loaded(studio, project, ada, pulse_worker):
    make_generation(project, ada)
    running = Generation.objects.claim_next(pulse_worker)

    def words():
        return studio.get(url("generation", running), **HTMX).content.decode().partition("card__words")[2]

    assert "Setting the scene" in words()
    running.renew_lease(1, loading_at=timezone.now())
    assert ">Loading Animatic</p>" in words(), "nobody knows yet how long that takes"
    before = make_generation(project, ada)
    Generation.objects.filter(pk=before.pk).update(load_seconds=40.4, started_at=timezone.now())
    assert "Loading Animatic, about 40 s" in words()
    running.renew_lease(1, loading_at=None, load_seconds=38)
    assert "Setting the scene" in words()
    running.renew_lease(1, loading_at=timezone.now())
    running.cancel()
    assert "Loading" not in words()


def test_exact_can_be_asked_for_where_the_operator_lets_models_take_shortcuts(studio, project, monkeypatch):
    page = reverse("projects:project", args=[project.pk])
    assert "Exact: no shortcuts" not in studio.get(page).content.decode()
    ask(studio, project, exact="on")
    assert "exact" not in Generation.objects.get().request, "every run is"
    monkeypatch.setenv("RUNWAYWEB_FIRST_BLOCK_CACHE", "1")
    assert "Exact: no shortcuts" in studio.get(page).content.decode()
    Generation.objects.all().delete()
    ask(studio, project, exact="on")
    made = Generation.objects.get()
    assert made.video_request().exact and made.asked().exact
    card = studio.get(page).context["generations"][0]
    assert studio.get(card.reuse_url).context["form"]["exact"].value() == "on"
    assert ("Exact", "no shortcuts") in card.recipe_rows
    ask(studio, project)
    assert not Generation.objects.exclude(pk=made.pk).get().video_request().exact


def test_a_page_reads_what_is_installed_once_and_the_next_page_again(studio, project, monkeypatch):
    for seed in (1, 2, 3):
        make_generation(project, seed=seed)
    reads, read = [], catalogue._installed
    monkeypatch.setattr(catalogue, "_installed", lambda: reads.append(1) or read())
    page = reverse("projects:project", args=[project.pk])
    for looked in (1, 2):
        assert studio.get(page).status_code == 200 and len(reads) == looked
