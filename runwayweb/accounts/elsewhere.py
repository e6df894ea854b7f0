"""Signing in by an account elsewhere: which providers an operator has set, in the shape allauth wants them.

Read by the settings, so it must need nothing of Django that needs them.
"""

import json
import re

from django.core.exceptions import ImproperlyConfigured

OPENID = "allauth.socialaccount.providers.openid_connect"
ID = re.compile(r"[a-z0-9-]{1,40}")
NEEDED = ("id", "name", "issuer", "client_id", "secret")
KNOWN = {*NEEDED, "trusted"}


def read_openid(text, single):
    """The OpenID providers of OIDC_PROVIDERS (a JSON list) and of OIDC_ISSUER and its neighbours (`single`, a dict).

    Raises ImproperlyConfigured, saying what is missing where.
    """
    try:
        listed = json.loads(text) if text else []
    except ValueError as error:
        raise ImproperlyConfigured(f"OIDC_PROVIDERS is no JSON: {error}.") from None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ImproperlyConfigured("OIDC_PROVIDERS is no list of objects, [{…}, {…}].")
    if single["issuer"]:
        listed.append(single | {"id": "openid"})
    for one in listed:
        _check(one)
    for name in ("id", "client_id"):  # allauth tells them apart by either
        if len({one[name] for one in listed}) != len(listed):
            raise ImproperlyConfigured(f"Two OpenID providers have the same {name}.")
    return listed


def _check(one):
    told = one.get("id") or one.get("name") or one
    for name in NEEDED:
        if not isinstance(one.get(name), str) or not one[name].strip():
            raise ImproperlyConfigured(f"The OpenID provider {told} has no {name}.")
    if unknown := set(one) - KNOWN:
        raise ImproperlyConfigured(f"The OpenID provider {told} says {', '.join(sorted(unknown))}, which is not known.")
    if not ID.fullmatch(one["id"]):
        raise ImproperlyConfigured(f"The id of the OpenID provider {told} may have small letters, digits and hyphens.")
    if not re.match(r"https?://[^/]", one["issuer"]):
        raise ImproperlyConfigured(f"The issuer of the OpenID provider {told} is no http:// or https:// address.")


def providers(openid, github, google):
    """(apps to install, SOCIALACCOUNT_PROVIDERS): none of either where nothing is set.

    `openid` as `read_openid` gives it; `github` and `google`: (client id, secret).
    """
    apps, settings = [], {}
    if openid:
        apps.append(OPENID)
        settings["openid_connect"] = {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": one["id"],
                    "name": one["name"],
                    "client_id": one["client_id"],
                    "secret": one["secret"],
                    "settings": {"server_url": one["issuer"].rstrip("/"), **_trust(one.get("trusted", False))},
                }
                for one in openid
            ],
        }
    for name, (client_id, secret) in {"github": github, "google": google}.items():
        if bool(client_id) != bool(secret):
            raise ImproperlyConfigured(f"Of {name.upper()}_CLIENT_ID and {name.upper()}_SECRET only one is set.")
        if client_id:
            apps.append(f"allauth.socialaccount.providers.{name}")
            app = {"client_id": client_id, "secret": secret}
            settings[name] = {"APP": app, "OAUTH_PKCE_ENABLED": True}
            if name == "github":
                settings[name]["SCOPE"] = ["read:user", "user:email"]
    return apps, settings


def _trust(trusted):
    """Of a provider whose word on addresses is the operator's own: its people come into accounts that are there."""
    return {"verified_email": True, "email_authentication": True} if trusted else {}
