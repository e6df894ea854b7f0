"""Agreeing to the terms: at sign-up, and again where a new version asks for it."""

from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from .models import Acceptance, TermsVersion
from .models.terms import Document

# Where somebody may go who has not accepted yet: to what they are asked about, and away.
OPEN = (
    "/terms/",
    "/privacy/",
    "/accounts/",
    "/language/",
    "/settings/account/",
    "/settings/security/",
    "/static/",
    "/media/",
    "/healthz",
)


@transaction.atomic
def accept(user):
    """Keep that `user` accepts what is in force now."""
    for document in Document:
        Acceptance.objects.get_or_create(user=user, version=TermsVersion.objects.current(document))
    if user.must_accept_terms:
        user.must_accept_terms = False
        user.save(update_fields=["must_accept_terms"])


class TermsMiddleware:
    """Whoever has to accept new terms is asked at the next page they go to.

    Only there: what they were writing goes where it was sent to, so no form is lost. Costs nothing: the row says it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if self._asks(request):
            place = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('accounts:terms-acceptance')}?{place}")
        return self.get_response(request)

    def _asks(self, request):
        user = getattr(request, "_cached_user", None)  # looked up for the page's language already, where somebody is in
        return (
            user is not None
            and user.is_authenticated
            and user.must_accept_terms
            and not getattr(request, "operator", None)
            and request.method == "GET"
            and "text/html" in request.headers.get("Accept", "")
            and "HX-Request" not in request.headers
            and not request.path.startswith(OPEN)
        )
