from django.urls import path

from runwayweb.accounts.views import security, workspaces

app_name = "accounts"

urlpatterns = [
    path("settings/", workspaces.settings, name="settings"),
    path("settings/workspace/", workspaces.workspace, name="workspace"),
    path("workspaces/new/", workspaces.workspace_new, name="workspace-new"),
    path("workspaces/<uuid:id>/switch/", workspaces.workspace_switch, name="workspace-switch"),
    path("settings/security/", security.security, name="security"),
    path("settings/security/sessions/<int:id>/end/", security.session_end, name="session-end"),
    path("settings/security/sessions/others/end/", security.other_sessions_end, name="other-sessions-end"),
]
