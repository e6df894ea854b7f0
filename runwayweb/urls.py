from django.contrib import admin
from django.urls import include, path

from runwayweb import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("", include("runwayweb.assets.urls")),
    path("", include("projects.urls")),
]
