"""The API as a whole: its rooms, in the order in which the reference shows them."""

from importlib import import_module

from ninja import NinjaAPI

from .body import StrictParser
from .errors import handle_all
from .v1 import spending

PLANNING = ("videos", "images", "upscales", "audio", "recipes")  # modules of v1 whose planners make endpoints
ROOMS = (
    "tasks",
    "quotes",
    "organization",
    "uploads",
    "assets",
    "routers",
    "generate",
    "projects",
    "shots",
    "exports",
    "workflows",
    "webhooks",
    "voices",
)  # modules of v1 with a router of their own

api = NinjaAPI(
    title="Runwayweb",
    version="2024-11-06",
    description="Everything the studio does, by HTTP.",
    urls_namespace="v1",
    docs_url=None,
    openapi_url=None,
    parser=StrictParser(),
)
handle_all(api)

for name in PLANNING:
    import_module(f"runwayweb.api.v1.{name}")
spending.mount()
api.add_router("", spending.router)
for name in ROOMS:
    api.add_router("", import_module(f"runwayweb.api.v1.{name}").router)
