"""Those who look at a studio under load: each with a workspace, a film and a session of their own."""

from dataclasses import dataclass

AT_ONCE = 100
COOKIES = "sessionid={session}; csrftoken={token}"


@dataclass(frozen=True)
class Person:
    workspace_id: str
    project_id: str
    cookies: str


def people(count):
    """So many, written to the database in goes short enough for the studio beside."""
    from django.db import transaction

    found = []
    for start in range(0, count, AT_ONCE):
        with transaction.atomic():
            found += [person(number) for number in range(start, min(start + AT_ONCE, count))]
    return found


def person(number):
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.middleware.csrf import _get_new_csrf_string

    from projects.models import Project
    from runwayweb.accounts.models import User

    user = User.objects.create_user(f"person{number}@example.org", None, name=f"Person {number}")
    project = Project.objects.create(workspace=user.open_workspace(), name="The Fox Who Waited")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookies = COOKIES.format(session=session.session_key, token=_get_new_csrf_string())
    return Person(str(project.workspace_id), str(project.pk), cookies)


def key_of(one, credits=10**9):
    """An API key for somebody's workspace, with credits enough."""
    from runwayweb.accounts.models import Workspace
    from runwayweb.api.models import Key
    from runwayweb.subscriptions.models import Wallet

    workspace = Workspace.objects.get(pk=one.workspace_id)
    Wallet.objects.of(workspace).grant(credits, reference="bench")
    return Key.objects.issue(workspace, by=workspace.memberships.get().user, name="Bench")[1]
