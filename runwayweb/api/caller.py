"""Who calls: the key, and with it the workspace that pays and the person in whose name things are done."""

import time
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from ninja.security.base import AuthBase

from runwayweb.accounts.models import Workspace
from runwayweb.bodies import header
from runwayweb.subscriptions import limits, switches
from runwayweb.subscriptions.models import Plan

from . import known_keys, media, rates
from .errors import NO_KEY, ApiError
from .models import ApiProject, Key, Scope

VERSIONS = ("2024-11-06",)
NO_VERSION = "The API version that was provided in the X-Runway-Version header is not valid."
# Who has a good key is a member, and may know what every page tells members.
SUSPENDED = "This workspace is suspended. Whoever runs this studio says why: “%(why)s” Write to %(contact)s."


@dataclass(frozen=True)
class Caller:
    """`user`: who made the key; `plan`: the one in force. `began_at`: when the request came, by this process's own
    clock in seconds."""

    key: Key
    workspace: Workspace
    user: AbstractBaseUser | None
    plan: Plan
    began_at: float = field(default_factory=time.monotonic, compare=False, repr=False)

    @classmethod
    def of(cls, request):
        """Raises ApiError: 401 without a key that opens something, 403 where its workspace is suspended or the plan has
        no API, 400 for a version that is not spoken here, 429 for too many requests; SwitchedOff."""
        plain = _plain_of(request.headers.get("Authorization", ""))
        known = known_keys.recall(plain)
        key = known.key if known else Key.objects.find(plain)
        if key is None:
            raise ApiError(401, NO_KEY)
        if key.workspace.is_suspended:
            told = {"why": key.workspace.suspended_because, "contact": settings.OPERATOR_EMAIL}
            raise ApiError(403, SUSPENDED % told)
        if request.headers.get("X-Runway-Version") not in VERSIONS:
            raise ApiError(400, NO_VERSION)
        plan = known.plan if known else _plan_of(key.workspace)
        switches.check("api", key.workspace_id)
        rates.count(request, key, plan)
        key.was_used()
        if not known:
            known_keys.remember(plain, key, plan)
        return cls(key, key.workspace, key.created_by, plan)

    def project(self):
        """The project that takes in what it makes."""
        return ApiProject.objects.of(self.workspace)

    def picture(self, uri, path):
        """The asset of a picture that the field at `path` names. See `media`. Raises Invalid, ApiError."""
        return media.picture(self, uri, path)

    def clip(self, uri, path, **limits):
        """The same of a clip; `limits` are those of `media.clip`."""
        return media.clip(self, uri, path, **limits)

    def sound(self, uri, path, **limits):
        """The same of what is heard in a sound or a clip; `limits` are those of `media.sound`."""
        return media.sound(self, uri, path, **limits)


class Allowed(AuthBase):
    """Lets in whoever has a key with a scope; a view finds the Caller as `request.auth`."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, scope: Scope):
        self.scope = scope
        super().__init__()

    def __call__(self, request):
        caller = Caller.of(request)
        if not caller.key.may(self.scope):
            raise ApiError(403, f"This key may not do that: it lacks the scope “{self.scope.value}”.")
        return caller


READ, GENERATE, ADMIN = (Allowed(scope) for scope in (Scope.READ, Scope.GENERATE, Scope.ADMIN))


def has_key(scope):
    """Whether an ASGI request brings a key that opens something: one query at most."""
    key = Key.objects.find(_plain_of(header(scope, b"authorization").decode("latin-1")))
    return key is not None and not key.workspace.is_suspended


def _plain_of(authorization):
    """The key that a header brings; "" for none, which opens nothing."""
    scheme, _space, plain = authorization.partition(" ")
    return plain.strip() if scheme.lower() == "bearer" else ""


def _plan_of(workspace):
    try:
        return limits.check_api(workspace)
    except limits.LimitReached as reached:
        raise ApiError(403, str(reached)) from reached
