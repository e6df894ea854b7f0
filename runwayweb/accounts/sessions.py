"""Where somebody is signed in, and when they were last seen there."""

import re
import time
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

NOTED_EVERY_SECONDS = 300
REMEMBERED = 10_000  # sessions a process knows to be noted already

# First match wins: most browsers claim to be others as well.
BROWSERS = [
    (re.compile(r"Edg(e|A|iOS)?/"), "Edge"),
    (re.compile(r"OPR/|Opera"), "Opera"),
    (re.compile(r"SamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrom(e|ium)/|CriOS/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
    (re.compile(r"curl/"), "curl"),
    (re.compile(r"python", re.I), "Python"),
]
SYSTEMS = [
    (re.compile(r"iPhone|iPod"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Macintosh|Mac OS X"), "macOS"),
    (re.compile(r"CrOS"), "ChromeOS"),
    (re.compile(r"Linux|X11"), "Linux"),
]
MOBILE = {"iPhone", "iPad", "Android"}


class LastSeenMiddleware:
    """Note when a session was last seen and from where: one UPDATE in five minutes, nothing in between.

    Each process remembers by itself what it noted, so no request pays for asking. A session from before there was a
    list joins it here.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.noted = {}  # session key → time.monotonic()

    def __call__(self, request):
        answer = self.get_response(request)
        if answer.streaming:
            return answer  # a film that is watched has given its connection to the database back
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        # Only who was looked up for the page anyway: a file or a health check must not wake the database for this.
        known = getattr(request, "_cached_user", None)
        if getattr(request, "operator", None):
            return answer  # the session is the operator's, and `known` whom they look as
        if key and known is not None and known.is_authenticated and request.session.session_key == key:
            if self.noted.get(key, -NOTED_EVERY_SECONDS) <= time.monotonic() - NOTED_EVERY_SECONDS:
                self._note(request, key)
        return answer

    def _note(self, request, key):
        if len(self.noted) >= REMEMBERED:
            self.noted.clear()
        self.noted[key] = time.monotonic()
        if not UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now()):
            UserSession.objects.create_from_request(request)


def sessions_of(request):
    """Everywhere this person is signed in, here first, then by when they were last seen. Forgets what has ended."""
    sessions = UserSession.objects.purge_and_list(request.user)
    for session in sessions:
        session.browser, session.system = name_of(session.user_agent)
        session.is_here = session.session_key == request.session.session_key
        session.is_mobile = session.system in MOBILE
        session.is_fresh = timezone.now() - session.last_seen_at < timedelta(seconds=2 * NOTED_EVERY_SECONDS)
    return sorted(sessions, key=lambda session: (not session.is_here, -session.last_seen_at.timestamp()))


def name_of(user_agent):
    """("Firefox", "Windows"): what a person would call the browser and the machine; "" where it does not say."""
    browser = next((name for pattern, name in BROWSERS if pattern.search(user_agent)), _("Unknown browser"))
    system = next((name for pattern, name in SYSTEMS if pattern.search(user_agent)), "")
    return browser, system
