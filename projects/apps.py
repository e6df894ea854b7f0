from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects")

    def ready(self):
        from generation import hooks
        from projects import clearing, news, uses
        from projects.erasing import erase
        from projects.models import Export, Invocation, Pursuit, Take
        from runwayweb.accounts import hooks as accounts

        accounts.made_no_more.append(Pursuit.objects.end_work_of)
        accounts.made_no_more.append(Invocation.objects.end_work_of)
        for ended in (Pursuit.objects.end_work_of, Invocation.objects.end_work_of, Export.objects.end_work_of):
            accounts.stopped.append(ended)
        accounts.erasing.append(erase)
        hooks.ended.append(news.ended)
        hooks.shown.append(uses.in_cuts)
        hooks.released.append(Take.objects.stand_in)
        hooks.looked.append(news.look_after)
        hooks.swept.append(clearing.clear_takes)
        hooks.swept.append(news.look_back)
