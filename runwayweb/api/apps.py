from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "runwayweb.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from generation import hooks
        from projects import usage
        from runwayweb.accounts import hooks as accounts

        from . import clearing, keeping
        from .erasing import erase
        from .models import Key, Run, chain
        from .models.budget import give_back
        from .rates import take_in_requests
        from .uses import table

        accounts.made_no_more.append(Key.objects.end_those_of)
        accounts.erasing.append(erase)
        hooks.settled.append(give_back)
        hooks.looked.append(keeping.look_after)
        hooks.looked.append(take_in_requests)
        hooks.looked.append(Run.objects.settle)
        usage.by_key.append(table)
        hooks.swept.append(clearing.clear_given)
        chain.listen()
