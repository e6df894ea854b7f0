"""Sentences for the next page, in a cookie that only this very host can set."""

from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookie(CookieStorage):
    cookie_name = "__Host-messages"


class ToldOnce(FallbackStorage):
    """Django's own: in a cookie, and in the session what is too long for one."""

    storage_classes = (HostCookie, SessionStorage)
