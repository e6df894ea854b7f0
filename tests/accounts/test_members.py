"""Who is in a workspace: other roles, leaving, being taken out, and handing it over. Never without an owner."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from runwayweb.accounts.models import Membership, NotHandedOver, OwnerStays, Role, Workspace
from tests.factories import make_generation, make_member, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def grace(studio):
    return make_member(studio, Role.EDITOR, make_user("grace"))


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def role_of(user, studio):
    return studio.memberships.filter(user=user).values_list("role", flat=True).first()


def give(browser, member, role):
    return browser.post(reverse("accounts:member-role", args=[member.pk]), {"role": role}, follow=True)


def test_the_page_shows_who_is_here_the_owner_first(studio, ada, grace):
    for browser in (signed_in(ada), signed_in(grace)):
        page = browser.get(reverse("accounts:members"))
        assert [member.user for member in page.context["members"]] == [ada, grace]
    assert b"role-menu" not in page.content, "Grace looks after nobody"


def test_another_role_from_the_menu(studio, ada, grace):
    member = grace.membership()
    assert "Grace is here as Viewer now." in give(signed_in(ada), member, "viewer").content.decode()
    assert role_of(grace, studio) == Role.VIEWER
    give(signed_in(ada), member, "viewer")
    (line,) = studio.audit_entries.filter(action="member.role_changed")
    assert (line.about, line.details) == ("grace@example.org", {"before": "editor", "role": "viewer"})


@pytest.mark.parametrize("role", ["owner", "king", "", "viewer\x00"])
def test_nobody_is_made_what_is_no_role_to_give(studio, ada, grace, role):
    give(signed_in(ada), grace.membership(), role)
    assert role_of(grace, studio) == Role.EDITOR


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER, Role.BILLING])
def test_who_looks_after_nobody_changes_nobody(studio, ada, grace, role):
    browser = signed_in(make_member(studio, role))
    member = grace.membership()
    assert give(browser, member, "admin").status_code == 403
    removal = reverse("accounts:member-removal", args=[member.pk])
    assert (browser.get(removal).status_code, browser.post(removal).status_code) == (403, 403)
    assert role_of(grace, studio) == Role.EDITOR


def test_an_admin_changes_everybody_but_the_owner(studio, ada, grace):
    browser = signed_in(make_member(studio, Role.ADMIN))
    owner = studio.memberships.get(user=ada)
    assert b"handed over to somebody else first" in give(browser, owner, "viewer").content
    page = browser.post(reverse("accounts:member-removal", args=[owner.pk]), follow=True)
    assert b"handed over to somebody else first" in page.content
    assert role_of(ada, studio) == Role.OWNER
    give(browser, grace.membership(), "admin")
    assert role_of(grace, studio) == Role.ADMIN


def test_members_of_another_workspace_are_not_there(studio, grace):
    mallory = make_user("mallory")
    browser = signed_in(mallory)
    assert give(browser, grace.membership(), "viewer").status_code == 404
    assert browser.post(reverse("accounts:departure", args=[studio.pk])).status_code == 404


def test_taken_out_she_sees_nothing_more_and_what_she_made_stays(studio, ada, grace, mail):
    film = make_project(ada)
    run = make_generation(film, grace)
    own = grace.memberships.exclude(workspace=studio).get().workspace
    browser = signed_in(grace)
    page = reverse("projects:project", args=[film.pk])
    assert browser.get(page).status_code == 200
    removal = reverse("accounts:member-removal", args=[studio.memberships.get(user=grace).pk])
    desk = signed_in(ada)
    assert b"Take Grace out" in desk.get(removal).content
    desk.post(removal)
    assert desk.post(removal).status_code == 404
    mail.wait_for("grace@example.org", "no longer")
    assert browser.get(page).status_code == 404
    grace.refresh_from_db()
    assert grace.open_workspace() == own
    run.refresh_from_db()
    assert (run.workspace, run.status, run.requested_by) == (studio, "cancelled", grace)  # it waited
    assert studio.audit_entries.filter(action="member.removed", by=ada, about="grace@example.org").count() == 1


def test_leaving(studio, ada, grace):
    browser = signed_in(grace)
    leave = reverse("accounts:departure", args=[studio.pk])
    assert b"Leave" in browser.get(leave).content
    assert "You left" in browser.post(leave, follow=True).content.decode()
    assert browser.post(leave).status_code == 404
    assert role_of(grace, studio) is None
    assert studio.audit_entries.get(action="member.left").by == grace


def test_the_owner_cannot_leave(studio, ada, grace):
    browser = signed_in(ada)
    leave = reverse("accounts:departure", args=[studio.pk])
    assert b"Hand the workspace over" in browser.get(leave).content
    assert b"handed over to somebody else first" in browser.post(leave, follow=True).content
    assert role_of(ada, studio) == Role.OWNER


def test_handing_over_and_then_leaving(studio, ada, grace, mail):
    browser = signed_in(ada)
    page = reverse("accounts:handing-over")
    heir = studio.memberships.get(user=grace)
    assert browser.post(page, {"member": heir.pk}).status_code == 422, "they must be sure"
    assert browser.post(page, {"member": heir.pk, "sure": "on"}).status_code == 302
    assert (role_of(grace, studio), role_of(ada, studio)) == (Role.OWNER, Role.ADMIN)
    assert studio.owner == grace
    mail.wait_for("grace@example.org", "is yours now")
    assert studio.audit_entries.get(action="workspace.handed_over").about == "grace@example.org"
    assert browser.get(page).status_code == 403, "it is not Ada's to hand over any more"
    browser.post(reverse("accounts:departure", args=[studio.pk]))
    assert role_of(ada, studio) is None


def test_with_nobody_else_there_is_nobody_to_hand_it_to(studio, ada):
    assert b"nobody else here" in signed_in(ada).get(reverse("accounts:handing-over")).content


@pytest.mark.parametrize("member", ["", "x", "0", "99999999999999999999"])
def test_it_is_handed_to_nobody_who_is_not_here(studio, ada, grace, member):
    outside = make_user("mallory").membership().pk
    for chosen in (member, outside):
        form = {"member": chosen, "sure": "on"}
        assert signed_in(ada).post(reverse("accounts:handing-over"), form).status_code == 422
    assert studio.owner == ada


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDITOR, Role.VIEWER, Role.BILLING])
def test_only_the_owner_hands_it_over(studio, ada, grace, role):
    browser = signed_in(make_member(studio, role))
    form = {"member": studio.memberships.get(user=grace).pk, "sure": "on"}
    assert browser.post(reverse("accounts:handing-over"), form).status_code == 403
    assert studio.owner == ada


@pytest.mark.django_db(transaction=True)
def test_whatever_is_pressed_at_once_there_is_always_one_owner(studio, ada, grace):
    """Ada hands it over to two people at once, while both are taken out and leave."""
    linus = make_member(studio, Role.ADMIN)
    together = Barrier(5)
    grace_is, linus_is = (studio.memberships.get(user=user) for user in (grace, linus))

    def at_once(act):
        together.wait()
        try:
            return act()
        except (OwnerStays, NotHandedOver):
            return None
        finally:
            connections.close_all()

    def fresh(member):
        return Membership.objects.get(pk=member.pk)

    acts = [
        lambda: Workspace.objects.get(pk=studio.pk).hand_over(grace_is, by=ada),
        lambda: Workspace.objects.get(pk=studio.pk).hand_over(linus_is, by=ada),
        lambda: fresh(grace_is).end(by=ada),
        lambda: fresh(linus_is).end(by=linus),
        lambda: fresh(grace_is).change_role(Role.VIEWER, by=linus),
    ]
    with ThreadPoolExecutor(5) as threads:
        futures = [threads.submit(at_once, act) for act in acts]
    for future in futures:
        assert not isinstance(future.exception(), AssertionError)
    assert studio.memberships.filter(role=Role.OWNER).count() == 1
    handed = studio.audit_entries.filter(action="workspace.handed_over").count()
    assert handed <= 1
    assert (studio.owner == ada) == (handed == 0)


def test_the_console_lists_who_is_in_a_workspace_without_touching_it(studio, grace):
    root = signed_in(make_user("root", is_staff=True, is_superuser=True))
    page = root.get(f"/admin/accounts/workspace/{studio.pk}/change/")
    assert page.status_code == 200
    assert b"grace@example.org" in page.content
    assert root.get("/admin/accounts/auditentry/").status_code == 200
    assert root.get("/admin/accounts/auditentry/add/").status_code == 403
    assert root.post(f"/admin/accounts/user/{grace.pk}/delete/", {"post": "yes"}).status_code == 403
    assert root.post(f"/admin/accounts/workspace/{studio.pk}/delete/", {"post": "yes"}).status_code == 403
