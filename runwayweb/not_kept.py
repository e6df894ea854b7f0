"""Pages of somebody who is signed in are kept by no browser and nobody on the way."""

from django.conf import settings
from django.utils.cache import patch_cache_control


class NotKeptMiddleware:
    """Says so of every page that says nothing of it by itself. Asks the database nothing."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        is_a_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if is_a_page and settings.SESSION_COOKIE_NAME in request.COOKIES and not answer.has_header("Cache-Control"):
            patch_cache_control(answer, private=True, no_store=True)
        return answer
