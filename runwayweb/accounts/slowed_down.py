"""How a page tells somebody that they came too often: signing in, signing up, asking for letters."""

from django.shortcuts import render

AGAIN_SECONDS = 60  # most of what allauth counts, it counts by the minute


def slowed_down(request):
    """429 with when to come back, which programs and proxies read."""
    answer = render(request, "429.html", status=429)
    answer["Retry-After"] = AGAIN_SECONDS
    return answer
