from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = _("Generation")

    def ready(self):
        from generation import departures, queues
        from generation.erasing import erase
        from runwayweb.accounts import hooks as accounts
        from runwayweb.assets import hooks

        accounts.made_no_more.append(departures.end_work_of)
        hooks.arrived.append(queues.wake_for_upload)
        accounts.erasing.append(erase)
