"""`{{ generation.failure|retold }}`: a sentence that a row keeps, in the language of the page.

Rows keep their sentences in English, as logs do: the worker that writes one knows no reader. Most are found in the
catalogue as they stand; one that was filled in (“… stopped 3 times.”) is known by the words around its gaps, whatever
fills them.
"""

import re
from functools import cache

from django import template
from django.utils.translation import get_language, gettext
from django.utils.translation.trans_real import translation

register = template.Library()

GAP = re.compile(r"%\((?P<name>\w+)\)[-+0 #\d.]*[a-zA-Z]")
LEAST_LETTERS = 12  # fewer beside the gaps could be anything


@register.filter
def retold(sentence):
    """The sentence, translated; one that the catalogue does not know stays as it is."""
    known = gettext(sentence) if sentence else sentence
    if known != sentence or not sentence:
        return known
    for pattern, source in _with_gaps(get_language()):
        if found := pattern.fullmatch(sentence):
            return GAP.sub(lambda gap, found=found: gettext(found[gap["name"]]), gettext(source)).replace("%%", "%")
    return sentence


@cache
def _with_gaps(language):
    """(pattern, sentence) of every sentence with gaps, those that say most first. Reads the whole catalogue, once."""
    sentences = [one for one in translation(language)._catalog.keys() if isinstance(one, str) and GAP.search(one)]
    sentences.sort(key=lambda one: -len(GAP.sub("", one)))
    return [(_pattern(one), one) for one in sentences if len(GAP.sub("", one)) >= LEAST_LETTERS]


def _pattern(sentence):
    parts, end, seen = [], 0, set()
    for gap in GAP.finditer(sentence):
        parts.append(re.escape(sentence[end : gap.start()].replace("%%", "%")))
        parts.append(f"(?P={gap['name']})" if gap["name"] in seen else f"(?P<{gap['name']}>.+?)")
        seen.add(gap["name"])
        end = gap.end()
    return re.compile("".join(parts) + re.escape(sentence[end:].replace("%%", "%")), re.DOTALL)
