"""`{% importmap %}`: lets modules import each other by bare name, whatever URL the storage gives their files."""

import json
from functools import cache, lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

register = template.Library()

SCRIPTS = "js"
# What JSON may hold and a <script> may not: the end of the script, or of a comment.
ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def importmap(context):
    """The import map of everything in static/js, with the request's CSP nonce, and a preload for each module."""
    imports, preloads = _written(tuple((name, static(path)) for name, path in _modules()))
    nonce = getattr(context.get("request"), "csp_nonce", "")
    return format_html('<script type="importmap" nonce="{}">{}</script>\n', nonce, imports) + preloads


@lru_cache(maxsize=2)  # in development addresses change
def _written(urls):
    """The map as JSON, and the preloads, of ((bare name, address), …)."""
    imports = json.dumps({"imports": dict(urls)}).translate(ESCAPES)
    return (
        mark_safe(imports),  # nosec B308, B703  # our own file names, escaped
        format_html_join("\n", '<link rel="modulepreload" href="{}">', ((url,) for _name, url in urls)),
    )


def _modules():
    """(bare name, static path) of each module: ("lib/socket", "js/lib/socket.js")."""
    return _found() if not settings.DEBUG else _found.__wrapped__()


@cache
def _found():
    folder = finders.find(SCRIPTS)
    if folder is None:
        return []
    files = sorted(file.relative_to(folder) for file in Path(folder).rglob("*.js"))
    return [(file.with_suffix("").as_posix(), f"{SCRIPTS}/{file.as_posix()}") for file in files if file.parent.name]
