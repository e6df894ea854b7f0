"""The site as uvicorn serves it: HTTP by Django, websockets by Channels, only from pages of our own."""

import logging
import os
import re

from django.conf import settings
from django.core.asgi import get_asgi_application

from runwayweb.masking import KeyFilter
from runwayweb.unlocked import unlock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "runwayweb.settings")
unlock()
django_application = get_asgi_application()  # before anything that reads models
if settings.LOG_FORMAT == "json":
    for name in ("uvicorn", "uvicorn.access"):  # its own handlers write another format
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
logging.getLogger("uvicorn.access").addFilter(KeyFilter())  # for whoever has the server write one

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from channels.sessions import SessionMiddlewareStack  # noqa: E402

from projects.inputs import MOST_UPLOADED_BYTES  # noqa: E402
from projects.routing import websocket_urlpatterns  # noqa: E402
from projects.views.verify import VERIFIED_BYTES  # noqa: E402
from runwayweb.api.caller import has_key  # noqa: E402
from runwayweb.api.media import IMAGE  # noqa: E402
from runwayweb.api.middleware import PATHS  # noqa: E402
from runwayweb.api.v1.uploads import is_awaited_there  # noqa: E402
from runwayweb.assets.models.ephemeral import MOST_BYTES  # noqa: E402
from runwayweb.assets.views.uploads import FORM_UPLOAD_BYTES, PIECE_BYTES  # noqa: E402
from runwayweb.bodies import Door, LimitedBodies, anybody  # noqa: E402
from runwayweb.metrics.counting import counted_sockets  # noqa: E402

FORM_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
# At the doors of large files only so many are on their way at once, in one web process. Until it is answered a form
# lies in the folder for temporary files twice, as a body and as its files, and once more what is looked through of it:
# compose.yaml has room there for all of these doors.
# The request forms, each picture by itself, and pictures for a reference sheet. Wide enough for one that is too
# large: a page says so kindly.
FILES = Door(
    re.compile(
        r"/projects/[0-9a-f-]{36}/(generations|(sound|footage|world)/new|comeback|script|pictures/\w+)/"
        r"|/entities/[0-9a-f-]{36}/sheet/|/library/recipe/"
    ),
    MOST_UPLOADED_BYTES + FORM_BYTES,
    at_once=4,
)
# A file by itself, in a form or piece by piece.
UPLOADS = Door(re.compile(r"/uploads/form/"), FORM_UPLOAD_BYTES + FORM_BYTES, at_once=4)
# A file whose credentials anybody wants to see. Nobody says who they are: what is on its way at once stays small.
VERIFIED = Door(re.compile(r"/verify/"), VERIFIED_BYTES + FORM_BYTES, known=anybody, at_once=2)
PIECES = Door(re.compile(r"/uploads/[0-9a-f-]{36}/"), PIECE_BYTES, "PATCH", b"application/offset+octet-stream")
# Bodies of the API, in which media may stand as data: URIs. Where only pictures may, that is known before they came.
PICTURE_BYTES = IMAGE.most_data * 4 // 3 + FORM_BYTES
PICTURE = Door(re.compile(r"/v1/image_upscale"), PICTURE_BYTES, kind=b"application/json", known=has_key)
FRAMES = Door(
    re.compile(r"/v1/image_to_video"), 2 * PICTURE_BYTES - FORM_BYTES, kind=b"application/json", known=has_key
)
BODIES = Door(re.compile(r"/v1/[a-z0-9_/-]+"), settings.API_BODY_BYTES, kind=b"application/json", known=has_key)

# A file that a program announced.
EPHEMERAL = Door(
    re.compile(r"/v1/uploads/[0-9a-f-]{36}/file"), MOST_BYTES + FORM_BYTES, known=is_awaited_there, at_once=4
)

DOORS = [FILES, UPLOADS, PIECES, VERIFIED, PICTURE, FRAMES, BODIES, EPHEMERAL]

application = ProtocolTypeRouter(
    {
        "http": LimitedBodies(django_application, FORM_BYTES, doors=DOORS, programs=PATHS),
        "websocket": counted_sockets(
            # A line asks itself who listens, again and again: nobody needs to be known here.
            AllowedHostsOriginValidator(SessionMiddlewareStack(URLRouter(websocket_urlpatterns)))
        ),
    }
)
