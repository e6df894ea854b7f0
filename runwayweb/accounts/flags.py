"""What an operator can switch off without a deploy, asked at the door of each. Most are on in a new studio.

A process keeps what it read for KEPT_SECONDS: asking costs a query that seldom, and every process follows that soon.
"""

import time
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.models import Flag

KEPT_SECONDS = 5.0


@dataclass(frozen=True)
class Known:
    """`when_off`: what is told to whoever meets a closed door. `of_workspaces`: whether one workspace may differ."""

    label: str | Promise
    words: str | Promise
    when_off: str | Promise
    default: bool = True
    of_workspaces: bool = True


FLAGS = {
    "new-work": Known(
        _("New work"),
        _("Off: nothing new is made, in the studio or by API, and every page says so. What is in line goes on."),
        _("The studio takes no new work just now, and will soon. What is in line goes on, and nothing is lost."),
    ),
    "sign-up": Known(
        _("Sign-up"),
        _("Whether strangers may make an account, where REGISTRATION lets them. Invitations work all the same."),
        _("This studio takes no new accounts just now."),
        of_workspaces=False,
    ),
    "api": Known(
        _("Public API"),
        _("Whether programs are answered. Their keys stay, and work again afterwards."),
        _("The API is switched off just now. Ask whoever runs this studio."),
    ),
    "uploads": Known(
        _("Uploads"),
        _("Whether files may come in, from people and from programs."),
        _("No files can be brought in just now. Ask whoever runs this studio."),
    ),
    "exports-4k": Known(
        _("Exports in 4K"),
        _("Whether films may be rendered 2160 lines high, which takes media workers long."),
        _("Films are rendered up to 1440 lines high just now. Choose a smaller size."),
    ),
}

_kept: dict[tuple[str, object], bool] = {}
_read_at = float("-inf")


def is_on(name, workspace=None):
    """Whether a flag is on: as the workspace (or its id) has it, else the studio, else by default."""
    known = rows()
    here = getattr(workspace, "pk", workspace)
    if here is not None and (name, here) in known:
        return known[name, here]
    return known.get((name, None), FLAGS[name].default)


def forget():
    """Read anew the next time."""
    global _read_at
    _read_at = float("-inf")


def keep(found, since=None):
    """Go by these rows for KEPT_SECONDS from now, or from `since` on the monotonic clock."""
    global _kept, _read_at
    _kept, _read_at = found, time.monotonic() if since is None else since


def rows():
    """{(name, id of a workspace or None): whether it is on} of all that an operator has otherwise than by default."""
    if time.monotonic() - _read_at > KEPT_SECONDS:
        keep({(name, workspace): on for name, workspace, on in Flag.objects.values_list("name", "workspace", "is_on")})
    return _kept
