from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from runwayweb import health

# The console has no door of its own: at the studio's, guessing is slowed down.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("", include("runwayweb.accounts.urls")),
    path("", include("runwayweb.assets.urls")),
    path("", include("projects.urls")),
]
