"""The terms of use and the privacy notice, and accepting new ones."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from runwayweb.accounts import agreeing
from runwayweb.accounts.models import TermsVersion
from runwayweb.accounts.models.terms import Document
from runwayweb.redirects import next_address


@require_safe
def terms(request):
    return _document(request, Document.TERMS)


@require_safe
def privacy(request):
    return _document(request, Document.PRIVACY)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def acceptance(request):
    """What changed, to be read and accepted; then on to where one was going."""
    if request.method == "POST":
        agreeing.accept(request.user)
        return redirect(next_address(request, "projects:project-list"))
    versions = [TermsVersion.objects.current(document) for document in Document]
    return render(
        request, "accounts/terms_acceptance.html", {"versions": versions, "next": request.GET.get("next", "")}
    )


def _document(request, document):
    current = TermsVersion.objects.current(document)
    asked = request.GET.get("version", "")
    if asked and not (asked.isdecimal() and len(asked) < 9):
        raise Http404
    version = get_object_or_404(TermsVersion, document=document, number=int(asked)) if asked else current
    numbers = TermsVersion.objects.filter(document=document).order_by("-number").values_list("number", flat=True)
    return render(request, "accounts/terms.html", {"version": version, "current": current, "numbers": numbers})
