"""Whether those who listen on a live line still may, and what was the last that happened there. Every line asks every
few seconds; those of a process are asked for together, since a thousand by themselves would be more than it can do."""

import asyncio
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from generation.models.event import EventCounter
from runwayweb.accounts.models import Membership, Right, User

GATHER_SECONDS = 0.5  # how long the first waits for others

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
        for pair, answers in asking.items():
            for answer in _waiting({pair: answers}):
                answer.set_result(found[pair])


def _waiting(asking):
    """The answers that somebody still waits for: lines end meanwhile."""
    return [answer for answers in asking.values() for answer in answers if not answer.done()]


def standings(pairs):
    """{(session key, workspace): (whether they may listen, the newest sequence)}. Four queries, however many."""
    keys, workspaces = {key for key, _workspace in pairs}, {workspace for _key, workspace in pairs}
    sessions = Session.objects.filter(pk__in=keys, expire_date__gt=Now())
    told = {session.pk: session.get_decoded() for session in sessions}
    people = User.objects.filter(is_active=True).in_bulk(filter(None, map(_user_of, told.values())))
    signed_in = {key: people[_user_of(data)] for key, data in told.items() if _is_true(data, people)}
    seeing = Membership.objects.with_right(Right.SEE).filter(user__in=people, workspace__in=workspaces)
    members = set(seeing.values_list("user_id", "workspace_id"))
    last = dict(EventCounter.objects.filter(workspace__in=workspaces).values_list("workspace_id", "last"))
    return {
        (key, workspace): (key in signed_in and (signed_in[key].pk, workspace) in members, last.get(workspace, 0))
        for key, workspace in pairs
    }


def _user_of(data):
    try:
        return User._meta.pk.to_python(data.get(SESSION_KEY))
    except ValidationError:
        return None


def _is_true(data, people):
    """As `django.contrib.auth.get_user` finds it, but for what a key of before has signed."""
    user = people.get(_user_of(data))
    if user is None or data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    return constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
