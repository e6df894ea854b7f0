"""Who may go on listening, asked for many lines at once."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from projects import standing
from runwayweb.accounts.models import Role
from tests.factories import make_generation, make_member, make_project, make_user


def line(user, workspace):
    client = Client()
    client.force_login(user)
    return client.session.session_key, workspace.pk


def may(*pairs):
    found = standing.standings(list(pairs))
    return [found[pair][0] for pair in pairs]


def test_members_listen_and_strangers_do_not(db, ada, project):
    mallory, grace = make_user("mallory"), make_member(project.workspace)
    treasurer = make_member(project.workspace, Role.BILLING)
    pairs = [line(someone, project.workspace) for someone in (ada, grace, mallory, treasurer)]
    assert may(*pairs, ("nobody-has-this", project.workspace.pk)) == [True, True, False, False, False]


def test_it_tells_the_newest_event_of_each_workspace(db, ada, project):
    other = make_project(make_user("grace"))
    make_generation(project)
    pairs = line(ada, project.workspace), line(other.workspace.memberships.get().user, other.workspace)
    assert [standing.standings(pairs)[pair][1] for pair in pairs] == [1, 0]


def signed_out(user, pair):
    Session.objects.filter(pk=pair[0]).delete()


def session_over(user, pair):
    Session.objects.filter(pk=pair[0]).update(expire_date=timezone.now() - timedelta(seconds=1))


def session_forged(user, pair):
    Session.objects.filter(pk=pair[0]).update(session_data="e30:nobody-signed-this")


def password_changed(user, pair):
    user.set_password("another-long-pass-phrase-3")
    user.save()


def closed(user, pair):
    type(user).objects.filter(pk=user.pk).update(is_active=False)


def taken_out(user, pair):
    user.memberships.filter(workspace=pair[1]).delete()


@pytest.mark.parametrize("end", [signed_out, session_over, session_forged, password_changed, closed, taken_out])
def test_one_who_lost_it_is_not_said_to_have_it(db, ada, project, end):
    grace = make_member(project.workspace)
    hers, lost = line(ada, project.workspace), line(grace, project.workspace)
    assert may(hers, lost) == [True, True]
    end(grace, lost)
    assert may(hers, lost) == [True, False]


def test_however_many_ask_it_is_four_questions(db, django_assert_num_queries):
    pairs = [line(film.workspace.memberships.get().user, film.workspace) for film in map(make_project, [None] * 12)]
    with django_assert_num_queries(4):
        assert all(may(*pairs))


@pytest.mark.django_db(transaction=True)
async def test_lines_that_ask_at_the_same_time_are_answered_by_one_look(monkeypatch):
    film = await sync_to_async(make_project)()
    pair = "a-session", film.workspace_id
    looks = []
    monkeypatch.setattr(standing, "standings", lambda pairs: looks.append(pairs) or dict.fromkeys(pairs, (True, 0)))
    answers = await asyncio.gather(*(standing.standing(*pair) for _ in range(30)))
    assert answers == [(True, 0)] * 30
    assert looks == [[pair]]


@pytest.mark.django_db(transaction=True)
async def test_who_comes_does_not_wait_for_those_who_are_here(monkeypatch):
    """Lines that come together share a look of their own, and have their answer before the next round of the others."""
    monkeypatch.setattr(standing, "standings", lambda pairs: dict.fromkeys(pairs, (len(pairs) == 20, 0)))
    answered = []

    async def ask(number, **within):
        answered.append((within, await standing.standing(f"session {number}", "a workspace", **within)))

    here = [ask(number) for number in range(30)]
    await asyncio.gather(*here, *(ask(number, within=0.05) for number in range(20)))
    assert answered[:20] == [({"within": 0.05}, (True, 0))] * 20
    assert answered[20:] == [({}, (False, 0))] * 30
