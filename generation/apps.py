from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = _("Generation")

    def ready(self):
        from generation import departures, offered, queues, tally
        from generation import hooks as own
        from generation.engine import catalogue
        from generation.erasing import erase
        from runwayweb.accounts import hooks as accounts
        from runwayweb.assets import hooks

        catalogue.withheld, catalogue.first = offered.withheld, offered.first
        accounts.made_no_more.append(departures.end_work_of)
        accounts.stopped.append(departures.stop_work_of)
        own.looked.append(departures.stop_the_suspended)
        hooks.arrived.append(queues.wake_for_upload)
        accounts.erasing.append(erase)
        own.ended.append(tally.count)
