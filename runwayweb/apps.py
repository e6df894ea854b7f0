from django.apps import AppConfig


class RunwaywebConfig(AppConfig):
    name = "runwayweb"

    def ready(self):
        from runwayweb import telemetry

        telemetry.start()
