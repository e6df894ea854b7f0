"""Workspaces: what each role may do there, another one, another name."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from projects.models import Project
from runwayweb.accounts.models import AuditEntry, Membership, Right, Role, Workspace
from tests.factories import make_member, make_project, make_user

pytestmark = pytest.mark.django_db
MAY = {
    Role.OWNER: {"see", "make", "members", "billing", "settings", "transfer"},
    Role.ADMIN: {"see", "make", "members", "billing", "settings"},
    Role.EDITOR: {"see", "make"},
    Role.VIEWER: {"see"},
    Role.BILLING: {"billing"},
}


@pytest.mark.parametrize("role", Role)
def test_each_role_has_its_rights(studio, role):
    person = studio.memberships.get().user if role == Role.OWNER else make_member(studio, role)
    assert {right for right in Right if studio.allows(person, right)} == MAY[role]
    assert {right for right in Right if studio in Workspace.objects.where(person, right)} == MAY[role]
    assert person.membership().rights == MAY[role]


def test_a_stranger_and_a_visitor_have_none(studio):
    for nobody in (make_user("mallory"), AnonymousUser()):
        assert not any(studio.allows(nobody, right) for right in Right)
        assert studio not in Workspace.objects.of(nobody)


def test_a_workspace_has_no_two_owners(studio):
    with transaction.atomic(), pytest.raises(IntegrityError):
        make_member(studio, Role.OWNER)


def test_a_new_workspace_is_owned_and_in_use(client, ada, studio):
    client.force_login(ada)
    assert client.post(reverse("accounts:workspace-new"), {"name": "Fox Films"}).status_code == 302
    ada.refresh_from_db()
    made = ada.open_workspace()
    assert (made.name, made.allows(ada, Right.TRANSFER)) == ("Fox Films", True)
    assert made.audit_entries.get().action == "workspace.created"
    client.post(reverse("projects:project-new"), {"name": "In the new one"})
    assert Project.objects.get().workspace == made


@pytest.mark.parametrize("name", ["", "   ", "x" * 151, "a\x00b"])
def test_a_name_that_is_none_is_refused(client, ada, name):
    client.force_login(ada)
    for page in ("accounts:workspace-new", "accounts:workspace"):
        answer = client.post(reverse(page), {"name": name})
        assert answer.status_code == 422
        assert answer.context["form"].errors["name"]
    assert Workspace.objects.count() == 1


def test_switching_shows_the_films_of_the_other_workspace(client, ada, studio):
    theirs = make_user("grace").open_workspace()
    Membership.objects.create(workspace=theirs, user=ada, role=Role.VIEWER)
    make_project(ada, name="Mine")
    Project.objects.create(workspace=theirs, name="Theirs")
    client.force_login(ada)
    desk = client.get(reverse("projects:project-list"))
    assert [project.name for project in desk.context["projects"]] == ["Mine"]
    assert b"Grace" in desk.content, "the other one is in the menu"
    desk = client.post(reverse("accounts:workspace-switch", args=[theirs.pk]), follow=True)
    assert [project.name for project in desk.context["projects"]] == ["Theirs"]


def test_a_link_to_a_film_of_another_workspace_opens_it_and_uses_that_workspace(client, ada):
    theirs = make_user("grace").open_workspace()
    Membership.objects.create(workspace=theirs, user=ada, role=Role.EDITOR)
    film = Project.objects.create(workspace=theirs, name="Theirs")
    client.force_login(ada)
    page = reverse("projects:project", args=[film.pk])
    assert client.get(page, headers={"accept": "image/webp,*/*"}).status_code == 200
    assert not list(client.get(reverse("projects:project-list")).context["projects"]), (
        "a picture of it switches nothing"
    )
    opened = client.get(page, headers={"accept": "text/html,*/*"})
    assert opened.context["workspace"] == theirs
    assert [project.name for project in client.get(reverse("projects:project-list")).context["projects"]] == ["Theirs"]
    client.post(reverse("projects:project-new"), {"name": "Another of theirs"})
    assert theirs.projects.count() == 2


def test_a_link_that_is_refused_switches_nothing(client, ada, studio):
    theirs = make_user("grace").open_workspace()
    Membership.objects.create(workspace=theirs, user=ada, role=Role.BILLING)
    film = Project.objects.create(workspace=theirs, name="Theirs")
    client.force_login(ada)
    opened = client.get(reverse("projects:project", args=[film.pk]), headers={"accept": "text/html"})
    assert opened.status_code == 403
    ada.refresh_from_db()
    assert ada.open_workspace() == studio


def test_nobody_switches_to_a_workspace_that_is_not_theirs(client, ada, studio):
    mallory = make_user("mallory")
    client.force_login(mallory)
    assert client.post(reverse("accounts:workspace-switch", args=[studio.pk])).status_code == 404
    assert client.get(reverse("accounts:workspace-switch", args=[studio.pk])).status_code == 405
    mallory.refresh_from_db()
    assert mallory.open_workspace() != studio


def test_whoever_lost_the_workspace_in_use_is_back_in_their_own(studio):
    grace = make_user("grace")
    own = grace.open_workspace()
    make_member(studio, user=grace)
    assert grace.open_workspace() == studio
    Membership.objects.filter(user=grace, workspace=studio).delete()
    assert grace.open_workspace() == own


def test_whoever_has_none_gets_one(studio):
    grace = make_user("grace")
    grace.memberships.all().delete()
    assert grace.membership().role == Role.OWNER


def test_renaming_is_for_those_who_look_after_settings(client, ada, studio):
    client.force_login(ada)
    client.post(reverse("accounts:workspace"), {"name": "Fox Films"})
    client.post(reverse("accounts:workspace"), {"name": "Fox Films"})
    studio.refresh_from_db()
    assert studio.name == "Fox Films"
    (renamed,) = studio.audit_entries.filter(action="workspace.renamed")
    assert (renamed.by, renamed.about, renamed.details) == (ada, "Fox Films", {"before": "Ada's studio"})
    for role in (Role.EDITOR, Role.VIEWER, Role.BILLING):
        other = Client()
        other.force_login(make_member(studio, role))
        page = other.get(reverse("accounts:workspace"))
        assert b"Fox Films" in page.content
        assert b"<form" not in page.content.split(b"settings__part")[1].split(b"</section>")[0]
        assert other.post(reverse("accounts:workspace"), {"name": "Mine"}).status_code == 403


def test_what_was_done_outlives_who_did_it(studio):
    admin = make_member(studio, Role.ADMIN, make_user("grace"))
    studio.rename("Fox Films", by=admin)
    admin.delete()
    entry = AuditEntry.objects.get(action="workspace.renamed")
    assert (entry.by, entry.by_name) == (None, "grace@example.org")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_those_who_were_owners_and_editors_before_still_are():
    """Migration 0002: of two owners the first stays one; a workspace without one gets its first member."""
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", "0001_initial")])
    old = executor.loader.project_state([("accounts", "0001_initial")]).apps
    rows = {"shared": ["owner", "editor", "owner"], "orphaned": ["editor", "editor"]}
    for name, roles in rows.items():
        workspace = old.get_model("accounts", "Workspace").objects.create(name=name)
        for number, role in enumerate(roles):
            user = old.get_model("accounts", "User").objects.create(email=f"{name}{number}@example.org")
            old.get_model("accounts", "Membership").objects.create(workspace=workspace, user=user, role=role)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    roles = {
        name: list(Membership.objects.filter(workspace__name=name).order_by("pk").values_list("role", flat=True))
        for name in rows
    }
    assert roles == {"shared": ["owner", "editor", "admin"], "orphaned": ["owner", "editor"]}
