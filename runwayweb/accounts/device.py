"""Which browser somebody signs up in, so that one makes no more accounts a day than DEVICE_SIGNUPS_A_DAY.

It is told by a random number in a signed cookie that pages for those who are not in yet give, and that serves nothing
else. Whoever comes without one is counted by their address of the network. A cookie is thrown away with a click: how
many accounts an address may make in all is said by SIGNUPS_A_DAY.
"""

import secrets

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.signing import BadSignature, Signer

SALT = "runwayweb.accounts.device"
KEPT_SECONDS = 60 * 60 * 24 * 180
PAGES = {"account_signup", "account_login", "socialaccount_signup"}
COUNTED_SECONDS = 60 * 60 * 24


class DeviceMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        if request.resolver_match and request.resolver_match.view_name in PAGES and not _known(request):
            answer.set_cookie(
                settings.DEVICE_COOKIE,
                Signer(salt=SALT).sign(secrets.token_urlsafe(16)),
                max_age=KEPT_SECONDS,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return answer


def has_room(request) -> bool:
    """Whether one more account may be made in this browser today."""
    return cache.get(_key(request), 0) < settings.DEVICE_SIGNUPS_A_DAY


def take_room(request) -> bool:
    """The same, and that one is counted."""
    cache.add(_key(request), 0, COUNTED_SECONDS)
    if cache.incr(_key(request)) <= settings.DEVICE_SIGNUPS_A_DAY:
        return True
    cache.decr(_key(request))
    return False


def _key(request):
    return f"device-signups-{_known(request) or get_adapter().get_client_ip(request)}"


def _known(request):
    try:
        return Signer(salt=SALT).unsign(request.COOKIES.get(settings.DEVICE_COOKIE, ""))
    except BadSignature:
        return ""
