"""The site as uvicorn serves it: HTTP by Django, websockets by Channels, only from pages of our own."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "runwayweb.settings")
django_application = get_asgi_application()  # before anything that reads models

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from projects.routing import websocket_urlpatterns  # noqa: E402
from runwayweb.bodies import LimitedBodies  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": LimitedBodies(django_application, settings.DATA_UPLOAD_MAX_MEMORY_SIZE),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
