from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from runwayweb import health
from runwayweb.accounts.views.security import first_password
from runwayweb.metrics.views import metrics

# What allauth lists on pages of their own stands on one of ours.
to_security = RedirectView.as_view(pattern_name="accounts:security")
handler403 = "runwayweb.forbidden.forbidden"
handler500 = "runwayweb.outage.unexpected"
handler429 = "runwayweb.accounts.slowed_down.slowed_down"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("", include("runwayweb.api.urls")),  # early: programs ask most often, and those before are tried in vain
    path("admin/", admin.site.urls),
    path("accounts/2fa/", to_security),
    path("accounts/2fa/webauthn/", to_security),
    path("accounts/sessions/", to_security),
    path("accounts/password/set/", first_password, name="account_set_password"),
    path("accounts/", include("allauth.urls")),
    path("", include("runwayweb.accounts.urls")),
    path("", include("runwayweb.subscriptions.billing.urls")),
    path("", include("runwayweb.subscriptions.urls")),
    path("", include("runwayweb.assets.urls")),
    path("", include("projects.urls")),
    path("operator/", include("runwayweb.console.urls")),
    path("", include("runwayweb.api.pages.urls")),
]
