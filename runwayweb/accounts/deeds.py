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
    "member.role_changed": (_("Role changed"), _("changed what %(about)s is here from %(before)s to %(role)s")),
    "member.removed": (_("Member taken out"), _("took %(about)s, who was %(role)s, out of the workspace")),
    "share.made": (_("Link made"), _("made a link to “%(about)s” for %(link)s")),
    "share.revoked": (_("Link taken back"), _("took the link to “%(about)s” for %(link)s back")),
    "member.left": (_("Left"), _("left the workspace, as %(role)s")),
    "checkout.opened": (_("Payment begun"), _("went to pay for %(about)s")),
    "plan.chosen": (_("Plan chosen"), _("chose the plan %(about)s, before %(before)s")),
    "plan.cancelled": (_("Plan cancelled"), _("cancelled the plan %(about)s")),
    "plan.resumed": (_("Plan kept after all"), _("let the plan %(about)s go on")),
    "subscription.started": (_("Subscription began"), _("began the plan %(about)s, as Stripe says")),
    "subscription.changed": (_("Subscription changed"), _("changed to the plan %(about)s, as Stripe says")),
    "subscription.ending": (_("Subscription will end"), _("lets the plan %(about)s end, as Stripe says")),
    "subscription.goes_on": (_("Subscription goes on"), _("lets the plan %(about)s go on, as Stripe says")),
    "subscription.ended": (_("Subscription ended"), _("ended the plan %(about)s, as Stripe says")),
    "payment.received": (_("Payment received"), _("received a payment for %(about)s: %(credits)s credits")),
    "payment.failed": (_("Payment failed"), _("could not collect a payment for %(about)s")),
    "credits.taken_back": (_("Credits taken back"), _("took %(credits)s credits back: %(about)s was refunded")),
    "credits.given_again": (_("Credits given again"), _("gave %(credits)s credits again: %(about)s is paid after all")),
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
