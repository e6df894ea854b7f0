"""Showing a film to somebody outside: links made and taken back, and the page behind one."""

from allauth.core import ratelimit
from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from projects.models import Project, Report, Share
from projects.reports import ReportForm
from projects.sharing import PasswordForm, ShareForm
from runwayweb.accounts.doors import editable
from runwayweb.assets import serve

OVER = 20  # closed links that are still listed
POSTER = "poster.webp"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request, id):
    """The links to a film; posted, one more."""
    project = editable(request, Project, pk=id)
    form = ShareForm(request.POST or None, project=project)
    if form.is_valid():
        made = form.make(request.user)
        messages.success(request, _("The link is made. Copy it, and send it to whoever is to look at the film."))
        return redirect(f"{reverse('projects:sharing', args=[project.pk])}#share-{made.pk}")
    shares = project.shares.select_related("by")
    open_shares = list(shares & Share.objects.open())
    for share in open_shares:
        share.link = request.build_absolute_uri(reverse("projects:shared", args=[share.token]))
    over = [share for share in shares[: OVER + len(open_shares)] if share not in open_shares][:OVER]
    context = {"project": project, "form": form, "shares": open_shares, "over": over}
    return render(request, "projects/sharing.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def revocation(request, id):
    """Take a link back: its page and its files are closed at once."""
    share = editable(request, Share, pk=id)
    if share.revoke(by=request.user):
        messages.success(request, _("The link is taken back. It shows nothing any more."))
    return redirect("projects:sharing", share.project_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request, token):
    """The film, for whoever has the link and its password; no account is needed, and nothing can be changed."""
    share = Share.objects.of_link(token)
    if share is None:
        raise Http404
    if not share.is_open:
        return render(request, "projects/shared_over.html", status=410)
    if not is_unlocked(request, share):
        return _asked(request, share, token)
    if request.method == "POST":
        return redirect("projects:shared", token)
    if request.method == "GET":
        share.look()
    films = [_shown(token, export.asset) | {"label": export.label} for export in share.exports]
    shots = [_shown(token, shot.chosen.generation.asset) | {"shot": shot} for shot in share.shots]
    return render(
        request, "projects/shared.html", {"project": share.project, "share": share, "films": films, "shots": shots}
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, token):
    """Say what is wrong with a film that is shown; no account is needed. Slowed down, by link and by place."""
    share = Share.objects.of_link(token)
    if share is None:
        raise Http404
    if not share.is_open or not is_unlocked(request, share):
        return redirect("projects:shared", token)
    form = ReportForm(request.POST or None, instance=Report(share=share, language=get_language() or ""))
    told = {"form": form, "share": share}
    if request.method == "POST" and not ratelimit.consume(request, action="report", key=str(share.pk)):
        return render(request, "projects/report.html", told | {"too_many": True}, status=429)
    if form.is_valid():
        form.save()
        return render(request, "projects/report.html", {"thanks": True, "share": share})
    return render(request, "projects/report.html", told, status=422 if form.is_bound else 200)


async def shared_file(request, token, id, name):
    """A file of the film, as long as the link is open: asked at every request, so a player stops, too. A take comes
    without the words it was asked for with; a finished film has none."""
    asset, is_take = await sync_to_async(_found)(request, token, id, name)
    return await serve.send(request, asset, name, bare=is_take)


def is_unlocked(request, share):
    """Whether this browser may look: there is no password, or it knew it."""
    return not share.password or request.session.get(_place(share)) == share.key


def _asked(request, share, token):
    """The page that asks for the password; onwards where it is right. Guessing is slowed down, by link and by place."""
    if request.method == "POST" and not ratelimit.consume(request, action="share", key=str(share.pk)):
        # An empty form: what was sent is not looked at, or the page would tell a right guess from a wrong one.
        told = {"form": PasswordForm(share=share), "too_many": True}
        return render(request, "projects/shared_password.html", told, status=429)
    form = PasswordForm(request.POST or None, share=share)
    if form.is_valid():
        request.session[_place(share)] = share.key
        return redirect("projects:shared", token)
    return render(request, "projects/shared_password.html", {"form": form}, status=422 if form.is_bound else 200)


def _found(request, token, id, name):
    """(the asset, whether it is a take), where its page shows a file of this name."""
    share = Share.objects.of_link(token)
    if share is None or not is_unlocked(request, share):
        raise Http404
    asset = share.assets().filter(pk=id).first()
    if asset is None or name not in (asset.playing, POSTER):
        raise Http404
    return asset, all(export.asset_id != asset.pk for export in share.exports)


def _place(share):
    return f"share-{share.pk.hex}"


def _shown(token, asset):
    """An asset with the addresses that the link opens."""

    def address(name):
        return reverse("projects:shared-file", args=[token, asset.pk, name])

    poster = address(POSTER) if asset.poster else ""
    return {"asset": asset, "url": address(asset.playing), "poster": poster}
