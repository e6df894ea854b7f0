"""The lines of the audit log in words. Whoever records an action adds it here, with what it is called in a list of
actions, and how a line tells it: `about` and the details by their names."""

from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.models import Role

DEEDS = {
    "workspace.created": (_("Workspace made"), _("made the workspace “%(about)s”")),
    "workspace.renamed": (_("Workspace renamed"), _("renamed the workspace from “%(before)s” to “%(about)s”")),
    "workspace.handed_over": (_("Workspace handed over"), _("handed the workspace over to %(about)s")),
    "member.invited": (_("Invitation sent"), _("invited %(about)s as %(role)s")),
    "invitation.resent": (_("Invitation sent again"), _("sent %(about)s the invitation again, as %(role)s")),
    "invitation.revoked": (_("Invitation taken back"), _("took the invitation for %(about)s back")),
    "member.joined": (_("Came in"), _("came in as %(role)s")),
    "member.role_changed": (_("Role changed"), _("made %(about)s %(role)s, before %(before)s")),
    "member.removed": (_("Member taken out"), _("took %(about)s, who was %(role)s, out of the workspace")),
    "member.left": (_("Left"), _("left the workspace, as %(role)s")),
}


class _Told(dict):
    def __missing__(self, name):
        return "…"


def name_of(action):
    """What an action is called."""
    return str(DEEDS[action][0]) if action in DEEDS else action


def sentence_of(entry):
    """What an entry tells after the name of who did it."""
    roles = {role.value: role.label for role in Role}
    details = {name: roles.get(str(value), value) for name, value in entry.details.items()}
    if entry.action in DEEDS:
        return str(DEEDS[entry.action][1]) % _Told(details, about=entry.about)
    facts = ", ".join(f"{name}: {value}" for name, value in details.items())
    return " · ".join(part for part in (entry.action, entry.about, facts) if part)
