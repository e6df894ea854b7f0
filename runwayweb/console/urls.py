"""Every page of the operator's console, behind its gate."""

from runwayweb.console.gate import for_staff
from runwayweb.console.pages import (
    announcements,
    flags,
    generations,
    log,
    models,
    moderation,
    overview,
    queue,
    reports,
    storage,
    terms,
    users,
    webhooks,
    workers,
    workspaces,
)

app_name = "console"

urlpatterns = for_staff(
    [
        *overview.urlpatterns,
        *queue.urlpatterns,
        *generations.urlpatterns,
        *workers.urlpatterns,
        *models.urlpatterns,
        *storage.urlpatterns,
        *webhooks.urlpatterns,
        *flags.urlpatterns,
        *log.urlpatterns,
        *announcements.urlpatterns,
        *moderation.urlpatterns,
        *reports.urlpatterns,
        *terms.urlpatterns,
        *users.urlpatterns,
        *workspaces.urlpatterns,
    ]
)
