from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = _("Generation")

    def ready(self):
        from generation import queues
        from runwayweb.assets import hooks

        hooks.arrived.append(queues.wake_for_upload)
