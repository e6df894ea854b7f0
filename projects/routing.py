from django.urls import path

from projects.consumers import WorkspaceConsumer

websocket_urlpatterns = [path("ws/workspaces/<uuid:id>/", WorkspaceConsumer.as_asgi())]
