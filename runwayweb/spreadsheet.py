"""Rows that somebody opens in a spreadsheet."""

import csv
import io

from django.http import HttpResponse

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(name, header, rows):
    """An answer that is saved as `name`: UTF-8, which its first mark tells a spreadsheet, and one line a row."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    answer = HttpResponse(f"\ufeff{text.getvalue()}", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def cell(value):
    """What a cell says. Words that a spreadsheet would take for a formula are shown as words."""
    if isinstance(value, str) and value.startswith(FORMULAS):
        return f"'{value}"
    return "" if value is None else value
