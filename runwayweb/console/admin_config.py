"""Django's admin as an app, with our site in the place of its own. Read before any model is there."""

from django.contrib.admin.apps import AdminConfig


class StudioAdminConfig(AdminConfig):
    default_site = "runwayweb.console.admin_site.StudioAdmin"
