"""People: who there is, what one of them has and where they are in; stopping them, helping them, looking as them."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generation.models import Generation
from runwayweb.accounts import impersonation
from runwayweb.accounts.deeds import sentence_of
from runwayweb.accounts.models import AuditEntry, User
from runwayweb.accounts.second_step import steps_of
from runwayweb.accounts.sessions import name_of

PAGE = 50
LINES = 20  # of a log beside somebody


class ReasonForm(forms.Form):
    """Why: nobody is stopped, helped or looked as without a word of it."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class StopForm(ReasonForm):
    """The same, for whoever it concerns to read."""

    reason = forms.CharField(
        label=gettext_lazy("Why, for them to read"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_safe
def users(request):
    asked = request.GET.get("q", "").strip()[:200]
    people = User.objects.order_by("-date_joined", "-pk")
    if asked:
        found = Q(email__icontains=asked) | Q(name__icontains=asked)
        found |= Q(pk__in=EmailAddress.objects.filter(email__icontains=asked).values("user"))
        people = people.filter(found)
    if request.GET.get("state") == "suspended":
        people = people.filter(suspended_at__isnull=False)
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(request, "console/users.html", {"page": page, "q": asked, "asked": query.urlencode()})


@require_safe
def user(request, id):
    return _page(request, _found(id))


@require_POST
def suspension(request, id):
    person = _found(id)
    form = StopForm(request.POST, prefix="stop")
    if person == request.user:
        messages.error(request, _("Nobody suspends themselves."))
    elif not form.is_valid():
        return _page(request, person, stop=form)
    elif person.suspend(form.cleaned_data["reason"], by=request.user):
        messages.success(request, _("%(email)s is suspended.") % {"email": person.email})
    return redirect("console:user", person.pk)


@require_POST
def readmission(request, id):
    person = _found(id)
    if person.lift_suspension(by=request.user):
        messages.success(request, _("%(email)s may come in again.") % {"email": person.email})
    return redirect("console:user", person.pk)


@require_POST
def signing_out(request, id):
    """Sign somebody out everywhere, say after a laptop was lost."""
    person = _found(id)
    for session in UserSession.objects.filter(user=person):
        session.end()
    AuditEntry.objects.record(None, request.user, "operator.signed_out", about=person.email)
    messages.success(request, _("%(email)s is signed out everywhere.") % {"email": person.email})
    return redirect("console:user", person.pk)


@require_POST
def second_step(request, id):
    """Take the second step off an account whose owner lost it. Whoever asks for this proves who they are elsewhere."""
    person = _found(id)
    form = ReasonForm(request.POST, prefix="step")
    if person.is_staff and person != request.user and not request.user.is_superuser:
        messages.error(request, _("Only an administrator does that for somebody of the staff."))
    elif not form.is_valid():
        return _page(request, person, step=form)
    else:
        with transaction.atomic():
            Authenticator.objects.filter(user=person).delete()
            reason = form.cleaned_data["reason"]
            AuditEntry.objects.record(
                None, request.user, "operator.second_step_reset", about=person.email, reason=reason
            )
        messages.success(request, _("The account has no second step any more: a password alone opens it."))
    return redirect("console:user", person.pk)


@require_POST
def looking(request, id):
    """Look at the studio as somebody, for half an hour."""
    person = _found(id)
    form = ReasonForm(request.POST, prefix="look")
    if not form.is_valid():
        return _page(request, person, look=form)
    try:
        impersonation.begin(request, person, reason=form.cleaned_data["reason"])
    except impersonation.NotThem as why:
        messages.error(request, str(why))
        return redirect("console:user", person.pk)
    return redirect("projects:project-list")


def _found(id):
    try:
        return get_object_or_404(User, pk=id)
    except OverflowError:
        raise Http404 from None


def _page(request, person, **forms_):
    sessions = list(UserSession.objects.filter(user=person).order_by("-last_seen_at")[:PAGE])
    for session in sessions:
        session.browser, session.system = name_of(session.user_agent)
    entries = list(AuditEntry.objects.filter(Q(by=person) | Q(about=person.email)).select_related("workspace")[:LINES])
    for entry in entries:
        entry.sentence = sentence_of(entry)
    memberships = person.memberships.select_related("workspace").order_by("created_at")
    shown = {
        "person": person,
        "addresses": EmailAddress.objects.filter(user=person).order_by("-primary", "email"),
        "steps": steps_of(person),
        "sessions": sessions,
        "memberships": memberships,
        "running": Generation.objects.filter(requested_by=person).in_progress().count(),
        "entries": entries,
        "stop": forms_.get("stop") or StopForm(prefix="stop"),
        "step": forms_.get("step") or ReasonForm(prefix="step"),
        "look": forms_.get("look") or ReasonForm(prefix="look"),
    }
    return render(request, "console/user.html", shown, status=422 if forms_ else 200)


urlpatterns = [
    path("users/", users, name="users"),
    path("users/<int:id>/", user, name="user"),
    path("users/<int:id>/suspension/", suspension, name="user-suspension"),
    path("users/<int:id>/readmission/", readmission, name="user-readmission"),
    path("users/<int:id>/signing-out/", signing_out, name="user-signing-out"),
    path("users/<int:id>/second-step/", second_step, name="user-second-step"),
    path("users/<int:id>/looking/", looking, name="user-looking"),
]
