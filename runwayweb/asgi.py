"""The site as uvicorn serves it: HTTP by Django, websockets by Channels, only from pages of our own."""

import os
import re

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "runwayweb.settings")
django_application = get_asgi_application()  # before anything that reads models

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from projects.inputs import MOST_UPLOADED_BYTES  # noqa: E402
from projects.routing import websocket_urlpatterns  # noqa: E402
from projects.views.verify import VERIFIED_BYTES  # noqa: E402
from runwayweb.assets.views.uploads import FORM_UPLOAD_BYTES, PIECE_BYTES  # noqa: E402
from runwayweb.bodies import Door, LimitedBodies  # noqa: E402

FORM_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
# The request forms, each picture by itself, and pictures for a reference sheet. Wide enough for one that is too
# large: a page says so kindly.
FILES = Door(
    re.compile(
        r"/projects/[0-9a-f-]{36}/(generations|(sound|footage|world)/new|comeback|script|pictures/\w+)/"
        r"|/entities/[0-9a-f-]{36}/sheet/|/library/recipe/"
    ),
    MOST_UPLOADED_BYTES + FORM_BYTES,
)
# A file by itself, in a form or piece by piece.
UPLOADS = Door(re.compile(r"/uploads/form/"), FORM_UPLOAD_BYTES + FORM_BYTES)
# A file whose credentials anybody wants to see.
VERIFIED = Door(re.compile(r"/verify/"), VERIFIED_BYTES + FORM_BYTES, for_anybody=True)
PIECES = Door(re.compile(r"/uploads/[0-9a-f-]{36}/"), PIECE_BYTES, "PATCH", b"application/offset+octet-stream")

application = ProtocolTypeRouter(
    {
        "http": LimitedBodies(django_application, FORM_BYTES, doors=[FILES, UPLOADS, PIECES, VERIFIED]),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
