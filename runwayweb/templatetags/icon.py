"""`{% icon "play" %}`: a lucide icon from the vendored sprite. Screen readers skip it: the text beside it speaks."""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()

SPRITE = "vendor/lucide/icons.svg"


@register.simple_tag
def icon(name, size=18):
    """`size` in CSS pixels, both ways."""
    return _written(name, size, static(SPRITE))


@lru_cache(maxsize=1024)  # a page has some ninety, of which most are on every page
def _written(name, size, sprite):
    return format_html(
        '<svg class="icon" width="{}" height="{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        size,
        size,
        sprite,
        name,
    )
