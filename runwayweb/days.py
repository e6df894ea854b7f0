"""A day, asked for by the browser's own calendar."""

from django import forms


class DayInput(forms.DateInput):
    """Says its day as browsers read it: 2026-11-29 in every language, or the field would stand empty."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")
