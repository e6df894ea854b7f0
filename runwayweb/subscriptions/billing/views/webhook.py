"""Where Stripe's events come in."""

import logging

from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .. import is_on
from ..client import StripeAway, StripeRefuses
from ..events import BadEvent, take, verified

logger = logging.getLogger(__name__)
MOST_BYTES = 512 * 1024


@csrf_exempt  # its signature says who sent it
@require_POST
def webhook(request):
    """200: kept, and done with. 503: Stripe had to be asked and could not be; it comes again. 400, 413: not kept."""
    if not is_on():
        raise Http404
    said = request.META.get("CONTENT_LENGTH") or "0"
    if (said.isdigit() and int(said) > MOST_BYTES) or len(request.body) > MOST_BYTES:
        return HttpResponse("That is more than an event holds.", status=413, content_type="text/plain")
    try:
        told = verified(request.body, request.headers.get("Stripe-Signature"))
    except BadEvent as error:
        logger.warning("An event was refused: %s", error)
        return HttpResponse(str(error), status=400, content_type="text/plain")
    try:
        kept = take(told)
    except StripeAway:
        return HttpResponse(
            "Stripe does not answer.", status=503, headers={"Retry-After": "30"}, content_type="text/plain"
        )
    except StripeRefuses as refused:
        logger.error("Stripe refused to tell about %s: %s", told.id, refused)
        return HttpResponse("Stripe refused to tell more.", status=503, content_type="text/plain")
    return HttpResponse(kept.outcome, content_type="text/plain")
