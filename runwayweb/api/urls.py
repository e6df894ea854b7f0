from django.urls import path, re_path

from .missing import missing
from .public import public
from .reference import views as reference
from .v1.uploads import receive
from .wire import api

urlpatterns = [
    path("v1/uploads/<uuid:id>/file", receive, name="api-upload"),
    path("v1/", api.urls),
    path("api/openapi.json", reference.openapi, name="openapi"),
    path("api/", public.urls),
    path("developers/", reference.developers, name="developers"),
    # After all that is there: whatever else is asked for under it is answered as the API answers.
    re_path(r"^(?:v1|api)/", missing, name="api-missing"),
]
