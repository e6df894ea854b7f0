"""`{{ sentence|coded }}`: what stands between backticks is set as code."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

register = template.Library()


@register.filter
def coded(sentence):
    """The sentence as HTML, its letters escaped."""
    parts = str(sentence).split("`")
    return mark_safe(  # nosec B308, B703  # each piece was escaped by format_html
        "".join(format_html("<code>{}</code>" if index % 2 else "{}", part) for index, part in enumerate(parts))
    )
