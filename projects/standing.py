"""Whether those who listen on a live line still may, and what was the last that happened there. Every line asks every
few seconds; those of a process are asked for together, since a thousand by themselves would be more than it can do."""

import asyncio
from functools import lru_cache
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from generation.models.event import EventCounter
from runwayweb.accounts.models import Membership, Right, User

GATHER_SECONDS = 0.5  # how long the first waits for others
AT_ONCE = 50  # lines that go on before whatever else waits has its turn
KEPT = 4096  # sessions whose row was read before

# {seconds: {(session key, workspace): the lines that wait for its answer}}, of the looks that come next
_asking: WeakKeyDictionary[asyncio.AbstractEventLoop, dict] = WeakKeyDictionary()
_looks: set[asyncio.Task] = set()  # tasks under way; a loop itself does not hold them


async def standing(session_key, workspace_id, within=GATHER_SECONDS):
    """(whether they may listen, the newest sequence), looked at after so many seconds, with all who ask for the same
    until then. That they may is certain; that they may not is to be looked at with more care. Raises DatabaseError."""
    loop = asyncio.get_running_loop()
    asking = _asking.setdefault(loop, {})
    if within not in asking:
        asking[within] = {}
        look = loop.create_task(_look(asking, within))
        _looks.add(look)
        look.add_done_callback(_looks.discard)
    answer = loop.create_future()
    asking[within].setdefault((session_key, workspace_id), []).append(answer)
    return await answer


async def _look(gathered, within):
    try:
        await asyncio.sleep(within)
    finally:
        asking = gathered.pop(within)
    try:
        found = await database_sync_to_async(standings)(list(asking))
    except Exception as error:
        for answer in _waiting(asking):
            answer.set_exception(error)
    else:
        for number, (pair, answers) in enumerate(asking.items()):
            for answer in _waiting({pair: answers}):
                answer.set_result(found[pair])
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)


def _waiting(asking):
    """The answers that somebody still waits for: lines end meanwhile."""
    return [answer for answers in asking.values() for answer in answers if not answer.done()]


def standings(pairs):
    """{(session key, workspace): (whether they may listen, the newest sequence)}. Four queries, however many."""
    keys, workspaces = {key for key, _workspace in pairs}, {workspace for _key, workspace in pairs}
    sessions = Session.objects.filter(pk__in=keys, expire_date__gt=Now()).values_list("pk", "session_data")
    told = {key: _told(data) for key, data in sessions}
    people = User.objects.filter(is_active=True, pk__in={user for user, _signed in told.values() if user is not None})
    passwords = dict(people.values_list("pk", "password"))
    signed_in = {
        key: user
        for key, (user, signed) in told.items()
        if user in passwords and constant_time_compare(signed, _signed(passwords[user]))
    }
    # By people alone: asked for both, SQLite looks for each of them in each of the workspaces.
    seeing = Membership.objects.with_right(Right.SEE).filter(user__in=set(signed_in.values()))
    members = set(seeing.values_list("user_id", "workspace_id"))
    last = dict(EventCounter.objects.filter(workspace__in=workspaces).values_list("workspace_id", "last"))
    return {
        (key, workspace): ((signed_in.get(key), workspace) in members, last.get(workspace, 0))
        for key, workspace in pairs
    }


# What follows is the same every few seconds, for as long as somebody stays signed in.


@lru_cache(maxsize=KEPT)
def _told(session_data):
    """(who is signed in by a session, how that is signed), as its row has it; nobody: (None, "")."""
    data = SessionStore().decode(session_data)
    if data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None, ""
    try:
        return User._meta.pk.to_python(data.get(SESSION_KEY)), data.get(HASH_SESSION_KEY, "")
    except ValidationError:
        return None, ""


@lru_cache(maxsize=KEPT)
def _signed(password):
    """How a session is signed with a password's digest, as `django.contrib.auth.get_user` compares it, but for keys of
    before."""
    return User(password=password).get_session_auth_hash()
