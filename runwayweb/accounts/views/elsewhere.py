"""On the way to an account elsewhere."""

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST


@never_cache
@require_POST
def elsewhere(request, provider):
    """Lead to a provider's own page: to sign in, or with `process=connect` to connect an account there.

    By a page that goes on by itself: the policy for forms lets none of ours end on another site, and a provider may be
    at any address.
    """
    from requests import RequestException  # only where a provider is set is it loaded at all

    try:
        found = get_adapter().get_provider(request, provider)
        answer = found.redirect_from_request(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (RequestException, KeyError, ValueError):  # away, or answering something else than a provider does
        return render(request, "socialaccount/authentication_error.html", {"unreachable": provider}, status=503)
    if answer.status_code != 302:
        return answer
    return render(request, "socialaccount/login_redirect.html", {"provider": found, "redirect_to": answer.url})
