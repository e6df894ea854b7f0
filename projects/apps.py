from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects")

    def ready(self):
        from generation import hooks
        from projects import news
        from projects.erasing import erase
        from projects.models import Pursuit
        from runwayweb.accounts import hooks as accounts

        accounts.made_no_more.append(Pursuit.objects.end_work_of)
        accounts.erasing.append(erase)
        hooks.ended.append(news.ended)
        hooks.looked.append(news.look_after)
