"""What people may do in a workspace: five roles, six rights, and the one table that says which has which."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Right(StrEnum):
    """One kind of thing somebody may or may not do in a workspace."""

    SEE = "see"  # films, clips and the library
    MAKE = "make"  # edit films, spend credits, bring files in
    MEMBERS = "members"  # invite, remove, give other roles
    BILLING = "billing"  # see and change the plan, payments, usage
    SETTINGS = "settings"  # the name, keys, budgets, the audit log
    TRANSFER = "transfer"  # hand the workspace to somebody else

    @property
    def roles(self):
        """The roles that have it."""
        return [role for role in Role if self in role.rights]


class Role(models.TextChoices):
    """What somebody is in a workspace."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")
    BILLING = "billing", _("Billing")

    @property
    def rights(self):
        return RIGHTS[self]

    @property
    def words(self):
        """What it may do, in a sentence."""
        return WORDS[self]


RIGHTS = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right) - {Right.TRANSFER},
    Role.EDITOR: frozenset({Right.SEE, Right.MAKE}),
    Role.VIEWER: frozenset({Right.SEE}),
    Role.BILLING: frozenset({Right.BILLING}),
}

WORDS = {
    Role.OWNER: _("Does everything, and may hand the workspace to somebody else."),
    Role.ADMIN: _("Makes films, invites people, and looks after the plan and the settings."),
    Role.EDITOR: _("Makes films and spends credits."),
    Role.VIEWER: _("Sees films, and changes nothing."),
    Role.BILLING: _("Sees and changes the plan, payments and usage, but no films."),
}
