"""Amounts that are none, prices that change, and the last credit: by page, admin and shell."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from generation.models import Generation
from runwayweb.accounts.models import AuditEntry
from runwayweb.subscriptions.management.commands.audit_ledger import problems_of
from runwayweb.subscriptions.models import Lot, Plan, Portion, Wallet
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada", is_staff=True, is_superuser=True)


def credits_of(*told):
    out = io.StringIO()
    call_command("credits", *told, stdout=out)
    return out.getvalue()


def test_with_nothing_left_a_run_is_refused_with_a_sentence(client, ada):
    project = make_project(ada)
    wallet = Wallet.objects.of(project.workspace)
    wallet.hold(wallet.available, reference="all of it")
    client.force_login(ada)
    asked = {"prompt": "a fox", "model": "animatic", "size": "512x288", "length": "2", "variations": "1"}
    answer = client.post(reverse("projects:generation-new", args=[project.pk]), asked)
    assert answer.status_code == 422
    assert "You do not have enough credits to run this task. It needs 4; you have 0." in answer.content.decode()
    assert not Generation.objects.exists()


@pytest.mark.parametrize("credits", ["-5", "1.5", "NaN", "1e3", "many", "99999999999999999999"])
def test_the_admin_refuses_an_amount_that_is_none(client, ada, credits):
    client.force_login(ada)
    pro = Plan.objects.get(slug="pro")
    address = reverse("admin:subscriptions_plan_change", args=[pro.pk])
    form = client.get(address).context["adminform"].form
    values = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    values |= {"allowed_models": "[]"}
    answer = client.post(address, values | {"credits_a_month": credits})
    assert answer.status_code == 200 and answer.context["adminform"].form.errors["credits_a_month"]
    pro.refresh_from_db()
    assert pro.credits_a_month == 2250
    assert client.post(address, values | {"credits_a_month": "3000"}).status_code == 302


def test_the_ledger_cannot_be_written_in_the_admin(client, ada):
    wallet = Wallet.objects.of(ada.open_workspace())
    client.force_login(ada)
    for name, row in (("wallet", wallet), ("lot", wallet.lots.get()), ("entry", wallet.entries.get())):
        assert client.get(reverse(f"admin:subscriptions_{name}_add")).status_code == 403
        assert (
            client.post(reverse(f"admin:subscriptions_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code
            == 403
        )
        client.post(
            reverse(f"admin:subscriptions_{name}_change", args=[row.pk]), {"available": "9999", "amount": "9999"}
        )
    wallet.refresh_from_db()
    assert wallet.available == 500 and not list(problems_of(wallet))


def test_an_operator_gives_credits_once_for_each_reference(ada):
    assert "has 750 credits" in credits_of(
        "grant", "ada@example.org", "250", "--reference", "sorry", "--until", "2999-01-31"
    )
    with pytest.raises(CommandError, match="that reference was used before"):
        credits_of("grant", "ada@example.org", "250", "--reference", "sorry")
    for wrong in ("-5", "0", "1.5", "many"):
        with pytest.raises(CommandError, match="is no whole number of credits above 0"):
            credits_of("grant", "ada@example.org", wrong)
    assert "750 to spend" in credits_of("show", "ada@example.org") and "until 2999-01-31" in credits_of(
        "show", "ada@example.org"
    )
    assert "has 0 credits" in credits_of("take_back", "ada@example.org", "750")
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="credits.")] == [
        "credits.taken_back",
        "credits.granted",
    ]


def test_what_was_granted_before_there_were_lots_is_all_there_afterwards(ada):
    from importlib import import_module

    from django.apps import apps

    wallet = Wallet.objects.of(ada.open_workspace())
    wallet.hold(30, reference="generation:1")
    wallet.settle(reference="generation:1", captured=20)
    wallet.hold(7, reference="generation:2")
    with connection.cursor() as cursor:  # as it was then
        cursor.execute(f"DELETE FROM {Portion._meta.db_table}")
        cursor.execute(f"DELETE FROM {Lot._meta.db_table}")
    entries = list(wallet.entries.values())
    import_module("runwayweb.subscriptions.migrations.0004_lots_of_what_was_granted").make_lots(apps, None)
    assert list(wallet.entries.values()) == entries
    assert list(wallet.lots.values_list("amount", "available", "held", "spent", "expires_at")) == [
        (500, 473, 7, 20, None)
    ]
    assert not list(problems_of(wallet))
    wallet.release(reference="generation:2")
    wallet.hold(480, reference="generation:3")
    assert not list(problems_of(wallet))
