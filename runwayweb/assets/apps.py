from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssetsConfig(AppConfig):
    name = "runwayweb.assets"
    verbose_name = _("Assets")

    def ready(self):
        from runwayweb.accounts import hooks

        from .erasing import erase

        hooks.erasing.append(erase)
