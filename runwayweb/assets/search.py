"""Finding files by what is said of them: parts of words, whatever their case and accents.

SQLite has an FTS5 index of three-letter pieces, kept by the database itself (migration 0005); PostgreSQL has one of
pg_trgm. Either finds a part of three letters or more anywhere; a shorter one is looked for where words begin.
"""

import re
import unicodedata

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

MOST_LETTERS = 200  # of what is looked for
MOST_PARTS = 12
INDEXED = 20_000  # letters of what is said of one file
PIECE = 3  # letters of a piece in the indexes


def plain(text):
    """Words as they are kept and compared: without case, accents and signs, a space before and after each."""
    letters = unicodedata.normalize("NFKD", text[: 2 * INDEXED].casefold())
    words = re.findall(r"\w+", "".join(letter for letter in letters if not unicodedata.combining(letter)))
    return f" {' '.join(words)} "[:INDEXED]


def parts_of(query):
    """What a query asks for, each part once. Quotes, stars, AND and NEAR mean nothing: they are signs and words."""
    return list(dict.fromkeys(plain(query[:MOST_LETTERS]).split()))[:MOST_PARTS]


def matching(words, query):
    """Those of `words` (AssetWords) in which every part of a query is found; none for a query without a letter."""
    parts = parts_of(query)
    if not parts:
        return words.none()
    long = [part for part in parts if len(part) >= PIECE]
    short = Q(*(Q(words__contains=_beginning(part)) for part in parts if len(part) < PIECE))
    if connection.vendor == "sqlite" and long:
        phrase = " ".join(f'"{part}"' for part in long)  # letters and digits only: nothing in it can be a command
        found = RawSQL("SELECT rowid FROM assets_search WHERE assets_search MATCH %s", [phrase])
        return words.filter(short, pk__in=found)
    return words.filter(short, *(Q(words__contains=part) for part in long))


def _beginning(part):
    """A part where a word begins; where nobody puts spaces between words (Chinese, Japanese), anywhere."""
    return part if any(unicodedata.category(letter) == "Lo" for letter in part) else f" {part}"
