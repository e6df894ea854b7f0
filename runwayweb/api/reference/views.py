"""The OpenAPI document and the page that tells it, for anybody."""

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from runwayweb.api.caller import VERSIONS

from .document import document
from .page import rooms


@require_safe
@cache_control(public=True, max_age=60)
def openapi(request):
    """May be read from any page: it holds no secret."""
    answer = JsonResponse(document(_origin(request)), json_dumps_params={"indent": 2})
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def developers(request):
    return render(
        request,
        "api/reference.html",
        {"rooms": rooms(), "origin": _origin(request), "version": VERSIONS[-1]},
    )


def _origin(request):
    return request.build_absolute_uri("/").rstrip("/")
