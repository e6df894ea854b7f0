from django.urls import path

from runwayweb.accounts.views import workspaces

app_name = "accounts"

urlpatterns = [
    path("settings/", workspaces.settings, name="settings"),
    path("settings/workspace/", workspaces.workspace, name="workspace"),
    path("workspaces/new/", workspaces.workspace_new, name="workspace-new"),
    path("workspaces/<uuid:id>/switch/", workspaces.workspace_switch, name="workspace-switch"),
]
