from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "runwayweb.console"

    def ready(self):
        from generation import hooks

        from .models import Survey

        hooks.looked.append(Survey.objects.wake)
