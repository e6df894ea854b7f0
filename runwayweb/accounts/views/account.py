"""Who somebody is here: name, language, time zone. /settings/account/."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from runwayweb.accounts.forms import AccountForm
from runwayweb.accounts.models import User
from runwayweb.accounts.preferences import remember_language
from runwayweb.redirects import next_address


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    # A copy: what was typed must not stand in the page's head before it is known to be good.
    form = AccountForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        user = form.save()
        with translation.override(user.language or translation.get_language()):
            messages.success(request, _("Kept."))
        answer = redirect("accounts:account")
        if user.language:
            remember_language(answer, user.language)
        return answer
    status = 422 if form.is_bound else 200
    return render(request, "settings/account.html", {"form": form}, status=status)


@require_POST
def language(request):
    """Switch the language, for good: from any page, signed in or not."""
    answer = HttpResponseRedirect(next_address(request, "/"))
    chosen = request.POST.get("language")
    if chosen in dict(settings.LANGUAGES):
        remember_language(answer, chosen)
        if request.user.is_authenticated:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
    return answer
