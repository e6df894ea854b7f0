from django.urls import path

from runwayweb.accounts.views import (
    account,
    audit,
    closing,
    elsewhere,
    impersonation,
    invitations,
    members,
    security,
    terms,
    workspaces,
)

app_name = "accounts"

urlpatterns = [
    path("settings/", workspaces.settings, name="settings"),
    path("settings/workspace/", workspaces.workspace, name="workspace"),
    path("settings/workspace/handing-over/", members.handing_over, name="handing-over"),
    path("settings/members/", members.members, name="members"),
    path("settings/members/<int:id>/role/", members.member_role, name="member-role"),
    path("settings/members/<int:id>/removal/", members.member_removal, name="member-removal"),
    path("settings/invitations/", invitations.invitation_new, name="invitation-new"),
    path("settings/invitations/<uuid:id>/mail/", invitations.invitation_mail, name="invitation-mail"),
    path("settings/invitations/<uuid:id>/revocation/", invitations.invitation_revocation, name="invitation-revocation"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit.csv", audit.audit_table, name="audit-table"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("workspaces/new/", workspaces.workspace_new, name="workspace-new"),
    path("workspaces/<uuid:id>/departure/", members.departure, name="departure"),
    path("workspaces/<uuid:id>/switch/", workspaces.workspace_switch, name="workspace-switch"),
    path("accounts/elsewhere/<slug:provider>/", elsewhere.elsewhere, name="elsewhere"),
    path("impersonation/end/", impersonation.end, name="impersonation-end"),
    path("terms/", terms.terms, name="terms"),
    path("privacy/", terms.privacy, name="privacy"),
    path("terms/acceptance/", terms.acceptance, name="terms-acceptance"),
    path("language/", account.language, name="language"),
    path("settings/account/", account.account, name="account"),
    path("settings/account/closing/", closing.closing, name="closing"),
    path("settings/security/", security.security, name="security"),
    path("settings/security/sessions/<int:id>/end/", security.session_end, name="session-end"),
    path("settings/security/sessions/others/end/", security.other_sessions_end, name="other-sessions-end"),
]
