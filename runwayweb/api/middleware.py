"""What every answer of the API has in common, whoever gave it: JSON, a request id, no place in a cache."""

from django.conf import settings

from .deprecation import headers_for
from .errors import FULL, NOT_FOUND, answer

PATHS = ("/v1/", "/api/")
# Instead of leading on to HTTPS, as pages do: a program would go on sending its key for everybody to read.
IN_THE_CLEAR = "This is spoken over HTTPS only. A key that was sent without it was readable: revoke it."
SENTENCES = {
    400: "This request cannot be understood.",
    403: "This is not allowed.",
    404: NOT_FOUND,
    405: "This address does not take this method.",
    413: "This body is too large.",
    429: "Too many requests. Wait a moment.",
    503: "A part of this studio is away just now. Try again shortly.",
    507: FULL,
}
STATUSES = {507: 503}  # as programs have them, which try again then


class WireMiddleware:
    """Outermost, so that what others refuse is told as the API tells it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(PATHS):
            return self.get_response(request)
        # How much may come was decided at the door (runwayweb/bodies.py); Django's own limit is that of forms.
        if request.content_type == "application/json":
            request._body = request.read()
        response = self.get_response(request)
        if response.status_code == 301 and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            response = answer(403, IN_THE_CLEAR)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith("application/json"):
            sentence = SENTENCES.get(response.status_code, "Something went wrong.")
            kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
            status = STATUSES.get(response.status_code, response.status_code)
            response = answer(status, sentence, headers=kept)
        for name, value in (headers_for(request) | getattr(request, "rate_headers", {})).items():
            response[name] = value
        response["X-Request-Id"] = request.request_id
        response.setdefault("Cache-Control", "no-store")
        return response
