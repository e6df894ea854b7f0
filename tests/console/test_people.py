"""What an operator sees of people and workspaces, and does for them: each deed with a reason, and in the log."""

import uuid

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from generation.models import Generation
from projects.models import Invocation, Workflow
from projects.workflows.examples import EXAMPLES
from runwayweb.accounts.models import Acceptance, AuditEntry
from runwayweb.api.models import Key
from runwayweb.subscriptions.models import Plan, Subscription, Wallet
from tests.factories import finish_generation, make_generation, make_plan, make_project, make_user

REASON = "You sold credits that are not yours."


@pytest.fixture
def studio(ada):
    return ada.open_workspace()


def page(console, name, *args, **asked):
    answer = console.get(reverse(f"console:{name}", args=args), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def do(console, name, row, **told):
    return console.post(reverse(f"console:{name}", args=[row.pk]), told, follow=True)


def test_people_are_found_by_address_and_name(console, ada, olga):
    assert ada.email in page(console, "users", q="ADA@")
    assert ada.email in page(console, "users", q=" ada ")
    assert ada.email not in page(console, "users", q="nobody")
    assert ada.email not in page(console, "users", state="suspended")


def test_workspaces_are_found_by_name_member_and_id(console, ada, studio):
    for asked in (studio.name, ada.email, str(studio.pk)):
        assert str(studio.pk) in page(console, "workspaces", q=asked)
    assert str(studio.pk) not in page(console, "workspaces", q="nothing")


def test_the_page_of_somebody_tells_where_they_are_in(console, ada, studio):
    Client().force_login(ada)
    UserSession.objects.create(user=ada, ip="192.0.2.7", user_agent="Firefox/140 Windows", session_key="x")
    said = page(console, "user", ada.pk)
    for words in ("192.0.2.7", "Firefox · Windows", str(studio.pk), escape(studio.name)):
        assert words in said


def test_the_page_of_a_workspace_tells_what_it_has(console, ada, studio):
    run = make_generation(make_project(ada), ada)
    key = Key.objects.issue(studio, by=ada, name="Render farm")[0]
    said = page(console, "workspace", studio.pk)
    for words in (ada.email, key.shown, f"generation:{run.pk}", "1 run is waiting", run.model):
        assert words in said


@pytest.mark.parametrize("noun", ["user", "workspace"])
def test_stopping_and_lifting_with_a_reason(console, ada, studio, told, noun):
    row = ada if noun == "user" else studio
    assert do(console, f"{noun}-suspension", row, **{"stop-reason": " "}).status_code == 422
    row.refresh_from_db()
    assert not row.is_suspended, "nobody is stopped without a word"
    assert REASON in do(console, f"{noun}-suspension", row, **{"stop-reason": REASON}).content.decode()
    row.refresh_from_db()
    assert row.is_suspended
    do(console, f"{noun}-readmission", row)
    row.refresh_from_db()
    assert not row.is_suspended
    what = "person" if noun == "user" else "workspace"
    assert [deed[0] for deed in told()] == [f"{what}_readmitted", f"{what}_suspended"]


def test_nobody_suspends_themselves(console, olga):
    do(console, "user-suspension", olga, **{"stop-reason": REASON})
    olga.refresh_from_db()
    assert not olga.is_suspended


def test_credits_are_granted_once_and_leave_a_line_in_both_books(console, studio, told):
    before = Wallet.objects.of(studio).available
    form = {"grant-amount": "120", "grant-reason": "The outage of Monday", "grant-once": str(uuid.uuid4())}
    for _time in range(2):
        do(console, "workspace-grant", studio, **form)
    wallet = Wallet.objects.of(studio)
    assert wallet.available == before + 120
    reference = f"operator:{form['grant-once']}"
    assert wallet.entries.get(reference=reference).amount == 120
    assert told() == [
        ("credits_granted", "", {"credits": 120, "reason": "The outage of Monday", "reference": reference})
    ]
    assert AuditEntry.objects.get(action="operator.credits_granted").by_name == "olga@example.org"


@pytest.mark.parametrize("amount", ["0", "-5", "1.5", "1e3", "ten", "", "99999999999999999999"])
def test_only_whole_positive_amounts_are_granted(console, studio, amount):
    before = Wallet.objects.of(studio).available
    told = {"grant-amount": amount, "grant-reason": "x", "grant-once": str(uuid.uuid4())}
    assert do(console, "workspace-grant", studio, **told).status_code == 422
    assert Wallet.objects.of(studio).available == before


def test_a_plan_is_given_but_not_over_one_that_is_paid_for(console, studio, told):
    pro = make_plan("pro")
    form = {"plan-plan": pro.pk, "plan-reason": "A school"}
    do(console, "workspace-plan", studio, **form)
    assert Plan.objects.of(studio) == pro
    assert told()[0][:2] == ("plan_given", "Pro")
    Subscription.objects.filter(workspace=studio).update(stripe_id="sub_1")
    assert "pays for its plan" in do(console, "workspace-plan", studio, **form).content.decode()
    assert len(told()) == 1


def test_a_lost_second_step_is_taken_off(console, ada, told):
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={"secret": "x"})
    do(console, "user-second-step", ada, **{"step-reason": "Lost phone, showed her passport"})
    assert not Authenticator.objects.filter(user=ada).exists()
    assert told()[0][:2] == ("second_step_reset", ada.email)


