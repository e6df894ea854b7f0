from django.urls import path

from runwayweb.assets import serve
from runwayweb.assets.views import direct, uploads

app_name = "assets"

urlpatterns = [
    path("media/<uuid:id>/<str:name>", serve.file, name="file"),
    path("assets/<uuid:id>/state/", uploads.state, name="state"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/<uuid:id>/", uploads.upload, name="upload"),
    path("uploads/<uuid:id>/state/", uploads.arrival, name="arrival"),
    path("uploads/<uuid:id>/cancellation/", uploads.cancellation, name="upload-cancellation"),
    path("uploads/direct/", direct.uploads, name="direct-uploads"),
    path("uploads/<uuid:id>/parts/", direct.parts, name="upload-parts"),
    path("uploads/<uuid:id>/completion/", direct.completion, name="upload-completion"),
    path("uploads/new/", uploads.upload_new, name="upload-new"),
    path("uploads/arrivals/", uploads.arrivals, name="arrivals"),
    path("uploads/form/", uploads.upload_form, name="upload-form"),
    path("imports/", uploads.import_new, name="import"),
]
