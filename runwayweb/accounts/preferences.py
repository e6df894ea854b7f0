"""A page speaks the language of whoever asked for it, in their time zone."""

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from runwayweb.accounts.time_zones import zone_of

# Files and health checks speak no language: looking somebody up for them would cost a query each.
SPEECHLESS = ("/healthz", settings.MEDIA_URL)


class PreferencesMiddleware:
    """What the account says, over what the browser and its cookie say; for strangers those stand."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        speaks = settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path.startswith(SPEECHLESS)
        try:
            user = request.user if speaks and request.user.is_authenticated else None
        except (OperationalError, InterfaceError):
            user = None  # the view meets the outage too, and is answered for (runwayweb.outage)
        if user is None:
            return self.get_response(request)
        if user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zone_of(user.time_zone)):
            answer = self.get_response(request)
        patch_vary_headers(answer, ("Cookie",))
        return answer


def remember_language(answer, language):
    """Keep it in a cookie as well: for pages that are shown when nobody is signed in."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        httponly=True,
    )
