"""The lines of the audit log in words. Whoever records an action adds it here, with what it is called in a list of
actions, and how a line tells it: `about` and the details by their names."""

from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.models import Role

# What operators do in their console: some of it to a workspace, some to the studio as a whole.
OF_OPERATORS = {
    "operator.run_moved": (_("Run moved in the queue"), _("moved the run %(about)s in the queue: %(where)s")),
    "operator.run_cancelled": (_("Run cancelled by the studio"), _("cancelled the run %(about)s")),
    "operator.run_retried": (_("Run begun again by the studio"), _("asked for the run %(about)s again: %(again)s")),
    "operator.run_refunded": (_("Run refunded"), _("gave back %(credits)s credits of the run %(about)s")),
    "operator.prompt_read": (_("Prompt read by the studio"), _("read the prompt of the run %(about)s")),
    "operator.flag_switched": (_("Flag switched"), _("switched “%(about)s”: %(state)s")),
    "operator.retention_changed": (
        _("Retention changed"),
        _("keeps “%(about)s” for %(days)s days, before %(before)s"),
    ),
    "operator.storage_surveyed": (_("Storage looked through"), _("had the storage looked through")),
    "operator.storage_cleaned": (_("Storage cleaned"), _("had files deleted that no row knows")),
    "operator.webhook_disabled": (_("Webhook switched off by the studio"), _("switched the webhook %(about)s off")),
    "operator.webhook_enabled": (_("Webhook switched on by the studio"), _("switched the webhook %(about)s on")),
    "operator.plan_models": (_("Models of a plan changed"), _("let the plan %(about)s have these models: %(models)s")),
    "operator.worker_drained": (_("Worker drained"), _("drained the worker %(about)s")),
    "operator.worker_stopped": (_("Worker stopped"), _("stopped the worker %(about)s")),
    "operator.worker_resumed": (_("Worker resumed"), _("let the worker %(about)s work again")),
}
DEEDS = {
    "workspace.created": (_("Workspace made"), _("made the workspace “%(about)s”")),
    "workspace.renamed": (_("Workspace renamed"), _("renamed the workspace from “%(before)s” to “%(about)s”")),
    "workspace.handed_over": (_("Workspace handed over"), _("handed the workspace over to %(about)s")),
    "operator.workspace_suspended": (_("Workspace suspended"), _("suspended the workspace: %(reason)s")),
    "operator.workspace_readmitted": (_("Workspace readmitted"), _("let the workspace go on")),
    "operator.person_suspended": (_("Account suspended"), _("suspended the account %(about)s: %(reason)s")),
    "operator.person_readmitted": (_("Account readmitted"), _("let the account %(about)s in again")),
    "operator.signed_out": (_("Signed out by the operator"), _("signed %(about)s out everywhere")),
    "operator.second_step_reset": (
        _("Second step reset"),
        _("took the second step off the account %(about)s: %(reason)s"),
    ),
    "operator.credits_granted": (
        _("Credits granted"),
        _("gave %(credits)s credits as “%(reference)s”: %(reason)s"),
    ),
    "operator.plan_given": (_("Plan given"), _("put the workspace on the plan %(about)s: %(reason)s")),
    "operator.decided": (_("Blocked run decided"), _("decided on a blocked run (%(code)s): %(decision)s. %(answer)s")),
    "operator.report_decided": (
        _("Report decided"),
        _("decided on a report about “%(about)s” (%(category)s): %(decision)s. %(answer)s"),
    ),
    "operator.terms_published": (_("Terms published"), _("published version %(number)s of “%(about)s”")),
    "operator.announced": (_("Announced"), _("announced: %(about)s")),
    "operator.withdrew": (_("Announcement withdrawn"), _("withdrew the announcement “%(about)s”")),
    "operator.came_as": (_("Came as somebody"), _("looks at the studio as %(about)s: %(reason)s")),
    "operator.left_as": (_("Left again"), _("stopped looking at the studio as %(about)s")),
    "operator.did_as": (_("Asked for as somebody"), _("as %(about)s: %(method)s %(path)s (%(status)s)")),
    "member.invited": (_("Invitation sent"), _("invited %(about)s as %(role)s")),
    "invitation.resent": (_("Invitation sent again"), _("sent %(about)s the invitation again, as %(role)s")),
    "invitation.revoked": (_("Invitation taken back"), _("took the invitation for %(about)s back")),
    "member.joined": (_("Came in"), _("came in as %(role)s")),
    "member.role_changed": (_("Role changed"), _("changed what %(about)s is here from %(before)s to %(role)s")),
    "member.removed": (_("Member taken out"), _("took %(about)s, who was %(role)s, out of the workspace")),
    "share.made": (_("Link made"), _("made a link to “%(about)s” for %(link)s")),
    "share.revoked": (_("Link taken back"), _("took the link to “%(about)s” for %(link)s back")),
    "member.left": (_("Left"), _("left the workspace, as %(role)s")),
    "key.created": (_("API key made"), _("made the API key “%(about)s” (%(key)s)")),
    "key.revoked": (_("API key revoked"), _("revoked the API key “%(about)s” (%(key)s)")),
    "key.ended": (
        _("API key ended"),
        _("ended the API key “%(about)s” (%(key)s) of %(maker)s, who makes no films here"),
    ),
    "webhook.added": (_("Webhook added"), _("added the webhook %(about)s")),
    "webhook.changed": (_("Webhook changed"), _("changed the webhook %(about)s")),
    "webhook.rotated": (_("Secret of a webhook renewed"), _("gave the webhook %(about)s a new secret")),
    "webhook.enabled": (_("Webhook switched on"), _("switched the webhook %(about)s on")),
    "webhook.disabled": (_("Webhook switched off"), _("switched the webhook %(about)s off")),
    "webhook.deleted": (_("Webhook deleted"), _("deleted the webhook %(about)s")),
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
    **OF_OPERATORS,
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
        told = str(DEEDS[entry.action][1]) % _Told(details, about=entry.about)
        if "operator" in details:
            told += f" ({_('done by the operator %(email)s in their name') % {'email': details['operator']}})"
        return told
    facts = ", ".join(f"{name}: {value}" for name, value in details.items())
    return " · ".join(part for part in (entry.action, entry.about, facts) if part)
