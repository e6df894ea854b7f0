"""Django's own admin, with the doors of the studio."""

from functools import wraps

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.utils.decorators import method_decorator

from .gate import to_a_second_step


class StudioAdmin(AdminSite):
    """It has no sign-in of its own: at the studio's, guessing is slowed down. And it asks for what the console asks."""

    @method_decorator(secure_admin_login)
    def login(self, request, extra_context=None):
        return super().login(request, extra_context)

    def admin_view(self, view, cacheable=False):
        page = super().admin_view(view, cacheable)

        @wraps(page)
        def gated(request, *args, **kwargs):
            return (self.has_permission(request) and to_a_second_step(request)) or page(request, *args, **kwargs)

        return gated