def test_signing_somebody_out_everywhere(console, ada):
    browser = Client()
    browser.force_login(ada)
    browser.get(reverse("projects:project-list"))
    assert UserSession.objects.filter(user=ada).exists()
    do(console, "user-signing-out", ada)
    assert browser.get(reverse("projects:project-list")).status_code == 302


# Looking at the studio as somebody else


@pytest.fixture
def looking(console, ada):
    make_project(ada)
    answer = do(console, "user-looking", ada, **{"look-reason": "She cannot find her film"})
    assert answer.status_code == 200
    return console


def test_an_operator_looks_as_somebody_with_a_banner_and_comes_back(looking, ada, olga):
    said = looking.get(reverse("projects:project-list")).content.decode()
    assert "The Fox Who Waited" in said and "Be yourself again" in said and olga.email in said
    assert "/ws/workspaces/" not in said
    assert looking.get("/no-such-page/").content.decode().count("Be yourself again") == 1
    assert looking.get(reverse("console:overview")).status_code == 404, "ada is no operator"
    back = looking.post(reverse("accounts:impersonation-end"), follow=True)
    assert back.status_code == 200 and "Be yourself again" not in back.content.decode()
    assert back.request["PATH_INFO"] == reverse("console:user", args=[ada.pk])


def test_every_request_is_written_down(looking, ada, studio, olga):
    looking.get(reverse("projects:project-list"))
    looking.post(reverse("accounts:impersonation-end"))
    lines = AuditEntry.objects.filter(action="operator.did_as").order_by("pk")
    assert {line.by_name for line in lines} == {olga.email} and {line.about for line in lines} == {ada.email}
    assert ("GET", reverse("projects:project-list"), 200) in [
        (line.details["method"], line.details["path"], line.details["status"]) for line in lines
    ]
    assert lines.last().details["path"] == reverse("accounts:impersonation-end")
    owners = studio.audit_entries.filter(action__startswith="operator.").order_by("pk")
    assert [line.action for line in owners] == ["operator.came_as", "operator.left_as"]


def test_what_is_changed_meanwhile_says_by_whom(looking, studio, olga):
    looking.post(reverse("accounts:workspace"), {"name": "Ada's films"})
    line = studio.audit_entries.get(action="workspace.renamed")
    assert line.details["operator"] == olga.email


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password",
        "account_email",
        "mfa_view_recovery_codes",
        "api:keys",
        "api:webhooks",
        "billing:billing",
        "subscriptions:pricing",
        "projects:plan",
        "accounts:closing",
        "accounts:account",
        "accounts:security",
        "projects:own-data",
        "accounts:terms-acceptance",
    ],
)
def test_what_is_theirs_alone_stays_closed(looking, name):
    for ask in (looking.get, looking.post):
        assert ask(reverse(name)).status_code == 403


def test_nothing_is_deleted_and_nothing_spent(looking, ada, studio):
    project = studio.projects.get()
    run = make_generation(project, ada)
    before = Wallet.objects.of(studio).available
    for name, row in (
        ("projects:project-deletion", project),
        ("projects:generation-deletion", run),
        ("projects:generation-cancellation", run),
        ("projects:sharing", project),
    ):
        assert looking.post(reverse(name, args=[row.pk])).status_code == 403
    looking.post(reverse("projects:generation-retry", args=[run.pk]))
    workflow = Workflow.objects.make(studio, name="Fox, heard", by=ada, graph=EXAMPLES[0].graph)
    looking.post(reverse("projects:workflow-run-new", args=[workflow.pk]), {"project": project.pk})
    assert not Invocation.objects.exists(), "a worker would ask for its clips later, when nobody looks any more"
    assert Generation.objects.count() == 1 and Wallet.objects.of(studio).available == before
    project.refresh_from_db()
    assert project.deleted_at is None


def test_nothing_is_shown_to_others_and_nothing_said_or_agreed_to_in_their_name(looking, ada, studio):
    project = studio.projects.get()
    run = make_generation(project, ada)
    finish_generation(run)
    type(ada).objects.filter(pk=ada.pk).update(must_accept_terms=True)
    for name, of, said in (
        ("projects:generation-share", [run.pk], {}),
        ("projects:project-prompts", [project.pk], {"shown": "on"}),
        ("projects:generation-appeal", [run.pk], {"words": "Let it be made."}),
        ("accounts:terms-acceptance", [], {}),
    ):
        assert looking.post(reverse(name, args=of), said).status_code == 403, name
    ada.refresh_from_db()
    project.refresh_from_db()
    assert ada.must_accept_terms and not Acceptance.objects.filter(user=ada).exists()
    assert not project.shows_prompts


def test_nobody_looks_as_somebody_of_the_staff(console, olga):
    other = make_user("root", is_staff=True)
    for person in (other, olga):
        do(console, "user-looking", person, **{"look-reason": "Curious"})
        assert "impersonation" not in console.session


def test_after_half_an_hour_it_is_over(looking, ada, studio, olga):
    session = looking.session
    session["impersonation"] |= {"until": "2026-01-01T00:00:00+00:00"}
    session.save()
    said = looking.get(reverse("projects:project-list")).content.decode()
    assert "The Fox Who Waited" not in said and "You are yourself again" in said
    assert studio.audit_entries.filter(action="operator.left_as").exists()


def test_an_operator_no_more_is_nobody_else_any_more(looking, olga):
    olga.is_staff = False
    olga.save(update_fields=["is_staff"])
    said = looking.get(reverse("projects:project-list")).content.decode()
    assert "The Fox Who Waited" not in said
