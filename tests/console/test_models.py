"""Models that are offered or not, the default, and what each plan has."""

import pytest
from django.urls import reverse

from generation.engine import catalogue
from generation.models import Generation, Worker
from runwayweb.accounts.models import Flag
from runwayweb.subscriptions.switches import SwitchedOff
from tests.factories import make_generation, make_plan, make_project

MODELS = "console:models"


def act(console, name, model, **sent):
    return console.post(reverse(f"console:model-{name}", args=[model]), sent, follow=True).content.decode()


def test_the_page_tells_where_each_model_runs(console):
    Worker.objects.create(kind="gpu", name="gpu", host="big-box", pid=7, gpu_gb=80, ram_gb=200)
    page = console.get(reverse(MODELS)).content.decode()
    assert "big-box: " in page and "as it is" in page
    assert "manage.py models pull" in page
    for card in catalogue.installed():
        assert card.id in page


def test_what_is_not_offered_cannot_be_asked_for_and_what_waits_is_made(console, told, ada):
    project = make_project(ada)
    waiting = make_generation(project, ada, model="built-in", num_frames=5)
    act(console, "offer", "built-in")
    assert "built-in" not in {card.id for card in catalogue.cards()}
    assert told() == [("flag_switched", "model:built-in", {"state": "off"})]
    with pytest.raises(SwitchedOff, match="not offered"):
        make_generation(project, ada, model="built-in", num_frames=5)
    assert catalogue.card("built-in"), "whoever draws what waits finds it"
    assert Generation.objects.get(pk=waiting.pk).status == "queued"
    act(console, "offer", "built-in", on="1")
    assert "built-in" in {card.id for card in catalogue.cards()} and not Flag.objects.exists()


def test_another_model_is_the_default(console, told):
    assert catalogue.cards()[0].id == "animatic"
    act(console, "first", "built-in")
    assert catalogue.cards()[0].id == "built-in"
    act(console, "first", "animatic")
    assert [card.id for card in catalogue.cards()].index("animatic") == 0
    assert Flag.objects.count() == 1 and told()[0][1] == "first-model:animatic"


def test_the_default_model_stays_offered_and_one_that_is_not_cannot_be_it(console, told):
    assert "default first" in act(console, "offer", "animatic")
    act(console, "offer", "built-in")
    assert "Offer it first." in act(console, "first", "built-in")
    assert "one that draws" in act(console, "first", "foley")
    assert len(told()) == 1
    assert console.post(reverse("console:model-offer", args=["nonsense"])).status_code == 404


def test_what_a_plan_has(console, told):
    plan = make_plan("pro", allowed_models=["gone-for-now"])
    url = reverse("console:plan-models", args=["pro"])
    console.post(url, {"model": ["animatic", "nonsense"]})
    plan.refresh_from_db()
    assert plan.allowed_models == ["animatic", "gone-for-now"]
    assert told() == [("plan_models", plan.name, {"models": "animatic, gone-for-now"})]
    console.post(url, {"model": [card.id for card in catalogue.installed()]})
    plan.refresh_from_db()
    assert plan.allowed_models == [] and len(told()) == 2
