"""An operator's plans, from a shell."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from runwayweb.accounts.models import Workspace
from runwayweb.subscriptions.models import Plan, Subscription, Wallet
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def plans(*told):
    out = io.StringIO()
    call_command("plans", *told, stdout=out)
    return out.getvalue()


def test_plans_are_listed_and_shown():
    assert [line.split()[0] for line in plans("list").splitlines()] == ["free", "standard", "pro", "unlimited", "house"]
    assert "default, not offered" in plans("list").splitlines()[-1]
    assert "credits_a_month        2250" in plans("show", "pro")


def test_a_plan_is_changed_and_added():
    plans("set", "pro", "seats=20", "largest_pixels=none", "watermark=true", "name=Studio Pro")
    pro = Plan.objects.get(slug="pro")
    assert (pro.seats, pro.largest_pixels, pro.watermark, pro.name) == (20, None, True, "Studio Pro")
    plans("add", "gold", "monthly_cents=9900", "allowed_models=animatic,built-in")
    assert Plan.objects.get(slug="gold").allowed_models == ["animatic", "built-in"]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (["set", "pro", "credits_a_month=-5"], "credits_a_month: Ensure this value is greater than or equal to 0."),
        (["set", "pro", "credits_a_month=1.5"], "credits_a_month: “1.5” value must be an integer."),
        (["set", "pro", "monthly_cents=free"], "monthly_cents: “free” value must be an integer."),
        (["set", "pro", "seats=0"], "At least one seat"),
        (["set", "pro", "colour=red"], "There is no column colour. There are: slug, name"),
        (["set", "pro", "stripe_product=prod_1"], "There is no column stripe_product"),
        (["set", "pro", "seats"], "seats is no COLUMN=VALUE."),
        (["set", "gold", "seats=1"], "There is no plan gold. There are: free, standard"),
        (["add", "pro"], "There is a plan pro already"),
        (["assign", "nobody@example.org", "pro"], "There is no workspace nobody@example.org."),
        (["assign", "../x", "pro"], "There is no workspace ../x."),
        (["import", "/nowhere.json"], "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(told, sentence):
    before = list(Plan.objects.values())
    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        plans(*told)
    assert list(Plan.objects.values()) == before


def test_a_workspace_is_put_on_a_plan_and_back():
    ada = make_user("ada")
    workspace = ada.open_workspace()
    plans("assign", "Ada@example.org", "pro", "--until", "2999-01-31")
    assert Plan.objects.of(workspace).slug == "pro"
    assert Wallet.objects.of(workspace).lots.filter(source="plan").get().amount == 2250
    with pytest.raises(CommandError, match="is no date"):
        plans("assign", str(workspace.pk), "pro", "--until", "soon")
    plans("assign", str(workspace.pk), "none")
    assert Plan.objects.of(workspace).slug == "house"
    Workspace.objects.open_for(ada, "Another")
    with pytest.raises(CommandError, match="owns several workspaces"):
        plans("assign", "ada@example.org", "pro")


def test_nobody_who_pays_is_put_elsewhere():
    workspace = make_user("ada").open_workspace()
    Subscription.objects.create(workspace=workspace, plan=Plan.objects.get(slug="pro"), stripe_id="sub_1")
    for plan in ("free", "none"):
        with pytest.raises(CommandError, match="pays for"):
            plans("assign", str(workspace.pk), plan)


def test_plans_travel_between_installations(tmp_path):
    file = tmp_path / "plans.json"
    plans("set", "pro", "seats=20")
    plans("export", str(file))
    told = json.loads(file.read_text())
    told["plans"][0]["name"] = "Gratis"
    file.write_text(json.dumps(told))
    Plan.objects.filter(slug="pro").delete()
    plans("import", str(file))
    assert Plan.objects.get(slug="pro").seats == 20 and Plan.objects.get(slug="free").name == "Gratis"
    told["packs"][0]["credits"] = 0
    told["plans"][0]["name"] = "Never"
    file.write_text(json.dumps(told))
    with pytest.raises(CommandError):
        plans("import", str(file))
    assert Plan.objects.get(slug="free").name == "Gratis", "all of it, or nothing"
    file.write_text("[1]")
    with pytest.raises(CommandError, match="no list of plans"):
        plans("import", str(file))
