"""Giving up an account: /settings/account/closing/."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from runwayweb.accounts.forms import ClosingForm
from runwayweb.accounts.hooks import NotClosing, ask_to_close
from runwayweb.accounts.mail import MailNotSent, send_mail
from runwayweb.accounts.models.closing import GRACE


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def closing(request):
    """What goes and what stays, and what has to be done first; by a POST it begins."""
    user = request.user
    shared, alone = user.owned(shared=True), user.owned(shared=False)
    form = ClosingForm(request.POST or None, user=user)
    first = ""
    try:
        ask_to_close(alone)
    except NotClosing as why:
        first = str(why)
    told = {"form": form, "shared": shared, "alone": alone, "first": first, "days": GRACE.days}
    if request.method != "POST":
        return render(request, "settings/closing.html", told)
    if shared or first:
        return render(request, "settings/closing.html", told, status=409)
    if not form.is_valid():
        return render(request, "settings/closing.html", told, status=422)
    closes_at = user.close_later()
    link = request.build_absolute_uri(reverse("account_login"))
    try:
        with user.at_home():
            send_mail("account_closing", user.email, link=link, button=_("Keep my account"), closes_at=closes_at)
    except MailNotSent:
        pass  # the page says the same
    logout(request)
    words = _("Your account is closed. Sign in within %(days)d days and it is as it was.")
    messages.success(request, words % {"days": GRACE.days})
    return redirect("account_login")
